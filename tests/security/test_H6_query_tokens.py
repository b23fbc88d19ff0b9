"""H6: query tokens are off by default, not stored, and masked in the log."""

import logging
from urllib.parse import quote

import pytest
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
async def test_no_answer_to_a_query_token_is_stored(front, path, bearer):
    shop = open_shop(front, query_string_set=True)
    answer = await shop.get(f"{path}?access_token={bearer}")
    assert answer.headers["cache-control"] == "no-store"


async def test_no_answer_to_a_refresh_token_in_the_query_is_stored(front):
    settings = {"query_string_set": True, "refresh_token_enabled": True}
    shop = open_shop(front, **settings)
    shop.stored[1] = "the refresh token"
    path = f"/auth/refresh?access_token={GOOD}&refresh_token="
    answer = await shop.post(path + quote(shop.stored[1]))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"


async def test_one_route_with_query_tokens_is_not_stored_either(front):
    shop = new_shop(front)

    @shop.app.get("/download")
    @protected(shop.auth, query_string_set=True)
    async def download(request):
        return text(CONTENT)

    for bearer in (GOOD, FORGED):
        answer = await shop.get(f"/download?access_token={bearer}")
        assert answer.headers["cache-control"] == "no-store"


def everything(records):
    """Whatever a handler could write about these records."""
    shown = []
    for record in records:
        shown += [record.getMessage(), str(vars(record))]
    return "\n".join(shown)


@pytest.fixture
def logged(caplog):
    """What was logged, by any logger, at any level."""
    caplog.set_level(logging.DEBUG)
    for name in ("sanic.access", "sanic.error", "sanic.root"):
        caplog.set_level(logging.DEBUG, logger=name)
    return lambda: everything(caplog.records)


PUBLIC_FIRST = ["/open", "/nowhere", "/auth", "/protected", "/fails"]


@pytest.mark.parametrize("path", PUBLIC_FIRST)
async def test_the_log_never_shows_a_query_token(front, logged, path):
    # each application is new: its first request is masked already
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


async def test_the_argument_is_read(front):
    shop = open_shop(front, query_string_set=True)
    assert is_content(await shop.get(f"/protected?access_token={GOOD}"))
    old = token(exp=NOW - 10**6)
    assert is_refused(await shop.get(f"/protected?access_token={old}"))


async def test_the_log_shows_no_token_of_one_route_with_query_tokens(
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
