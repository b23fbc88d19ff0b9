"""Set-up without effect is found at install."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import jwt
import pytest
from sanic import Blueprint, Sanic

from sanic_jwt_oo import Authentication, Initialize
from sanic_jwt_oo.exceptions import (
    InsecureSecretWarning,
    InvalidConfiguration,
)
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.conftest import SECRET, Auth
from tests.keys.conftest import private_key, private_pem


class LegacyAuth(Authentication):
    def authenticate(self, request: Any) -> dict[str, Any]:
        return Auth.joe


def installed_legacy(app, **members):
    kind = type("ShopAuth", (LegacyAuth,), members)
    return Initialize(app, authentication_class=kind, secret=SECRET).auth


# --- no secret --------------------------------------------------------------


def line_of(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    (number,) = (n for n, line in enumerate(lines, 1) if text in line)
    return number


@pytest.mark.requirement("T16")
@pytest.mark.parametrize("settings", [{}, {"secret": None}])
def test_a_missing_secret_warns_once_at_the_line_of_the_caller(
    make_app, settings
):
    bp = Blueprint("late", url_prefix="/late")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Auth(**settings).install(make_app())  # class
        LegacyAuth(**settings).install(bp)
        make_app().blueprint(bp)  # blueprint
        Initialize(make_app(), lambda: None, **settings)  # legacy

    assert {str(warning.message) for warning in caught} == {
        "No secret is set. Using a random one: all tokens become invalid when "
        "the server stops. Set secret=... before you deploy."
    }
    assert [warning.category for warning in caught] == [
        InsecureSecretWarning
    ] * 3
    assert {warning.filename for warning in caught} == {__file__}
    assert [warning.lineno for warning in caught] == [
        line_of(f"#{form}") for form in (" class", " blueprint", " legacy")
    ]


def test_a_short_legacy_secret_warns_at_the_line_of_the_caller(app):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Initialize(app, lambda: None, secret="short")
    assert [warning.filename for warning in caught] == [__file__]


async def test_an_override_does_not_warn_again(app):
    with pytest.warns(InsecureSecretWarning):
        auth = Auth().install(app)
    with auth.override(algorithm="HS512"):  # warnings are errors
        assert await auth.generate_access_token(Auth.joe)


def test_a_worker_of_sanic_does_not_repeat_the_warning(app, monkeypatch):
    monkeypatch.setenv("SANIC_WORKER_NAME", "Sanic-Server-0-0")
    Auth().install(app)  # warnings are errors


# --- the environment --------------------------------------------------------


@pytest.fixture
def variables(monkeypatch):
    def set_and_make(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        app = Sanic("environment")
        Sanic.unregister_app(app)
        return app

    return set_and_make


@pytest.mark.parametrize("prefix", ["SANIC_JWT", "SANIC_SANIC_JWT"])
@pytest.mark.parametrize("kind", [Auth, LegacyAuth])
async def test_settings_are_read_from_the_environment(variables, kind, prefix):
    """Sanic reads `SANIC_JWT_SECRET` as `JWT_SECRET`; it was ignored."""
    app = variables(
        **{f"{prefix}_SECRET": SECRET, f"{prefix}_LEEWAY": "7"},
    )
    auth = kind().install(app)
    token = await auth.generate_access_token(Auth.joe)
    assert jwt.decode(token, SECRET, algorithms=["HS256"])["user_id"] == 1
    assert auth.settings().leeway == 7


def test_a_string_of_digits_stays_a_string(variables):
    digits = "0" + "1234567890" * 8
    app = variables(
        SANIC_JWT_SECRET=digits,
        SANIC_JWT_KEY_ID="01",
        SANIC_JWT_CLAIM_AUD="on",
    )
    settings = Auth().install(app).config
    assert settings.secret == digits
    assert (settings.key_id, settings.claim_aud) == ("01", "on")


def test_app_config_overrides_the_environment(
    variables,
):
    app = variables(
        SANIC_JWT_SECRET=SECRET,
        SANIC_JWT_LEEWAY="1",
        SANIC_JWT_EXPIRATION_DELTA="2",
    )
    app.config.SANIC_JWT_LEEWAY = 3
    settings = Auth(expiration_delta=4).install(app).config
    assert (settings.leeway, settings.expiration_delta) == (3, 4)


def test_a_misspelt_variable_is_refused_or_logged(variables, caplog):
    app = variables(SANIC_JWT_LEWAY="3")
    with pytest.raises(InvalidConfiguration, match=r"leway.*environment"):
        Auth(secret=SECRET).install(app)
    LegacyAuth(secret=SECRET).install(app)
    assert "leway" in caplog.text


def test_a_variable_that_is_not_a_setting_is_logged(variables, caplog):
    app = variables(SANIC_JWT_KEY_DIRECTORY="/etc/shop")
    Auth(secret=SECRET).install(app)
    (record,) = caplog.records
    assert "SANIC_JWT_KEY_DIRECTORY is not" in record.getMessage()


def test_other_variables_with_the_prefix_jwt_are_ignored(app):
    app.config.JWT_SECRET = "of something else"
    app.config.JWT_OTHER = 3
    assert Auth(secret=SECRET).install(app).config.secret == SECRET


# --- settings on the auth class ---------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("secret", SECRET),
        ("public_key", SECRET),
        ("expiration_delta", 5),
        ("claim_aud", None),
        ("cookie_set", property(lambda self: True)),
    ],
)
def test_a_setting_on_the_auth_class_is_refused(make_app, name, value):
    """`secret = ...` was once ignored, and a random secret used."""
    kind = type("ShopAuth", (Auth,), {name: value})
    for shop in (kind, type("Sub", (kind,), {})):
        with pytest.raises(InvalidConfiguration) as refused:
            shop().install(make_app())
        assert f"class Configuration: {name} = ..." in str(refused.value)
        assert SECRET not in str(refused.value)


def test_a_setting_of_a_mixin_is_refused(app):
    class Mixin:
        leeway = 3

    class ShopAuth(Auth, Mixin):
        pass

    with pytest.raises(InvalidConfiguration, match="leeway"):
        ShopAuth(secret=SECRET).install(app)


def test_a_setting_on_the_instance_is_refused(app):
    auth = Auth(secret=SECRET)
    auth.leeway = 3
    with pytest.raises(InvalidConfiguration, match="leeway"):
        auth.install(app)


def test_a_setting_on_the_legacy_class_is_logged(app, caplog):
    installed_legacy(app, leeway=3)
    assert "leeway is a setting" in caplog.text


@pytest.mark.parametrize(
    "members",
    [
        {"debug": lambda self: True},
        {"secret": classmethod(lambda cls: SECRET)},
        {"generate_refresh_token": lambda self: "x"},
        {"get_user_id": lambda self, user: 1},
        {"set_secret": lambda self, secret: None},
        {"something_else": 3},
    ],
    ids=lambda members: next(iter(members)),
)
def test_methods_and_other_names_are_ignored(make_app, caplog, members):
    type("ShopAuth", (Auth,), members)(secret=SECRET).install(make_app())
    installed_legacy(make_app(), **members)
    assert not caplog.records


def test_a_class_can_keep_a_setting_that_it_passes_on(app):
    class ShopAuth(Auth):
        leeway = 3

        def __init__(self):
            self.secret = SECRET
            super().__init__(secret=self.secret, leeway=self.leeway)

    assert ShopAuth().install(app).config.leeway == 3


@pytest.mark.parametrize("install", [installed_legacy, None])
@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("get_claim_aud", lambda self, request: "shop"),
        ("set_secret", lambda self: SECRET),
    ],
)
def test_a_method_of_a_setting_on_the_auth_class_is_logged(
    app, caplog, install, name, method
):
    if install:
        install(app, **{name: method})
    else:
        type("ShopAuth", (Auth,), {name: method})(secret=SECRET).install(app)
    (record,) = caplog.records
    assert f"{name}() of ShopAuth is not called" in record.getMessage()


@pytest.mark.parametrize("name", ["session_store", "custom_claims"])
def test_a_value_that_is_not_a_setting_is_named_with_its_place(app, name):
    class ShopAuth(Auth):
        Configuration = type("Configuration", (), {name: ()})

    with pytest.raises(InvalidConfiguration, match="on the auth class"):
        ShopAuth(secret=SECRET).install(app)


# --- settings without an effect ---------------------------------------------


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_a_private_key_with_an_hmac_algorithm_is_refused(app, algorithm):
    settings = {
        "private_key": private_pem(private_key("RS256")),
        "algorithm": algorithm,
    }
    with pytest.raises(InvalidConfiguration, match="private_key has no eff"):
        Auth(secret=SECRET, **settings).install(app)


def test_in_the_legacy_form_an_unused_private_key_is_logged(app, caplog):
    Initialize(
        app,
        authentication_class=LegacyAuth,
        secret=SECRET,
        private_key=private_pem(private_key("RS256")),
    )
    assert "private_key has no effect" in caplog.text


@pytest.mark.parametrize("blank", [None, "", b" "])
def test_a_blank_private_key_counts_as_none(app, blank):
    Auth(secret=SECRET, private_key=blank).install(app)


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({}, "a session_store"),
        (
            {"session_store": MemorySessionStore(), "auth_mode": False},
            "auth_mode",
        ),
    ],
)
def test_session_endpoints_without_sessions_are_refused(app, settings, needed):
    with pytest.raises(InvalidConfiguration, match=needed):
        Auth(
            secret=SECRET, session_endpoints_enabled=True, **settings
        ).install(app)


def test_session_endpoints_without_a_store_are_refused_in_both_forms(app):
    with pytest.raises(InvalidConfiguration, match="session_store"):
        Initialize(
            app,
            authentication_class=LegacyAuth,
            secret=SECRET,
            session_endpoints_enabled=True,
        )
