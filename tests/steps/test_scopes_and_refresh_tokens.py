"""`held_scopes` and `read_refresh_token` are taken wherever they matter."""

from __future__ import annotations

import pytest

from sanic_jwt_oo.exceptions import MissingCredentials, Unauthorized
from tests.security.shops import csrf

from .world import Member, Pair, is_open, visit

SCOPES = {
    "a list": (["fruit:read"], True),
    "a tuple": (("fruit:read",), True),
    "with None in it": ([None, "fruit:read"], True),
    "another one": (["fruit:write"], False),
    "none": ([], False),
    "None": (None, False),
    "False": (False, False),
    "a string": ("fruit:read", False),
    "a set": ({"fruit:read"}, False),
    "a number in it": (["fruit:read", 1], False),
}


def with_scopes(value, is_async):
    async def later(self, request, payload):
        assert payload["user_id"] == 1
        return value

    def at_once(self, request, payload):
        return value

    return {"held_scopes": later if is_async else at_once}


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize("name", SCOPES)
async def test_the_scopes_are_those_that_the_step_returns(name, is_async):
    value, opens = SCOPES[name]
    kind = type("App", (Member,), with_scopes(value, is_async))
    visitor = await visit(kind())
    for door in ("scoped", "authorize"):
        for _ in range(2):  # the second time the token is in the cache
            assert is_open(await visitor.enter(door)) is opens
    assert opens or (await visitor.enter("scoped")).status == 403
    assert is_open(await visitor.enter("protected"))


async def test_the_default_returns_the_claim():
    class App(Member):
        async def held_scopes(self, request, payload):
            assert await super().held_scopes(request, payload) == [
                "fruit:read"
            ]
            return []

    assert (await (await visit(App())).enter("scoped")).status == 403


async def test_a_step_that_raises_refuses():
    class App(Member):
        async def held_scopes(self, request, payload):
            raise Unauthorized("no")

    assert (await (await visit(App())).enter("scoped")).status == 401


async def test_a_step_on_an_installed_instance_is_taken():
    visitor = await visit(Member())
    assert is_open(await visitor.enter("scoped"))
    visitor.auth.held_scopes = lambda request, payload: []
    assert not is_open(await visitor.enter("scoped"))


# --- refresh tokens ----------------------------------------------------------


class Elsewhere:
    """Reads the refresh token from a header."""

    async def read_refresh_token(self, request):
        return request.headers.get("x-refresh-token")


@pytest.mark.parametrize("base", [Member, Pair])
async def test_a_refresh_token_is_read_by_the_step(base):
    visitor = await visit(type("App", (Elsewhere, base), {})())
    sent = {"headers": {"x-refresh-token": visitor.refresh}}
    assert (await visitor("POST", "/auth/refresh", **sent)).status == 200
    body = {"json": {"refresh_token": visitor.refresh}}
    assert (await visitor("POST", "/auth/refresh", **body)).status == 401


async def test_a_logout_takes_the_step_too():
    visitor = await visit(type("App", (Elsewhere, Member), {})())
    sent = {"headers": {"x-refresh-token": visitor.refresh}}
    response = await visitor.shop("POST", "/auth/logout", **sent)
    assert response.status == 204
    assert not is_open(await visitor.enter("protected"))


@pytest.mark.parametrize("base", [Member, Pair])
@pytest.mark.parametrize("value", [None, "", False, 1, b"bytes"])
async def test_what_is_no_text_is_no_token(base, value):
    class App(base):
        def read_refresh_token(self, request):
            return value

    assert (await (await visit(App())).renew()).status == 401


@pytest.mark.parametrize("base", [Member, Pair])
async def test_a_refusal_of_the_step_refuses_the_refresh(base):
    class App(base):
        async def read_refresh_token(self, request):
            raise MissingCredentials("no")

    assert (await (await visit(App())).renew()).status == 401


@pytest.mark.requirement("C3")
async def test_a_token_from_a_cookie_of_ones_own_needs_the_csrf_value():
    """Without the access token nothing proves which page has sent it."""

    class App(Member):
        async def read_refresh_token(self, request):
            return request.cookies.get("mine")

    class Bodies(App):
        class Configuration:
            cookie_set = True
            tokens_in_body = True

    visitor = await visit(Bodies(), "cookie")
    mine = {"mine": visitor.refresh}
    refused = await visitor.shop("POST", "/auth/refresh", cookies=mine)
    assert refused.status == 401
    sent = {"cookies": {**visitor.cookies, **mine}}
    response = await visitor.shop(
        "POST", "/auth/refresh", headers=csrf(visitor.cookies), **sent
    )
    assert response.status == 200
