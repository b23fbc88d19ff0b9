"""T2: one configured algorithm; the token's ``alg`` is only compared."""

import jwt
import pytest

from .forging import NOW, SECRET, claims, sealed, token, unsigned
from .shops import is_content, is_refused_everywhere, open_shop

pytestmark = [
    pytest.mark.requirement("T2"),
    pytest.mark.requirement("I5"),
]

NONES = ["none", "None", "NONE", "nOnE", "none ", " none", "", "null", "\0"]
ODD = [None, 0, True, [], ["HS256"], {}, {"HS256": 1}, 1e400]


async def test_the_configured_algorithm_is_accepted(front):
    shop = open_shop(front)
    assert is_content(await shop.get("/protected", token()))


@pytest.mark.parametrize("name", NONES, ids=repr)
async def test_a_token_without_signature_is_refused(front, name):
    shop = open_shop(front)
    bare = unsigned({"alg": name, "typ": "JWT"}, claims())
    assert await is_refused_everywhere(shop, bare)


@pytest.mark.parametrize("name", NONES, ids=repr)
async def test_none_is_refused_with_any_signature(front, name):
    shop = open_shop(front)
    signed = sealed({"alg": name, "typ": "JWT"}, claims())
    assert await is_refused_everywhere(shop, signed)


@pytest.mark.parametrize(
    "name", ["hs256", "Hs256", "HS256 ", "\uff28\uff33256"]
)
async def test_alg_is_compared_exactly(front, name):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token({"alg": name}))


@pytest.mark.parametrize("value", ODD, ids=repr)
async def test_an_alg_that_is_not_a_string_is_refused(front, value):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token({"alg": value}))


async def test_a_token_without_alg_is_refused(front):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, token({"alg": ...}))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_another_hash_with_the_same_secret_is_refused(front, algorithm):
    shop = open_shop(front)
    other = token(algorithm=algorithm)
    assert await is_refused_everywhere(shop, other)


async def test_a_token_signed_with_the_text_of_the_public_key_is_refused(
    front, rsa_pair
):
    pem = rsa_pair.public_bytes()
    shop = open_shop(
        front,
        algorithm="RS256",
        secret=pem,
        private_key=rsa_pair.private_pem,
    )
    for octets in (pem, pem.strip()):
        for name in ("HS256", "RS256"):
            confused = token({"alg": name}, secret=octets)
            assert await is_refused_everywhere(shop, confused)


async def test_a_token_cannot_choose_the_rsa_padding(front, rsa_pair):
    shop = open_shop(
        front,
        algorithm="PS256",
        secret=rsa_pair.public_bytes(),
        private_key=rsa_pair.private_pem,
    )
    other = jwt.encode(claims(), rsa_pair.private_pem, "RS256")
    assert await is_refused_everywhere(shop, other)
    good = jwt.encode(claims(), rsa_pair.private_pem, "PS256")
    assert is_content(await shop.get("/protected", good))


@pytest.mark.parametrize(
    "signature", [b"", bytes(64), b"\x30\x06\x02\x01\x00\x02\x01\x00"]
)
async def test_an_empty_ecdsa_signature_is_refused(front, ec_pair, signature):
    # CVE-2022-21449: r = s = 0
    shop = open_shop(
        front,
        algorithm="ES256",
        secret=ec_pair.public_bytes(),
        private_key=ec_pair.private_pem,
    )
    from .forging import b64

    psychic = unsigned({"alg": "ES256"}, claims(), b64(signature))
    assert await is_refused_everywhere(shop, psychic)
    good = jwt.encode(claims(), ec_pair.private_pem, "ES256")
    assert is_content(await shop.get("/protected", good))


async def test_a_key_for_verification_is_bound_to_the_algorithm(rsa_pair):
    shop = open_shop(verification_keys={"old": SECRET[:40]})
    header = {"kid": "old", "alg": "HS512"}
    weak = token(header, secret=SECRET[:40], algorithm="HS512")
    assert await is_refused_everywhere(shop, weak)


async def test_no_setting_enables_none(front):
    from sanic_jwt_oo.exceptions import InvalidConfiguration

    for name in NONES:
        with pytest.raises(InvalidConfiguration):
            open_shop(front, algorithm=name)


async def test_the_class_form_accepts_only_its_algorithm():
    shop = open_shop()
    other = token(algorithm="HS512", exp=NOW + 10)
    from sanic_jwt_oo.exceptions import InvalidToken

    with pytest.raises(InvalidToken):
        await shop.auth.verify_token(other)
