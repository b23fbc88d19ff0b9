"""`issue_tokens` and `token_response` log a user in from code.

A magic link, a passkey or a callback of OpenID Connect ends with these two
lines, and with them a user is logged in just as by `POST /auth`.
"""

from __future__ import annotations

import time

import pytest

from sanic_jwt_oo.exceptions import (
    AuthenticationFailed,
    MissingRegisteredClaim,
    MissingUserId,
)
from tests.security.shops import csrf

from .world import DOORS, PLACES, Member, Pair, Visit, is_open

LINK = {"User-Agent": "Browser of Ada"}


class Magic(Member):
    """Extends the response, and notes events."""

    class Responses:
        def extend_authenticate(
            self, request, user, access_token, refresh_token
        ):
            return {
                "user": user,
                "access": bool(access_token),
                "refresh": bool(refresh_token),
            }

    def __init__(self, **settings):
        super().__init__(**settings)
        self.events = []

    def on_login(self, event):
        self.events.append(event)


class PairMagic(Magic, Pair):
    """Keeps refresh tokens by itself."""


class PlainMagic(Magic):
    """Keeps no sessions, and issues no refresh tokens."""

    class Configuration:
        session_endpoints_enabled = False

    def __init__(self, **settings):
        settings["session_store"] = None
        super().__init__(**settings)


KINDS = {"sessions": Magic, "pair": PairMagic, "plain": PlainMagic}


def visit(kind, place, **settings):
    """Return a visitor of an application with a magic link."""
    auth = KINDS[kind](**PLACES[place], **settings)
    visitor = Visit(auth, place)
    auth.issued = []

    @visitor.shop.app.post("/magic")
    async def magic(request):
        tokens = await auth.issue_tokens({"user_id": 1}, request=request)
        auth.issued.append(tokens)
        return await auth.token_response(request, tokens)

    return visitor


def attributes(response):
    """Return the attributes of the cookies that are set, by name."""
    return {
        name: cookie.partition(";")[2]
        for name, cookie in response.set_cookies.items()
    }


def without_tokens(response):
    return {
        name: value
        for name, value in response.json.items()
        if "token" not in name
    }


each_place = pytest.mark.parametrize("place", PLACES)
each_kind = pytest.mark.parametrize("kind", KINDS)


def prepare(auth):
    """Fail here, and not with a 500, as long as there is no such method."""
    assert auth.issue_tokens
    assert auth.token_response


async def both(kind, place, **settings):
    """Return a visitor, and the answers of endpoint and magic link."""
    visitor = visit(kind, place, **settings)
    prepare(visitor.auth)
    responses = [
        await visitor.shop.post(path, json={"username": "ada"}, headers=LINK)
        for path in ("/auth", "/magic")
    ]
    return visitor, *responses


@each_place
@each_kind
async def test_the_response_is_that_of_the_endpoint(kind, place):
    _, endpoint, magic = await both(kind, place)
    assert (magic.status, endpoint.status) == (200, 200)
    assert magic.json.keys() == endpoint.json.keys()
    assert without_tokens(magic) == without_tokens(endpoint)
    assert magic.json["user"] == {"user_id": 1}
    assert magic.json["refresh"] is (kind != "plain")
    assert attributes(magic) == attributes(endpoint)
    assert magic.headers["cache-control"] == "no-store"
    if "cookie" in place:
        assert csrf(magic.cookies)
    else:
        assert magic.json["access_token"]
        assert ("refresh_token" in magic.json) is (kind != "plain")


@each_place
@each_kind
async def test_the_events_are_those_of_the_endpoint(kind, place):
    visitor, *_ = await both(kind, place)
    endpoint, magic = visitor.auth.events
    assert type(magic) is type(endpoint)
    assert magic.user == endpoint.user == {"user_id": 1}
    assert magic.request.path == "/magic"
    assert (magic.session_id is not None) is (kind == "sessions")
    assert magic.session_id == visitor.auth.issued[0].session_id


@each_place
async def test_the_session_is_like_that_of_the_endpoint(place):
    visitor, *_ = await both("sessions", place)
    sessions = await visitor.auth.sessions.list(1)
    assert len(sessions) == 2
    assert {session.label for session in sessions} == {LINK["User-Agent"]}
    assert visitor.auth.issued[0].session_id in {s.id for s in sessions}


@each_place
async def test_the_visitor_is_logged_in(place):
    visitor = visit("sessions", place)
    prepare(visitor.auth)
    for door in DOORS:
        await visitor.log_in("/magic")
        assert is_open(await visitor.enter(door)), door


@each_place
@pytest.mark.parametrize("kind", ["sessions", "pair"])
async def test_the_refresh_token_works(kind, place):
    visitor = visit(kind, place)
    prepare(visitor.auth)
    visitor.keep(await visitor.shop.post("/magic"))
    renewed = await visitor.renew()
    assert renewed.status == 200


async def test_a_user_may_have_too_many_sessions_as_at_the_endpoint():
    visitor = visit("sessions", "header", max_sessions=1)
    prepare(visitor.auth)
    for path in ("/auth", "/magic"):
        assert (await visitor.shop.post(path, json={})).status == 200
    (session,) = await visitor.auth.sessions.list(1)
    assert session.id == visitor.auth.issued[0].session_id


@each_kind
async def test_tokens_say_what_was_issued_and_show_no_token(kind):
    visitor, _, magic = await both(kind, "header")
    (tokens,) = visitor.auth.issued
    assert tokens.access_token == magic.json["access_token"]
    assert tokens.refresh_token == magic.json.get("refresh_token")
    assert tokens.expires_in == visitor.auth.config.expiration_delta
    payload = await visitor.auth.verify_token(tokens.access_token)
    assert tokens.session_id == payload.get("sid")
    assert tokens.expires_in == pytest.approx(
        payload["exp"] - time.time(), abs=5
    )
    for secret in (tokens.access_token, tokens.refresh_token):
        for shown in (repr(tokens), str(tokens), f"{tokens}"):
            assert secret is None or secret not in shown


@each_kind
async def test_no_request_is_needed_to_issue_tokens(kind):
    visitor = visit(kind, "header")
    prepare(visitor.auth)
    assert (await visitor.shop.get("/public")).status == 200  # started
    tokens = await visitor.auth.issue_tokens({"user_id": 1})
    visitor.access = tokens.access_token
    visitor.refresh = tokens.refresh_token
    assert is_open(await visitor.enter("protected"))
    if kind == "sessions":
        (session,) = await visitor.auth.sessions.list(1)
        assert tokens.session_id == session.id
        assert (await visitor.renew()).status == 200
    else:
        assert tokens.session_id is None


async def test_events_of_a_login_without_a_request_have_none():
    class Watching(Magic):
        def on_session_evicted(self, event):
            self.events.append(event)

    auth = Watching(**PLACES["header"], max_sessions=1)
    visitor = Visit(auth, "header")
    assert (await visitor.shop.get("/public")).status == 200  # started
    for _ in range(2):
        await auth.issue_tokens({"user_id": 1})
    assert sorted(e.name for e in auth.events) == [
        "login",
        "login",
        "session_evicted",
    ]
    assert [e.request for e in auth.events] == [None] * 3


async def test_a_user_without_an_id_gets_no_tokens():
    visitor = visit("sessions", "header")
    prepare(visitor.auth)
    await visitor.shop.get("/public")
    with pytest.raises((AuthenticationFailed, MissingUserId)):
        await visitor.auth.issue_tokens({"name": "ada"})
    assert await visitor.auth.sessions.list(1) == []


async def test_neither_origin_nor_throttle_is_looked_at():
    """A link in a mail of another site logs in, however often it is sent."""
    visitor = visit("sessions", "cookie", login_limit_per_address="1/minute")
    prepare(visitor.auth)
    headers = [("sec-fetch-site", "cross-site")]
    for _ in range(3):
        response = await visitor.shop.post("/magic", headers=headers)
        assert response.status == 200


@pytest.mark.requirement("T9")
async def test_a_token_that_nothing_would_accept_is_not_issued():
    class App(Member):
        def add_claims(self, payload, user):
            return payload

    class Endless(App):
        class Configuration:
            required_claims = ()

    class Later(App):
        def extend_payload(self, payload):
            return {**payload, "exp": int(time.time()) + 60}

    for kind in (App, Endless, Later):
        auth = Visit(kind(), "header").auth
        if kind is App:
            with pytest.raises(MissingRegisteredClaim, match="exp"):
                await auth.generate_access_token({"user_id": 1})
        else:
            assert await auth.generate_access_token({"user_id": 1})
