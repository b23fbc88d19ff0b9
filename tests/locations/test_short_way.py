"""A codec reads the usual header on a short way, to the same end."""

from __future__ import annotations

from itertools import product

import pytest
from sanic import Request
from sanic.compat import Header

from sanic_jwt_oo import Configuration
from sanic_jwt_oo.exceptions import SanicJWTException
from sanic_jwt_oo.installation import RequestCodec
from sanic_jwt_oo.locations import read_token

SCHEMES = ["Bearer", "bearer", "BEARER", "Bearerx", "JWT", "Basic", ""]
SPACES = ["", " ", "  ", "\t", " \t"]
TOKENS = ["", "a.b.c", "a.b.c ", " a.b.c", "a b", "a\tb", "a,b", "\x1f", "é"]
VALUES = [*map("".join, product(SCHEMES, SPACES, TOKENS))]
REQUESTS = [
    [],
    *([value] for value in VALUES),
    ["Bearer a.b.c", "Bearer a.b.c"],
    ["Bearer a.b.c", "Bearer d.e.f"],
    ["Basic a", "Bearer a.b.c"],
]


def outcome(read, request):
    try:
        return read(request)
    except SanicJWTException as exc:
        return type(exc), exc.status_code, str(exc)


@pytest.mark.requirement("H3")
@pytest.mark.requirement("H4")
@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"authorization_header_prefix": "JWT"},
        {"authorization_header_prefix": "bearer"},
        {"authorization_header_prefix": ""},
        {"authorization_header": "x-token"},
        {"cookie_set": True},
        {"cookie_set": True, "cookie_strict": False},
        {"query_string_set": True},
        {"query_string_set": True, "query_string_strict": False},
    ],
)
def test_a_codec_reads_what_read_token_reads(app, settings):
    codec = RequestCodec(Configuration.build({}, settings), None)

    def read(request):
        return read_token(request, codec.settings, "access")

    for values in REQUESTS:
        headers = Header(("Authorization", value) for value in values)
        request = Request(b"/", headers, "1.1", "GET", None, app)
        assert outcome(codec.read, request) == outcome(read, request), values
