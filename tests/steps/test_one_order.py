"""There is one order of checks, on every way a request can take.

Read the token, verify it, check for other sites, check for revocation, and
then the application's own checks: cheap before dear. A forged request reaches
neither the session store nor the application's code.
"""

from __future__ import annotations

import pytest
from sanic.response import json

from sanic_jwt_oo import Claim
from sanic_jwt_oo.endpoints import RetrieveUserEndpoint
from sanic_jwt_oo.exceptions import Unauthorized
from sanic_jwt_oo.sessions import MemorySessionStore

from .world import DOORS, PLACES, Member, is_closed, is_open, visit

pytestmark = [pytest.mark.requirement("X2"), pytest.mark.requirement("I11")]

COOKIES = ("cookie", "split cookie")
CALLS = (
    "get",
    "is_revoked",
    "of_user",
    "page",
    "revoke",
    "revoke_all",
    "revoke_token",
    "start",
    "swap",
)
CHECKS = (
    "store.is_revoked",
    "extra_verifications",
    "Claim.verify",
    "check_request",
)
ORDER = ("read_token", "verify_token", *CHECKS)


class CountingStore(MemorySessionStore):
    """Notes each call of a method that looks at sessions or tokens."""

    def __init__(self, log):
        super().__init__()
        self.log = log


def _noting(name):
    def call(self, *args, **kwargs):
        self.log.append(f"store.{name}")
        return getattr(MemorySessionStore, name)(self, *args, **kwargs)

    return call


for _name in CALLS:
    setattr(CountingStore, _name, _noting(_name))


class MeByPost(RetrieveUserEndpoint):
    async def post(self, request, *args, **kwargs):
        return await self.get(request, *args, **kwargs)


class Noting(Member):
    """Notes what is called, in order."""

    class_views = [("/me-by-post", MeByPost)]
    refusing = None

    class Configuration:
        revocation_check = "store"

    def __init__(self, **settings):
        self.log = []
        super().__init__(session_store=CountingStore(self.log), **settings)

    def retrieve_user(self, request, payload):
        self.log.append("retrieve_user")
        return {"user_id": payload["user_id"]}

    def on_token_rejected(self, event):
        self.log.append("on_token_rejected")


class Extra(Noting):
    """Looks at each payload with a function."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.extra_verifications = [self.verify_more]

    def verify_more(self, payload):
        self.log.append("extra_verifications")
        return self.refusing != "extra_verifications"


class Claims(Noting):
    """Has a claim of its own."""

    def __init__(self, **settings):
        super().__init__(**settings)
        auth = self

        class Shop(Claim):
            key = "shop"

            def setup(self, payload, user):
                return "north"

            def verify(self, value):
                auth.log.append("Claim.verify")
                return value == "north" and auth.refusing != "Claim.verify"

        self.custom_claims = [Shop]


class Checks(Noting):
    """Overrides the step for checks of its own."""

    def check_request(self, request, payload):
        self.log.append("check_request")
        if self.refusing == "check_request":
            raise Unauthorized("no")


class Everything(Extra, Claims, Checks):
    """Has all kinds of checks of its own."""


class Steps(Everything):
    """Overrides the other steps as well."""

    async def read_token(self, request):
        self.log.append("read_token")
        return await super().read_token(request)

    async def verify_token(self, token, request=None):
        payload = await super().verify_token(token, request)
        self.log.append("verify_token")
        return payload


KINDS = {
    "no checks": Noting,
    "extra_verifications": Extra,
    "custom_claims": Claims,
    "check_request": Checks,
}
each_place = pytest.mark.parametrize("place", COOKIES)
each_kind = pytest.mark.parametrize("kind", KINDS)
FORGED = {
    **{name: ("POST", path) for name, (_, path) in DOORS.items()},
    "/auth/me": ("POST", "/auth/me-by-post"),
    "/auth/sessions/<id>": DOORS["/auth/sessions/<id>"],
}
del FORGED["protected, unsafe method"]
for _name in ("/auth/sessions", "/auth/verify"):
    del FORGED[_name]  # they take no unsafe method


async def forged(visitor, door, **sent):
    """Send what a page of another site has a browser send."""
    visitor.auth.log.clear()
    method, path = FORGED[door]
    path = path.format(session=visitor.session)
    return await visitor(method, path, forged=True, **sent)


def is_refused(response):
    return response.status == 403 or (
        response.status == 200 and response.json["found"] in (None, False)
    )


@each_place
@each_kind
async def test_a_forged_request_reaches_neither_store_nor_code(kind, place):
    visitor = await visit(KINDS[kind](**PLACES[place]), place)
    reached = {}
    for door in FORGED:
        assert is_refused(await forged(visitor, door)), door
        if visitor.auth.log:
            reached[door] = visitor.auth.log.copy()
    assert reached == {}


@each_place
@each_kind
async def test_a_forged_request_with_a_cached_token_reaches_neither(
    kind, place
):
    visitor = await visit(KINDS[kind](**PLACES[place]), place)
    reached = {}
    for door in FORGED:
        for _ in range(2):
            response = await visitor.enter("protected, unsafe method")
            assert response.status == 200
        assert is_refused(await forged(visitor, door)), door
        if visitor.auth.log:
            reached[door] = visitor.auth.log.copy()
    assert reached == {}


@each_place
@pytest.mark.parametrize(
    "kind",
    [
        "no checks",
        "extra_verifications",
        "custom_claims",
        "check_request",
    ],
)
@pytest.mark.parametrize("csrf", [[], [("x-csrf-token", "planted")]])
async def test_a_forged_refresh_reaches_neither(csrf, kind, place):
    visitor = await visit(KINDS[kind](**PLACES[place]), place)
    visitor.auth.log.clear()
    response = await visitor.shop(
        "POST", "/auth/refresh", cookies=visitor.cookies, headers=csrf
    )
    assert response.status == 403
    assert visitor.auth.log == []


async def test_a_forged_request_reaches_the_overridden_steps_alone():
    """They run in place of the defaults, which come before that check."""
    visitor = await visit(Steps(cookie_set=True), "cookie")
    for door in FORGED:
        assert is_refused(await forged(visitor, door)), door
        # inject_user lets others in too, and protected looks again
        assert {*visitor.auth.log} == {"read_token", "verify_token"}, door


@pytest.mark.parametrize("place", PLACES)
async def test_the_order_is_the_same_on_every_way(place):
    visitor = await visit(Steps(**PLACES[place]), place)
    auth = visitor.auth
    orders = {}
    for door in DOORS:
        await visitor.log_in()
        auth.log.clear()
        assert is_open(await visitor.enter(door)), door
        orders[door] = tuple(auth.log[: len(ORDER)])
    assert orders == dict.fromkeys(DOORS, ORDER)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("last", CHECKS)
async def test_a_check_that_refuses_is_the_last(last, place):
    visitor = await visit(Steps(**PLACES[place]), place)
    auth = visitor.auth
    auth.refusing = last
    if last == "store.is_revoked":
        await auth.sessions.revoke(visitor.session)
    auth.log.clear()
    assert is_closed(await visitor.enter("protected"))
    called = [name for name in auth.log if name != "on_token_rejected"]
    assert called == [*ORDER[: ORDER.index(last) + 1]]


async def test_several_decorators_check_once():
    visitor = await visit(Steps())
    auth = visitor.auth

    @visitor.shop.app.get("/twice")
    @auth.protected()
    @auth.scoped("fruit:read")
    @auth.inject_user()
    async def twice(request, user):
        await auth.check(request)
        return json(await auth.is_authenticated(request))

    auth.log.clear()
    assert (await visitor("GET", "/twice")).json is True
    assert auth.log == [*ORDER, "retrieve_user"]
