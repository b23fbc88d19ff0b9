"""Set-ups that sanic-jwt accepted, and what became of them."""

from __future__ import annotations

from typing import Any

import pytest
from sanic import Sanic

from sanic_jwt_oo import Initialize, JWTAuth
from sanic_jwt_oo.exceptions import (
    AuthenticateNotImplemented,
    InvalidConfiguration,
)

from ..conftest import SECRET, Client

USER = {"user_id": 1}
TOKENS: dict[int, str] = {}
REFRESH = {
    "store_refresh_token": lambda user_id, refresh_token, **_: (
        TOKENS.__setitem__(user_id, refresh_token)
    ),
    "retrieve_refresh_token": lambda user_id, **_: TOKENS.get(user_id),
}


def initialize(app: Sanic, **settings: Any) -> Initialize:
    return Initialize(
        app,
        **{
            "authenticate": lambda request: USER,
            "secret": SECRET,
            **settings,
        },
    )


# --- refresh tokens without `retrieve_user` ---------------------------------


@pytest.mark.requirement("R9")
async def test_without_retrieve_user_every_refresh_is_refused(
    app: Sanic, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    initialize(app, **REFRESH)
    assert "There is no retrieve_user()" in caplog.text
    login = await client.post("/auth", json={})
    sent = {"refresh_token": login.json["refresh_token"]}
    token = login.json["access_token"]
    for body, bearer, status in (
        (sent, token, 404),
        ({"refresh_token": "guessed"}, token, 404),
        (sent, None, 401),
        (sent, token[:-9] + "forgeries", 401),
        (None, token, 404),
    ):
        response = await client.post("/auth/refresh", bearer, json=body)
        assert response.status == status
        assert "access_token" not in response.json


# --- what cannot be called --------------------------------------------------


@pytest.mark.parametrize("given", [None, "authenticate", 3, USER])
def test_authenticate_must_be_callable(app: Sanic, given: Any) -> None:
    with pytest.raises(AuthenticateNotImplemented):
        initialize(app, authenticate=given)


@pytest.mark.parametrize("given", [None, "authenticate", 3])
def test_authenticate_of_a_class_must_be_callable(
    app: Sanic, given: Any
) -> None:
    kind: Any = type("Auth", (JWTAuth,), {"authenticate": given})
    with pytest.raises(AuthenticateNotImplemented):
        kind(secret=SECRET).install(app)


# --- `None` -----------------------------------------------------------------


async def test_cookies_have_no_attribute_that_is_none(
    app: Sanic, client: Client
) -> None:
    initialize(
        app,
        cookie_set=True,
        cookie_domain=None,
        cookie_max_age=None,
        cookie_expires=None,
        cookie_secure=None,
        cookie_split=None,
        cookie_samesite=None,
    )
    response = await client.post("/auth", json={})
    (cookie,) = response.headers.get_list("set-cookie")
    _, *attributes = cookie.split("; ")
    assert sorted(attributes) == ["HttpOnly", "Path=/"]


async def test_none_unsets_what_app_config_or_a_class_has_set(
    app: Sanic, client: Client
) -> None:
    app.config.SANIC_JWT_COOKIE_DOMAIN = "shop.example"

    class Configuration(Initialize.configuration_class):  # type: ignore[misc]
        cookie_max_age = 60

        def set_cookie_secure(self) -> Any:
            return None

    initialize(
        app,
        configuration_class=Configuration,
        cookie_set=True,
        cookie_domain=None,
        cookie_max_age=None,
    )
    (cookie,) = (await client.post("/auth", json={})).headers.get_list(
        "set-cookie"
    )
    for attribute in ("Domain", "Max-Age", "Secure"):
        assert attribute not in cookie


async def test_none_may_be_given_to_a_block_as_well(app: Sanic) -> None:
    auth = initialize(app, cookie_domain="shop.example").auth
    with auth.override(cookie_domain=None):
        assert auth.settings().cookie_domain == ""
    auth.configure(cookie_domain=None)
    assert auth.settings().cookie_domain == ""


@pytest.mark.parametrize(
    "name", ["verify_exp", "do_protection", "cookie_httponly", "leeway"]
)
def test_none_turns_off_nothing_that_protects(app: Sanic, name: str) -> None:
    with pytest.raises(InvalidConfiguration, match=name):
        initialize(app, **{name: None})


def test_the_class_form_accepts_none_where_the_type_does(app: Sanic) -> None:
    with pytest.raises(InvalidConfiguration, match="cookie_domain"):
        JWTAuth(secret=SECRET, cookie_domain=None).install(app)  # type: ignore[arg-type]


# --- attributes of `Initialize` ---------------------------------------------


def test_a_second_installation_has_a_blueprint_of_its_own(app: Sanic) -> None:
    first = initialize(app)
    second = initialize(app, url_prefix="/second")
    assert first.bp is not second.bp
    assert {first.bp, second.bp} == {*app.blueprints.values()}
    assert second._get_url_prefix() == "/second"


@pytest.mark.requirement("I6")
def test_the_arguments_that_are_kept_have_no_secret(app: Sanic) -> None:
    installed = initialize(
        app, public_key=SECRET, secret=SECRET, session_secret=SECRET, leeway=3
    )
    assert installed.kwargs == {"leeway": 3}
    assert SECRET not in repr(vars(installed))
