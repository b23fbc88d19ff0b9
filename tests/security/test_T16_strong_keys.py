"""T16: a key that does not fit its algorithm is refused at install."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from sanic_jwt_oo.exceptions import InsecureSecretWarning, InvalidConfiguration

from . import workers
from .conftest import KeyPair
from .forging import SECRET, token
from .shops import is_content, is_refused_everywhere, new_shop
from .workers import issue_in_a_worker

pytestmark = pytest.mark.requirement("T16")

BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}
ROOT = Path(__file__).parents[2]
OLD_DEFAULT = "This is a big secret. Shhhhh"


@pytest.mark.parametrize("algorithm", [*BYTES])
async def test_a_secret_shorter_than_the_hash_is_refused(algorithm):
    short = "x" * (BYTES[algorithm] - 1)
    with pytest.raises(InvalidConfiguration, match="secret"):
        new_shop(algorithm=algorithm, secret=short)


@pytest.mark.parametrize("algorithm", [*BYTES])
async def test_a_secret_as_long_as_the_hash_is_accepted(algorithm):
    new_shop(algorithm=algorithm, secret="x" * BYTES[algorithm])


@pytest.mark.parametrize("algorithm", [*BYTES])
async def test_the_legacy_form_warns_about_a_short_secret(algorithm):
    short = "x" * (BYTES[algorithm] - 1)
    with pytest.warns(InsecureSecretWarning, match="RFC 7518"):
        new_shop("legacy", algorithm=algorithm, secret=short)


async def test_bytes_are_counted_not_characters():
    new_shop(algorithm="HS256", secret="é" * 16)


async def test_a_short_secret_among_several_is_refused():
    with pytest.raises(InvalidConfiguration, match="secret"):
        new_shop(verification_keys={"old": "short"})


@pytest.mark.parametrize("secret", ["", " " * 64, b"", b"\n" * 64], ids=repr)
async def test_a_blank_secret_is_refused(front, secret):
    with pytest.raises(InvalidConfiguration, match="secret"):
        new_shop(front, secret=secret)


@pytest.mark.parametrize("secret", [1, True, ["x" * 64], {}, object()])
async def test_a_secret_of_another_type_is_refused(front, secret):
    with pytest.raises(InvalidConfiguration):
        new_shop(front, secret=secret)


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "PS256", "PS512"])
async def test_a_short_rsa_key_is_refused(front, weak_rsa_pair, algorithm):
    with pytest.raises(InvalidConfiguration, match="2048"):
        new_shop(
            front,
            algorithm=algorithm,
            secret=weak_rsa_pair.public_bytes(),
            private_key=weak_rsa_pair.private_pem,
        )


async def test_a_short_rsa_key_that_only_verifies_is_refused(
    front, weak_rsa_pair
):
    with pytest.raises(InvalidConfiguration, match="2048"):
        new_shop(
            front,
            auth_mode=False,
            algorithm="RS256",
            secret=weak_rsa_pair.public_bytes(),
        )


@pytest.mark.parametrize("algorithm", [*CURVES])
@pytest.mark.parametrize("curve", [*CURVES.values()])
async def test_a_curve_must_match_its_algorithm(front, algorithm, curve):
    pair = KeyPair(ec.generate_private_key(curve()))
    keys = {"secret": pair.public_bytes(), "private_key": pair.private_pem}
    if CURVES[algorithm] is curve:
        new_shop(front, algorithm=algorithm, **keys)
    else:
        with pytest.raises(InvalidConfiguration):
            new_shop(front, algorithm=algorithm, **keys)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_a_key_of_another_family_is_refused(
    front, algorithm, rsa_pair, ec_pair
):
    pairs = {
        "RS256": rsa_pair,
        "ES256": ec_pair,
        "EdDSA": KeyPair(ed25519.Ed25519PrivateKey.generate()),
    }
    for family, pair in pairs.items():
        keys = {"secret": pair.public_bytes(), "private_key": pair.private_pem}
        if family == algorithm:
            new_shop(front, algorithm=algorithm, **keys)
        else:
            with pytest.raises(InvalidConfiguration):
                new_shop(front, algorithm=algorithm, **keys)


async def test_a_secret_is_refused_for_an_asymmetric_algorithm(front):
    with pytest.raises(InvalidConfiguration):
        new_shop(front, algorithm="RS256", secret=SECRET, private_key=SECRET)


async def test_a_public_key_alone_cannot_issue_tokens(front, rsa_pair):
    pem = rsa_pair.public_bytes()
    with pytest.raises(InvalidConfiguration):
        new_shop(front, algorithm="RS256", secret=pem, private_key=pem)


async def test_keys_of_different_pairs_are_refused(
    front, rsa_pair, attackers_rsa_pair
):
    with pytest.raises(InvalidConfiguration, match="pair"):
        new_shop(
            front,
            algorithm="RS256",
            secret=attackers_rsa_pair.public_bytes(),
            private_key=rsa_pair.private_pem,
        )


@pytest.mark.parametrize(
    "algorithm", ["HS1", "HS224", "RS1", "RSA", "hs256", "", "HS256,none", "*"]
)
async def test_an_unknown_algorithm_is_refused(front, algorithm):
    with pytest.raises(InvalidConfiguration):
        new_shop(front, algorithm=algorithm)


async def test_without_a_secret_a_random_one_is_used_with_a_warning(front):
    with pytest.warns(InsecureSecretWarning, match="random"):
        shop = new_shop(front, secret=...)
    made = (await shop.log_in()).json["access_token"]
    assert is_content(await shop.get("/protected", made))
    for guess in (OLD_DEFAULT, "", "None", "secret", shop.app.name):
        forged = token(secret=guess)
        assert await is_refused_everywhere(shop, forged)


async def test_random_secrets_of_two_applications_differ(front):
    with pytest.warns(InsecureSecretWarning):
        one, two = new_shop(front, secret=...), new_shop(front, secret=...)
    made = (await one.log_in()).json["access_token"]
    assert await is_refused_everywhere(two, made)


async def test_worker_processes_share_the_random_secret(front):
    with pytest.warns(InsecureSecretWarning):
        shop = new_shop(front, secret=...)
    made = issue_in_a_worker(shop.app.name)
    assert is_content(await shop.get("/protected", made))


async def test_every_run_has_another_random_secret(front):
    with pytest.warns(InsecureSecretWarning):
        shop = new_shop(front, secret=...)
    result = subprocess.run(
        [sys.executable, "-m", workers.__name__, shop.app.name],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    made = result.stdout.strip()
    assert made.count(".") == 2
    assert await is_refused_everywhere(shop, made)
