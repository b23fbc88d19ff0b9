"""`cache_info()` counts one look-up a request, whatever is checked."""

from __future__ import annotations

import pytest
from sanic.response import json

from sanic_jwt_oo import Claim
from sanic_jwt_oo.sessions import MemorySessionStore

from .world import PLACES, Member, visit


class Plain(Member):
    class Configuration:
        session_endpoints_enabled = False

    def __init__(self, **settings):
        super().__init__(**{"session_store": None, **settings})


class Verifying(Plain):
    extra_verifications = [lambda payload: payload["user_id"] == 1]


class Shop(Claim):
    key = "shop"

    def setup(self, payload, user):
        return "north"

    def verify(self, value):
        return value == "north"


class Claims(Plain):
    custom_claims = [Shop]


class Sessions(Plain):
    def __init__(self, **settings):
        settings["session_store"] = MemorySessionStore()
        super().__init__(**settings)


class Everything(Sessions, Verifying, Claims):
    pass


class Overriding(Plain):
    seen = 0

    async def verify_token(self, token, request=None):
        self.seen += 1
        return await super().verify_token(token, request)


class Checking(Plain):
    seen = 0

    async def check_request(self, request, payload):
        self.seen += 1


def add_ways(auth, app):
    """Add routes that ask once, and many times, about a request."""

    @app.get("/once")
    @auth.protected()
    async def once(request):
        return json({})

    @app.get("/often")
    @auth.protected()
    @auth.scoped("fruit:read")
    @auth.inject_user()
    async def often(request, user):
        await auth.check(request)
        await auth.current_user(request)
        return json(await auth.extract_payload(request))


async def counts(visitor, path, requests=3):
    """Return the hits and misses of some requests with one token."""
    before = visitor.auth.cache_info()
    for _ in range(requests):
        assert (await visitor("GET", path)).status == 200
    after = visitor.auth.cache_info()
    return after.hits - before.hits, after.misses - before.misses


@pytest.mark.parametrize("path", ["/once", "/often", "/auth/me"])
@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (kind, place)
        for kind in (Plain, Verifying, Claims, Sessions, Everything)
        for place in PLACES
    ],
)
async def test_a_request_is_looked_up_once(kind, place, path):
    visitor = await visit(kind(**PLACES[place]), place)
    add_ways(visitor.auth, visitor.shop.app)
    assert await counts(visitor, path) == (2, 1)


@pytest.mark.parametrize("path", ["/once", "/often", "/auth/verify"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", [Overriding, Checking])
async def test_an_overridden_step_does_not_change_the_count(kind, place, path):
    visitor = await visit(kind(**PLACES[place]), place)
    add_ways(visitor.auth, visitor.shop.app)
    assert await counts(visitor, path) == (2, 1)
    assert visitor.auth.seen == 3
