"""The short way to a cookie's value agrees with the parser (C10)."""

from __future__ import annotations

import random

import pytest
from sanic import Request
from sanic.compat import Header

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.exceptions import SanicJWTException
from sanic_jwt_oo.locations import Places
from sanic_jwt_oo.runtime import sanic_internals
from sanic_jwt_oo.runtime.sanic_internals import cookie_values

NAME = "__Host-token"
PIECES = [
    *(NAME, f"{NAME}=", f"{NAME}=a.b", f"{NAME}=a", "token=b", f"x{NAME}=c"),
    *("; ", "; ", ";", "=", " ", "\t", "\x1c", "\xa0", "\x85", '"', "\\"),
    *("a", '"a"', f" {NAME}=d", f"\x1c{NAME}=e", f"{NAME} =f", "y=1"),
]


def request_with(app, cookies, head):
    sent = [("cookie", cookies.strip())]
    request = Request(b"/", Header(sent), "1.1", "GET", None, app)
    if head:
        line = f"GET / HTTP/1.1\r\nX: y\r\nCookie: {cookies}\r\n"
        request.head = line.encode("utf-8", "surrogateescape")
    return request


@pytest.mark.requirement("C10")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("head", [True, False], ids=["sanic", "asgi"])
def test_a_cookie_is_read_as_the_parser_reads_it(app, monkeypatch, head, seed):
    chosen = random.Random(seed)
    for _ in range(2_000):
        cookies = "".join(chosen.choices(PIECES, k=chosen.randint(1, 6)))
        found = cookie_values(request_with(app, cookies, head), NAME)
        with monkeypatch.context() as patched:
            patched.setattr(
                sanic_internals, "plain_cookie", lambda *args: None
            )
            parsed = cookie_values(request_with(app, cookies, head), NAME)
        assert found == parsed, cookies


@pytest.mark.parametrize(
    "cookies", [f"{NAME}=a.b", f"x=1; {NAME}=a.b", f"{NAME}=a.b; x=1"]
)
def test_the_other_cookies_of_a_browser_are_not_parsed(app, cookies):
    request = request_with(app, cookies, True)
    assert cookie_values(request, NAME) == ["a.b"]
    assert request.parsed_cookies is None


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_the_short_way_finds_what_all_places_find(
    app, monkeypatch, strict, seed
):
    settings = JWTAuth.Configuration.build(
        {}, {"cookie_set": True, "cookie_strict": strict, "secret": "x" * 32}
    )
    places = Places(settings, "access")
    chosen = random.Random(seed)
    name = "__Host-access_token"
    pieces = [piece.replace(NAME, name) for piece in PIECES]
    headers = [
        *((), (), (), (("authorization", "Bearer a"),)),
        (("authorization", "Bearer a.b"),),
        (("authorization", "Basic a"),),
        (("upgrade", "websocket"), ("sec-websocket-protocol", "bearer, a")),
    ]

    def read(request):
        try:
            return places.read(request)
        except SanicJWTException as exc:
            return type(exc)

    for _ in range(2_000):
        cookies = "".join(chosen.choices(pieces, k=chosen.randint(1, 6)))
        request = request_with(app, cookies, True)
        request.headers.extend(chosen.choice(headers))
        found = read(request)
        with monkeypatch.context() as patched:
            patched.setattr(places, "_only_cookie", None)
            assert found == read(request), (cookies, request.headers)
