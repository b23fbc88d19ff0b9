"""Nothing that 1.8 refuses is accepted, whatever an application overrides.

Every method of 1.8's `Authentication`, read off the installed package, is
overridden to refuse, in every way that there is. Wherever 1.8 is closed then,
so are we; or the class is refused before the application starts.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
import pytest

pytest.importorskip("sanic_jwt", reason="the oracle is not installed")

from sanic.response import json, text
from sanic.views import HTTPMethodView
from sanic_jwt.authentication import Authentication

from tests.differential.fronts import Front, oracle, ours
from tests.differential.world import Answer, Outcome, Scenario, Step, perform
from tests.security.forging import SECRET

CONTENT = "for members only"
METHODS = sorted(
    {
        name
        for kind in Authentication.__mro__
        if kind.__module__.startswith("sanic_jwt")
        for name, value in vars(kind).items()
        if callable(value) and not name.startswith("__")
    }
)
CHECKS = (
    "_check_authentication",
    "_decode",
    "_verify",
    "extract_payload",
    "extract_scopes",
    "retrieve_refresh_token_from_request",
    "retrieve_user",
)
PLACES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "header": ({}, {"headers": {"authorization": "Bearer {}"}}),
    "cookie": ({"cookie_set": True}, {"cookies": {"access_token": "{}"}}),
    "split cookie": (
        {"cookie_set": True, "cookie_split": True},
        {"cookies": {"access_token": "{0}", "access_token_signature": "{1}"}},
    ),
    "query string": (
        {"query_string_set": True},
        {"query": {"access_token": "{}"}},
    ),
    "user secrets": (
        {"user_secret_enabled": True},
        {"headers": {"authorization": "Bearer {}"}},
    ),
}
SECRETS = {"user secrets": f"{SECRET} of user 1"}


class RefusedError(Exception):
    """What an application may raise."""


def answering(value: Any, is_async: bool) -> Any:
    """A method that returns a value, or raises the exception that it is."""

    def respond(self, *args, **kwargs):
        if isinstance(value, Exception):
            raise value
        return value

    async def answer_later(self, *args, **kwargs):
        return respond(self)

    return answer_later if is_async else respond


def refusals(front: Front) -> dict[str, Any]:
    values = {
        "None": None,
        "False": False,
        "a verdict": (False, 401, "no"),
        "an error": RefusedError("no"),
        "a refusal": front.exceptions.Unauthorized("no"),
    }
    return {
        f"{'async' if is_async else 'sync'}, {name}": answering(
            value, is_async
        )
        for name, value in values.items()
        for is_async in (True, False)
    }


WAYS = tuple(refusals(oracle()))


def hooks(front: Front, stored: dict[Any, Any]) -> dict[str, Any]:
    """The methods of an application with everything that there is."""

    async def authenticate(self, request, *args, **kwargs):
        return {"user_id": 1}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": 1} if payload else None

    async def store_refresh_token(self, user_id, refresh_token, **kwargs):
        stored[user_id] = refresh_token

    async def retrieve_refresh_token(self, user_id, **kwargs):
        return "refresh"

    async def add_scopes_to_payload(self, user, *args, **kwargs):
        return ["fruit:read"]

    async def retrieve_user_secret(self, user_id, **kwargs):
        return f"{SECRET} of user {user_id}"

    return {
        function.__name__: function
        for function in (
            authenticate,
            retrieve_user,
            store_refresh_token,
            retrieve_refresh_token,
            add_scopes_to_payload,
            retrieve_user_secret,
        )
    }


DOORS: dict[str, tuple[str, str]] = {
    "protected": ("GET", "/protected"),
    "class view": ("GET", "/view"),
    "scoped": ("GET", "/scoped"),
    "protected and inject_user": ("GET", "/user"),
    "inject_user": ("GET", "/public"),
    "is_authenticated": ("GET", "/page"),
    "/auth/me": ("GET", "/auth/me"),
    "/auth/verify": ("GET", "/auth/verify"),
    "/auth/refresh": ("POST", "/auth/refresh"),
    "/auth": ("POST", "/auth"),
}


def build(own: Mapping[str, Any], settings: dict[str, Any]) -> Any:
    """Return what builds an application with methods of its own."""

    def build(front: Front, app: Any) -> None:
        methods = {**hooks(front, {}), **own}
        kind = type("Own", (front.Authentication,), methods)
        front.Initialize(
            app,
            authentication_class=kind,
            secret=SECRET,
            refresh_token_enabled=True,
            scopes_enabled=True,
            **settings,
        )

        @app.get("/protected")
        @front.protected()
        async def protected(request):
            return text(CONTENT)

        class View(HTTPMethodView):
            decorators = [front.protected()]

            async def get(self, request):
                return text(CONTENT)

        app.add_route(View.as_view(), "/view")

        @app.get("/scoped")
        @front.scoped("fruit:read")
        async def scoped(request):
            return text(CONTENT)

        @app.get("/user")
        @front.inject_user()
        @front.protected()
        async def user(request, user):
            return json({"content": CONTENT, "found": user})

        @app.get("/public")
        @front.inject_user()
        async def public(request, user):
            return json({"found": user})

        @app.get("/page")
        async def page(request):
            found = await app.ctx.auth.is_authenticated(request)
            return json({"found": found})

    return build


def token_for(place: str, **claims: Any) -> str:
    payload = {
        "user_id": 1,
        "exp": int(time.time()) + 600,
        "scopes": ["fruit:read"],
        **claims,
    }
    secret = SECRETS.get(place, SECRET)
    return jwt.encode(payload, secret, algorithm="HS256")


def carried(value: Any, token: str) -> Any:
    if isinstance(value, dict):
        return {name: carried(one, token) for name, one in value.items()}
    start, _, signature = token.rpartition(".")
    if value == "{0}":
        return start
    return signature if value == "{1}" else value.replace("{}", token)


def steps(place: str, token: str) -> tuple[Step, ...]:
    _, sent = PLACES[place]
    bodies = {
        "/auth/refresh": {"refresh_token": "refresh"},
        "/auth": {"username": "ada"},
    }
    return tuple(
        Step(
            door,
            method,
            path,
            json=bodies.get(door),
            **refreshing(place, door, carried(sent, token) if token else {}),
        )
        for door, (method, path) in DOORS.items()
    )


def refreshing(place: str, door: str, sent: dict[str, Any]) -> dict[str, Any]:
    if door == "/auth/refresh" and "cookies" in sent:
        return {"cookies": {**sent["cookies"], "refresh_token": "refresh"}}
    if door == "/auth/refresh" and "query" in sent:
        return {"query": {**sent["query"], "refresh_token": "refresh"}}
    return sent


def play(
    front: Front,
    own: Mapping[str, Any],
    place: str,
    token: str | None = None,
) -> Outcome:
    settings, _ = PLACES[place]
    sent = steps(place, token_for(place) if token is None else token)
    return perform(Scenario("walk", build(own, settings), sent), front)


def is_open(response: Answer) -> bool:
    """Return whether a door has let its visitor in."""
    if response.status != 200:
        return False
    body = response.body
    if isinstance(body, str):
        return CONTENT in body
    if "content" in body:
        return True
    if "access_token" in body:
        return isinstance(body["access_token"], (str, dict))
    for name in ("found", "me", "valid"):
        if name in body:
            return bool(body[name])
    raise AssertionError(body)


def opened(outcome: Outcome) -> set[str]:
    return {door for door, one in outcome.answers.items() if is_open(one)}


@cache
def doors_of_the_oracle(place: str) -> set[str]:
    """The doors that 1.8 opens; on current Sanic it cannot set cookies."""
    return opened(play(oracle(), {}, place))


@pytest.mark.parametrize("place", PLACES)
def test_every_door_is_open_to_begin_with(place: str) -> None:
    outcome = play(ours(), {}, place)
    assert outcome.setup.raised is None, outcome.setup.detail
    assert opened(outcome) == {*DOORS}, outcome.answers
    sets_cookies = {"/auth", "/auth/refresh"} if "cookie" in place else set()
    assert doors_of_the_oracle(place) >= {*DOORS} - sets_cookies


def walk(name: str, way: str, place: str) -> set[str]:
    """Return the doors that are open here and closed in 1.8."""
    theirs = play(oracle(), {name: refusals(oracle())[way]}, place)
    here = play(ours(), {name: refusals(ours())[way]}, place)
    if theirs.setup.raised or here.setup.raised:
        assert here.setup.raised, theirs.setup.detail
        return set()
    return opened(here) & doors_of_the_oracle(place) - opened(theirs)


@pytest.mark.requirement("I12")
@pytest.mark.parametrize("name", METHODS)
def test_what_an_override_refuses_in_1_8_is_refused(name: str) -> None:
    found = {way: walk(name, way, "header") for way in WAYS}
    assert {way: doors for way, doors in found.items() if doors} == {}


@pytest.mark.long
@pytest.mark.requirement("I12")
@pytest.mark.parametrize("place", sorted({*PLACES} - {"header"}))
@pytest.mark.parametrize("name", CHECKS)
def test_wherever_the_token_is(name: str, place: str) -> None:
    ways = ("async, None", "async, a verdict", "async, an error")
    found = {way: walk(name, way, place) for way in ways}
    assert {way: doors for way, doors in found.items() if doors} == {}


def denying(front: Front, name: str, denied: bool) -> Any:
    """A deny list: what it denies is refused after `super()` has accepted."""
    base = getattr(front.Authentication, name)

    async def deny(self, *args, **kwargs):
        response = await base(self, *args, **kwargs)
        if not denied:
            return response
        return (False, 401, "denied") if isinstance(response, tuple) else None

    return deny


@pytest.mark.requirement("I12")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", sorted({*CHECKS} - {"retrieve_user"}))
def test_a_deny_list_closes_the_doors_that_it_closes_in_1_8(
    name: str, place: str
) -> None:
    """And it closes no door to those who are not on it."""
    for denied in (True, False):
        theirs, here = (
            opened(play(front, {name: denying(front, name, denied)}, place))
            for front in (oracle(), ours())
        )
        assert here & doors_of_the_oracle(place) <= theirs
        assert denied or here == {*DOORS}


ACCEPTING = {
    "True": True,
    "a verdict": (True, 200, None),
    "a payload": {"user_id": 1, "scopes": ["fruit:read"]},
    "scopes": ["fruit:read"],
}
TOKENS = {
    "missing": "",
    "forged": jwt.encode({"user_id": 1, "exp": 2**40}, "x" * 40, "HS256"),
    "expired": jwt.encode({"user_id": 1, "exp": 1}, SECRET, "HS256"),
}


@pytest.mark.long
@pytest.mark.requirement("I12")
@pytest.mark.parametrize("name", METHODS)
def test_what_an_override_accepts_is_accepted_at_no_other_door(
    name: str,
) -> None:
    """Nor does one that is not asked in 1.8 open anything."""
    found: dict[Any, set[str]] = {}
    for response, value in ACCEPTING.items():
        own = {name: answering(value, True)}
        for kind, token in TOKENS.items():
            theirs = play(oracle(), own, "header", token)
            here = play(ours(), own, "header", token)
            more = opened(here) - opened(theirs)
            if more:
                found[response, kind] = more
    assert found == {}


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CHECKS[:3])
def test_a_refusal_is_no_fault_of_the_server(name: str, way: str) -> None:
    here = play(ours(), {name: refusals(ours())[way]}, "header")
    statuses = {door: one.status for door, one in here.answers.items()}
    assert max(statuses.values()) < 500, statuses
    assert here.answers["protected"].status == 401
