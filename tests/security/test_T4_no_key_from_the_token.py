"""T4: ``jwk``, ``jku``, ``x5u`` and ``x5c`` are never used or fetched."""

import json
import socket

import jwt
import pytest

from .forging import OTHER_SECRET, b64, claims, token
from .shops import is_content, is_refused_everywhere, open_shop

pytestmark = pytest.mark.requirement("T4")

URL = "https://attacker.example/keys.json"
NAMES = ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Make every name look-up and every connection fail."""

    def refuse(*args, **kwargs):
        raise AssertionError("something was fetched")

    for name in ("getaddrinfo", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def key_headers(pair):
    own = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(pair.public))
    chain = [b64(pair.public_bytes())]
    values = {"jwk": own, "x5c": chain}
    return {name: values.get(name, URL) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
async def test_a_token_signed_by_the_key_it_contains_is_refused(
    front, rsa_pair, attackers_rsa_pair, name
):
    shop = open_shop(
        front,
        algorithm="RS256",
        secret=rsa_pair.public_bytes(),
        private_key=rsa_pair.private_pem,
    )
    own = {name: key_headers(attackers_rsa_pair)[name]}
    forged = jwt.encode(
        claims(), attackers_rsa_pair.private_pem, "RS256", headers=own
    )
    assert await is_refused_everywhere(shop, forged)


@pytest.mark.parametrize("name", NAMES)
async def test_a_token_signed_by_the_symmetric_key_it_contains_is_refused(
    front, name
):
    shop = open_shop(front)
    own = {"kty": "oct", "k": b64(OTHER_SECRET), "alg": "HS256"}
    header = {name: own if name == "jwk" else URL}
    forged = token(header, secret=OTHER_SECRET)
    assert await is_refused_everywhere(shop, forged)


@pytest.mark.parametrize("name", NAMES)
async def test_a_key_in_a_valid_token_is_ignored(
    front, attackers_rsa_pair, name
):
    shop = open_shop(front)
    header = {name: key_headers(attackers_rsa_pair)[name]}
    assert is_content(await shop.get("/protected", token(header)))
