"""C3 with sessions, which a refresh token identifies."""

import pytest

from .shop import Shop, open_shop

pytestmark = pytest.mark.requirement("C3")


@pytest.fixture(params=["/auth/refresh", "/"])
def auth(request):
    """A shop whose logout does, or does not, receive the refresh cookie."""
    return Shop(
        cookie_set=True,
        cookie_refresh_path=request.param,
        session_endpoints_enabled=True,
    )


@pytest.fixture
async def browser(auth):
    async with open_shop(auth) as client:
        await client.post("/auth", json={"username": "ada"})
        yield client


def csrf(browser):
    return {"X-CSRF-Token": browser.cookies["__Host-csrf_token"]}


async def ids(auth):
    return [session.id for session in await auth.sessions.list("ada")]


@pytest.mark.parametrize("headers", [{}, {"X-CSRF-Token": "planted"}])
@pytest.mark.parametrize("later", [0, 100_000])
async def test_a_forged_refresh_uses_no_token_up(
    auth, browser, headers, later
):
    auth.clock.time += later  # before and after the access token expires
    before = dict(browser.cookies)
    forged = await browser.post("/auth/refresh", headers=headers)
    assert forged.status_code == 403
    assert forged.json()["exception"] == "CSRFFailed"
    assert dict(browser.cookies) == before

    own = await browser.post("/auth/refresh", headers=csrf(browser))
    assert own.status_code == 200
    assert dict(browser.cookies).keys() == before.keys()
    assert not set(browser.cookies.values()) & set(before.values())
    assert (await browser.post("/default")).status_code == 403
    changed = await browser.post("/default", headers=csrf(browser))
    assert changed.status_code == 200


async def test_a_refresh_cookie_alone_is_refused(auth, browser):
    headers = csrf(browser)
    browser.cookies.delete("__Host-access_token")
    response = await browser.post("/auth/refresh", headers=headers)
    assert response.status_code == 401
    assert "set-cookie" not in response.headers


async def test_the_value_of_another_session_is_refused(auth, browser):
    mine = dict(browser.cookies)
    await browser.post("/auth", json={"username": "ada"})
    other = csrf(browser)
    for name in ("__Host-access_token", "__Host-csrf_token"):
        browser.cookies.delete(name)
        browser.cookies.set(name, mine[name], domain="localhost.local")
    refused = await browser.post("/auth/refresh", headers=other)
    assert refused.status_code == 403
    refused = await browser.post("/auth/refresh", headers=csrf(browser))
    assert refused.status_code == 401  # the tokens belong to two sessions


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout/all"])
async def test_a_forged_logout_ends_no_session(auth, browser, path):
    sessions, before = await ids(auth), dict(browser.cookies)
    for headers in ({}, {"X-CSRF-Token": "planted"}):
        forged = await browser.post(path, headers=headers)
        assert forged.status_code == 403
    assert (await ids(auth), dict(browser.cookies)) == (sessions, before)

    own = await browser.post(path, headers=csrf(browser))
    assert own.status_code == 204
    assert await ids(auth) == []
    assert not browser.cookies


async def test_a_forged_delete_ends_no_session(auth, browser):
    (session,) = await ids(auth)
    path = f"/auth/sessions/{session}"
    assert (await browser.get("/auth/sessions")).status_code == 200
    assert (await browser.delete(path)).status_code == 403
    own = await browser.delete(path, headers=csrf(browser))
    assert own.status_code == 204


@pytest.mark.parametrize("check", ["never", "feed", "store"])
async def test_the_check_is_the_same_for_every_revocation_check(
    browser, check
):
    path = f"/{check}"
    assert (await browser.get(path)).status_code == 200
    assert (await browser.post(path)).status_code == 403
    response = await browser.post(path, headers=csrf(browser))
    assert response.status_code == 200
