"""Set-up that has no effect where it stands is found at install."""

from __future__ import annotations

from typing import Any

import pytest

from sanic_jwt_oo import Authentication, Initialize
from sanic_jwt_oo.exceptions import InvalidConfiguration
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.conftest import SECRET, Auth
from tests.keys.conftest import private_key, private_pem


class LegacyAuth(Authentication):
    def authenticate(self, request: Any) -> dict[str, Any]:
        return Auth.joe


def installed_legacy(app, **members):
    kind = type("ShopAuth", (LegacyAuth,), members)
    return Initialize(app, authentication_class=kind, secret=SECRET).auth


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
    """`secret = ...` gave a random secret."""
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


def test_in_the_legacy_form_it_is_logged(app, caplog):
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
def test_methods_and_other_names_are_the_application_s(
    make_app, caplog, members
):
    type("ShopAuth", (Auth,), members)(secret=SECRET).install(make_app())
    installed_legacy(make_app(), **members)
    assert not caplog.records


def test_a_class_may_keep_what_it_passes_on(app):
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
def test_what_is_no_setting_is_shown_its_place(app, name):
    class ShopAuth(Auth):
        Configuration = type("Configuration", (), {name: ()})

    with pytest.raises(InvalidConfiguration, match="on the auth class"):
        ShopAuth(secret=SECRET).install(app)


# --- settings without an effect ---------------------------------------------


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_a_private_key_without_an_algorithm_for_it_is_refused(app, algorithm):
    settings = {
        "private_key": private_pem(private_key("RS256")),
        "algorithm": algorithm,
    }
    with pytest.raises(InvalidConfiguration, match="private_key has no eff"):
        Auth(secret=SECRET, **settings).install(app)


def test_in_the_legacy_form_a_private_key_is_logged(app, caplog):
    Initialize(
        app,
        authentication_class=LegacyAuth,
        secret=SECRET,
        private_key=private_pem(private_key("RS256")),
    )
    assert "private_key has no effect" in caplog.text


@pytest.mark.parametrize("blank", [None, "", b" "])
def test_a_blank_private_key_is_none(app, blank):
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
