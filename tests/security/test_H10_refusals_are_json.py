"""H10: every refusal is ``{"reasons", "exception"}``, in JSON."""

import pytest
from sanic import exceptions as sanic_exceptions

from .forging import NOW, OTHER_SECRET, token
from .server import served
from .shops import Shop, is_refused, new_shop, open_shop

pytestmark = pytest.mark.requirement("H10")

ENDPOINTS = {
    "/auth": "POST",
    "/auth/me": "GET",
    "/auth/verify": "GET",
    "/auth/refresh": "POST",
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]
STRANGE = ["TRACE", "CONNECT", "PROPFIND", "QUERY", "get", "X" * 100]
BODIES = [
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"x"',
    b"true",
    b"\xff\xfe",
    b"\x00",
    b"username=ada",
    b"<xml/>",
    b"[" * 10_000,
    b'{"username": NaN',
]
ACCEPT = ["text/html", "text/plain", "application/xml", "*/*", "x", ""]


def is_json_refusal(response, *statuses):
    assert response.status in statuses, response.text
    assert response.headers["content-type"].startswith("application/json")
    return is_refused(response, response.status)


@pytest.mark.parametrize("path", [*ENDPOINTS])
@pytest.mark.parametrize("method", METHODS)
async def test_a_method_without_a_handler_is_refused_in_json(
    front, path, method
):
    shop = open_shop(front, refresh_token_enabled=True)
    known = ENDPOINTS[path]
    if method == known or (method == "HEAD" and known == "GET"):
        return
    response = await shop(method, path)
    assert response.status == 405
    assert response.headers["allow"]
    if method != "HEAD":
        assert is_json_refusal(response, 405)


@pytest.mark.parametrize("path", [*ENDPOINTS])
@pytest.mark.parametrize("method", STRANGE)
async def test_an_unknown_method_is_refused_in_json(front, path, method):
    shop = open_shop(front, refresh_token_enabled=True)
    assert is_json_refusal(await shop(method, path), 405)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:20]))
@pytest.mark.parametrize("path", ["/auth", "/auth/refresh"])
async def test_a_malformed_body_is_refused_in_json(front, path, body):
    shop = open_shop(front, refresh_token_enabled=True)
    for kind in ("application/json", "text/plain", ""):
        headers = {"content-type": kind} if kind else {}
        response = await shop.post(path, token(), headers=headers, body=body)
        assert is_json_refusal(response, 400), kind


@pytest.mark.parametrize("accept", ACCEPT)
async def test_the_accept_header_does_not_change_a_refusal(front, accept):
    shop = open_shop(front, refresh_token_enabled=True)
    headers = {"accept": accept}
    for path, method in ENDPOINTS.items():
        response = await shop(method, path, "x", headers=headers)
        assert is_json_refusal(response, 400, 401)
    response = await shop.get("/protected", headers=headers)
    assert is_json_refusal(response, 401)
    response = await shop.post("/auth", headers=headers, body=b"{")
    assert is_json_refusal(response, 400)


@pytest.mark.parametrize("form", ["html", "text", "json", "auto"])
async def test_the_error_format_of_the_application_does_not_change_a_refusal(
    front, form
):
    shop = new_shop(front)
    shop.app.config.FALLBACK_ERROR_FORMAT = form
    assert is_json_refusal(await shop.get("/protected"), 401)
    assert is_json_refusal(await shop.post("/auth", body=b"{"), 400)
    assert is_json_refusal(await shop.post("/auth/me"), 405)


@pytest.mark.parametrize(
    "error",
    [
        sanic_exceptions.BadRequest("no"),
        sanic_exceptions.Forbidden("no"),
        sanic_exceptions.NotFound("no"),
        sanic_exceptions.InvalidUsage("no"),
        sanic_exceptions.SanicException("no", status_code=429),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_sanic_exception_from_a_hook_is_rendered_in_json(front, error):
    def authenticate(request):
        raise error

    shop = new_shop(front, authenticate=authenticate)
    response = await shop.post("/auth", json={})
    assert is_json_refusal(response, error.status_code)
    assert response.json["reasons"] == ["no"]


async def test_a_hook_that_parses_a_form_as_json_is_a_400_in_json(front):
    def authenticate(request):
        return request.json.get("username", None)

    shop = new_shop(front, authenticate=authenticate)
    response = await shop.post("/auth", form={"username": "ada"})
    assert is_json_refusal(response, 400)


async def test_a_missing_token_is_refused_in_json_on_every_route(front):
    shop = open_shop(front)
    for path in ("/protected", "/scoped", "/user", "/auth/me"):
        assert is_json_refusal(await shop.get(path), 401)


@pytest.mark.parametrize(
    "bad",
    [token(secret=OTHER_SECRET), token(exp=NOW - 10**6), "x", "a.b.c"],
    ids=["forged", "expired", "x", "a.b.c"],
)
async def test_an_invalid_token_is_refused_in_json_on_every_route(front, bad):
    shop = open_shop(front)
    for path in ("/protected", "/scoped", "/user", "/auth/me"):
        assert is_json_refusal(await shop.get(path, bad), 401)
    assert is_json_refusal(await shop.get("/auth/verify", bad), 401)


BROKEN = {
    "chunks": b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "too much": b"Content-Length: 999999999999\r\n\r\nabc",
}


@pytest.mark.parametrize("what", [*BROKEN])
@pytest.mark.parametrize("path", ["/auth", "/auth/refresh"])
async def test_an_incomplete_body_is_refused_in_json(front, what, path):
    shop = new_shop(front, refresh_token_enabled=True)
    async with served(shop.app) as server:
        connection = await server.connect()
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\n".encode()
        status, headers, body = await connection.send(head + BROKEN[what])
    assert status in (400, 413)
    assert headers["content-type"].startswith("application/json"), body
    assert b'"reasons"' in body


async def test_refusals_are_json_without_startup_listeners(front):
    # as Sanic's guide starts one in a running loop
    shop: Shop = new_shop(front)
    shop.app.config.TOUCHUP = False
    shop.app.asgi = True
    await shop.app._startup()
    shop.started = True
    for path in ("/protected", "/auth/me"):
        assert is_json_refusal(await shop.get(path), 401)
