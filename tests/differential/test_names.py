"""Import lines of an application: old names, and the errors' statuses."""

import inspect

import pytest

pytest.importorskip("sanic_jwt", reason="the oracle is not installed")

from .fronts import NAMES, oracle, ours

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

IMPORTED = {
    "authentication": ("Authentication",),
    "claim": ("Claim",),
    "configuration": ("Configuration", "ConfigItem"),
    "decorators": ("inject_user", "protected", "scoped"),
    "endpoints": (
        "AuthenticateEndpoint",
        "BaseEndpoint",
        "RefreshEndpoint",
        "RetrieveUserEndpoint",
        "VerifyEndpoint",
    ),
    "initialization": ("Initialize", "initialize"),
    "responses": ("Responses",),
}

# The status an error has here, where it is another; and why.
OTHER_STATUS = {
    "InvalidCustomClaim": 401,  # T18: one token's claim, not a failure
    "InvalidToken": 401,  # never raised there, only named
    "InvalidVerification": 401,  # T18
    "MeEndpointNotSetup": 404,  # T18: there is nothing to find
}


def error_names() -> list[str]:
    """Every error class of 1.8.0, in its own order."""
    module = oracle().exceptions
    return [
        name
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, module.SanicJWTException)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_package_exports(name: str) -> None:
    package = ours().module("exceptions").__package__
    assert hasattr(__import__(package), name)


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module, names in IMPORTED.items() for name in names],
)
def test_submodules_export(module: str, name: str) -> None:
    assert hasattr(oracle().module(module), name)
    assert hasattr(ours().module(module), name)


@pytest.mark.parametrize("name", error_names())
def test_errors(name: str) -> None:
    theirs = getattr(oracle().exceptions, name)
    here = getattr(ours().exceptions, name)
    assert issubclass(here, ours().exceptions.SanicJWTException)
    if name in ("SanicJWTException", "InvalidToken"):
        instances = theirs("x"), here("x")
    else:
        instances = theirs(), here()
    before, now = (error.status_code for error in instances)
    assert now == OTHER_STATUS.get(name, before)
    assert (now != before) == (name in OTHER_STATUS)


@pytest.mark.parametrize("name", error_names())
def test_errors_take_a_message_and_a_status(name: str) -> None:
    for front in (oracle(), ours()):
        error = getattr(front.exceptions, name)("Words.", status_code=499)
        if name == "Unauthorized" and front is oracle():
            continue  # current Sanic gives it 401 whatever is asked
        assert error.status_code == 499
        if name not in ("InvalidConfiguration", "InvalidPayload"):
            assert str(error) == "Words."
