"""Names, values and attributes of the token cookies."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from sanic import Blueprint

from tests.conftest import SECRET, Auth, RefreshAuth


def cookies_of(response):
    """Return the attributes of each cookie by name, in lower case."""
    cookies = {}
    for line in response.headers.get_list("set-cookie"):
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        cookies[name] = (value, {a.lower() for a in attributes})
    return cookies


@pytest.mark.requirement("C2")
async def test_the_access_cookie_has_secure_attributes(app, client):
    Auth(secret=SECRET, cookie_set=True).install(app)
    cookies = cookies_of(await client.post("/auth"))
    _, attributes = cookies["__Host-access_token"]
    assert attributes == {"path=/", "secure", "httponly", "samesite=lax"}


@pytest.mark.requirement("C1")
async def test_tokens_are_in_cookies_or_in_the_body(make_app):
    from tests.conftest import Client

    for settings, in_body in (
        ({"cookie_set": True}, False),
        ({"cookie_set": True, "tokens_in_body": True}, True),
        ({}, True),
    ):
        app = make_app()
        RefreshAuth(secret=SECRET, **settings).install(app)
        response = await Client(app).post("/auth")
        assert ("access_token" in response.json) is in_body
        assert ("refresh_token" in response.json) is in_body
        assert bool(cookies_of(response)) is bool(settings)


@pytest.mark.requirement("C2")
@pytest.mark.parametrize(
    "settings",
    [
        {"cookie_domain": "example.com"},
        {"cookie_path": "/shop"},
        {"cookie_secure": False},
        {"cookie_host_prefix": False},
    ],
)
async def test_the_prefix_is_left_out_where_it_is_not_allowed(
    app, client, settings
):
    Auth(secret=SECRET, cookie_set=True, **settings).install(app)
    cookies = cookies_of(await client.post("/auth"))
    assert [*cookies] == ["access_token", "csrf_token"]


async def test_the_attributes_are_settings(app, client):
    moment = datetime(2040, 1, 1, tzinfo=timezone.utc)
    Auth(
        secret=SECRET,
        cookie_set=True,
        cookie_access_token_name="t",
        cookie_domain="example.com",
        cookie_expires=moment,
        cookie_httponly=False,
        cookie_max_age=60,
        cookie_samesite="strict",
    ).install(app)
    _, attributes = cookies_of(await client.post("/auth"))["t"]
    assert attributes == {
        "domain=example.com",
        "expires=sun, 01-jan-2040 00:00:00 gmt",
        "max-age=60",
        "path=/",
        "samesite=strict",
        "secure",
    }


async def test_a_split_token_uses_two_cookies(app, client):
    Auth(secret=SECRET, cookie_set=True, cookie_split=True).install(app)
    cookies = cookies_of(await client.post("/auth"))
    front, readable = cookies["__Host-access_token"]
    back, locked = cookies["__Host-access_token_signature"]
    assert front.count(".") == 1
    assert "." not in back
    assert "httponly" not in readable
    assert "httponly" in locked


@pytest.mark.requirement("C4")
@pytest.mark.parametrize("version", [None, 2])
async def test_the_refresh_cookie_is_sent_to_the_endpoints_only(
    app, client, version
):
    bp = Blueprint("tenants", url_prefix="/<tenant>", version=version)
    RefreshAuth(secret=SECRET, cookie_set=True).install(bp)
    app.blueprint(bp)
    base = f"/v{version}/north" if version else "/north"
    response = await client.post(f"{base}/auth")
    _, attributes = cookies_of(response)["refresh_token"]
    assert attributes == {
        f"path={base}/auth",
        "secure",
        "httponly",
        "samesite=strict",
    }


async def test_the_path_of_the_refresh_cookie_is_a_setting(app, client):
    auth = RefreshAuth(
        secret=SECRET, cookie_set=True, cookie_refresh_path="/auth/refresh"
    )
    auth.install(app)
    _, attributes = cookies_of(await client.post("/auth"))["refresh_token"]
    assert "path=/auth/refresh" in attributes


@pytest.mark.requirement("C6")
async def test_a_token_too_large_for_a_cookie_is_refused(app, client, caplog):
    class Large(Auth):
        def extend_payload(self, payload):
            return {**payload, "much": "x" * 4000}

    Large(secret=SECRET, cookie_set=True).install(app)
    response = await client.post("/auth")
    assert response.status == 431
    assert response.json["exception"] == "CookieTooLarge"
    assert "set-cookie" not in response.headers
    assert "__Host-access_token" in caplog.text
