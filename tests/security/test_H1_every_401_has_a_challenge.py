"""H1: every 401 says how to authenticate (RFC 6750 section 3)."""

import re

import pytest
from sanic import exceptions as sanic_exceptions

from sanic_jwt_oo import AuthenticationFailed
from sanic_jwt_oo.exceptions import InvalidToken, Unauthorized

from .forging import NOW, OTHER_SECRET, token
from .shops import new_shop, open_shop

pytestmark = pytest.mark.requirement("H1")

PARAMETER = r'[a-z_]+="(?:[^"\\\x00-\x1f\x7f-\uffff]|\\.)*"'
CHALLENGE = re.compile(rf"Bearer {PARAMETER}(?:, {PARAMETER})*")
PATHS = ["/protected", "/scoped", "/user", "/auth/me", "/auth/verify"]
BAD = {
    "forged": token(secret=OTHER_SECRET),
    "expired": token(exp=NOW - 10**6),
    "no token": "x",
    "early": token(nbf=NOW + 10**6),
    "no exp": token(exp=...),
}


def parameters(response):
    """Parse the challenge of a 401."""
    assert response.status == 401, response.text
    challenge = response.headers["www-authenticate"]
    assert CHALLENGE.fullmatch(challenge), challenge
    return dict(re.findall(r'([a-z_]+)="([^"]*)"', challenge))


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_token_the_challenge_has_no_error(front, path):
    shop = open_shop(front)
    found = parameters(await shop.get(path))
    assert found["realm"]
    assert "error" not in found


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bad", [*BAD])
async def test_an_invalid_token_has_the_error_invalid_token(front, path, bad):
    shop = open_shop(front)
    found = parameters(await shop.get(path, BAD[bad]))
    assert found["error"] == "invalid_token"
    assert found["error_description"]


@pytest.mark.parametrize("scheme", ["Basic YTpi", "Digest x=y", "Token abc"])
async def test_the_challenge_for_another_scheme_names_bearer(front, scheme):
    shop = open_shop(front)
    response = await shop.get("/protected", headers={"Authorization": scheme})
    assert parameters(response)["realm"]


async def test_a_failed_login_has_a_challenge(front):
    shop = open_shop(front)
    response = await shop.post(
        "/auth", json={"username": "ada", "password": "x"}
    )
    assert parameters(response)["realm"]


async def test_a_failed_refresh_has_a_challenge(front):
    shop = open_shop(front, refresh_token_enabled=True)
    assert parameters(await shop.post("/auth/refresh"))
    response = await shop.post(
        "/auth/refresh", token(), json={"refresh_token": "x"}
    )
    assert parameters(response)["realm"]


async def test_a_missing_cookie_or_argument_has_a_challenge(front):
    for setting in ("cookie_set", "query_string_set"):
        shop = open_shop(front, **{setting: True})
        assert parameters(await shop.get("/protected"))["realm"]


HOSTILE_TEXT = 'a"b\\c\r\nSet-Cookie: x=y\x00é€'


@pytest.mark.parametrize(
    "error",
    [
        AuthenticationFailed("no"),
        AuthenticationFailed(),
        AuthenticationFailed(["one", "two"]),
        AuthenticationFailed(HOSTILE_TEXT),
        InvalidToken(HOSTILE_TEXT),
        Unauthorized(HOSTILE_TEXT, error="invalid_token"),
        Unauthorized("no"),
        sanic_exceptions.Unauthorized("no"),
        sanic_exceptions.SanicException("no", status_code=401),
    ],
    ids=lambda error: f"{type(error).__module__} {error!s:.9}",
)
async def test_a_hook_that_refuses_has_a_challenge(front, error):
    def authenticate(request):
        raise error

    shop = new_shop(front, authenticate=authenticate)
    response = await shop.post("/auth", json={})
    assert parameters(response)["realm"]
    assert "set-cookie" not in response.headers


async def test_a_token_of_a_deleted_user_has_a_challenge(front):
    shop = open_shop(front)
    assert parameters(await shop.get("/auth/me", token(user_id=404)))


MALFORMED = ["Bearer", "Bearer ", "Bearer x y", "Basic YTpi", "x", "Bearer\tx"]


@pytest.mark.parametrize(
    "path", ["/protected", "/scoped", "/user", "/auth/me"]
)
@pytest.mark.parametrize("value", MALFORMED)
async def test_a_malformed_header_has_its_reason_and_a_plain_challenge(
    front, path, value
):
    shop = open_shop(front)
    response = await shop.get(path, headers={"Authorization": value})
    assert response.json == {
        "reasons": ["Authorization header is invalid."],
        "exception": "Unauthorized",
    }
    # without a token there is no error (RFC 6750 section 3)
    challenge = response.headers["www-authenticate"]
    assert challenge == f'Bearer realm="{shop.app.name}"'


async def test_an_absent_header_has_another_reason(front):
    response = await open_shop(front).get("/protected")
    assert response.json["reasons"] == ["Authorization header not present."]
