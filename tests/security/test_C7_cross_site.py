"""C7, C8: a page of another site cannot log in, refresh or log out.

With cookies enabled, the responses of these endpoints set or delete cookies.
So another site needs no cookie of a visitor to do harm: it could log them in
as another user, or out. Browsers say which page has sent a request.
"""

from __future__ import annotations

import json

import pytest

from sanic_jwt_oo import BaseEndpoint, JWTAuth
from sanic_jwt_oo.exceptions import InvalidConfiguration
from sanic_jwt_oo.sessions import MemorySessionStore

from .forging import SECRET
from .shops import Shop, csrf, is_refused, new_app, new_shop

pytestmark = [pytest.mark.requirement("C7"), pytest.mark.requirement("C8")]

OWN = "https://shop.example"  # the host of the requests in this file
FRONT = "https://front.example"
TRUSTED = {"trusted_origins": [FRONT, "capacitor://localhost"]}


def site(*values):
    return [("sec-fetch-site", value) for value in values]


def origin(*values):
    return [("origin", value) for value in values]


ACCEPTED = {
    "neither": [],
    "same-origin": site("same-origin"),
    "by the user": site("none"),
    "white space": site(" same-origin\t"),
    "same-origin, and the origin of a proxy": site("same-origin")
    + origin("https://behind.proxy"),
    "our origin": origin(OWN),
    "our origin over http": origin("http://shop.example"),
    "our origin with its port": origin(f"{OWN}:443"),
    "our origin with the port of http": origin("http://shop.example:80"),
    "our origin in capitals": origin("HTTPS://SHOP.example"),
    "a trusted origin": site("cross-site") + origin(FRONT),
    "a trusted origin of the same site": site("same-site") + origin(FRONT),
    "a trusted origin with its port": origin(f"{FRONT}:443"),
    "a trusted origin of an app": origin("capacitor://localhost"),
}
REFUSED = {
    "same-site": site("same-site"),
    "cross-site": site("cross-site"),
    "in capitals": site("Same-Origin"),
    "a value of the future": site("same-party"),
    "empty": site(""),
    "twice": site("same-origin", "same-origin"),
    "two that differ": site("same-origin", "cross-site"),
    "a list": site("same-origin, none"),
    "cross-site with our origin": site("cross-site") + origin(OWN),
    "same-site with another origin": site("same-site")
    + origin("https://blog.shop.example"),
    "another origin": origin("https://attacker.example"),
    "a neighbour": origin("https://blog.shop.example"),
    "a longer host": origin("https://shop.example.attacker.example"),
    "a host that ends alike": origin("https://myshop.example"),
    "another port": origin(f"{OWN}:8443"),
    "the port of http": origin(f"{OWN}:80"),
    "nobody": origin("null"),
    "no origin": origin(""),
    "a scheme": origin("https://"),
    "the host alone": origin("shop.example"),
    "a path": origin(f"{OWN}/"),
    "no scheme": origin("://shop.example"),
    "an app whose host is called like ours": origin("ionic://shop.example"),
    "our origin twice": origin(OWN, OWN),
    "a trusted origin twice": site("cross-site") + origin(FRONT, FRONT),
    "ours and a trusted one": origin(OWN, FRONT),
    "the scheme of a trusted one": origin("http://front.example"),
    "the port of a trusted one": origin(f"{FRONT}:444"),
    "below a trusted one": origin("https://a.front.example"),
}
PATHS = ["/auth", "/auth/refresh", "/auth/logout", "/auth/logout/all"]


class Asked(JWTAuth):
    """Records the users that the application was asked for."""

    session_store: MemorySessionStore

    def __init__(self, **settings):
        settings.setdefault("session_store", MemorySessionStore())
        super().__init__(secret=SECRET, **{"cookie_set": True, **settings})
        self.asked = []

    def authenticate(self, request):
        self.asked.append("authenticate")
        return {"user_id": request.json["username"]}

    def retrieve_user(self, payload):
        self.asked.append("retrieve_user")
        return {"user_id": payload["user_id"]}

    def login_account(self, request):
        self.asked.append("login_account")
        return None

    def on_login_failed(self, event):
        self.asked.append("on_login_failed")


class Visit:
    """A visitor with a login, and the requests that a page makes them send."""

    def __init__(self, **settings):
        self.shop = Shop(new_app())
        self.auth = Asked(**settings).install(self.shop.app)

    async def log_in(self, name="ada"):
        response = await self.shop.post("/auth", json={"username": name})
        assert response.status == 200, response.text
        self.auth.asked.clear()
        return response.cookies

    async def ids(self, name="ada"):
        return [session.id for session in await self.auth.sessions.list(name)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", [*REFUSED])
async def test_a_cross_site_request_is_refused_before_anything_else(
    path, name
):
    """No body is parsed, no attempt counted, no hook called before."""
    visit = Visit(**TRUSTED)
    cookies = await visit.log_in()
    sessions = await visit.ids()
    for sent in ({}, {"cookies": cookies}):
        for body in (b"", b"{", b'{"username": "mallory"}'):
            response = await visit.shop.post(
                path,
                headers=[*REFUSED[name], *csrf(cookies).items()],
                body=body,
                **sent,
            )
            assert is_refused(response, 403)
            assert response.json["exception"] == "CSRFFailed"
            assert "set-cookie" not in response.headers
    assert visit.auth.asked == []
    assert await visit.ids() == sessions


@pytest.mark.parametrize("name", [*ACCEPTED])
async def test_a_same_site_page_can_log_in_refresh_and_log_out(name):
    visit = Visit(**TRUSTED)
    headers = ACCEPTED[name]
    response = await visit.shop.post(
        "/auth", headers=headers, json={"username": "ada"}
    )
    assert response.status == 200
    cookies = {}
    for path, status in (("/auth/refresh", 200), ("/auth/logout", 204)):
        cookies.update(response.cookies)
        response = await visit.shop.post(
            path, headers=[*headers, *csrf(cookies).items()], cookies=cookies
        )
        assert response.status == status
    assert await visit.ids() == []


async def test_a_same_site_form_works_without_a_script():
    class Forms(Asked):
        def authenticate(self, request):
            return {"user_id": request.form.get("username")}

    shop = Shop(new_app())
    Forms().install(shop.app)
    headers = [*site("same-origin"), *origin(OWN)]
    response = await shop.post(
        "/auth", headers=headers, form={"username": "ada"}
    )
    assert response.status == 200
    assert "__Host-access_token" in response.cookies


async def test_a_port_other_than_the_default_must_match():
    visit = Visit()
    visit.shop.app.config.SERVER_NAME = "shop.example:8000"
    for given, status in (
        ("http://shop.example:8000", 200),
        ("https://shop.example:8000", 200),
        ("http://shop.example", 403),
        ("http://shop.example:80000", 403),
    ):
        response = await visit.shop.post(
            "/auth", headers=origin(given), json={"username": "ada"}
        )
        assert response.status == status, given


@pytest.mark.requirement("C8")
async def test_a_page_without_tls_is_cross_site():
    """Browsers that send `Sec-Fetch-Site` say so themselves."""
    visit = Visit()
    visit.shop.app.config.SERVER_NAME = "https://shop.example"
    for given, status in (
        ("https://shop.example", 200),
        ("http://shop.example", 403),
    ):
        response = await visit.shop.post(
            "/auth", headers=origin(given), json={"username": "ada"}
        )
        assert response.status == status, given


@pytest.mark.parametrize("path", PATHS[1:])
async def test_a_refresh_token_in_the_body_does_not_bypass_the_check(path):
    """With `cookie_strict=False`, a page with a refresh token of its own once
    replaced or deleted the cookies of its visitors."""
    visit = Visit(cookie_strict=False, tokens_in_body=True)
    cookies = await visit.log_in()
    stranger = await visit.shop.post("/auth", json={"username": "mallory"})
    body = json.dumps({"refresh_token": stranger.json["refresh_token"]})
    access = {k: v for k, v in cookies.items() if k != "refresh_token"}
    bad = {**access, "__Host-access_token": "x"}
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        headers = [("content-type", kind)]
        for sent, statuses in (
            # no header reveals the site, but the browser adds cookies
            ({"cookies": access}, (403,)),
            ({"cookies": bad}, (401,)),
            # no cookie is sent, but the response would set some
            ({"headers": [*headers, *site("cross-site")]}, (403,)),
            ({"headers": [*headers, *origin("null")]}, (403,)),
        ):
            response = await visit.shop.post(
                path, **{"headers": headers, **sent}, body=body
            )
            assert response.status in statuses
            for line in response.headers.get_list("set-cookie"):
                assert "Max-Age=0" in line  # of a 401 at a logout
    assert len(await visit.ids("mallory")) == 1
    assert len(await visit.ids()) == 1


async def test_the_csrf_value_is_required_too():
    visit = Visit(**TRUSTED)
    cookies = await visit.log_in()
    for headers in (ACCEPTED["same-origin"], ACCEPTED["a trusted origin"]):
        for path in PATHS[1:]:
            response = await visit.shop.post(
                path, headers=headers, cookies=cookies
            )
            assert is_refused(response, 403)


@pytest.mark.parametrize("same_site", ["None", "none"])
async def test_with_same_site_none_a_request_without_an_origin_is_refused(
    same_site,
):
    visit = Visit(cookie_samesite=same_site)
    cookies = await visit.log_in()  # a client without cookies is not a browser
    for path in PATHS:
        response = await visit.shop.post(
            path, cookies=cookies, json={"username": "mallory"}
        )
        assert is_refused(response, 403)
    assert visit.auth.asked == []
    response = await visit.shop.post(
        "/auth/logout", cookies=cookies, headers=csrf(cookies)
    )
    assert response.status == 204


@pytest.mark.parametrize("name", ["same-origin", "a trusted origin"])
async def test_with_same_site_none_a_same_site_page_can_log_in(name):
    """The visitor may have cookies before the page has a CSRF value."""
    visit = Visit(cookie_samesite="None", **TRUSTED)
    response = await visit.shop.post(
        "/auth",
        headers=ACCEPTED[name],
        cookies=await visit.log_in("eve"),
        json={"username": "ada"},
    )
    assert response.status == 200


async def test_preflights_are_answered():
    visit = Visit()
    for path in PATHS:
        for headers in REFUSED.values():
            response = await visit.shop("OPTIONS", path, headers=headers)
            assert response.status == 204


async def test_endpoints_that_set_no_cookies_accept_other_origins():
    visit = Visit()
    cookies = await visit.log_in()
    for path in ("/auth/me", "/auth/verify"):
        response = await visit.shop.get(
            path, cookies=cookies, headers=site("cross-site")
        )
        assert response.status == 200


@pytest.mark.parametrize(
    "settings", [{"cookie_set": False}, {"csrf_protect": False}], ids=str
)
async def test_without_cookies_or_csrf_protection_nothing_is_refused(settings):
    visit = Visit(**settings)
    for headers in REFUSED.values():
        response = await visit.shop.post(
            "/auth", headers=headers, json={"username": "ada"}
        )
        assert response.status == 200


@pytest.mark.parametrize("on", [False, True])
async def test_the_legacy_form_checks_where_csrf_is_on(on):
    shop = new_shop("legacy", cookie_set=True, csrf_protect=on)
    response = await shop.post(
        "/auth",
        headers=site("cross-site"),
        json={"username": "ada", "password": "lovelace"},
    )
    assert response.status == (403 if on else 200)


async def test_a_custom_view_can_enable_the_check():
    class Magic(BaseEndpoint):
        async def post(self, request):
            return await self.admit(request, {"user_id": "ada"})

    class Guarded(Magic):
        checks_origin = True

    views = [("/magic", Magic), ("/guarded", Guarded)]
    visit = Visit(class_views=views)
    for path, status in (("/auth/magic", 200), ("/auth/guarded", 403)):
        response = await visit.shop.post(path, headers=site("cross-site"))
        assert response.status == status
    response = await visit.shop.post(
        "/auth/guarded", headers=site("same-origin")
    )
    assert response.status == 200


async def test_debug_names_the_setting_to_change():
    said = {}
    for debug in (False, True):
        visit = Visit(debug=debug)
        response = await visit.shop.post("/auth", headers=site("same-site"))
        assert is_refused(response, 403)
        said[debug] = response.json["reasons"][0]
    assert said[False] == "The request comes from another site."
    assert "trusted_origins" in said[True]


@pytest.mark.parametrize(
    "wrong",
    [
        "null",
        "*",
        "",
        "shop.example",
        "//shop.example",
        "https://*.shop.example",
        "https://shop.example/",
        "https://shop.example/app",
        "https://shop.example:",
        "https://shop.example:port",
        "https://ada@shop.example",
        "https://shop.example?x",
        " https://shop.example",
        "https://shop.example\n",
        "https://sh\u00f6p.example",
        "https://",
        "https://a, https://b",
    ],
)
def test_an_invalid_origin_is_refused_at_install(wrong):
    with pytest.raises(InvalidConfiguration, match="trusted_origins"):
        Visit(trusted_origins=[OWN, wrong])


@pytest.mark.parametrize("wrong", ["https://shop.example", None, [1], {}])
def test_origins_must_be_a_list(wrong):
    with pytest.raises(InvalidConfiguration, match="trusted_origins"):
        Visit(trusted_origins=wrong)


@pytest.mark.parametrize(
    "right",
    ["http://localhost:3000", "https://[::1]:8443", "app://a_b-c.example"],
)
async def test_an_origin_may_have_a_port_or_another_scheme(right):
    visit = Visit(trusted_origins=(right,))
    response = await visit.shop.post(
        "/auth",
        headers=[*site("cross-site"), *origin(right)],
        json={"username": "ada"},
    )
    assert response.status == 200
