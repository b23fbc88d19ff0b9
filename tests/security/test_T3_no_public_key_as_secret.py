"""T3: a public key is refused as an HMAC secret, at install."""

import json
from base64 import b64encode

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sanic_jwt_oo.exceptions import InvalidConfiguration

from .shops import open_shop

pytestmark = pytest.mark.requirement("T3")


def pem(pair):
    return pair.public_bytes()


def der(pair):
    return pair.public_bytes(Encoding.DER)


def ssh(pair):
    return pair.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)


def pkcs1(pair):
    return pair.public_bytes(Encoding.PEM, PublicFormat.PKCS1)


def pkcs1_der(pair):
    return pair.public_bytes(Encoding.DER, PublicFormat.PKCS1)


def jwk(pair):
    return jwt.algorithms.RSAAlgorithm.to_jwk(pair.public)


def jwks(pair):
    return json.dumps({"keys": [json.loads(jwk(pair))]})


FORMS = {
    "PEM": pem,
    "PEM as text": lambda pair: pem(pair).decode(),
    "PEM in one line": lambda pair: pem(pair).replace(b"\n", b""),
    "PEM with CRLF": lambda pair: pem(pair).replace(b"\n", b"\r\n"),
    "PEM with escaped line ends": lambda pair: pem(pair).replace(
        b"\n", b"\\n"
    ),
    "PEM after a blank line": lambda pair: b"\n " + pem(pair),
    "PEM after a byte order mark": lambda pair: b"\xef\xbb\xbf" + pem(pair),
    "PEM after a comment": lambda pair: b"# the key\n" + pem(pair),
    "PKCS 1 PEM": pkcs1,
    "private PEM": lambda pair: pair.private_pem,
    "DER": der,
    "PKCS 1 DER": pkcs1_der,
    "OpenSSH": ssh,
    "OpenSSH as text": lambda pair: ssh(pair).decode(),
    "OpenSSH after a blank": lambda pair: b" " + ssh(pair),
    "OpenSSH after a line end": lambda pair: b"\n" + ssh(pair),
    "DER in base64": lambda pair: b64encode(der(pair)),
    "JWK": jwk,
    "JWK as bytes": lambda pair: jwk(pair).encode(),
    "JWK in several lines": lambda pair: json.dumps(
        json.loads(jwk(pair)), indent=2
    ),
    "JWK after a blank": lambda pair: " \n" + jwk(pair),
    "JWKS": jwks,
    "list of JWK": lambda pair: f"[{jwk(pair)}]",
    "JWKS without keys": lambda pair: '{"keys": []}' + " " * 64,
    "symmetric JWK": lambda pair: json.dumps({"kty": "oct", "k": "A" * 86}),
    "JWK as a dict": lambda pair: json.loads(jwk(pair)),
    "key object": lambda pair: pair.public,
    "private key object": lambda pair: pair.private,
}


@pytest.mark.parametrize("form", [*FORMS])
async def test_a_public_key_is_refused_as_secret(front, rsa_pair, form):
    with pytest.raises(InvalidConfiguration):
        open_shop(front, secret=FORMS[form](rsa_pair))


@pytest.mark.parametrize("form", ["PEM", "DER", "OpenSSH"])
async def test_a_public_curve_key_is_refused_as_secret(front, ec_pair, form):
    with pytest.raises(InvalidConfiguration):
        open_shop(front, secret=FORMS[form](ec_pair))


@pytest.mark.parametrize("form", ["PEM", "DER", "OpenSSH", "JWK", "JWKS"])
async def test_a_public_key_is_refused_as_further_secret(
    front, rsa_pair, form
):
    with pytest.raises(InvalidConfiguration):
        open_shop(front, verification_keys={"k": FORMS[form](rsa_pair)})


async def test_a_public_key_in_a_file_is_refused(front, rsa_pair, tmp_path):
    path = tmp_path / "key.pem"
    path.write_bytes(pem(rsa_pair))
    with pytest.raises(InvalidConfiguration):
        open_shop(front, secret=path)


async def test_a_public_key_is_refused_for_a_block_of_code(front, rsa_pair):
    shop = open_shop(front)
    with (
        pytest.raises(InvalidConfiguration),
        shop.auth.override(secret=pem(rsa_pair)),
    ):
        await shop.auth.generate_access_token(shop.users[1])


async def test_the_error_contains_nothing_of_the_key(front, rsa_pair):
    with pytest.raises(InvalidConfiguration) as caught:
        open_shop(front, secret=rsa_pair.private_pem)
    body = rsa_pair.private_pem.decode().splitlines()[1]
    assert body not in str(caught.value)
