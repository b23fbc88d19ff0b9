"""H7: no method reaches a protected handler unauthenticated."""

from functools import cache, wraps
from itertools import product

import pytest
from sanic.response import text
from sanic.views import HTTPMethodView

from sanic_jwt_oo import BaseEndpoint, inject_user, protected, scoped
from sanic_jwt_oo.exceptions import MissingAuthorizationHeader

from .forging import NOW, OTHER_SECRET, token
from .shops import CONTENT, is_content, is_refused, new_shop, open_shop

pytestmark = pytest.mark.requirement("H7")

KNOWN = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
STRANGE = ["TRACE", "CONNECT", "PROPFIND", "QUERY", "get", "G", "*"]
BAD = [None, "x", token(secret=OTHER_SECRET), token(exp=NOW - 10**6)]
PREFLIGHT = {
    "Origin": "https://attacker.example",
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "authorization",
}
ENDPOINTS = ["/auth", "/auth/me", "/auth/verify", "/auth/refresh"]


def guards(auth):
    return {
        "protected": [protected(auth)],
        "scoped": [scoped("orders:read", initialized_on=auth)],
        "injected": [inject_user(auth), protected(auth)],
    }


def guarded(decorators, reached):
    async def handler(request, user=None):
        reached.append(request.method)
        return text(CONTENT)

    for decorator in decorators:
        handler = decorator(handler)
    return handler


@cache
def guarded_shop(front):
    """A shop with a route for every guard, and the calls of its handlers."""
    shop, reached = new_shop(front), []
    for name, decorators in guards(shop.auth).items():
        handler = guarded(decorators, reached)
        path = f"/by-{name}"
        shop.app.add_route(handler, path, methods=KNOWN, name=path[1:])
    view = Wares.as_view()
    shop.app.add_route(
        protected(shop.auth)(view), "/around", KNOWN, name="around"
    )
    kind = type("Own", (Wares,), {"decorators": [protected(shop.auth)]})
    shop.app.add_route(kind.as_view(), "/inside", name="inside")
    return shop, reached


@pytest.mark.parametrize("method", [*KNOWN, *STRANGE])
async def test_every_method_of_a_decorated_handler_needs_a_token(
    front, method
):
    shop, reached = guarded_shop(front)
    reached.clear()
    for guard, bearer in product(guards(None), BAD):
        response = await shop(method, f"/by-{guard}", bearer)
        if method == "OPTIONS" and bearer is None:  # a preflight
            assert (response.status, response.body) == (204, b""), guard
        else:
            assert response.status == (401 if method in KNOWN else 405), guard
        assert CONTENT not in response.text
    assert reached == []


@pytest.mark.parametrize("method", KNOWN)
@pytest.mark.parametrize("guard", [*guards(None)])
async def test_every_method_is_accepted_with_a_token(front, method, guard):
    shop, reached = guarded_shop(front)
    reached.clear()
    good = token(scopes=["orders:read"])
    assert (await shop(method, f"/by-{guard}", good)).status == 200
    assert reached == [method]


class Wares(HTTPMethodView):
    async def get(self, request):
        return text(CONTENT)

    async def post(self, request):
        return text(CONTENT)


@pytest.mark.parametrize("path", ["/around", "/inside"])
@pytest.mark.parametrize("method", [*KNOWN, *STRANGE])
async def test_every_method_of_a_decorated_view_needs_a_token(
    front, method, path
):
    shop, _ = guarded_shop(front)
    response = await shop(method, path)
    assert CONTENT not in response.text
    assert response.status in (204, 401, 405)


@pytest.mark.parametrize(
    "name",
    ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"],
)
async def test_a_header_does_not_change_the_method(front, name):
    shop = open_shop(front)
    response = await shop.get("/protected", headers={name: "OPTIONS"})
    assert is_refused(response)


async def test_preflight_headers_do_not_bypass_the_check(front):
    shop, reached = new_shop(front), []
    handler = guarded([protected(shop.auth)], reached)
    shop.app.add_route(handler, "/route", methods=KNOWN, name="route")
    assert is_refused(await shop.get("/route", headers=PREFLIGHT))
    forged = token(secret=OTHER_SECRET)
    response = await shop("OPTIONS", "/route", forged, headers=PREFLIGHT)
    assert is_refused(response)
    assert reached == []


@pytest.mark.parametrize("redirects", [False, True])
@pytest.mark.parametrize("guard", [*guards(None)])
async def test_options_without_credentials_shows_the_methods_alone(
    front, guard, redirects
):
    shop, reached = new_shop(front), []
    pages = {"redirect_on_fail": True, "redirect_url": "/login"}
    decorators = {
        "protected": [protected(shop.auth, **pages)],
        "scoped": [scoped("a", initialized_on=shop.auth, **pages)],
        "injected": [inject_user(shop.auth), protected(shop.auth, **pages)],
    }
    handler = guarded(
        (decorators if redirects else guards(shop.auth))[guard], reached
    )
    shop.app.add_route(handler, "/route", ["GET", "OPTIONS"], name="first")
    shop.app.add_route(handler, "/route", ["DELETE"], name="second")
    shop.app.add_route(handler, "/routes", ["PUT"], name="third")
    response = await shop("OPTIONS", "/route", headers=PREFLIGHT)
    assert (response.status, response.body) == (204, b"")
    assert response.headers["allow"] == "DELETE, GET, OPTIONS"
    assert "www-authenticate" not in response.headers
    assert "location" not in response.headers
    assert (reached, shop.asked) == ([], [])


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({}, {"headers": {"authorization": "Basic YTpi"}}),
        ({}, {"headers": {"authorization": "Bearer"}}),
        ({}, {"headers": [("authorization", "Bearer a.b.c")] * 2}),
        ({"cookie_set": True}, {"cookies": {"access_token": "a.b.c"}}),
    ],
)
async def test_options_with_any_credential_is_guarded(front, settings, sent):
    shop, reached = new_shop(front, **settings), []
    settings.update(cookie_secure=False, csrf_protect=False)
    handler = guarded([protected(shop.auth, **settings)], reached)
    shop.app.add_route(handler, "/route", methods=KNOWN, name="route")
    response = await shop("OPTIONS", "/route", **sent)
    assert response.status in (400, 401)
    assert reached == []


async def test_options_is_guarded_where_read_token_finds_a_token(front):
    """A place that only the application knows is a place too."""
    shop, reached = new_shop(front), []

    def read_token(request):
        try:
            return request.headers["x-token"]
        except KeyError:
            raise MissingAuthorizationHeader() from None

    shop.auth.read_token = read_token
    handler = guarded([protected(shop.auth)], reached)
    shop.app.add_route(handler, "/route", methods=KNOWN, name="route")
    assert (await shop("OPTIONS", "/route")).status == 204
    forged = {"x-token": token(secret=OTHER_SECRET)}
    assert is_refused(await shop("OPTIONS", "/route", headers=forged))
    held = {"x-token": token()}
    assert is_content(await shop("OPTIONS", "/route", headers=held))
    assert reached == ["OPTIONS"]


async def test_options_is_guarded_where_a_check_of_the_application_refuses(
    front,
):
    def check_request(request, payload):
        raise MissingAuthorizationHeader()

    shop, reached = new_shop(front), []
    shop.auth.check_request = check_request
    handler = guarded([protected(shop.auth)], reached)
    shop.app.add_route(handler, "/route", methods=KNOWN, name="route")
    assert is_refused(await shop("OPTIONS", "/route", token()))
    assert reached == []


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_preflight_of_an_endpoint_is_empty(front, path):
    shop = open_shop(front, refresh_token_enabled=True)
    response = await shop("OPTIONS", path)
    assert response.status == 204
    assert response.body == b""
    assert shop.asked == []


@pytest.mark.parametrize("method", [*KNOWN, *STRANGE])
async def test_no_method_of_me_returns_a_user_without_a_token(front, method):
    shop = open_shop(front)
    response = await shop(method, "/auth/me")
    assert response.status in (204, 401, 405)
    assert b"ada" not in response.body
    assert shop.asked == []


async def test_head_of_an_endpoint_has_the_status_of_get(front):
    shop = open_shop(front)
    for bearer, status in ((token(), 200), (None, 401)):
        for path in ("/auth/me", "/auth/verify"):
            response = await shop("HEAD", path, bearer)
            assert response.status == status


class OwnOptions(BaseEndpoint):
    """A custom endpoint that defines its own preflight."""

    async def get(self, request):
        return text(CONTENT)

    async def options(self, request):
        return text(CONTENT)


class Wrapped(OwnOptions):
    """A custom endpoint whose preflight has a decorator."""

    @wraps(BaseEndpoint.options)
    async def options(self, request):
        return text(CONTENT)


class Dispatching(BaseEndpoint):
    """A custom endpoint that responds to every method."""

    async def get(self, request):
        return text(CONTENT)

    async def dispatch_request(self, request, *args, **kwargs):
        return text(CONTENT)


@pytest.mark.parametrize("view", [OwnOptions, Wrapped, Dispatching])
@pytest.mark.parametrize("method", KNOWN)
async def test_every_method_of_a_class_view_needs_a_token(front, view, method):
    kind = type("Guarded", (view,), {"decorators": [protected()]})
    shop = new_shop(front, class_views=[("/wares", kind)])
    response = await shop(method, "/auth/wares")
    assert CONTENT not in response.text
    assert response.status in (204, 401, 405)


class Silent(BaseEndpoint):
    """A custom endpoint that inherits its preflight."""

    async def get(self, request):
        return text(CONTENT)


@pytest.mark.parametrize("guard", ["protected", "scoped"])
async def test_the_preflight_of_a_guarded_class_view_succeeds(front, guard):
    make = {"protected": protected, "scoped": lambda: scoped("orders:read")}
    kind = type("Guarded", (Silent,), {"decorators": [make[guard]()]})
    shop = new_shop(front, class_views=[("/wares", kind)])
    hostile = {"Origin": "https://page.example"}
    for bearer in (None, "x.y.z", token(scopes=["orders:read"])):
        response = await shop(
            "OPTIONS", "/auth/wares", bearer, headers=hostile
        )
        assert (response.status, response.body) == (204, b"")
    assert is_refused(await shop.get("/auth/wares"))
    held = token(scopes=["orders:read"])
    assert is_content(await shop.get("/auth/wares", held))
    assert shop.asked == []


async def test_a_custom_options_handler_needs_a_token(front):
    kind = type("Guarded", (OwnOptions,), {"decorators": [protected()]})
    shop = new_shop(front, class_views=[("/wares", kind)])
    response = await shop("OPTIONS", "/auth/wares")
    assert (response.status, response.body) == (204, b"")
    assert is_refused(await shop("OPTIONS", "/auth/wares", "x.y.z"))
    assert is_content(await shop("OPTIONS", "/auth/wares", token()))
