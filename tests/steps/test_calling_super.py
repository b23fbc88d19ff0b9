"""An override of a step may call the default, and add to it.

`await super().verify_token(token, request)` verifies under the settings in
force for that request.
"""

from __future__ import annotations

import pytest
from sanic.response import json

from sanic_jwt_oo.exceptions import InvalidToken
from tests.security.forging import OTHER_SECRET, SECRET

from .world import DOORS, PLACES, Member, is_closed, is_open, visit

pytestmark = pytest.mark.requirement("X1")

each_place = pytest.mark.parametrize("place", PLACES)


class Verifying(Member):
    """Calls the default, and notes what it returns."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.verified = []

    async def verify_token(self, token, request=None):
        payload = await super().verify_token(token, request)
        self.verified.append((payload["user_id"], request and request.path))
        return payload


# --- the default, and something more -----------------------------------------


@each_place
async def test_an_override_refuses_some_and_lets_the_rest_through(place):
    class App(Member):
        banned = frozenset()

        async def verify_token(self, token, request=None):
            payload = await super().verify_token(token, request)
            if payload["user_id"] in self.banned:
                raise InvalidToken("banned")
            return payload

    visitor = await visit(App(**PLACES[place]), place)
    for door in DOORS:
        assert is_open(await visitor.enter(door)), door
        await visitor.log_in()
    visitor.auth.banned = {1}
    opened = [d for d in DOORS if not is_closed(await visitor.enter(d))]
    assert opened == []


@each_place
async def test_an_override_hands_out_a_payload_of_its_own(place):
    class App(Member):
        async def verify_token(self, token, request=None):
            payload = await super().verify_token(token, request)
            return {**payload, "seen": True}

    visitor = await visit(App(**PLACES[place]), place)
    for _ in range(3):  # whatever is cached
        response = await visitor("GET", "/code/extract_payload")
        assert response.json["found"]["seen"] is True


@each_place
async def test_the_default_still_refuses_a_bad_token(place):
    class App(Verifying):
        late = False

        def now(self):
            return 9_999_999_999 if self.late else super().now()

    visitor = await visit(App(**PLACES[place]), place)
    assert is_open(await visitor.enter("protected"))
    assert visitor.auth.verified == [(1, "/protected")]
    visitor.auth.late = True  # all tokens have expired
    for door in DOORS:
        if "logout" not in door:  # a living session is logged out of
            assert is_closed(await visitor.enter(door)), door
    assert len(visitor.auth.verified) == 1


async def test_a_revoked_session_is_refused_whatever_is_overridden():
    visitor = await visit(Verifying())
    assert is_open(await visitor.enter("protected"))
    assert visitor.auth.verified == [(1, "/protected")]
    await visitor.auth.sessions.revoke(visitor.session)
    assert is_closed(await visitor.enter("protected"))


# --- under whose settings ----------------------------------------------------


async def test_the_default_verifies_under_the_settings_of_the_route():
    visitor = await visit(Verifying())
    auth, app = visitor.auth, visitor.shop.app

    @app.get("/partners")
    @auth.protected(claim_aud="partners")
    async def partners(request):
        return json({})

    with auth.override(claim_aud="partners"):
        visitor.access = await auth.generate_access_token({"user_id": 7})
    for _ in range(2):
        assert (await visitor("GET", "/partners")).status == 200
        assert is_closed(await visitor.enter("protected"))
    assert auth.verified == [(7, "/partners")] * 2
    await visitor.log_in()
    assert (await visitor("GET", "/partners")).status == 401
    assert is_open(await visitor.enter("protected"))


async def test_the_default_verifies_under_an_override():
    visitor = await visit(Verifying())
    auth, app = visitor.auth, visitor.shop.app

    @app.get("/other")
    async def other(request):
        with auth.override(secret=OTHER_SECRET):
            inside = await auth.is_authenticated(request)
        return json([inside, await auth.is_authenticated(request)])

    with auth.override(secret=OTHER_SECRET):
        others = await auth.generate_access_token({"user_id": 8})
    assert (await visitor("GET", "/other")).json == [False, True]
    visitor.access = others
    assert (await visitor("GET", "/other")).json == [True, False]
    assert auth.verified == [(1, "/other"), (8, "/other")]


async def test_the_default_verifies_under_the_settings_of_the_request():
    class App(Verifying):
        class Configuration:
            def get_secret(self, request):
                return (
                    OTHER_SECRET if "x-tenant" in request.headers else SECRET
                )

    visitor = await visit(App())
    tenant = {"x-tenant": "other"}
    assert is_open(await visitor.enter("protected"))
    assert is_closed(await visitor.enter("protected", headers=tenant))
    response = await visitor.shop("POST", "/auth", json={}, headers=tenant)
    visitor.access = response.json["access_token"]
    assert is_closed(await visitor.enter("protected"))
    assert is_open(await visitor.enter("protected", headers=tenant))
    assert visitor.auth.verified == [(1, "/protected")] * 2


async def test_the_application_may_call_the_step_itself():
    visitor = await visit(Member())
    auth, app = visitor.auth, visitor.shop.app

    @app.get("/called")
    @auth.protected(claim_aud="partners")
    async def called(request):
        payload = await auth.verify_token(visitor.access, request)
        return json(payload["user_id"])

    assert (await auth.verify_token(visitor.access))["user_id"] == 1
    with pytest.raises(InvalidToken):
        await auth.verify_token(f"{visitor.access}x")
    with auth.override(claim_aud="partners"):
        with pytest.raises(InvalidToken):
            await auth.verify_token(visitor.access)
        visitor.access = await auth.generate_access_token({"user_id": 7})
    assert (await visitor("GET", "/called")).json == 7


async def test_a_step_on_an_instance_may_call_the_one_it_replaces():
    visitor = await visit(Member())
    auth, verified = visitor.auth, []
    replaced = auth.verify_token

    async def verify(token, request=None):
        verified.append(token)
        return await replaced(token, request)

    auth.verify_token = verify
    assert is_open(await visitor.enter("protected"))
    visitor.access = f"{visitor.access}x"
    assert is_closed(await visitor.enter("protected"))
    assert verified == [visitor.access[:-1], visitor.access]


async def test_a_default_calls_no_other_step():
    class App(Member):
        def read_token(self, request):
            raise AssertionError("verify_token has called read_token")

        def check_request(self, request, payload):
            raise AssertionError("verify_token has called check_request")

    visitor = await visit(App())
    auth = visitor.auth

    @visitor.shop.app.get("/called")
    async def called(request):
        return json(await auth.verify_token(visitor.access, request))

    response = await visitor.shop.get("/called")
    assert response.status == 200
    assert response.json["user_id"] == 1
