"""Settings, hooks, nested classes and responses of an installation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import jwt
import pytest
from sanic import Blueprint
from sanic.response import json

from sanic_jwt_oo import BaseEndpoint, Claim, Configuration, Responses
from sanic_jwt_oo.auth import JWTAuth
from sanic_jwt_oo.compat import Authentication
from sanic_jwt_oo.exceptions import (
    AuthenticateNotImplemented,
    InsecureSecretWarning,
    InvalidClassViewsFormat,
    InvalidConfiguration,
    InvalidToken,
    InvalidVerification,
    RefreshTokenNotImplemented,
    ScopesNotImplemented,
    UserSecretNotImplemented,
)
from tests.conftest import SECRET, Auth, answer_payload


def test_nested_classes_follow_the_mro():
    class Base(Auth):
        class Configuration:
            leeway = 1
            debug = True

        class Responses:
            def extend_verify(self):
                return {"base": True}

    class Named(Base):
        class Configuration(Base.Configuration):
            leeway = 2

    class Mixin:
        class Configuration:
            expiration_delta = 7

    class Deep(Mixin, Named):
        class Configuration:
            user_id = "id"

    class Empty(Deep):
        pass

    settings = Empty.Configuration.build({}, {})
    assert (settings.leeway, settings.debug) == (2, True)
    assert (settings.expiration_delta, settings.user_id) == (7, "id")
    assert issubclass(Empty.Configuration, Configuration)
    assert issubclass(Empty.Responses, Responses)
    assert JWTAuth.Configuration is Configuration
    assert Base.Configuration.build({}, {}).leeway == 1


@pytest.mark.requirement("T12")
@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("form", ["set_claim_aud", "get_claim_aud"])
async def test_a_subclass_can_have_its_own_audience(make_app, legacy, form):
    """A value once did not override an inherited method."""

    class Nested:
        class Configuration:
            pass

    setattr(Nested.Configuration, form, lambda self, request=None: "a")
    parents = (Nested, Auth, Authentication) if legacy else (Nested, Auth)
    A = type("A", parents, {})

    class B(A):
        class Configuration:
            claim_aud = "b"

    a = A(secret=SECRET).install(make_app())
    b = B(secret=SECRET).install(make_app())
    token = await b.generate_access_token(Auth.joe)

    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience="b")
    assert claims["aud"] == "b"
    assert await b.verify_token(token)
    with pytest.raises(InvalidToken):
        await a.verify_token(token)


def test_nested_classes_of_two_parents_are_combined_in_order():
    class Left(Auth):
        class Configuration:
            leeway = 1

    class Right(Auth):
        class Configuration:
            leeway = 2
            debug = True

    class Both(Left, Right):
        pass

    settings = Both.Configuration.build({}, {})
    assert (settings.leeway, settings.debug) == (1, True)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({}, AuthenticateNotImplemented),
        (
            {"auth_mode": False, "user_secret_enabled": True},
            UserSecretNotImplemented,
        ),
    ],
)
def test_a_missing_hook_is_named(app, settings, error):
    with pytest.raises(error, match=r"Define \w+\(\)"):
        JWTAuth(secret=SECRET, **settings).install(app)


@pytest.mark.requirement("R9")
def test_refresh_without_its_hooks_fails(app):
    with pytest.raises(RefreshTokenNotImplemented, match="store_refresh"):
        Auth(secret=SECRET, refresh_token_enabled=True).install(app)


def test_scopes_without_their_hook_fail(app):
    with pytest.raises(ScopesNotImplemented, match="add_scopes_to_payload"):
        Auth(secret=SECRET, scopes_enabled=True).install(app)


def test_the_scopes_hook_enables_scopes(make_app):
    class Scoped(Auth):
        def add_scopes_to_payload(self):
            return ["a"]

    assert Scoped(secret=SECRET).install(make_app()).config.scopes_enabled
    off = Scoped(secret=SECRET, scopes_enabled=False).install(make_app())
    assert not off.config.scopes_enabled


@pytest.mark.requirement("T16")
def test_a_short_secret_is_refused(app):
    with pytest.raises(InvalidConfiguration, match="token_urlsafe"):
        Auth(secret="short").install(app)


@pytest.mark.requirement("I6")
async def test_without_a_secret_a_random_one_is_used(make_app):
    with pytest.warns(InsecureSecretWarning, match="secret"):
        auth = Auth().install(make_app())
    token = await auth.generate_access_token(Auth.joe)
    assert await auth.verify_token(token)


@pytest.mark.parametrize(
    "entry",
    [("x", BaseEndpoint), ("/x", object), ("/x",), "/x", (1, 2), ("", 3)],
)
def test_invalid_class_views_are_refused(app, entry):
    with pytest.raises(InvalidClassViewsFormat):
        Auth(secret=SECRET, class_views=[entry]).install(app)


def test_a_verification_must_be_callable(app):
    with pytest.raises(InvalidVerification):
        Auth(secret=SECRET, extra_verifications=[3]).install(app)


async def test_class_views_claims_and_verifications_are_combined(app, client):
    class Hello(BaseEndpoint):
        async def get(self, request):
            return json([self.config.leeway, self.instance is app])

    class Shop(Claim):
        key = "shop"

        def setup(self, payload, user):
            return f"of {user['name']}"

        def verify(self, value):
            return value == "of joe"

    class Viewed(Auth):
        class_views = [("/hello", Hello)]
        custom_claims = [Shop]
        extra_verifications = [lambda payload: "shop" in payload]

    auth = Viewed(
        secret=SECRET,
        class_views=[("/again", Hello)],
        extra_verifications=[lambda payload: payload["user_id"] == 1],
    ).install(app)
    app.add_route(auth.protected()(answer_payload), "/")
    for path in ("/auth/hello", "/auth/again"):
        assert (await client.get(path)).json == [60, True]
        assert (await client("OPTIONS", path)).status == 204
    payload = (await client.get("/", await client.log_in())).json
    assert payload["shop"] == "of joe"
    with pytest.raises(Exception, match="not met"):
        await auth.verify_token(
            await auth.generate_access_token({"user_id": 2, "name": "joe"})
        )


@pytest.mark.requirement("S2")
async def test_an_override_ends_with_its_block(app):
    auth = Auth(secret=SECRET).install(app)
    with auth.override(leeway=1):
        assert auth.settings().leeway == 1
        with auth.override(debug=True):
            both = auth.settings()
            assert (both.leeway, both.debug) == (1, True)
        assert not auth.settings().debug
    assert auth.settings().leeway == 60
    with pytest.raises(ZeroDivisionError), auth.override(leeway=2):
        raise ZeroDivisionError
    assert auth.settings().leeway == 60


@pytest.mark.requirement("S2")
async def test_an_override_applies_only_to_its_task(app):
    auth = Auth(secret=SECRET).install(app)
    started = asyncio.Barrier(2) if hasattr(asyncio, "Barrier") else None
    seen = {}

    async def inside():
        with auth.override(leeway=1):
            await both()
            seen["inside"] = auth.settings().leeway

    async def outside():
        await both()
        seen["outside"] = auth.settings().leeway

    events = asyncio.Event(), asyncio.Event()

    async def both():
        if started is not None:
            await started.wait()
            return
        mine, other = events if not events[0].is_set() else events[::-1]
        mine.set()
        await other.wait()

    await asyncio.gather(inside(), outside())
    assert seen == {"inside": 1, "outside": 60}


@pytest.mark.requirement("I8")
async def test_an_override_applies_only_to_its_installation(make_app):
    one = Auth(secret=SECRET).install(make_app())
    two = Auth(secret=SECRET).install(make_app())
    with one.override(leeway=1), two.override(debug=True):
        assert (one.settings().leeway, one.settings().debug) == (1, False)
        assert (two.settings().leeway, two.settings().debug) == (60, True)


async def test_an_override_changes_keys(app):
    auth = Auth(secret=SECRET).install(app)
    with auth.override(secret=SECRET[1:]):
        other = await auth.generate_access_token(Auth.joe)
        assert await auth.verify_token(other)
    with pytest.raises(Exception, match="Auth required"):
        await auth.verify_token(other)


def test_an_override_is_checked_at_once(app):
    auth = Auth(secret=SECRET).install(app)
    with pytest.raises(InvalidConfiguration, match="leeway"):
        auth.override(leway=3)
    with pytest.raises(InvalidConfiguration, match="install"):
        auth.override(url_prefix="/x")


async def test_settings_of_a_request_are_evaluated_once(app, client):
    asked = []

    class PerRequest(Auth):
        class Configuration:
            def get_authorization_header(self, request):
                asked.append(request.path)
                return request.headers.get("x-where", "authorization")

            def get_access_token_name(self):
                return "token"

    auth = PerRequest(secret=SECRET).install(app)

    @app.get("/")
    @auth.protected()
    @auth.inject_user()
    @auth.protected(leeway=5)
    async def handler(request, user):
        settings = auth.settings()
        return json([user, settings.leeway, settings.authorization_header])

    response = await client.post("/auth")
    token = response.json["token"]
    sent = {"headers": {"x-where": "x-token", "x-token": f"Bearer {token}"}}
    asked.clear()
    response = await client.get("/", **sent)
    assert response.json == [Auth.joe, 5, "x-token"]
    assert asked == ["/"]
    assert (await client.get("/", token)).status == 200
    assert auth.config.access_token_name == "access_token"


@pytest.mark.parametrize("name", ["async_answers", "static_answers"])
async def test_response_methods_can_be_async_or_static(app, client, name):
    class Async:
        async def extend_authenticate(self, request, user):
            return {"hello": user["name"]}

        async def get_token_response(self, access_token, output):
            return json({**output, "of": len(access_token)})

        async def exception_response(self, request, exception):
            return json({"no": str(exception)}, status=418)

    class Static:
        @staticmethod
        def extend_authenticate(request, user=None, access_token=None):
            return {"hello": user["name"]}

        @staticmethod
        def get_token_response(request, access_token, output, *args):
            return json({**output, "of": len(access_token)})

        @staticmethod
        def exception_response(request, exception):
            return json({"no": str(exception)}, status=418)

    chosen = Async if name == "async_answers" else Static
    kind = type("Answering", (Auth,), {"Responses": chosen})
    kind(secret=SECRET).install(app)
    body = (await client.post("/auth")).json
    assert (body["hello"], body["of"]) == ("joe", len(body["access_token"]))
    response = await client.get("/auth/me")
    assert response.status == 418
    assert response.json == {"no": "Authorization header not present."}


async def test_equal_dataclasses_are_two_installations(app, client):
    """A dataclass compares by its fields and is not hashable."""

    @dataclass
    class Shop(Auth):
        database: str

        def __post_init__(self):
            super().__init__(secret=SECRET)

    bp = Blueprint("bp", url_prefix="/bp")
    auths = [Shop("shop").install(app), Shop("shop").install(bp)]
    assert auths[0] == auths[1]
    for auth, target, other in zip(auths, (app, bp), auths[::-1], strict=True):

        @target.get("/user")
        @auth.protected(leeway=1)
        @other.inject_user(leeway=1)
        async def user(request, user):
            return json({})

    app.blueprint(bp)
    assert [id(one.auth) for one in app.ctx.sanic_jwt_oo] == [*map(id, auths)]
    token = await auths[0].generate_access_token({"user_id": 1})
    bearer = {"Authorization": f"Bearer {token}"}
    for path in ("/user", "/bp/user"):
        assert (await client.get(path, headers=bearer)).status == 200
        assert (await client.get(path)).status == 401
