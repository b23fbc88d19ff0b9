"""H6: query tokens are off by default, not stored, and masked in the log."""

import asyncio
import logging
import socket
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from sanic.response import text

from sanic_jwt_oo import protected

from .forging import NOW, OTHER_SECRET, token
from .server import served
from .shops import CONTENT, is_content, is_refused, new_shop, open_shop

pytestmark = pytest.mark.requirement("H6")

GOOD = token()
FORGED = token(secret=OTHER_SECRET)
PATHS = ["/protected", "/scoped", "/user", "/public", "/auth/me"]
PATHS += ["/auth/verify"]


async def test_query_tokens_are_off_by_default(front):
    shop = open_shop(front)
    assert shop.auth.settings().query_string_set is False
    assert is_refused(await shop.get(f"/protected?access_token={GOOD}"))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bearer", [GOOD, FORGED], ids=["good", "forged"])
async def test_a_response_to_a_query_token_is_not_stored(front, path, bearer):
    shop = open_shop(front, query_string_set=True)
    response = await shop.get(f"{path}?access_token={bearer}")
    assert response.headers["cache-control"] == "no-store"


async def test_a_response_to_a_refresh_token_in_the_query_is_not_stored(front):
    settings = {"query_string_set": True, "refresh_token_enabled": True}
    shop = open_shop(front, **settings)
    shop.stored[1] = "the refresh token"
    path = f"/auth/refresh?access_token={GOOD}&refresh_token="
    response = await shop.post(path + quote(shop.stored[1]))
    assert response.status == 200
    assert response.headers["cache-control"] == "no-store"


async def test_a_response_of_one_route_with_query_tokens_is_not_stored(front):
    shop = new_shop(front)

    @shop.app.get("/download")
    @protected(shop.auth, query_string_set=True)
    async def download(request):
        return text(CONTENT)

    for bearer in (GOOD, FORGED):
        response = await shop.get(f"/download?access_token={bearer}")
        assert response.headers["cache-control"] == "no-store"


def everything(records):
    """Everything that a log handler could write about these records."""
    shown = []
    for record in records:
        shown += [record.getMessage(), str(vars(record))]
        shown.append(logging.Formatter().format(record))
    return "\n".join(shown)


@pytest.fixture
def logged(caplog):
    """All records of all loggers at all levels."""
    caplog.set_level(logging.DEBUG)
    for name in ("sanic.access", "sanic.error", "sanic.root"):
        caplog.set_level(logging.DEBUG, logger=name)
    return lambda: everything(caplog.records)


PUBLIC_FIRST = ["/open", "/nowhere", "/auth", "/protected", "/fails"]


@pytest.mark.parametrize("path", PUBLIC_FIRST)
async def test_the_log_never_shows_a_query_token(front, logged, path):
    # each application is new, so this is its first request
    name = f"t{front}{path[1:]}"
    shop = new_shop(
        front, query_string_set=True, query_string_access_token_name=name
    )

    @shop.app.get("/open")
    async def open_(request):
        return text("open")

    @shop.app.get("/fails")
    async def fails(request):
        raise ValueError("a fault of the application")

    async with served(shop.app, access_log=True) as server:
        connection = await server.connect()
        await connection.request("GET", f"{path}?a=b&{name}={GOOD}&c=d")
    assert f"{name}=" in logged()
    assert GOOD not in logged()
    assert GOOD.rpartition(".")[2] not in logged()


async def test_the_log_never_shows_a_refresh_token(front, logged):
    shop = new_shop(
        front,
        query_string_set=True,
        refresh_token_enabled=True,
        query_string_refresh_token_name=f"r{front}",
    )
    async with served(shop.app, access_log=True) as server:
        connection = await server.connect()
        await connection.request("POST", f"/auth/refresh?r{front}=opaque-one")
    assert f"r{front}=" in logged()
    assert "opaque-one" not in logged()


@pytest.mark.parametrize(
    "spelling", ["access%5Ftoken", "%61ccess_token", "access_toke%6e"]
)
async def test_an_encoded_name_is_masked_too(front, logged, spelling):
    shop = new_shop(front, query_string_set=True)
    async with served(shop.app, access_log=True) as server:
        connection = await server.connect()
        await connection.request("GET", f"/protected?{spelling}={GOOD}")
    assert GOOD.rpartition(".")[2] not in logged()


async def test_a_name_that_has_to_be_encoded_is_masked(front, logged):
    name = "token[access]"
    shop = new_shop(
        front, query_string_set=True, query_string_access_token_name=name
    )
    async with served(shop.app, access_log=True) as server:
        connection = await server.connect()
        await connection.request("GET", f"/protected?{quote(name)}={GOOD}")
    assert GOOD.rpartition(".")[2] not in logged()


@pytest.mark.parametrize(
    "value",
    ["{}'", '{}"', "'{}'", '"{}"', "a'{}", 'a"{}', "{}?b=c", "a?{}", "a={}"],
)
@pytest.mark.parametrize("kind", ["opaque", "token"])
async def test_text_around_a_token_does_not_end_the_mask(
    front, logged, value, kind
):
    """A quote may occur in a URL, and once ended the mask."""
    secret = "opaque-one" if kind == "opaque" else GOOD
    shop = new_shop(front, query_string_set=True)
    async with served(shop.app, access_log=True) as server:
        connection = await server.connect()
        for path in ("/protected", "/nowhere"):
            await connection.request(
                "GET", f"{path}?a=b&access_token={value.format(secret)}&c=d"
            )
    assert "access_token=" in logged()
    assert "&c=d" in logged()
    assert secret not in logged()
    assert secret[-8:] not in logged()


async def test_the_log_of_uvicorn_never_shows_a_query_token(caplog):
    caplog.set_level(logging.INFO)
    shop = new_shop(query_string_set=True)
    shop.app.config.TOUCHUP = False
    sock = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(shop.app, log_config=None))
    task = asyncio.create_task(server.serve([sock]))
    address = f"http://127.0.0.1:{sock.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=address) as client:
        while not (server.started or task.done()):
            await asyncio.sleep(0)
        for bearer in (GOOD, FORGED):
            await client.get(f"/protected?h6=b&access_token={bearer}")
    server.should_exit = True
    await task
    shown = everything(
        r for r in caplog.records if r.name.startswith("uvicorn")
    )
    assert "GET /protected?h6=b&access_token=***" in shown
    assert GOOD.rpartition(".")[2] not in shown
    assert FORGED.rpartition(".")[2] not in shown


async def test_the_rest_of_a_url_is_logged_unchanged(front, logged):
    shop = new_shop(front, query_string_set=True)
    # token arguments of all applications in this process
    # are masked
    query = "h6=it's&h7=1.2.3&h8=x?y=z&h9=&=e&f"
    async with served(shop.app, access_log=True) as server:
        connection = await server.connect()
        await connection.request("GET", f"/nowhere?{query}&access_token=t&g")
    assert f"{query}&access_token=***&g" in logged()


HANDSHAKE = (
    "GET /feed HTTP/1.1\r\nHost: shop.example\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.mark.requirement("I6")
@pytest.mark.parametrize("name", ["Cookie", "Authorization", "X-Token"])
async def test_a_header_that_websockets_rejects_is_not_logged(
    front, logged, name
):
    """The error quotes the whole value, and Sanic logs its traceback."""
    shop = new_shop(front, cookie_set=True)

    @shop.app.websocket("/feed")
    @protected(shop.auth)
    async def feed(request, ws):
        await ws.send(CONTENT)

    async with served(shop.app, access_log=True) as server:
        connection = await server.connect()
        value = f"__Host-access_token={GOOD}; name=\u20ac"
        await connection.send(f"{HANDSHAKE}{name}: {value}\r\n\r\n".encode())
    assert "/feed" in logged()
    assert GOOD not in logged()
    assert GOOD.rpartition(".")[2] not in logged()


async def test_a_token_in_the_query_string_is_read(front):
    shop = open_shop(front, query_string_set=True)
    assert is_content(await shop.get(f"/protected?access_token={GOOD}"))
    old = token(exp=NOW - 10**6)
    assert is_refused(await shop.get(f"/protected?access_token={old}"))


async def test_the_log_masks_the_token_of_one_route_with_query_tokens(
    front, logged
):
    shop = new_shop(front)

    @shop.app.get("/download")
    @protected(
        shop.auth,
        query_string_set=True,
        query_string_access_token_name="ticket",
    )
    async def download(request):
        return text(CONTENT)

    async with served(shop.app, access_log=True) as server:
        connection = await server.connect()
        for bearer in (GOOD, FORGED):
            await connection.request("GET", f"/download?ticket={bearer}")
    assert "ticket=" in logged()
    assert GOOD.rpartition(".")[2] not in logged()
    assert FORGED.rpartition(".")[2] not in logged()
