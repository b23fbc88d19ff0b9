"""Misspelt names and unknown parameters are found at install."""

from __future__ import annotations

import logging

import pytest
from sanic import Blueprint
from sanic.response import json

from sanic_jwt_oo import Authentication, Claim, Initialize, JWTAuth, Responses
from sanic_jwt_oo.exceptions import InvalidConfiguration
from sanic_jwt_oo.hooks.checks import one_edit_apart
from tests.conftest import SECRET

pytestmark = pytest.mark.requirement("X3")


class Auth(JWTAuth):
    def authenticate(self, request):
        return {"user_id": 1}


def install(target, **members):
    """Install a class that has `members`."""
    return type("Mine", (Auth,), members)(secret=SECRET).install(target)


def legacy(app, **members):
    """Install a class of the legacy form that has `members`."""
    kind = type("Mine", (Authentication,), members)
    return Initialize(
        app,
        lambda request: {"user_id": 1},
        authentication_class=kind,
        secret=SECRET,
    )


def method(self, *args, **kwargs):
    return None


# --- names ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("autenticate", "authenticate"),
        ("authenticatee", "authenticate"),
        ("retreive_user", "retrieve_user"),
        ("on_logon", "on_login"),
        ("uthenticate", "authenticate"),
        ("uathenticate", "authenticate"),
        ("authenticaet", "authenticate"),
        ("a", "ab"),
        ("ab", "ba"),
    ],
)
def test_one_typo_is_recognised(name, other):
    assert one_edit_apart(name, other)
    assert one_edit_apart(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("authenticate", "authenticate"),
        ("authenticate_user", "authenticate"),
        ("aunticate", "authenticate"),
        ("abc", "cba"),
        ("abc", "bca"),
        ("", "ab"),
        ("abcd", "badc"),
    ],
)
def test_no_typo_or_two_are_not_recognised(name, other):
    assert not one_edit_apart(name, other)
    assert not one_edit_apart(other, name)


MISSPELT = {
    "retreive_user": "retrieve_user",
    "on_logon": "on_login",
    "add_scope_to_payload": "add_scopes_to_payload",
    "extends_payload": "extend_payload",
    "login_acount": "login_account",
    "user_id_off": "user_id_of",
}


@pytest.mark.parametrize("name", MISSPELT)
def test_a_misspelt_method_is_an_error_in_the_class_form(app, name):
    message = f"Mine defines {name}, .* Did you mean {MISSPELT[name]}"
    with pytest.raises(InvalidConfiguration, match=message):
        install(app, **{name: method})


@pytest.mark.parametrize("name", MISSPELT)
def test_a_misspelt_method_is_a_warning_in_the_legacy_form(app, caplog, name):
    with caplog.at_level(logging.WARNING, logger="sanic_jwt_oo"):
        legacy(app, **{name: method})
    assert f"Did you mean {MISSPELT[name]}?" in caplog.text


def test_a_missing_hook_is_found_by_its_misspelt_name(app):
    class Slip(JWTAuth):
        def autenticate(self, request):
            return {"user_id": 1}

    with pytest.raises(InvalidConfiguration, match="mean authenticate"):
        Slip(secret=SECRET).install(app)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("session_stores", None),
        ("custom_claim", [Claim]),
        ("extra_verification", [method]),
        ("Response", type("Response", (), {})),
        ("configuration", type("configuration", (), {"leeway": 1})),
    ],
)
def test_misspelt_attributes_and_nested_classes_are_found_too(
    app, name, value
):
    with pytest.raises(InvalidConfiguration, match=f"defines {name}"):
        install(app, **{name: value})


def test_a_misspelt_response_is_found(app):
    class Mine:
        def extend_authentificate(self):
            return {}

        def extend_retreive_user(self):
            return {}

    with pytest.raises(InvalidConfiguration, match="mean extend_retrieve_use"):
        install(app, Responses=Mine)


def test_a_misspelt_response_is_a_warning_in_the_legacy_form(app, caplog):
    class Mine(Responses):
        def extend_autenticate(self):
            return {}

    with caplog.at_level(logging.WARNING, logger="sanic_jwt_oo"):
        Initialize(
            app,
            lambda request: {"user_id": 1},
            responses_class=Mine,
            secret=SECRET,
        )
    assert "Did you mean extend_authenticate?" in caplog.text


def test_a_misspelt_hook_of_a_mixin_is_found(app):
    class Mixin:
        def on_logn(self, event):
            return None

    class Mine(Mixin, Auth):
        pass

    with pytest.raises(InvalidConfiguration, match="mean on_login"):
        Mine(secret=SECRET).install(app)


def test_a_misspelt_hook_on_an_instance_is_found(app):
    auth = Auth(secret=SECRET)
    auth.retreive_user = method
    with pytest.raises(InvalidConfiguration, match="mean retrieve_user"):
        auth.install(app)


def test_a_similar_name_beside_the_right_one_is_accepted(app):
    install(app, retrieve_users=method, retrieve_user=method)


def test_unrelated_names_are_accepted(app):
    install(
        app,
        authenticate_user=method,
        users_of=method,
        on_log=method,
        refreshed=method,
        new=method,
        on_logins=0,  # cannot be a hook
        _retreive_user=method,
        __repr__=lambda self: "Mine",
    )


def test_names_of_the_package_are_accepted(app):
    class Mine(Auth):
        class Configuration:
            leeway = 1

        class Responses:
            def extend_verify(self):
                return {}

            @property
            def config(self):
                return None

        session_store = None
        custom_claims = ()

        def now(self):
            return 1

    Mine(secret=SECRET).install(app)


# --- parameters -------------------------------------------------------------


def with_two_names(self, username, password):
    return {"user_id": 1}


@pytest.mark.parametrize("form", [install, legacy])
def test_a_hook_with_too_many_parameters_is_an_error(app, form):
    message = r"retrieve_user\(\) requires the parameter .* It may take: "
    with pytest.raises(InvalidConfiguration, match=message + "request, pay"):
        form(app, retrieve_user=lambda self, uid, realm, cache: None)


def test_authenticate_with_name_and_password_is_an_error(app):
    message = r"authenticate\(\) requires the parameter username,"
    with pytest.raises(InvalidConfiguration, match=message):
        install(app, authenticate=with_two_names)


def test_too_many_parameters_are_an_error_in_the_legacy_form_too(app):
    def authenticate(username, password):
        return {"user_id": 1}

    message = r"authenticate\(\) requires the parameter password,"
    with pytest.raises(InvalidConfiguration, match=message):
        Initialize(app, authenticate, secret=SECRET)


def test_an_unknown_parameter_is_an_error_in_the_class_form(app):
    message = r"retrieve_user\(\) requires the parameter uid, .*payload"
    with pytest.raises(InvalidConfiguration, match=message):
        install(app, retrieve_user=lambda self, uid: None)


def test_the_legacy_form_accepts_any_positional_parameter(app):
    legacy(app, retrieve_user=lambda self, req, claims: None)
    with pytest.raises(InvalidConfiguration, match="parameter uid"):
        legacy(app, retrieve_user=lambda self, *, uid: None)


def test_an_unknown_keyword_is_an_error(app):
    with pytest.raises(InvalidConfiguration, match="parameter password"):
        install(app, authenticate=lambda self, request, *, password: None)


@pytest.mark.parametrize("form", [install, legacy])
@pytest.mark.parametrize(
    "hook",
    [
        lambda self: None,
        lambda self, payload: None,
        lambda self, payload, request, cache=None: None,
        lambda self, *args, **kwargs: None,
        lambda self, *, request: None,
    ],
)
def test_fewer_default_and_variadic_parameters_are_accepted(app, form, hook):
    form(app, retrieve_user=hook)


def test_methods_of_responses_are_checked_too(app):
    class Mine:
        def extend_verify(self, request, token):
            return {}

    message = r"Responses\.extend_verify\(\) requires the parameter token,"
    with pytest.raises(InvalidConfiguration, match=message):
        install(app, Responses=Mine)


class ShopAuth(JWTAuth):
    """Has its login under `/<shop>/...`."""

    def authenticate(self, request, shop):
        return {"user_id": shop}

    def retrieve_user(self, payload):
        return payload


@pytest.mark.parametrize("first", ["install", "register"])
async def test_parameters_of_the_prefix_are_offered_to_authenticate(
    app, client, first
):
    bp = Blueprint("shop", url_prefix="/<shop:str>")
    if first == "register":
        app.blueprint(bp)
    ShopAuth(secret=SECRET).install(bp)
    if first == "install":
        app.blueprint(bp)
    response = await client.post("/north/auth")
    assert response.status == 200


async def test_parameters_of_a_setting_and_a_group_are_offered_to_authenticate(
    app, client
):
    ShopAuth(secret=SECRET, url_prefix="/in/<shop>").install(app)
    bp = Blueprint("inner", url_prefix="/inner")
    ShopAuth(secret=SECRET).install(bp)
    app.blueprint(Blueprint.group(bp, url_prefix="/of/<shop:str>"))
    for path in ("/in/north", "/of/north/inner/auth"):
        assert (await client.post(path)).status == 200


def test_a_route_parameter_without_such_a_prefix_is_an_error(app):
    with pytest.raises(InvalidConfiguration, match="parameter shop"):
        ShopAuth(secret=SECRET).install(app)


async def test_a_prefix_that_registration_gives_is_checked_at_startup(
    app, client
):
    bp = Blueprint("inner", url_prefix="/inner")
    Initialize(bp, app=app, authenticate=lambda r, x: None, secret=SECRET)
    app.blueprint(bp)
    with pytest.raises(InvalidConfiguration, match="parameter x"):
        await client.get("/")


async def test_a_prefix_unknown_at_install_is_checked_later(app, client):
    bp = Blueprint("inner", url_prefix="/inner")
    ShopAuth(secret=SECRET).install(bp, app)
    app.blueprint(Blueprint.group(bp, url_prefix="/<shop:str>"))
    assert (await client.post("/north/inner/auth")).status == 200


async def test_a_decorated_hook_is_checked_by_the_wrapped_signature(
    app, client
):
    def logged(function):
        from functools import wraps

        @wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)

        return wrapper

    install(app, authenticate=logged(lambda self, request: {"user_id": 2}))

    @app.get("/")
    async def index(request):
        return json({})

    assert (await client.post("/auth")).status == 200


# --- claims and verifications -----------------------------------------------


class Shop(Claim):
    key = "shop"

    def setup(self, payload, user):
        return "north"

    def verify(self, value):
        return value == "north"


def test_valid_claims_and_verifications_are_accepted(app):
    install(
        app,
        custom_claims=[Shop],
        extra_verifications=[lambda payload: True, bool],
    )


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("setup", lambda self, user: "north"),
        ("verify", lambda self, value, payload: True),
    ],
)
def test_a_claim_with_a_wrong_signature_is_an_error(app, name, function):
    kind = type("Wrong", (Shop,), {name: function})
    message = rf"Wrong\.{name}\(\) is called with"
    with pytest.raises(InvalidConfiguration, match=message):
        install(app, custom_claims=[kind])


def test_a_verification_with_a_wrong_signature_is_an_error(app):
    def of_a_shop(payload, shop):
        return True

    message = r"of_a_shop\(\) is called with \(payload\).*'shop'"
    with pytest.raises(InvalidConfiguration, match=message):
        install(app, extra_verifications=[of_a_shop])
