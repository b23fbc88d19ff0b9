"""`Secure` cookies that a browser will drop are logged as a warning."""

from __future__ import annotations

import pytest

from sanic_jwt_oo.locations import plain_http
from tests.conftest import SECRET, Auth


@pytest.fixture(autouse=True)
def nothing_warned(monkeypatch):
    monkeypatch.setattr(plain_http, "_warned", set())


@pytest.fixture
def install(app):
    def install(**settings):
        return Auth(secret=SECRET, cookie_set=True, **settings).install(app)

    return install


async def log_in(client, host, headers=None):
    response = await client.post(
        "/auth", headers={"Host": host, **(headers or {})}
    )
    assert response.status == 200


def warnings(caplog):
    return [r.getMessage() for r in caplog.records if "Secure" in r.msg]


@pytest.mark.parametrize(
    "host", ["shop.example", "192.168.1.5:8000", "localhost.example", "[::2]"]
)
async def test_secure_cookies_over_plain_http_are_logged(
    client, install, caplog, host
):
    """The login got a 200, and every later request a 401."""
    install()
    await log_in(client, host)

    (message,) = warnings(caplog)
    assert repr(host) in message
    assert "localhost or 127.0.0.1" in message


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LOCALHOST",
        "shop.localhost",
        "127.0.0.1:8000",
        "127.0.0.2",
        "[::1]:8000",
    ],
)
async def test_localhost_is_not_logged(client, install, caplog, host):
    install()
    await log_in(client, host)
    assert not warnings(caplog)


async def test_a_host_is_logged_once(client, install, caplog):
    install()
    for host in ("a.example", "b.example", "a.example"):
        await log_in(client, host)
    assert len(warnings(caplog)) == 2


async def test_made_up_hosts_do_not_fill_the_log(client, install, caplog):
    install()
    for number in range(40):
        await log_in(client, f"{number}.example")
    assert len(warnings(caplog)) == 16


async def test_cookies_without_secure_are_not_logged(client, install, caplog):
    install(cookie_secure=False)
    await log_in(client, "shop.example")
    assert not warnings(caplog)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Forwarded-Proto", "https"),
        ("X-Scheme", "https"),
        ("Forwarded", "for=1.2.3.4;proto=https"),
    ],
)
async def test_https_at_a_proxy_is_not_logged(
    client, install, caplog, header, value
):
    install()
    await log_in(client, "shop.example", {header: value})
    assert not warnings(caplog)
    await log_in(client, "shop.example", {header: "http"})
    assert len(warnings(caplog)) == 1


async def test_an_application_with_a_server_name_is_not_logged(
    app, client, install, caplog
):
    app.config.SERVER_NAME = "https://shop.example"
    install()
    await log_in(client, "shop.example")
    assert not warnings(caplog)


async def test_without_cookies_nothing_is_logged(app, client, caplog):
    Auth(secret=SECRET).install(app)
    await log_in(client, "shop.example")
    assert not warnings(caplog)
