"""The applications that are measured: the same routes, guarded differently.

`/open` is the measure for `/protected`, `/scoped` and `/user`, and `/echo` the
one for the log-in at `/auth`. Log-in reads a JSON body, as `/echo` does, and
believes it.
"""

from __future__ import annotations

import warnings
from base64 import urlsafe_b64decode
from binascii import a2b_base64, b2a_base64
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from hmac import compare_digest
from json import JSONDecoder, loads
from string import ascii_letters, digits
from time import time
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from sanic import Sanic
from sanic.exceptions import Unauthorized
from sanic.response import json
from ujson import dumps

from sanic_jwt_oo import Initialize, JWTAuth, inject_user, protected, scoped
from sanic_jwt_oo.sessions import MemorySessionStore

from .credentials import (
    EXPIRES,
    SCOPES,
    Claims,
    Pair,
    session_claims,
    user_claims,
)
from .floors import FLOORS
from .inprocess import get, with_cookie

KEPT = 10_000
NO_STORE = {"Cache-Control": "no-store"}
LETTERS = (ascii_letters + digits).encode()
TO_BASE64 = bytes(
    dict(zip(LETTERS + b"-_.", LETTERS + b"+/.", strict=True)).get(octet, 0)
    for octet in range(256)
)
TO_BASE64URL = bytes.maketrans(b"+/", b"-_")
Guards = dict[str, Callable[[Any], Any]]


class Known:
    """What `minimal` knows of a request."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self.payload = payload


def authenticate(request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"user_id": request.json["user_id"]}


def retrieve_user(
    request: Any, payload: Any, *args: Any, **kwargs: Any
) -> dict[str, Any]:
    return {"user_id": payload["user_id"]}


def add_scopes(user: Any, *args: Any, **kwargs: Any) -> list[str]:
    return SCOPES


class BenchAuth(JWTAuth[dict[str, Any]]):
    """The hooks of an application that keeps nothing."""

    def authenticate(self, request: Any) -> dict[str, Any]:
        return authenticate(request)

    def retrieve_user(self, request: Any, payload: Any) -> dict[str, Any]:
        return retrieve_user(request, payload)

    def add_scopes_to_payload(self, user: Any) -> list[str]:
        return add_scopes(user)


def key_settings(algorithm: str, pair: Pair) -> dict[str, Any]:
    """Return the settings that name the keys, as both packages have them."""
    if algorithm == "HS256":
        return {"algorithm": algorithm, "secret": pair.public}
    return {
        "algorithm": algorithm,
        "private_key": pair.private,
        "public_key": pair.public,
    }


def ours(app: Sanic, algorithm: str, pair: Pair, **settings: Any) -> Guards:
    """Guard with an installation's own decorators."""
    auth = BenchAuth(**key_settings(algorithm, pair), **settings).install(app)
    user, guard = auth.inject_user(), auth.protected()
    return {
        "protected": guard,
        "scoped": auth.scoped(SCOPES),
        "user": lambda handler: guard(user(handler)),
    }


def uncached(app: Sanic, algorithm: str, pair: Pair) -> Guards:
    """Guard as `ours`, with no memory of the tokens that were verified."""
    return ours(app, algorithm, pair, token_cache_entries=0)


def sessions(
    app: Sanic, algorithm: str, pair: Pair, **settings: Any
) -> Guards:
    """Guard as the README recommends, with sessions that can be ended."""
    settings = {"revocation_check": "feed", **settings}
    store = MemorySessionStore()
    auth = BenchAuth(
        session_store=store, **key_settings(algorithm, pair), **settings
    ).install(app)
    app.ctx.feed = auth.sessions.feed
    return {"protected": auth.protected()}


def cookies(app: Sanic, algorithm: str, pair: Pair, **settings: Any) -> Guards:
    """Guard as `sessions`, with tokens in cookies."""
    return sessions(app, algorithm, pair, cookie_set=True, **settings)


def function(app: Sanic, algorithm: str, pair: Pair) -> Guards:
    """Guard with the functions that applications for sanic-jwt call."""
    _initialize(Initialize, app, algorithm, pair)
    user, guard = inject_user(), protected()
    return {
        "protected": guard,
        "scoped": scoped(SCOPES),
        "user": lambda handler: guard(user(handler)),
    }


def sanic_jwt(app: Sanic, algorithm: str, pair: Pair) -> Guards:
    """Guard with sanic-jwt."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import sanic_jwt as package
    # It calls utcnow(), and Sanic has a filter of its own for "sanic.*".
    app.config.DEPRECATION_FILTER = "ignore"
    _initialize(package.Initialize, app, algorithm, pair)
    user, guard = package.inject_user(), package.protected()
    return {
        "protected": guard,
        "scoped": package.scoped(SCOPES),
        "user": lambda handler: guard(user(handler)),
    }


def _initialize(
    initialize: Any, app: Sanic, algorithm: str, pair: Pair
) -> None:
    initialize(
        app,
        authenticate=authenticate,
        retrieve_user=retrieve_user,
        add_scopes_to_payload=add_scopes,
        **key_settings(algorithm, pair),
    )


def by_hand(app: Sanic, algorithm: str, pair: Pair) -> Guards:
    """Guard with nothing but PyJWT, as its documentation shows."""

    def guard(handler: Any) -> Any:
        @wraps(handler)
        async def guarded(request: Any) -> Any:
            try:
                jwt.decode(request.token, pair.public, algorithms=[algorithm])
            except jwt.PyJWTError as exc:
                raise Unauthorized("no") from exc
            return await handler(request)

        return guarded

    _add_log_in(app, algorithm, pair)
    return {"protected": guard}


def remembering(app: Sanic, algorithm: str, pair: Pair) -> Guards:
    """Guard with PyJWT and a dictionary of what it has decoded.

    It forgets nothing, knows one place and one key, and hands out payloads
    that all requests share: the least that a warm check in Python can do.
    """
    seen: dict[str | None, dict[str, Any]] = {}

    def guard(handler: Any) -> Any:
        @wraps(handler)
        async def guarded(request: Any) -> Any:
            header = request.headers.get("authorization")
            payload = seen.get(header)
            if payload is None or payload["exp"] <= time():
                payload = seen[header] = _decode(request, algorithm, pair)
            request.ctx.payload = payload
            return await handler(request)

        return guarded

    _add_log_in(app, algorithm, pair)
    return {"protected": guard}


def cookies_by_hand(app: Sanic, algorithm: str, pair: Pair) -> Guards:
    """Guard as `remembering`, with the token in a cookie that Sanic reads.

    A request that changes something has the CSRF value of the token.
    """
    seen: dict[str | None, dict[str, Any]] = {}

    def guard(handler: Any) -> Any:
        @wraps(handler)
        async def guarded(request: Any) -> Any:
            token = request.cookies.get("__Host-access_token")
            payload = seen.get(token)
            if payload is None or payload["exp"] <= time():
                try:
                    payload = seen[token] = jwt.decode(
                        token, pair.public, algorithms=[algorithm]
                    )
                except jwt.PyJWTError as exc:
                    raise Unauthorized("no") from exc
            if request.method != "GET" and not compare_digest(
                request.headers.get("x-csrf-token", ""), payload["csrf"]
            ):
                raise Unauthorized("no")
            request.ctx.payload = payload
            return await handler(request)

        return guarded

    _add_log_in(app, algorithm, pair)
    return {"protected": guard}


def minimal(app: Sanic, algorithm: str, pair: Pair) -> Guards:
    """Guard and log in with what neither may leave out, and nothing else.

    One `Authorization` and no second one, three segments, a header that names
    the algorithm, the signature, a payload that is an object, times, memory
    that is bounded, with the least recently used first out, and an object of
    the request's own that says what was found. A log-in writes the payload,
    signs it, and answers in a way that nobody stores. Each is one function,
    which knows no setting.
    """
    sign, verify = FLOORS[algorithm](pair)
    seen: OrderedDict[str, dict[str, Any]] = OrderedDict()
    known_headers: set[bytes] = set()
    parse = JSONDecoder().raw_decode
    start = b64url(dumps({"alg": algorithm, "typ": "JWT"}).encode()) + b"."

    def guard(handler: Any) -> Any:
        @wraps(handler)
        async def guarded(request: Any) -> Any:
            try:
                (header,) = request.headers.getall("authorization")
            except (KeyError, ValueError) as exc:
                raise Unauthorized("no") from exc
            now = time()
            payload = seen.get(header)
            if payload is not None and payload["exp"] > now:
                seen.move_to_end(header)
            else:
                octets = header[7:].encode("ascii", "replace")
                segments = octets.translate(TO_BASE64).split(b".")
                if not header.startswith("Bearer ") or len(segments) != 3:
                    raise Unauthorized("no")
                try:
                    if segments[0] not in known_headers:
                        if algorithm not in read_object(segments[0]).values():
                            raise Unauthorized("no")
                        known_headers.add(segments[0])
                    signature = a2b_base64(segments[2] + b"==")
                    text = octets[: -len(segments[2]) - 1]
                    good = verify(text, signature)
                    claims = a2b_base64(segments[1] + b"==").decode()
                    payload, end = parse(claims)
                except (InvalidSignature, ValueError) as exc:
                    raise Unauthorized("no") from exc
                if (
                    good is False
                    or end != len(claims)
                    or type(payload) is not dict
                    or type(payload.get("exp")) is not int
                    or payload["exp"] <= now
                ):
                    raise Unauthorized("no")
                seen[header] = payload
                if len(seen) > KEPT:
                    seen.popitem(last=False)
            request.ctx.known = Known(payload)
            return await handler(request)

        return guarded

    @app.post("/auth")
    async def log_in(request: Any) -> Any:
        user = authenticate(request)
        payload = {**user, "exp": int(time()) + 1800, "scopes": SCOPES}
        text = start + b64url(dumps(payload).encode())
        token = b"%b.%b" % (text, b64url(sign(text)))
        return json({"access_token": token.decode()}, headers=NO_STORE)

    return {"protected": guard}


def read_object(segment: bytes) -> dict[str, Any]:
    """Return the object that a segment holds, one with `/` and `+`."""
    return loads(a2b_base64(segment + b"=="))


def b64url(octets: bytes) -> bytes:
    """Return octets in base64url, without padding."""
    encoded = b2a_base64(octets, newline=False)
    return encoded.rstrip(b"=").translate(TO_BASE64URL)


def signature_alone(app: Sanic, algorithm: str, pair: Pair) -> Guards:
    """Guard with a signature and nothing else: not safe, and the floor.

    A cold check can leave all else out, but not this.
    """
    verify = FLOORS[algorithm](pair)[1]

    def guard(handler: Any) -> Any:
        @wraps(handler)
        async def guarded(request: Any) -> Any:
            text, _, signature = (request.token or "").rpartition(".")
            try:
                octets = urlsafe_b64decode(f"{signature}==")
                good = verify(text.encode(), octets)
            except InvalidSignature:
                good = False
            if good is False:
                raise Unauthorized("no")
            return await handler(request)

        return guarded

    _add_log_in(app, algorithm, pair)
    return {"protected": guard}


def _decode(request: Any, algorithm: str, pair: Pair) -> dict[str, Any]:
    """Return the payload of a token that was not seen before."""
    try:
        return jwt.decode(request.token, pair.public, algorithms=[algorithm])
    except jwt.PyJWTError as exc:
        raise Unauthorized("no") from exc


def _add_log_in(app: Sanic, algorithm: str, pair: Pair) -> None:
    @app.post("/auth")
    async def log_in(request: Any) -> Any:
        user = authenticate(request)
        payload = {**user, "exp": EXPIRES, "scopes": SCOPES}
        token = jwt.encode(payload, pair.private, algorithm)
        return json({"access_token": token})


PACKAGES = {
    "ours": ours,
    "ours, function form": function,
    "ours, no cache": uncached,
    "ours, sessions": sessions,
    "ours, sessions, cookies": cookies,
    "by hand": by_hand,
    "by hand, remembering": remembering,
    "by hand, cookies": cookies_by_hand,
    "by hand, minimal": minimal,
    "by hand, signature": signature_alone,
    "sanic-jwt": sanic_jwt,
}


CLAIMS: dict[str, Claims] = {
    "by hand, cookies": session_claims,
    "ours, sessions": session_claims,
    "ours, sessions, cookies": session_claims,
}
"""The payloads of the tokens of packages that need more than a user."""


def claims_of(package: str) -> Claims:
    """Return the payloads of the tokens that a package is sent."""
    return CLAIMS.get(package, user_claims)


def request_of(
    package: str, path: str, token: str, method: str = "GET"
) -> bytes:
    """Return a request with its token where a package looks for it."""
    if "cookies" in package:
        return with_cookie(path, token, method)
    return get(path, token)


def make(package: str, algorithm: str, pair: Pair, **settings: Any) -> Sanic:
    """Return an application with the routes that are measured.

    Args:
        package: A key of `PACKAGES`.
        algorithm: HS256, RS256 or ES256.
        pair: Keys that fit the algorithm.
        **settings: Further ones of a `JWTAuth`.
    """
    app = Sanic(f"bench-{PACKAGES[package].__name__}-{algorithm}")
    guards = PACKAGES[package](app, algorithm, pair, **settings)

    @app.route("/open", methods=["GET", "POST"])
    async def open_route(request: Any) -> Any:
        return json(1)

    @app.post("/echo")
    async def echo_route(request: Any) -> Any:
        return json(request.json)

    async def guarded(request: Any) -> Any:
        return json(1)

    async def with_user(request: Any, user: Any) -> Any:
        return json(1)

    for name, guard in guards.items():
        handler = with_user if name == "user" else guarded
        app.add_route(
            guard(handler), f"/{name}", name=name, methods=["GET", "POST"]
        )
    return app
