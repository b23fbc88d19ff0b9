"""`sanic_jwt_oo.authentication` and others: module names of sanic-jwt."""

import importlib
import pickle
import subprocess
import sys

import pytest

import sanic_jwt_oo

NAMES = {
    "authentication": "Authentication",
    "claim": "Claim",
    "initialization": "Initialize",
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


@pytest.mark.parametrize(("module", "name"), NAMES.items())
def test_class_can_be_unpickled_from_its_old_place(
    module: str, name: str
) -> None:
    pickled = f"csanic_jwt_oo.{module}\n{name}\n.".encode()
    assert pickle.loads(pickled) is getattr(sanic_jwt_oo, name)


@pytest.mark.parametrize("module", NAMES)
def test_module_has_a_spec(module: str) -> None:
    assert importlib.util.find_spec(f"sanic_jwt_oo.{module}") is not None
