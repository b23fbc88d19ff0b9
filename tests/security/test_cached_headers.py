"""A cached header is accepted only in the form and place it was verified."""

from __future__ import annotations

from itertools import product

import pytest
from sanic import Request
from sanic.compat import Header

from sanic_jwt_oo import Configuration
from sanic_jwt_oo.exceptions import SanicJWTException
from sanic_jwt_oo.installation import RequestCodec
from sanic_jwt_oo.keys import KeySettings, build_keyring
from sanic_jwt_oo.locations import read_token
from tests.conftest import SECRET

SCHEMES = ["Bearer", "bearer", "BEARER", "Bearerx", "JWT", "Basic", ""]
SPACES = ["", " ", "  ", "\t", " \t"]
SETTINGS = [
    {},
    {"authorization_header_prefix": "JWT"},
    {"authorization_header_prefix": "bearer"},
    {"authorization_header_prefix": ""},
    {"authorization_header": "x-token"},
    {"cookie_set": True},
    {"cookie_set": True, "cookie_strict": False},
    {"query_string_set": True},
    {"query_string_set": True, "query_string_strict": False},
]


def outcome(read, request):
    try:
        return read(request)
    except SanicJWTException as exc:
        return type(exc), exc.status_code, str(exc)


def request_with(app, values, name="Authorization"):
    headers = Header((name, value) for value in values)
    return Request(b"/", headers, "1.1", "GET", None, app)


def make_codec(settings):
    settings = Configuration.build({}, {"secret": SECRET, **settings})
    return RequestCodec(settings, build_keyring(KeySettings.of(settings), str))


def through_the_cache(codec, request, now):
    """Return a valid token, read through the cache as `admit` does."""
    known = codec.recall(request, now) if codec.recalls else ""
    if isinstance(known, str):
        known, _ = codec.examine(request, known, now)
    return known


def without_the_cache(codec, request, now):
    """Return a valid token, read without the cache."""
    token = read_token(request, codec.settings, "access")
    return codec.verify(token, now)[0]


@pytest.mark.requirement("H3")
@pytest.mark.requirement("H4")
@pytest.mark.requirement("H5")
@pytest.mark.parametrize(
    "settings", [*SETTINGS, {"claim_aud": "a"}, {"required_claims": ["jti"]}]
)
@pytest.mark.parametrize("now", [0, 100, 160, 200])
def test_a_cached_header_is_not_accepted_in_another_form(app, settings, now):
    base, forgetful = make_codec({}), {"token_cache_entries": 0}
    good, other = [
        base.encode({"user_id": user_id, "nbf": 50, "exp": 100}, base.keys)
        for user_id in (1, 2)
    ]
    short = base.with_settings(base.settings.derive(settings), lasting=True)
    long = make_codec({**settings, **forgetful})
    ways = [
        (through_the_cache, short),
        (through_the_cache, long),
        (without_the_cache, long),
    ]
    values = [
        separator.join((scheme, token)) + end
        for scheme, separator, token, end in product(
            [*SCHEMES, "Bearer Bearer"],
            SPACES,
            [good, other, good + "=", good[:-1]],
            ["", " ", " x", ",x"],
        )
    ]
    verified = 0
    for sent in [*([value] for value in values), [f"Bearer {good}"] * 2]:
        # the cached one was sent in the default way to the default route
        through_the_cache(base, request_with(app, [f"Bearer {good}"]), 60)
        for name in ("Authorization", "X-Token"):
            outcomes = [
                outcome(
                    lambda request, way=way, codec=codec: way(
                        codec, request, now
                    ).payload(),
                    request_with(app, sent, name),
                )
                for way, codec in ways
            ]
            assert outcomes[0] == outcomes[1] == outcomes[2], sent
            verified += isinstance(outcomes[0], dict)
    assert verified or settings or now >= 160
