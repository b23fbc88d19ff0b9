"""Each response that an endpoint gives is in the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import httpx
import pytest
from sanic import Sanic

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.conftest import SECRET, Auth, RefreshAuth
from tests.examples.serving import bearer, served

from .documents import document_of, operations_in, statuses_of

RIGHT, WRONG = {"name": "joe"}, {"name": "eve"}


class Store(MemorySessionStore):
    """A store that can be made unavailable."""

    down = False

    def __getattribute__(self, name: str) -> Any:
        known = super().__getattribute__
        if known("down") and name in OPERATIONS:
            raise SessionStoreUnavailable()
        return known(name)


OPERATIONS = {"get", "is_revoked", "page", "revoke", "start", "swap"}


class OneUser(Auth):
    """Joe may log in. On request, a token does not fit into a cookie."""

    def authenticate(self, request: Any) -> Any:
        return {"user_id": 1} if request.json == RIGHT else None

    def extend_payload(self, payload: Any, request: Any) -> Any:
        return {**payload, "much": "x" * int(request.headers.get("x-much", 0))}


class Refreshed(OneUser, RefreshAuth):
    """Keeps refresh tokens by itself."""


class WithoutUsers(OneUser):
    """Does not publish its users."""

    retrieve_user = JWTAuth.retrieve_user  # type: ignore[assignment]


COOKIES: dict[str, Any] = {"cookie_set": True, "cookie_strict": False}
SESSIONS: dict[str, Any] = {
    "session_endpoints_enabled": True,
    "revocation_check": "store",
}
CONFIGURATIONS: dict[str, tuple[type[Auth], dict[str, Any]]] = {
    "header": (OneUser, {}),
    "refresh tokens": (Refreshed, {}),
    "cookies": (Refreshed, COOKIES),
    "sessions": (OneUser, SESSIONS),
    "sessions in cookies": (OneUser, {**SESSIONS, **COOKIES}),
    "limits": (OneUser, {"login_limit_per_account": "9/hour"}),
    "no users": (WithoutUsers, {}),
}
NOT_PRODUCED = {"limits": {("/auth", "post", "503")}}
"""Where logins are counted in this process, they can always be counted."""


class Attempt(NamedTuple):
    """One request of a client that has just logged in.

    Attributes:
        tokens: The access tokens in the header; "own" is that of the login.
        cookies: Whether it sends the cookies of the login.
        proof: Whether it sends their CSRF value.
        body: The body; "own" in it is the refresh token of the login.
        others: Other headers.
        down: Whether the session store is unavailable.
    """

    tokens: tuple[str, ...] = ()
    cookies: bool = False
    proof: bool = True
    body: Any = RIGHT
    others: dict[str, str] = {}
    down: bool = False


def attempts(method: str) -> Iterator[Attempt]:
    bodies: list[Any] = [RIGHT, WRONG, [], {"refresh_token": "own"}]
    bodies.append({"refresh_token": "wrong"})
    for tokens, (cookies, proof), body, down in product(
        [(), ("own",), ("wrong",), ("own", "wrong")],
        [(False, False), (True, False), (True, True)],
        {"get": [None], "delete": [None, RIGHT]}.get(method, bodies),
        [False, True],
    ):
        yield Attempt(tokens, cookies, proof, body, {}, down)
    for others in (
        {"Sec-Fetch-Site": "cross-site"},
        {"X-Much": "5000"},
        {"Cookie": "refresh_token=wrong"},
    ):
        yield Attempt((), True, True, RIGHT, others)


async def status_of(
    client: httpx.AsyncClient,
    store: Store | None,
    method: str,
    path: str,
    attempt: Attempt,
) -> str:
    """Log in, send a request, and return the status of its response."""
    client.cookies.clear()
    if store is not None:
        store.down = False
    login = await client.post("/auth", json=RIGHT)
    known = {
        name.removeprefix("__Host-"): value
        for name, value in {**login.json(), **client.cookies}.items()
    }
    if "{session_id}" in path:
        page = await client.get(
            "/auth/sessions", headers=bearer(known["access_token"])
        )
        own = page.json()["sessions"][0]["id"]
        end = own if attempt.body is None else "unknown"
        path = path.replace("{session_id}", end)
    headers = [*attempt.others.items()]
    for token in attempt.tokens:
        value = known.get("access_token", "") if token == "own" else token
        headers += bearer(value).items()
    if attempt.proof and "csrf_token" in known:
        headers.append(("X-CSRF-Token", known["csrf_token"]))
    if not attempt.cookies:
        client.cookies.clear()
    if "Cookie" in attempt.others:
        client.cookies.delete("refresh_token")
    if store is not None:
        store.down = attempt.down
    body = attempt.body
    if isinstance(body, dict) and body.get("refresh_token") == "own":
        body = {"refresh_token": known.get("refresh_token")}
    response = await client.request(method, path, headers=headers, json=body)
    return str(response.status_code)


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
async def test_every_response_is_documented(
    app: Sanic, configuration: str
) -> None:
    kind, settings = CONFIGURATIONS[configuration]
    store = Store() if "sessions" in configuration else None
    kind(secret=SECRET, session_store=store, **settings).install(app)
    documented = {
        (path, method, status)
        for path, method, operation in operations_in(await document_of(app))
        for status in statuses_of(operation)
    }

    found = set()
    async with served(app) as client:
        for path, method in sorted({(p, m) for p, m, _ in documented}):
            paths = [path]
            if method == "get":
                paths.append(f"{path}?limit=0")
            for one, attempt in product(paths, attempts(method)):
                status = await status_of(client, store, method, one, attempt)
                found.add((path, method, status))

    assert found == documented - NOT_PRODUCED.get(configuration, set())
