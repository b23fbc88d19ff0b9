"""`sanic_jwt_oo.authentication` and others: module names of sanic-jwt."""

import importlib
import pickle
import subprocess
import sys

import pytest

import sanic_jwt_oo
from sanic_jwt_oo.compat.module_names import GONE

NAMES = {
    "authentication": "Authentication",
    "claim": "Claim",
    "initialization": "Initialize",
}
HELPERS = {
    "base": "BaseDerivative",
    "cache": "to_cache",
    "decorators": "instant_config",
    "responses": "COOKIE_OPTIONS",
    "utils": "call",
    "validators": "validate_scopes",
}


@pytest.mark.parametrize(("module", "name"), NAMES.items())
def test_module_is_the_first_thing_that_is_imported(
    module: str, name: str
) -> None:
    program = (
        f"import sanic_jwt_oo.{module} as one\n"
        f"from sanic_jwt_oo import {module} as other, {name}\n"
        f"from sanic_jwt_oo.{module} import {name} as imported\n"
        f"assert one is other is sanic_jwt_oo.{module}\n"
        f"assert imported is {name}\n"
    )
    program = f"import sanic_jwt_oo.{module}\n{program}"
    subprocess.run(
        # Sanic 24.12 imports a module of websockets by its former name
        [
            *(sys.executable, "-W", "error"),
            *("-W", "ignore::DeprecationWarning", "-c", program),
        ],
        check=True,
        timeout=60,
    )


@pytest.mark.parametrize(("module", "name"), HELPERS.items())
def test_helper_is_imported_from_its_old_place(module: str, name: str) -> None:
    place = importlib.import_module(f"sanic_jwt_oo.{module}")

    assert place is getattr(sanic_jwt_oo, module)
    assert hasattr(place, name)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (module.__name__.rpartition(".")[2], name)
        for module, names in GONE.items()
        for name in names
    ],
)
def test_name_that_is_gone_says_what_replaces_it(
    module: str, name: str
) -> None:
    place = importlib.import_module(f"sanic_jwt_oo.{module}")
    expected = f"sanic_jwt_oo.{module} has no {name}. "

    with pytest.raises(ImportError, match=expected) as imported:
        exec(f"from sanic_jwt_oo.{module} import {name}", {})
    with pytest.raises(ImportError, match=expected):
        getattr(place, name)
    assert len(str(imported.value)) > len(expected)


def test_name_that_never_was_is_missing_as_usual() -> None:
    from sanic_jwt_oo import configuration

    assert not hasattr(configuration, "DEFAULT_SECRETS")
    with pytest.raises(ImportError, match="cannot import name"):
        exec("from sanic_jwt_oo.configuration import DEFAULT_SECRETS", {})


def test_no_secret_is_public() -> None:
    with pytest.raises(ImportError, match="anyone can sign tokens"):
        exec("from sanic_jwt_oo.configuration import DEFAULT_SECRET", {})


@pytest.mark.parametrize(("module", "name"), NAMES.items())
def test_class_can_be_unpickled_from_its_old_place(
    module: str, name: str
) -> None:
    pickled = f"csanic_jwt_oo.{module}\n{name}\n.".encode()
    assert pickle.loads(pickled) is getattr(sanic_jwt_oo, name)


@pytest.mark.parametrize("module", NAMES)
def test_module_has_a_spec(module: str) -> None:
    assert importlib.util.find_spec(f"sanic_jwt_oo.{module}") is not None
