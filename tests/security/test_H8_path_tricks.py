"""H8: no spelling of a path bypasses the check."""

import pytest
from sanic import Blueprint
from sanic.response import text

from sanic_jwt_oo import protected

from .forging import token
from .server import served
from .shops import CONTENT, is_content, new_shop, open_shop

pytestmark = pytest.mark.requirement("H8")

TRICKS = [
    "{0}",
    "{0}/",
    "{0}//",
    "/{0}",
    "//{0}",
    "/.{0}",
    "/x/..{0}",
    "/auth/..{0}",
    "/open/..{0}",
    "/open/..;{0}",
    "/open/%2e%2e{0}",
    "/open%2f..{0}",
    "{0}/.",
    "{0}/..",
    "{0}/%2e",
    "{0};",
    "{0};x=y",
    "{0}%00",
    "{0}%20",
    "{0}%09",
    "{0}%0a",
    "{0}%2f",
    "{0}?",
    "{0}?access_token=",
    "{0}#",
    "{0}%23",
    "{0}%3f",
    "{0}.json",
    "{0}~",
    "{0}\\",
    "{0}%5c",
    "http://shop.example{0}",
    "http://attacker.example{0}",
    "//attacker.example{0}",
    "*",
    "",
    "?",
    "%",
    "%zz",
    "/%",
    "/%c0%af{0}",
    "/%ff{0}",
]
SECRET_PATHS = ["/protected", "/scoped", "/user", "/auth/me", "/deep/er/7"]


def is_a_path(spelling):
    """Whether an ASGI server passes the path on to an application."""
    return spelling.startswith("/")


def upper(path):
    return path.upper()


def encoded(path):
    return "/" + "".join(f"%{ord(letter):02x}" for letter in path[1:])


@pytest.fixture
def shop(front):
    shop = new_shop(front)
    bp = Blueprint(f"deep-{shop.app.name}", url_prefix="/deep")

    @bp.get("/er/<number:int>")
    @protected(shop.auth)
    async def deep(request, number):
        return text(CONTENT)

    @shop.app.get("/open/<rest:path>")
    async def open_(request, rest):
        return text("open")

    shop.app.blueprint(bp)
    return shop


@pytest.mark.parametrize("path", SECRET_PATHS)
async def test_no_spelling_of_a_path_bypasses_the_check(shop, path):
    spelt = [trick.format(path) for trick in TRICKS]
    spelt += [upper(path), encoded(path), encoded(path) + "/"]
    for spelling in filter(is_a_path, spelt):
        response = await shop.get(spelling)
        assert response.status < 500, spelling
        assert CONTENT not in response.text, spelling
        assert '"me"' not in response.text, spelling
        assert response.status != 200 or response.text == "open", spelling


async def test_no_spelling_on_a_real_connection_bypasses_the_check(shop):
    async with served(shop.app) as server:
        for trick in TRICKS:
            spelling = trick.format("/protected")
            connection = await server.connect()
            target = spelling.encode()
            status, _, body = await connection.send(
                b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            assert status < 500, spelling
            assert CONTENT.encode() not in body, spelling


async def test_the_plain_path_is_accepted_with_a_token(front):
    shop = open_shop(front)
    assert is_content(await shop.get("/protected", token()))
