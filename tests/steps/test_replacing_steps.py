"""An override may replace `read_token` or `verify_token` altogether.

What it returns is accepted as it stands: a made-up payload is not cached, and
what it lacks is not asked for.
"""

from __future__ import annotations

import math
from time import time

import jwt
import pytest
from sanic.response import json

from sanic_jwt_oo.exceptions import (
    InvalidToken,
    MissingCredentials,
)
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.security.forging import SECRET

from .world import DOORS, PLACES, Member, is_closed, is_open, visit

pytestmark = pytest.mark.requirement("X1")

each_place = pytest.mark.parametrize("place", PLACES)
each_form = pytest.mark.parametrize("is_async", [True, False])


OPAQUE = "an.opaque.token"


def opaque(is_async, **more):
    """Return a class whose tokens are opaque, and looked up somewhere."""

    def look_up(self, token, request=None):
        self.looked_up.append(token)
        if token != OPAQUE:
            raise InvalidToken("unknown")
        return {"user_id": 1, **more}

    async def look_up_later(self, token, request=None):
        return look_up(self, token, request)

    step = look_up_later if is_async else look_up
    return type("App", (Unkept,), {"verify_token": step, "looked_up": []})


class Unkept(Member):
    """Keeps no sessions unless it is given a store."""

    def __init__(self, session_store=None, **settings):
        kept = session_store is not None
        settings.setdefault("session_endpoints_enabled", kept)
        super().__init__(session_store=session_store, **settings)


async def visit_with_opaque(auth, place="header"):
    """Return a visitor who sends the opaque token, wherever it belongs."""
    visitor = await visit(auth, place)
    visitor.access = OPAQUE
    name = "__Host-access_token"
    visitor.cookies = {name: OPAQUE}
    if place == "split cookie":
        start, _, end = OPAQUE.rpartition(".")
        visitor.cookies = {name: start, f"{name}_signature": end}
    return visitor


OPENED = [name for name, (way, _) in DOORS.items() if way == "GET"]
OPENED.remove("/auth/sessions")


@each_form
@each_place
async def test_a_made_up_payload_lets_a_request_in(place, is_async):
    """There is no `exp`, `sid`, `jti` or signature to be looked at."""
    auth = opaque(is_async, scopes=["fruit:read"])(**PLACES[place])
    visitor = await visit_with_opaque(auth, place)
    for _ in range(2):
        for door in OPENED:
            assert is_open(await visitor.enter(door)), door
    response = await visitor("GET", "/code/extract_payload")
    assert response.json["found"] == {"user_id": 1, "scopes": ["fruit:read"]}


@each_form
async def test_a_made_up_payload_is_accepted_with_a_session_store(is_async):
    """Without an id it cannot have been revoked."""
    app = opaque(is_async, scopes=["fruit:read"])
    visitor = await visit_with_opaque(app(MemorySessionStore()))
    for door in (*OPENED, "/auth/sessions"):
        assert is_open(await visitor.enter(door)), door


@each_form
async def test_a_made_up_payload_is_not_cached(is_async):
    visitor = await visit_with_opaque(opaque(is_async)())
    for n in range(1, 4):
        assert is_open(await visitor.enter("protected"))
        assert visitor.auth.looked_up == [OPAQUE] * n
    info = visitor.auth.cache_info()
    assert (info.hits, info.entries) == (0, 0)


async def test_a_made_up_payload_has_the_scopes_that_it_says():
    visitor = await visit_with_opaque(opaque(True)())
    assert is_open(await visitor.enter("protected"))
    assert (await visitor.enter("scoped")).status == 403
    visitor.access = "another"
    assert is_closed(await visitor.enter("scoped"))


@pytest.mark.parametrize("named", ["sid", "jti"])
async def test_revocation_is_checked_where_there_is_an_id(named):
    member = await visit(Member())
    payload = await member.auth.verify_token(member.access)
    app = opaque(True, **{named: payload[named]})
    visitor = await visit_with_opaque(app(member.auth.session_store))
    assert is_open(await visitor.enter("protected"))
    if named == "sid":
        await visitor.auth.sessions.revoke(payload["sid"])
    else:
        await visitor.auth.sessions.revoke_token(payload)
    assert is_closed(await visitor.enter("protected"))


async def test_a_made_up_payload_is_no_protection_against_other_sites():
    """It has no CSRF value, so an unsafe request with a cookie is refused."""
    visitor = await visit(opaque(True)(cookie_set=True), "cookie")
    cookies = {"__Host-access_token": OPAQUE}
    response = await visitor.shop("GET", "/protected", cookies=cookies)
    assert is_open(response)
    response = await visitor.shop("POST", "/protected", cookies=cookies)
    assert response.status == 403
    assert response.json["exception"] == "CSRFFailed"


@each_form
async def test_a_token_is_read_from_another_header_everywhere(is_async):
    def read(self, request):
        token = request.headers.get("x-api-token")
        if not token:
            raise MissingCredentials("Send x-api-token.")
        return token

    async def read_later(self, request):
        return read(self, request)

    step = read_later if is_async else read
    visitor = await visit(type("App", (Member,), {"read_token": step})())
    for door in DOORS:
        await visitor.log_in()
        headers = {"x-api-token": visitor.access}
        assert is_closed(await visitor.enter(door)), door
        visitor.access, access = None, visitor.access
        assert is_open(await visitor.enter(door, headers=headers)), door
        visitor.access = access


@pytest.mark.requirement("I10")
async def test_a_made_up_payload_is_shared_with_nobody():
    kept = {"user_id": 1, "roles": ["member"], "more": {"a": [1]}}

    class App(Unkept):
        def verify_token(self, token, request=None):
            return kept

    visitor = await visit_with_opaque(App())
    auth = visitor.auth

    @visitor.shop.app.get("/changed")
    @auth.protected()
    async def changed(request):
        payload = await auth.check(request)
        payload["user_id"] = 2
        payload["roles"].append("admin")
        payload["more"]["a"].append(2)
        return json(await auth.extract_payload(request))

    before = {"user_id": 1, "roles": ["member"], "more": {"a": [1]}}
    for _ in range(2):
        assert (await visitor("GET", "/changed")).json == before
        assert kept == before


TIMES = [
    "2030",
    True,
    float("nan"),
    float("inf"),
    [1],
    {},
    b"1",
    None,
    10**400,
]


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("time", TIMES, ids=repr)
@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout/all"])
async def test_a_log_out_with_a_made_up_end(path, time):
    """A token that says no end that a store could keep cannot be revoked."""
    app = opaque(True, jti="some", exp=time)
    visitor = await visit_with_opaque(app(MemorySessionStore()))
    response = await visitor("POST", path)
    if response.status == 204:
        assert is_closed(await visitor.enter("protected"))
    else:
        assert response.status == 401


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("how", ["made up", "signed"])
async def test_a_token_without_an_end_is_refused_once_its_session_is_over(how):
    """No feed has an id for ever, so the store is asked."""

    class Endless(Member):
        class Configuration:
            verify_exp = False
            required_claims = ()

        def add_claims(self, payload, user):
            return payload

        def now(self):
            return self.time

    Endless.time = time()
    visitor = await visit(Endless())
    auth = visitor.auth
    auth.sessions.feed.confirm(math.inf)
    if how == "made up":
        sid = (await auth.verify_token(visitor.access))["sid"]
        auth.verify_token = lambda token, request=None: {
            "user_id": 1,
            "sid": sid,
        }
    assert is_open(await visitor.enter("protected"))
    Endless.time += 10 * auth.settings().session_lifetime
    assert is_closed(await visitor.enter("protected"))


@pytest.mark.requirement("R1")
async def test_a_signed_token_without_any_id_is_refused_in_an_override_too():
    """Nothing could revoke it. What an override makes up needs no id."""

    class Own(Member):
        made_up = False

        async def verify_token(self, token, request=None):
            payload = await super().verify_token(token, request)
            return {"user_id": 1} if self.made_up else payload

    visitor = await visit(Own())
    visitor.access = jwt.encode({"user_id": 1, "exp": 2**40}, SECRET, "HS256")
    assert is_closed(await visitor.enter("protected"))
    visitor.auth.made_up = True
    assert is_closed(await visitor.enter("protected"))
    visitor.auth.verify_token = lambda token, request=None: {"user_id": 1}
    assert is_open(await visitor.enter("protected"))
