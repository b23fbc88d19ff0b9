"""C4: the refresh cookie is sent only to the endpoints, ``SameSite=Strict``.

Its path is the common prefix of their paths, so that a logout gets it too.
"""

import pytest
from sanic import Blueprint

from sanic_jwt_oo import JWTAuth

from .forging import SECRET
from .shops import Shop, csrf, new_app, open_shop
from .test_C2_cookie_attributes import attributes

pytestmark = pytest.mark.requirement("C4")


class Auth(JWTAuth):
    class Configuration:
        cookie_set = True
        refresh_token_enabled = True

    def authenticate(self):
        return {"user_id": 1}

    def retrieve_user(self):
        return {"user_id": 1}

    def store_refresh_token(self, refresh_token):
        self.stored = refresh_token

    def retrieve_refresh_token(self):
        return self.stored


async def refresh_cookie(shop, path="/auth"):
    response = await shop.post(path, json={})
    assert response.status == 200, response.text
    return response, attributes(response.set_cookies["refresh_token"])


async def test_its_path_covers_only_the_endpoints():
    settings = {"cookie_set": True, "refresh_token_enabled": True}
    response = await open_shop(**settings).log_in()
    found = attributes(response.set_cookies["refresh_token"])
    assert found["path"] == "/auth"
    assert found["samesite"] == "Strict"
    assert "httponly" in found
    assert "secure" in found


async def test_its_path_follows_the_settings():
    shop = Shop(new_app())
    Auth(
        secret=SECRET, url_prefix="/session", path_to_refresh="/renew"
    ).install(shop.app)
    _, found = await refresh_cookie(shop, "/session")
    assert found["path"] == "/session"


@pytest.mark.parametrize(
    ("prefix", "refresh", "path"),
    [
        ("/session", "/token/renew", "/session"),
        ("/a/b", "/refresh", "/a/b"),
        ("/refresh", "/refresh", "/refresh"),
        ("", "/refresh", "/"),
        ("", "/token/refresh", "/"),
        ("/session", "/", "/session"),
        ("/session", "/renew/", "/session"),
    ],
)
async def test_its_path_is_the_common_prefix_of_the_endpoints(
    prefix, refresh, path
):
    shop = Shop(new_app())
    Auth(
        secret=SECRET,
        url_prefix=prefix,
        path_to_refresh=refresh,
        path_to_authenticate="/in",
    ).install(shop.app)
    _, found = await refresh_cookie(shop, f"{prefix}/in")
    assert found["path"] == path


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"url_prefix": "/shop"}, "/shop"),
        ({"url_prefix": "/shop", "version": 2}, "/v2/shop"),
        ({"url_prefix": "/<tenant>"}, "/acme"),
        ({"url_prefix": "/<tenant:str>"}, "/acme"),
        ({"url_prefix": "/t/<tenant:strorempty>/x"}, "/t/acme/x"),
        ({"url_prefix": "/n/<number:int>"}, "/n/7"),
        ({"url_prefix": r"/r/<name:[a-z]+>"}, "/r/acme"),
    ],
    ids=str,
)
async def test_its_path_includes_the_prefix_of_a_blueprint(options, place):
    shop = Shop(new_app())
    bp = Blueprint(f"bp-{shop.app.name}", **options)
    Auth(secret=SECRET).install(bp)
    shop.app.blueprint(bp)
    response, found = await refresh_cookie(shop, f"{place}/auth")
    assert found["path"] == f"{place}/auth"
    refreshed = await shop.post(
        f"{place}/auth/refresh",
        cookies=response.cookies,
        headers=csrf(response.cookies),
    )
    assert refreshed.status == 200


@pytest.mark.parametrize(
    "tenant",
    [
        "a;b",
        "a;Domain=attacker.example;b",
        "a%3b%20Domain=attacker.example",
        "a%0d%0aSet-Cookie:%20x=y",
        "%e2%82%ac",
        "a%22b",
        "a,b",
        "%00",
    ],
)
async def test_a_path_from_the_request_adds_no_attribute(tenant):
    shop = Shop(new_app())
    bp = Blueprint(f"bp-{shop.app.name}", url_prefix="/<tenant:str>")
    Auth(secret=SECRET).install(bp)
    shop.app.blueprint(bp)
    response, found = await refresh_cookie(shop, f"/{tenant}/auth")
    assert set(response.cookies) == {
        "__Host-access_token",
        "__Host-csrf_token",
        "refresh_token",
    }
    assert found.keys() == {"path", "samesite", "secure", "httponly"}


async def test_a_refresh_does_not_widen_it():
    shop = Shop(new_app())
    Auth(secret=SECRET).install(shop.app)
    login, _ = await refresh_cookie(shop)
    response = await shop.post(
        "/auth/refresh", cookies=login.cookies, headers=csrf(login.cookies)
    )
    assert response.status == 200
    assert "refresh_token" not in response.set_cookies
