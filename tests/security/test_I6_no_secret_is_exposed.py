"""I6: no secret, token or password is in a log record or a ``repr``."""

import logging
import traceback

import pytest

from sanic_jwt_oo.exceptions import InvalidConfiguration
from sanic_jwt_oo.sessions.refresh_tokens import RefreshToken

from .forging import ADA, NOW, OTHER_SECRET, SECRET, token
from .shops import new_shop

pytestmark = pytest.mark.requirement("I6")

REFRESH_TOKEN = "refresh-token-of-ada"
PASSWORD = "correct horse battery staple"
USER_SECRET = "the secret of ada alone, forty characters"


def shown(thing, depth=4):
    """Every representation of an object and of its attributes."""
    seen = [repr(thing), str(thing)]
    if depth:
        for name in dir(thing):
            if name.startswith("__"):
                continue
            try:
                part = getattr(thing, name)
            except Exception:
                continue
            if type(part).__module__.startswith("sanic_jwt_oo"):
                seen += [shown(part, depth - 1)]
    return "\n".join(seen)


def test_no_repr_shows_the_secret(front):
    shop = new_shop(front, verification_keys={"old": OTHER_SECRET})
    for thing in (shop.auth, shop.auth.config, shop.auth.settings()):
        assert SECRET not in shown(thing)
        assert OTHER_SECRET not in shown(thing)


def test_no_repr_shows_a_private_key(front, rsa_pair):
    shop = new_shop(
        front,
        algorithm="RS256",
        secret=rsa_pair.public_bytes(),
        private_key=rsa_pair.private_pem,
    )
    body = rsa_pair.private_pem.decode().splitlines()[1]
    for thing in (shop.auth, shop.auth.config, shop.auth.settings()):
        assert body not in shown(thing)


def test_no_repr_of_an_app_shows_the_secret(front):
    shop = new_shop(front)
    assert SECRET not in repr(shop.app)
    assert SECRET not in repr(vars(shop.app.ctx))


@pytest.mark.parametrize(
    "settings",
    [
        {"secret": "a short one"},
        {"secret": "a short one", "algorithm": "HS512"},
        {"secret": ["a short one"]},
        {"secret": "a short one" * 9, "algorithm": "RS256"},
        {"private_key": "a short one", "algorithm": "RS256"},
        {"private_key": 1, "secret": "a short one", "algorithm": "ES256"},
        {"verification_keys": {"old": "a short one"}},
        {"verification_keys": "a short one"},
        {"public_key": "a short one"},
    ],
    ids=str,
)
def test_no_error_at_install_shows_a_secret(settings):
    with pytest.raises(InvalidConfiguration) as caught:
        new_shop(**{"secret": SECRET, **settings})
    told = "".join(traceback.format_exception(caught.value))
    told = "\n".join(
        line for line in told.splitlines() if line.startswith("sanic_jwt_oo")
    )
    assert "a short one" not in told
    assert "a short one" not in str(caught.value)


@pytest.fixture
def logged(caplog):
    for name in (None, "sanic_jwt_oo", "sanic.root", "sanic.error"):
        caplog.set_level(logging.DEBUG, logger=name)
    return lambda: "\n".join(
        f"{r.getMessage()} {vars(r)}" for r in caplog.records
    )


def careless(request):
    """A hook that raises and logs nothing itself."""
    raise RuntimeError("the database is away")


@pytest.mark.parametrize("debug", [False, True])
async def test_no_credential_of_a_request_is_logged(front, logged, debug):
    def refuse(payload):
        raise ValueError("a check of the application's fails")

    secrets = [SECRET, REFRESH_TOKEN, PASSWORD]
    shop = new_shop(
        front,
        refresh_token_enabled=True,
        debug=debug,
        extra_verifications=[refuse],
    )
    shop.stored[ADA] = REFRESH_TOKEN
    bearers = [token(), token(secret=OTHER_SECRET), token(exp=NOW - 10**6)]
    for bearer in bearers:
        for path in ("/protected", "/scoped", "/user", "/auth/me"):
            await shop.get(path, bearer)
        await shop.get("/auth/verify", bearer)
        await shop.post(
            "/auth/refresh", bearer, json={"refresh_token": REFRESH_TOKEN}
        )
    body = {"username": "ada", "password": PASSWORD}
    await shop.post("/auth", json=body)
    await shop.post("/auth", body=f'{{"password": "{PASSWORD}"'.encode())
    for secret in [*secrets, *bearers]:
        assert secret not in logged()


async def test_an_error_in_a_hook_logs_no_password(front, logged):
    shop = new_shop(front, authenticate=careless)
    body = {"username": "ada", "password": PASSWORD}
    response = await shop.post("/auth", json=body)
    assert response.status == 500
    assert "the database is away" in logged()
    assert PASSWORD not in logged()
    assert PASSWORD not in response.text


async def test_no_user_secret_is_logged_or_sent(front, logged):
    shop = new_shop(front, user_secret_enabled=True, debug=True)
    shop.secrets[ADA] = USER_SECRET
    for secret in (USER_SECRET, OTHER_SECRET):
        response = await shop.get("/protected", token(secret=secret))
        assert USER_SECRET not in response.text
    assert USER_SECRET not in logged()


async def test_a_token_too_large_for_a_cookie_is_not_logged(front, logged):
    shop = new_shop(
        front,
        cookie_set=True,
        extend_payload=lambda payload: {**payload, "pad": "x" * 5000},
    )
    response = await shop.post(
        "/auth", json={"username": "ada", "password": "lovelace"}
    )
    assert response.status == 431
    assert "eyJ" not in logged()
    assert "lovelace" not in logged()


async def test_a_refusal_contains_no_token(front):
    for debug in (False, True):
        shop = new_shop(front, debug=debug)
        for bearer in (
            token(secret=OTHER_SECRET),
            token({"kid": "kid-of-the-attacker"}),
            "opaque-bearer",
        ):
            response = await shop.get("/protected", bearer)
            for part in (*bearer.split("."), "kid-of-the-attacker"):
                assert part not in response.text
                assert part not in str(response.pairs)


def test_the_repr_of_a_refresh_token_shows_only_its_session():
    made = RefreshToken.first("a" * 34)
    parsed = RefreshToken.parse(made.text)
    for one in (made, parsed, made.successor(b"k")):
        assert repr(one) == f"RefreshToken(session_id='{'a' * 34}')"
        assert f"{one}" == repr(one)
        secret = one.text[34:]
        assert not any(secret[at : at + 8] in repr(one) for at in range(57))


def test_no_traceback_shows_a_refresh_token():
    made = RefreshToken.first("a" * 34)
    try:
        raise ValueError(made)
    except ValueError as error:
        shown = traceback.TracebackException.from_exception(
            error, capture_locals=True
        )
    lines = "".join(shown.format())
    assert "RefreshToken(session_id=" in lines
    assert made.text[34:] not in lines
