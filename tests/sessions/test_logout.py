"""R13: a logout works with whatever credential a client still has."""

from __future__ import annotations

import json

import jwt
import pytest
from sanic import Blueprint, Sanic
from sanic.response import text

from sanic_jwt_oo import Authentication, Claim, Initialize
from sanic_jwt_oo.exceptions import Unauthorized
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.examples.serving import served

from .conformance import NOW
from .shop import SECRET, Device, HeardShop, app_of, open_shop

pytestmark = pytest.mark.requirement("R13")

PATHS = ["/auth/logout", "/auth/logout/all"]
LATER = 3600  # by then, an access token has expired and a session has not


@pytest.fixture
def auth():
    return HeardShop()


def events(auth):
    return [event.name for event in auth.events]


async def ids(auth, name="ada"):
    return [session.id for session in await auth.sessions.list(name)]


# --- an access token --------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
async def test_an_expired_access_token_ends_its_session(auth, device, path):
    auth.clock.time += LATER
    assert await device.get("/default") == 401
    response = await device.post(path)
    assert response.status_code == 204
    assert await ids(auth) == []
    assert events(auth)[-1] == "logout"
    assert (await device.renew()).status_code == 401


class Shelf(Claim):
    key = "shelf"

    def setup(self, payload, user):
        return "north"

    def verify(self, value):
        return value == "north"


STRICT = {
    "claim_iss": "https://shop.example",
    "claim_aud": "shop",
    "custom_claims": [Shelf],
    "extra_verifications": [lambda payload: payload.get("banned") is None],
    "required_claims": ["exp", "iat"],
}
RIGHT = {"iss": "https://shop.example", "aud": "shop", "shelf": "north"}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://else.example"},
        {"iss": None},
        {"aud": "else"},
        {"aud": None},
        {"shelf": "south"},
        {"shelf": None},
        {"banned": True},
        {"nbf": "later"},
        {"iat": "later"},
        {"iat": None},
        {"exp": None},
        {"exp": "1"},
        {"secret": SECRET[::-1]},
    ],
    ids=str,
)
async def test_an_expired_access_token_must_be_valid_otherwise(path, change):
    auth = HeardShop(**STRICT)
    async with open_shop(auth) as client:
        device = Device(client)
        await device.log_in()
        claims = {
            **RIGHT,
            "iat": int(NOW),
            "exp": int(NOW) + 60,
            "user_id": "ada",
            "sid": device.claims["sid"],
            "jti": "x",
        }
        auth.clock.time += LATER
        for changes, status in ((change, 401), ({}, 204)):
            made = {**claims, **changes}
            secret = made.pop("secret", SECRET)
            late = int(NOW) + 10 * LATER
            made = {
                name: late if value == "later" else value
                for name, value in made.items()
                if value is not None
            }
            device.access = jwt.encode(made, secret)
            assert (await device.post(path)).status_code == status
            assert (await ids(auth) == []) is (status == 204)


@pytest.mark.parametrize("path", PATHS)
async def test_an_expired_token_of_a_session_that_has_ended_is_refused(
    auth, device, path
):
    auth.clock.time += LATER
    await auth.sessions.revoke_all("ada")
    assert (await device.post(path)).status_code == 401


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("check", ["never", "feed", "store"])
async def test_an_expired_token_of_an_ended_session_ends_no_other(path, check):
    """A stolen access token must not stay useful for ever."""
    auth = HeardShop(revocation_check=check)
    async with open_shop(auth) as client:
        found, other = Device(client), Device(client)
        await found.log_in()
        await auth.sessions.revoke_all("ada")
        await other.log_in()
        auth.clock.time += LATER
        assert (await found.post(path)).status_code == 401
        assert await ids(auth) == [other.claims["sid"]]


# --- a refresh token --------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "kind", [None, "application/json", "text/plain", "multipart/form-data"]
)
async def test_a_refresh_token_alone_ends_its_session(
    auth, client, device, path, kind
):
    auth.clock.time += LATER
    response = await client.post(
        path,
        content=json.dumps({"refresh_token": device.refresh}),
        headers={"Content-Type": kind} if kind else {},
    )
    assert response.status_code == 204
    assert await ids(auth) == []


@pytest.mark.parametrize("path", PATHS)
async def test_a_refresh_token_in_its_grace_window_ends_its_session(
    auth, client, device, path
):
    used = device.refresh
    await device.renew()
    auth.clock.time += 9
    response = await client.post(path, json={"refresh_token": used})
    assert response.status_code == 204
    assert await ids(auth) == []
    assert "refresh_reused" not in events(auth)
    assert (await device.renew()).status_code == 401


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("with_access", [False, True])
@pytest.mark.parametrize(("grace", "wait"), [(10, 10), (10, 11), (0, 0)])
async def test_a_used_refresh_token_is_reuse(path, with_access, grace, wait):
    """As at a refresh: someone else has a copy."""
    auth = HeardShop(refresh_token_grace=grace)
    async with open_shop(auth) as client:
        device, other = Device(client), Device(client)
        await device.log_in()
        await other.log_in()
        used = device.refresh
        await device.renew()
        auth.clock.time += wait
        response = await client.post(
            path,
            json={"refresh_token": used},
            headers=device.headers if with_access else {},
        )
        assert response.status_code == 401
        assert response.json()["exception"] == "AuthenticationFailed"
        assert await ids(auth) == [other.claims["sid"]]
        (event,) = [e for e in auth.events if e.name == "refresh_reused"]
        assert event.session.id == device.claims["sid"]
        assert "logout" not in events(auth)
        assert (await device.renew()).status_code == 401
        assert await device.get("/feed") == 401


@pytest.mark.parametrize("path", PATHS)
async def test_a_refresh_token_two_steps_back_is_always_reuse(
    auth, client, device, path
):
    used = device.refresh
    await device.renew()
    await device.renew()
    response = await client.post(path, json={"refresh_token": used})
    assert response.status_code == 401
    assert events(auth)[-1] == "refresh_reused"
    assert await ids(auth) == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bad", ["x", "y" * 99, None])
async def test_with_an_invalid_refresh_token_the_access_token_logs_out(
    auth, device, path, bad
):
    if bad is None:  # of a session that has ended
        ended = Device(device.client)
        await ended.log_in()
        await auth.sessions.revoke(ended.claims["sid"])
        bad = ended.refresh
    response = await device.post(path, json={"refresh_token": bad})
    assert response.status_code == 204
    assert await ids(auth) == []


@pytest.mark.requirement("R7")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["ada", "bob"])
async def test_tokens_of_two_sessions_end_neither_session(
    auth, device, path, name
):
    other = Device(device.client)
    await other.log_in(name)
    before = sorted([*await ids(auth), *await ids(auth, "bob")])
    for wait in (0, LATER):
        auth.clock.time += wait
        response = await device.post(
            path, json={"refresh_token": other.refresh}
        )
        assert response.status_code == 401
    assert sorted([*await ids(auth), *await ids(auth, "bob")]) == before
    assert "refresh_reused" not in events(auth)


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_token_the_reason_says_what_to_send(client, path):
    for body in ({}, {"json": {}}, {"data": {"a": "b"}}):
        response = await client.post(path, **body)
        assert response.status_code == 401
        (reason,) = response.json()["reasons"]
        assert "send the access token, or `refresh_token`" in reason
        assert response.json()["exception"] == "Unauthorized"
        assert "WWW-Authenticate" in response.headers


# --- cookies, in a client that obeys their paths ----------------------------


def csrf(browser):
    return {"X-CSRF-Token": browser.cookies["__Host-csrf_token"]}


SAME = {"Sec-Fetch-Site": "same-origin"}


async def log_in(browser, prefix="/auth"):
    response = await browser.post(prefix, json={"username": "ada"})
    assert response.status_code == 200
    assert len(browser.cookies.jar) == 3


@pytest.fixture
async def browser():
    auth = HeardShop(cookie_set=True, session_endpoints_enabled=True)
    async with open_shop(auth) as client:
        client.auth_of_shop = auth
        await log_in(client)
        yield client


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("later", [0, LATER])
async def test_a_browser_with_expired_tokens_can_log_out(browser, path, later):
    """It once got a 401, and the session continued."""
    auth = browser.auth_of_shop
    auth.clock.time += later
    response = await browser.post(path, headers=csrf(browser))
    assert response.status_code == 204
    assert await ids(auth) == []
    assert not browser.cookies


@pytest.mark.requirement("C4")
async def test_the_refresh_cookie_is_sent_only_to_the_endpoints():
    auth = HeardShop(cookie_set=True, session_endpoints_enabled=True)
    app = app_of(auth)
    seen = {}

    @app.on_request
    async def note(request):
        seen[request.path] = "refresh_token" in request.cookies

    async with served(app) as browser:
        await log_in(browser)
        for path in ("/authors", "/default", "/", "/auth/sessions"):
            await browser.get(path)
        for path in ("/auth/refresh", "/auth/logout"):
            await browser.post(path, headers=csrf(browser))
    assert [path for path, sent in seen.items() if sent] == [
        "/auth/sessions",
        "/auth/refresh",
        "/auth/logout",
    ]


@pytest.mark.parametrize("version", [None, 2])
async def test_a_logout_works_on_a_blueprint_with_parameters(version):
    auth = HeardShop(cookie_set=True)
    bp = Blueprint("tenants", url_prefix="/<tenant:str>", version=version)
    auth.install(bp)
    app = Sanic("log-out-of-a-tenant")
    app.blueprint(bp)
    prefix = f"/v{version}/north/auth" if version else "/north/auth"
    async with served(app) as browser:
        await log_in(browser, prefix)
        auth.clock.time += LATER
        response = await browser.post(
            f"{prefix}/logout", headers=csrf(browser)
        )
        assert response.status_code == 204
        assert await ids(auth) == []
        assert not browser.cookies


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": "planted"}, SAME])
@pytest.mark.parametrize("later", [0, LATER])
async def test_without_the_csrf_value_no_session_ends(
    browser, path, headers, later
):
    auth = browser.auth_of_shop
    auth.clock.time += later
    before = dict(browser.cookies)
    response = await browser.post(path, headers=headers)
    assert response.status_code == 403
    assert len(await ids(auth)) == 1
    assert dict(browser.cookies) == before


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("access", [None, "x", "of another key"])
async def test_a_refresh_cookie_alone_logs_out_from_a_same_origin_page(
    browser, path, access
):
    """Without the access token there is no value, so the origin counts."""
    auth = browser.auth_of_shop
    for name in ("__Host-access_token", "__Host-csrf_token"):
        browser.cookies.delete(name)
    if access:
        if access != "x":
            access = jwt.encode({"user_id": "ada"}, SECRET[::-1])
        browser.cookies.set(
            "__Host-access_token", access, domain="localhost.local"
        )
    for headers, status in (
        ({}, 401),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://attacker.example"}, 403),
        ({"Origin": "null"}, 403),
    ):
        jar = [*browser.cookies.jar]
        response = await browser.post(path, headers=headers)
        assert response.status_code == status
        assert len(await ids(auth)) == 1
        for cookie in jar:  # a 401 has deleted them
            browser.cookies.jar.set_cookie(cookie)
    response = await browser.post(path, headers=SAME)
    assert response.status_code == 204
    assert await ids(auth) == []
    assert "refresh_token" not in browser.cookies


async def test_a_refresh_cookie_alone_does_not_refresh(browser):
    browser.cookies.delete("__Host-access_token")
    response = await browser.post("/auth/refresh", headers=SAME)
    assert response.status_code == 401
    assert len(await ids(browser.auth_of_shop)) == 1


# --- a refusal --------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers", [{}, SAME, {"Origin": "https://localhost"}], ids=str
)
async def test_a_refused_logout_deletes_the_cookies(browser, path, headers):
    auth = browser.auth_of_shop
    await auth.sessions.revoke_all("ada")
    headers = {**csrf(browser), **headers, "Host": "localhost"}
    response = await browser.post(path, headers=headers)
    assert response.status_code == 401
    assert response.json()["exception"] == "Unauthorized"
    assert "WWW-Authenticate" in response.headers
    assert len(response.headers.get_list("set-cookie")) == 3
    assert not browser.cookies


async def test_a_logout_with_a_reused_token_deletes_the_cookies(browser):
    auth = browser.auth_of_shop
    old = [c for c in browser.cookies.jar if c.name == "refresh_token"]
    await browser.post("/auth/refresh", headers=csrf(browser))
    auth.clock.time += 20
    browser.cookies.jar.set_cookie(old[0])
    response = await browser.post("/auth/logout", headers=csrf(browser))
    assert response.status_code == 401
    assert events(auth)[-1] == "refresh_reused"
    assert not browser.cookies


async def test_a_custom_response_deletes_the_cookies():
    auth = HeardShop(cookie_set=True)
    app = app_of(auth)

    @app.exception(Unauthorized)
    async def refuse(request, exception):
        return text("no", status=exception.status_code)

    async with served(app) as browser:
        await log_in(browser)
        await auth.sessions.revoke_all("ada")
        response = await browser.post("/auth/logout", headers=csrf(browser))
        assert (response.status_code, response.text) == (401, "no")
        assert not browser.cookies


@pytest.mark.requirement("C7")
async def test_another_site_deletes_no_cookies_where_the_check_is_off():
    auth = HeardShop(cookie_set=True, csrf_protect=False)
    async with open_shop(auth) as browser:
        await browser.post("/auth", json={"username": "ada"})
        await auth.sessions.revoke_all("ada")
        before = dict(browser.cookies)
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Origin": "https://attacker.example"},
        ):
            response = await browser.post("/auth/logout", headers=headers)
            assert response.status_code == 401
            assert dict(browser.cookies) == before
        assert (await browser.post("/auth/logout")).status_code == 401
        assert not browser.cookies


async def test_without_cookies_a_refused_logout_deletes_none(client):
    response = await client.post("/auth/logout")
    assert response.status_code == 401
    assert "set-cookie" not in response.headers


async def test_deleting_the_current_session_is_a_logout(browser):
    auth = browser.auth_of_shop
    (first,) = await ids(auth)
    await log_in(browser)
    path = f"/auth/sessions/{first}"
    response = await browser.delete(path, headers=csrf(browser))
    assert response.status_code == 204
    assert len(browser.cookies) == 3  # it was another session
    (second,) = await ids(auth)
    path = f"/auth/sessions/{second}"
    response = await browser.delete(path, headers=csrf(browser))
    assert response.status_code == 204
    assert not browser.cookies


@pytest.mark.parametrize("csrf_protect", [False, True])
async def test_the_legacy_form_logs_out_with_cookies(csrf_protect):
    app = Sanic("log-out-legacy")
    auth = Initialize(
        app,
        authenticate=lambda request: {"user_id": "ada"},
        retrieve_user=lambda request, payload: {"user_id": "ada"},
        secret=SECRET,
        cookie_set=True,
        cookie_secure=True,
        csrf_protect=csrf_protect,
        authentication_class=_with_sessions(),
    ).auth
    async with served(app) as browser:
        await browser.post("/auth", json={})
        assert "refresh_token" in browser.cookies
        headers = {}
        if csrf_protect:
            headers["X-CSRF-Token"] = browser.cookies["csrf_token"]
        auth.time += LATER
        response = await browser.post("/auth/logout", headers=headers)
        assert response.status_code == 204
        assert not browser.cookies
        assert await auth.sessions.list("ada") == []


def _with_sessions():
    class Kept(Authentication):
        session_store = MemorySessionStore()
        time = NOW

        def now(self):
            return self.time

        class Configuration:
            refresh_token_enabled = True

    return Kept
