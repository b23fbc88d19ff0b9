"""An override that refuses does so on every way, as with sanic-jwt 1.8."""

from __future__ import annotations

import pytest
from sanic import Blueprint
from sanic.exceptions import Forbidden

from sanic_jwt_oo import Configuration, Initialize
from sanic_jwt_oo.exceptions import (
    InitializationFailure,
    InvalidConfiguration,
    MissingAuthorizationHeader,
    SanicJWTException,
    Unauthorized,
)
from tests.security.forging import SECRET
from tests.security.shops import new_app
from tests.security.wire import start

from .test_overriding import App, logged_in

ERRORS = (
    (Unauthorized("Locked."), 401),
    (SanicJWTException("Locked.", status_code=403), 403),
    (Forbidden("Locked."), 403),
    (ValueError("Locked."), 401),
)


def raising(name: str, error: Exception, base: type = App) -> type:
    """Return a class with a method that raises an error."""

    async def method(self, *args, **kwargs):
        raise error

    return type("Raising", (base,), {name: method})


@pytest.mark.parametrize("name", ["extract_payload", "_verify", "_decode"])
@pytest.mark.parametrize(("error", "status"), ERRORS)
async def test_an_error_refuses_a_public_handler_too(name, error, status):
    """`inject_user` alone is a guard if `extract_payload` raises."""
    shop, token = await logged_in(raising(name, error))
    credentials = [{"authorization": f"Bearer {token}"}]
    if name != "_decode":  # which needs a token
        credentials += [{}, {"authorization": "Bearer forged"}]
    for headers in credentials:
        response = await shop.get("/public", headers=headers)
        assert response.status == status, response.text


async def test_a_decode_that_calls_a_token_missing_refuses():
    error = MissingAuthorizationHeader("Not for you.")
    shop, token = await logged_in(raising("_decode", error))
    headers = {"authorization": f"Bearer {token}"}
    for path in ("/public", "/protected", "/auth/me", "/auth/verify"):
        response = await shop.get(path, headers=headers)
        assert response.status == 401, path
        assert response.json["reasons"] == ["Not for you."]


async def test_an_error_about_a_missing_payload_closes_a_public_handler():
    class Strict(App):
        async def extract_payload(self, request, verify=True, *args, **kwargs):
            payload = await super().extract_payload(request, verify)
            if not payload:
                raise Unauthorized("Log in.")
            return payload

    shop, token = await logged_in(Strict)
    for headers in ({}, {"authorization": "Bearer forged"}):
        response = await shop.get("/public", headers=headers)
        assert response.status == 401
        assert response.json["reasons"] == ["Log in."]
    headers = {"authorization": f"Bearer {token}"}
    response = await shop.get("/public", headers=headers)
    assert response.json == {"user_id": 1}


async def test_a_cross_site_request_reaches_a_public_handler_without_user():
    class Passing(App):
        async def _decode(self, token, verify=True, inline_claims=None):
            return await super()._decode(token, verify, inline_claims)

    settings = {"cookie_set": True, "csrf_protect": True}
    shop, token = await logged_in(Passing, **settings)
    headers = {"cookie": f"access_token={token}"}
    assert (await shop.get("/public", headers=headers)).json
    response = await shop.post("/public", headers=headers)
    assert response.status == 200
    assert response.json is None


@pytest.mark.parametrize("response", [None, False, 0, "", (), [], {}, "1", 7])
async def test_a_payload_that_is_none_has_no_user_id(response):
    class Odd(App):
        async def extract_payload(self, request, *args, **kwargs):
            return response

    shop, token = await logged_in(Odd)
    headers = {"authorization": f"Bearer {token}"}
    response = await shop.get("/reading", headers=headers)
    assert response.json["user"] is None


@pytest.mark.parametrize("name", ["_check_authentication", "_verify"])
@pytest.mark.parametrize(
    "verdict",
    ["yes", {"user_id": 1, "exp": 2, "iat": 3}, {1, 2, 3}, iter((1, 2, 3))],
)
async def test_a_verdict_is_a_tuple_or_a_list(name, verdict):
    """Three letters, or a payload with three claims, are no verdict."""

    async def method(self, *args, **kwargs):
        return verdict

    shop, token = await logged_in(type("Odd", (App,), {name: method}))
    headers = {"authorization": f"Bearer {token}"}
    paths = ["/protected", "/scoped", "/user", "/auth/me"]
    if name == "_verify":
        paths.append("/auth/verify")
    for path in paths:
        response = await shop.get(path, headers=headers)
        assert response.status == 401, path


# --- other classes ----------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "_get_url_prefix",
        "protected",
        "_Initialize__add_endpoints",
        "_Initialize__initialize_claims",
    ],
)
def test_a_method_of_initialize_without_effect_is_refused(name):
    """sanic-jwt guards its endpoints with an overridden `protected`."""
    kind = type("Own", (Initialize,), {name: lambda self: None})
    with pytest.raises(InitializationFailure, match=f"Own defines {name}"):
        kind(new_app(), authentication_class=App, secret=SECRET)


def test_an_initialize_of_ones_own_may_have_other_methods():
    class Own(Initialize):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, secret=SECRET, **kwargs)

        def inject_user(self, *args, **kwargs):
            return super().inject_user(*args, **kwargs)

        def report(self):
            return self._get_url_prefix()

    own = Own(new_app(), authentication_class=App, url_prefix="/in")
    assert own.report() == "/in"


def test_the_prefix_of_the_endpoints_of_a_blueprint():
    blueprint = Blueprint("shop", url_prefix="/shop")
    settings = {"app": new_app(), "secret": SECRET}
    front = Initialize(blueprint, authentication_class=App, **settings)
    assert front._get_url_prefix() == "/shop/auth"


@pytest.mark.parametrize("name", ["get", "extract_presets", "__new__"])
def test_a_method_of_configuration_without_effect_is_refused(name):
    kind = type("Own", (Configuration,), {name: lambda *args: None})
    with pytest.raises(InvalidConfiguration, match=f"Own defines {name}"):
        Initialize(
            new_app(), authentication_class=App, configuration_class=kind
        )


@pytest.mark.parametrize("mixed_in", [False, True])
def test_a_step_that_no_guard_would_take_is_refused(mixed_in):
    """In the class form it verifies tokens; here only code calls it."""

    async def verify_token(self, token, request=None):
        raise Unauthorized("Denied.")

    methods = {"verify_token": verify_token}
    bases = (type("Mixin", (), methods), App) if mixed_in else (App,)
    with pytest.raises(InvalidConfiguration, match="Override _decode"):
        type("Own", bases, {} if mixed_in else methods)


def test_a_verify_token_of_sanic_jwt_is_accepted():
    class Own(App):
        async def verify_token(self, token, *args, **kwargs):
            return await super().verify_token(token, *args, **kwargs)

    Initialize(new_app(), authentication_class=Own, secret=SECRET)


@pytest.mark.parametrize("own_settings", [True, False])
async def test_another_authentication_in_place_of_the_installed_is_refused(
    own_settings,
):
    """Decorators would use it, and the endpoints would not."""
    app = new_app()
    front = Initialize(app, authentication_class=App, secret=SECRET)
    config = front.config
    if own_settings:
        config = Configuration(app.config, secret=SECRET)
    app.ctx.auth = App(app, config)
    with pytest.raises(InitializationFailure, match="authentication_class"):
        await start(app)


async def test_two_installations_on_one_application_start():
    app = new_app()
    for prefix in ("/one", "/two"):
        Initialize(
            app, authentication_class=App, secret=SECRET, url_prefix=prefix
        )
    await start(app)
