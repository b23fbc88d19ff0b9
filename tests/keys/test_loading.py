"""Which key material is accepted, and for which algorithm."""

from __future__ import annotations

import hmac
import json
import sys

import jwt
import pytest
from cryptography.hazmat.primitives import serialization as form
from jwt.algorithms import RSAAlgorithm

from sanic_jwt_oo.exceptions import (
    InvalidConfiguration,
    ProvidedPathNotFound,
    RequiredKeysNotFound,
    WeakSecret,
)
from sanic_jwt_oo.keys import (
    check_strength,
    is_asymmetric,
    load_key,
)
from tests.conftest import SECRET

from .conftest import CURVES, private_key, private_pem, public_bytes

ASYMMETRIC = [
    *CURVES,
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "EdDSA",
]
MESSAGE = b"message"


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
@pytest.mark.parametrize("form_of_key", ["object", "bytes", "text", "path"])
def test_asymmetric_keys_are_loaded_from_every_form(
    algorithm, form_of_key, tmp_path
):
    key = private_key(algorithm)
    private, public = private_pem(key), public_bytes(key)
    if form_of_key == "object":
        private, public = key, key.public_key()
    elif form_of_key == "text":
        private, public = private.decode(), public.decode()
    elif form_of_key == "path":
        (tmp_path / "private").write_bytes(private)
        (tmp_path / "public").write_bytes(public)
        private, public = tmp_path / "private", tmp_path / "public"
    signer = load_key(algorithm, public=public, private=private)
    verifier = load_key(algorithm, public=public)
    signature = signer.sign(MESSAGE)
    assert verifier.verify(MESSAGE, signature)
    assert not verifier.verify(MESSAGE + b"!", signature)
    assert signer.can_sign
    assert not verifier.can_sign
    assert is_asymmetric(algorithm)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_secrets_are_loaded_from_text_bytes_and_file(algorithm, tmp_path):
    path = tmp_path / "secret"
    path.write_text(SECRET)
    keys = [
        load_key(algorithm, public=secret)
        for secret in (SECRET, SECRET.encode(), path)
    ]
    signature = keys[0].sign(MESSAGE)
    assert all(key.verify(MESSAGE, signature) for key in keys)
    assert not keys[0].verify(MESSAGE + b"!", signature)
    assert not keys[0].verify(MESSAGE, signature[:-1])
    assert not is_asymmetric(algorithm)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.parametrize("length", [64, 65, 128, 129, 1000])
def test_an_hmac_equals_that_of_pyjwt_for_every_message(algorithm, length):
    secret, pyjwt = b"s" * length, jwt.get_algorithm_by_name(algorithm)
    key = load_key(algorithm, public=secret)
    for message in (b"", MESSAGE, MESSAGE * 1000, MESSAGE):
        assert key.sign(message) == pyjwt.sign(message, secret)


def test_the_public_key_is_derived_from_the_private_key(rsa_key):
    key = load_key("RS256", private=private_pem(rsa_key))
    assert key.verify(MESSAGE, key.sign(MESSAGE))
    given_private = load_key("RS256", public=private_pem(rsa_key))
    assert not given_private.can_sign
    assert given_private.verify(MESSAGE, key.sign(MESSAGE))


def test_an_ed448_key_fits_eddsa():
    key = load_key("EdDSA", private=private_key("Ed448"))
    assert key.verify(MESSAGE, key.sign(MESSAGE))


def test_a_pyjwk_is_unwrapped(rsa_key):
    jwk = jwt.PyJWK(
        {**RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True)}, "RS256"
    )
    verifier = load_key("RS256", public=jwk)
    signature = load_key("RS256", private=rsa_key).sign(MESSAGE)
    assert verifier.verify(MESSAGE, signature)


def test_an_openssh_public_key_is_loaded(rsa_key):
    text = public_bytes(rsa_key, form.Encoding.OpenSSH)
    signature = load_key("RS256", private=rsa_key).sign(MESSAGE)
    assert load_key("RS256", public=text).verify(MESSAGE, signature)


@pytest.mark.requirement("T16")
@pytest.mark.parametrize("name", ["none", "NONE", "HS1", "hs256", "", "RS1"])
def test_an_unknown_algorithm_is_refused(name):
    with pytest.raises(InvalidConfiguration, match="Choose one"):
        load_key(name, public=SECRET)


@pytest.mark.requirement("T16")
@pytest.mark.parametrize("secret", [None, "", "  ", b"", 3, object()])
def test_a_missing_secret_is_refused(secret):
    with pytest.raises(InvalidConfiguration, match="secret"):
        load_key("HS256", public=secret)


@pytest.mark.requirement("T16")
@pytest.mark.parametrize(
    ("algorithm", "length"), [("HS256", 32), ("HS384", 48), ("HS512", 64)]
)
def test_a_secret_must_be_as_long_as_its_hash(algorithm, length):
    check_strength(load_key(algorithm, public="x" * length))
    short = load_key(algorithm, public="x" * (length - 1))
    with pytest.raises(WeakSecret, match=str(length)):
        check_strength(short)


@pytest.mark.requirement("T16")
def test_a_short_rsa_key_is_refused():
    with pytest.raises(InvalidConfiguration, match="2048"):
        load_key("RS256", private=private_key("RS256", 1024))


@pytest.mark.requirement("T16")
@pytest.mark.parametrize("algorithm", CURVES)
def test_a_key_on_another_curve_is_refused(algorithm):
    other = "ES256" if algorithm != "ES256" else "ES384"
    with pytest.raises(InvalidConfiguration, match=r"curve|not a valid key"):
        load_key(algorithm, private=private_key(other))


@pytest.mark.requirement("T16")
@pytest.mark.parametrize(
    ("algorithm", "family"),
    [("RS256", "ES256"), ("ES256", "RS256"), ("EdDSA", "RS256")],
)
def test_a_key_of_another_family_is_refused(algorithm, family):
    key = private_key(family)
    for material in (key, private_pem(key)):
        with pytest.raises(InvalidConfiguration):
            load_key(algorithm, private=material)


@pytest.mark.requirement("T3")
@pytest.mark.parametrize(
    "encoding",
    [form.Encoding.PEM, form.Encoding.DER, form.Encoding.OpenSSH],
)
def test_a_public_key_is_refused_as_a_secret(encoding, rsa_key):
    with pytest.raises(InvalidConfiguration, match="key"):
        load_key("HS256", public=public_bytes(rsa_key, encoding))


@pytest.mark.requirement("T3")
@pytest.mark.parametrize("wrap", ["{}", '{{"keys": [{}]}}', "[{}]"])
def test_a_jwk_text_is_refused_as_a_secret(wrap, rsa_key):
    jwk = RSAAlgorithm.to_jwk(rsa_key.public_key())
    with pytest.raises(InvalidConfiguration, match="JWK"):
        load_key("HS256", public=wrap.format(jwk))


def test_a_secret_may_happen_to_be_json():
    deep = "[" * 100_000
    for secret in (
        json.dumps({"pass": SECRET}),
        "1" * 40,
        "9" * 5_000,
        deep[:64],
        deep,
        deep + "]" * len(deep),
    ):
        assert load_key("HS256", public=secret)


def test_a_path_that_is_not_a_file_is_named(tmp_path):
    with pytest.raises(ProvidedPathNotFound, match="nowhere"):
        load_key("RS256", private=tmp_path / "nowhere")


@pytest.mark.parametrize("material", ["garbage", b"\x00", 3, "-----BEGIN"])
def test_unreadable_material_is_refused(material):
    with pytest.raises(InvalidConfiguration, match="PEM"):
        load_key("RS256", private=material)


def test_an_encrypted_key_is_refused(rsa_key):
    with pytest.raises(InvalidConfiguration, match="unencrypted"):
        load_key("RS256", private=private_pem(rsa_key, b"password"))


def test_an_asymmetric_algorithm_needs_a_key(rsa_key):
    with pytest.raises(RequiredKeysNotFound, match="private_key"):
        load_key("RS256")
    with pytest.raises(RequiredKeysNotFound, match="public"):
        load_key("RS256", private=public_bytes(rsa_key))


@pytest.mark.parametrize("openssl", [True, False])
@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_secret_signs_with_and_without_openssl(
    algorithm, openssl, monkeypatch
):
    name = f"sha{algorithm[2:]}"
    expected = hmac.digest(SECRET.encode(), MESSAGE, name)
    if not openssl:
        monkeypatch.setattr(hmac, "_hashopenssl", None)
        assert hmac.new(b"", digestmod=name)._hmac is None
    key = load_key(algorithm, public=SECRET)
    for _ in range(2):
        assert key.sign(MESSAGE) == expected
        assert key.verify(MESSAGE, expected)
        assert not key.verify(MESSAGE + b"!", expected)


@pytest.mark.requirement("I6")
def test_the_repr_of_a_key_does_not_leak():
    key = load_key("HS256", public=SECRET, key_id="one")
    assert repr(key) == "Key('HS256', key_id='one')"


def test_without_cryptography_the_extra_is_named(monkeypatch):
    def unsupported(name):
        raise NotImplementedError

    monkeypatch.setattr(jwt, "get_algorithm_by_name", unsupported)
    with pytest.raises(InvalidConfiguration, match=r"\[crypto\]"):
        load_key("RS256", private="x")


def test_without_cryptography_a_secret_is_not_parsed_as_der(monkeypatch):
    name = "cryptography.hazmat.primitives.serialization"
    monkeypatch.setitem(sys.modules, name, None)
    assert load_key("HS256", public=SECRET)
