"""The errors take what those of sanic-jwt 1.8.0 take."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from sanic import Sanic

pytest.importorskip("sanic_jwt", reason="the oracle is not installed")

from sanic_jwt import exceptions as theirs

from sanic_jwt_oo import Initialize, exceptions

NAMES = [
    name
    for name, value in vars(theirs).items()
    if inspect.isclass(value) and issubclass(value, theirs.SanicJWTException)
]
NEED_A_MESSAGE = {"InvalidToken", "SanicJWTException"}
ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    (("Words.",), {}),
    ((b"Words.",), {}),
    ((["One.", "Two."],), {}),
    ((), {"message": "Words."}),
    (("Words.",), {"status_code": 418}),
    (("Words.",), {"quiet": True}),
    (("Words.",), {"context": {"a": 1}, "extra": {"b": 2}}),
    (("Words.",), {"headers": {"X-One": "1"}}),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("args", "kwargs"), ARGUMENTS)
def test_an_error_takes_the_arguments_of_1_8(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    error = getattr(exceptions, name)(*args, **kwargs)
    expected = getattr(theirs, name)(*args, **kwargs)

    assert isinstance(error.args[0], str)
    if kwargs.get("status_code") is not None:
        assert error.status_code == kwargs["status_code"]
    for attribute in ("context", "extra"):
        assert getattr(error, attribute) == getattr(expected, attribute)
    assert kwargs.get("quiet", error.quiet) == error.quiet
    assert {*kwargs.get("headers", {})} <= {*error.headers}


@pytest.mark.parametrize("name", NAMES)
def test_the_message_is_the_reason(name: str) -> None:
    error = getattr(exceptions, name)(b"Words.")

    assert error.reasons == ["Words."]


@pytest.mark.parametrize("name", sorted({*NAMES} - NEED_A_MESSAGE))
def test_an_error_needs_no_arguments(name: str) -> None:
    assert str(getattr(exceptions, name)())


@pytest.mark.parametrize("name", NAMES)
def test_an_error_is_of_every_family_it_had(name: str) -> None:
    families = {kind.__name__ for kind in getattr(theirs, name).__mro__}
    here = {kind.__name__ for kind in getattr(exceptions, name).__mro__}

    assert families <= here


def test_the_missing_claims_are_named() -> None:
    error = exceptions.MissingRegisteredClaim(missing=["exp", "iss"])
    expected = theirs.MissingRegisteredClaim(missing=["exp", "iss"])

    assert str(error).endswith("['exp', 'iss']")
    assert str(expected).endswith("['exp', 'iss']")
    assert str(exceptions.MissingRegisteredClaim("Gone: ", missing=["a"])) == (
        "Gone: ['a']"
    )


def test_an_unauthorized_takes_the_realm_of_its_challenge() -> None:
    challenge = {
        package: package.Unauthorized("No.", realm="Shop").headers[name]
        for package, name in (
            (exceptions, "WWW-Authenticate"),
            (theirs, "WWW-Authenticate"),
        )
    }

    assert {*challenge.values()} == {'Bearer realm="Shop"'}
    error = exceptions.Unauthorized("No.", realm="Shop")
    assert error.challenge("api") == 'Bearer realm="Shop"'


def test_scopes_of_a_challenge_may_be_one_text() -> None:
    error = exceptions.Unauthorized("No.", scope="a:read b")

    assert error.headers["WWW-Authenticate"].endswith('scope="a:read b"')


def test_a_subclass_may_have_its_words_in_message() -> None:
    def raised(package: Any) -> Any:
        class Banned(package.SanicJWTException):  # type: ignore[misc]
            status_code = 403
            message = "You are banned."
            headers = {"X-Banned": "yes"}

        return Banned()

    for package in (theirs, exceptions):
        error = raised(package)
        assert (str(error), error.status_code) == ("You are banned.", 403)
        assert error.headers == {"X-Banned": "yes"}
    assert raised(exceptions).reasons == ["You are banned."]


def test_a_missing_key_file_is_a_missing_key(tmp_path: Path) -> None:
    with pytest.raises(exceptions.RequiredKeysNotFound):
        Initialize(
            Sanic("missing-key"),
            authenticate=lambda request: {},
            algorithm="RS256",
            public_key=tmp_path / "public.pem",
            private_key=tmp_path / "private.pem",
        )
