"""`delete_cookies`, checked by a cookie jar that is as strict as a browser.

A jar deletes a cookie only if name, path and domain are those it was set with.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from httpx import ASGITransport, AsyncClient
from sanic import Blueprint, Sanic
from sanic.response import empty

from sanic_jwt_oo import Authentication, BaseEndpoint, Initialize
from tests.conftest import SECRET, RefreshAuth
from tests.security.wire import start


class LogOut(BaseEndpoint):
    async def post(self, request, **kwargs):
        response = empty()
        self.auth.delete_cookies(response, request)
        return response


@asynccontextmanager
async def browser(app: Sanic, scheme: str) -> AsyncIterator[AsyncClient]:
    await start(app)
    async with AsyncClient(
        transport=ASGITransport(app), base_url=f"{scheme}://www.shop.example"
    ) as client:
        yield client


async def log_in_and_out(app, prefix="/auth", scheme="https"):
    """Return how many cookies a login sets, and which a logout leaves."""
    async with browser(app, scheme) as client:
        assert (await client.post(prefix, json={})).status_code == 200
        before = len(client.cookies.jar)
        response = await client.post(f"{prefix}/log-out")
        assert response.status_code == 204
        return before, [cookie.name for cookie in client.cookies.jar]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cookie_host_prefix": False},
        {"cookie_domain": "shop.example"},
        {"cookie_path": "/auth"},
        {"cookie_max_age": 3600},
        {"cookie_refresh_path": "/"},
        {"cookie_httponly": False},
        {"cookie_samesite": None, "cookie_refresh_samesite": None},
        {"cookie_access_token_name": "a", "cookie_refresh_token_name": "b"},
        {"csrf_cookie_name": "c"},
    ],
    ids=str,
)
@pytest.mark.parametrize("split", [False, True])
async def test_a_logout_deletes_every_cookie(app, settings, split):
    RefreshAuth(
        secret=SECRET,
        cookie_set=True,
        cookie_split=split,
        class_views=[("/log-out", LogOut)],
        **settings,
    ).install(app)
    assert await log_in_and_out(app) == (3 + split, [])


def attributes(response):
    """Return the attributes of each cookie that identify or protect it."""
    found = {}
    for line in response.headers.get_list("set-cookie"):
        pair, *attributes = line.split("; ")
        found[pair.partition("=")[0]] = {
            a for a in attributes if not a.startswith(("Max-Age", "expires"))
        }
    return found


@pytest.mark.requirement("C9")
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"cookie_samesite": "None", "cookie_refresh_samesite": "none"},
        {"cookie_samesite": "None"},
        {"cookie_samesite": "strict", "cookie_refresh_samesite": "Lax"},
        {"cookie_samesite": None, "cookie_refresh_samesite": None},
        {"cookie_secure": False},
        {"cookie_domain": "shop.example", "cookie_path": "/auth"},
        {"cookie_refresh_path": "/elsewhere", "cookie_httponly": False},
        {"cookie_max_age": 3600},
    ],
    ids=str,
)
@pytest.mark.parametrize("split", [False, True])
async def test_a_cookie_is_deleted_with_the_attributes_it_was_set_with(
    app, client, settings, split
):
    """A browser ignores a cross-site deletion without `SameSite=None`, and one
    of a secure cookie without `Secure`."""
    auth = RefreshAuth(
        secret=SECRET,
        cookie_set=True,
        cookie_split=split,
        class_views=[("/log-out", LogOut)],
        **settings,
    ).install(app)

    @app.post("/bye")
    async def bye(request):
        response = empty()
        auth.delete_cookies(response, request)
        return response

    given = attributes(await client.post("/auth"))
    assert len(given) == 3 + split
    for path in ("/auth/log-out", "/bye"):
        deleted = await client.post(path)
        assert attributes(deleted) == given
        for line in deleted.headers.get_list("set-cookie"):
            assert "Max-Age=0" in line.split("; ")


async def test_cookies_are_deleted_over_plain_http(app):
    RefreshAuth(
        secret=SECRET,
        cookie_set=True,
        cookie_secure=False,
        class_views=[("/log-out", LogOut)],
    ).install(app)
    assert await log_in_and_out(app, scheme="http") == (3, [])


async def test_a_refresh_cookie_with_a_path_parameter_is_deleted(app):
    bp = Blueprint("tenants", url_prefix="/<tenant>", version=2)
    RefreshAuth(
        secret=SECRET, cookie_set=True, class_views=[("/log-out", LogOut)]
    ).install(bp)
    app.blueprint(bp)
    assert await log_in_and_out(app, "/v2/north/auth") == (3, [])


@pytest.mark.parametrize("csrf", [False, True])
async def test_the_legacy_form_deletes_cookies(app, csrf):
    class Legacy(RefreshAuth, Authentication):
        def __init__(self, app=None, config=None, **settings):
            self.stored = {}
            Authentication.__init__(self, app, config, **settings)

    Initialize(
        app,
        authentication_class=Legacy,
        secret=SECRET,
        cookie_set=True,
        csrf_protect=csrf,
        refresh_token_enabled=True,
        class_views=[("/log-out", LogOut)],
    )
    found = await log_in_and_out(app, scheme="http")
    assert found == (2 + csrf, [])


async def test_only_configured_cookies_are_deleted(app, client):
    auth = RefreshAuth(secret=SECRET, cookie_set=True, csrf_protect=False)
    auth.install(app)

    @app.post("/log-out")
    @auth.protected()
    async def log_out(request):
        response = empty()
        auth.delete_cookies(response, request)
        return response

    token = await auth.generate_access_token(auth.joe)
    cookies = {"__Host-access_token": token}
    deleted = await client.post("/log-out", cookies=cookies)
    gone = deleted.headers.get_list("set-cookie")
    assert [line.partition("=")[0] for line in gone] == [
        "__Host-access_token",
        "refresh_token",
    ]


async def test_a_logout_without_csrf_check_deletes_the_csrf_cookie_too(
    app, client
):
    auth = RefreshAuth(secret=SECRET, cookie_set=True).install(app)

    @app.post("/log-out")
    @auth.protected(csrf_protect=False)
    async def log_out(request):
        response = empty()
        auth.delete_cookies(response, request)
        return response

    token = await auth.generate_access_token(auth.joe)
    cookies = {"__Host-access_token": token}
    deleted = await client.post("/log-out", cookies=cookies)
    assert "__Host-csrf_token=" in deleted.headers["set-cookie"]


async def test_a_prefixed_cookie_is_deleted_with_the_required_attributes(
    app, client
):
    RefreshAuth(
        secret=SECRET,
        cookie_set=True,
        cookie_split=True,
        class_views=[("/log-out", LogOut)],
    ).install(app)
    response = await client.post("/auth/log-out")
    for line in response.headers.get_list("set-cookie"):
        assert {"Secure", "Max-Age=0"} <= set(line.split("; "))
        assert "Domain" not in line


async def test_without_cookies_nothing_is_deleted(app, client):
    RefreshAuth(secret=SECRET, class_views=[("/log-out", LogOut)]).install(app)
    response = await client.post("/auth/log-out")
    assert response.status == 204
    assert "set-cookie" not in response.headers
