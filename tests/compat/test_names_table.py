"""The page about names of sanic-jwt is true of both packages."""

from __future__ import annotations

import asyncio
import inspect
from functools import cache
from importlib import import_module
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sanic import Sanic

pytest.importorskip("sanic_jwt", reason="the oracle is not installed")

from sanic_jwt_oo.compat.by_hand import UNCALLED
from sanic_jwt_oo.compat.initialization import UNCALLED as UNCALLED_OF_INIT
from sanic_jwt_oo.compat.module_names import GONE as GONE_FROM_MODULES
from sanic_jwt_oo.compat.taken_over import REPLACED
from sanic_jwt_oo.exceptions import SanicJWTException
from tests.conftest import SECRET

from .names_table import (
    DIFFERS,
    GONE,
    gone_because,
    markdown,
    refusal_of,
    verdict,
)
from .oracle_names import Name, every_name

PAGE = Path(__file__).parents[2] / "docs" / "migration-names.md"
OLD, NEW = "sanic_jwt", "sanic_jwt_oo"
NAMES = every_name()
LAZY = {"_is_asymmetric"}
"""Attributes that 1.8 sets when a token is signed."""
_numbers = count(1)

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*utcnow:Warning"),
]


def install(package: Any, **options: Any) -> Any:
    app = Sanic(f"names-{next(_numbers)}")
    return package.Initialize(
        app,
        authenticate=lambda request: {"user_id": 1},
        secret=SECRET,
        **options,
    )


@cache
def objects(package: str) -> dict[str, Any]:
    """Return an object of each class of a package."""

    async def make() -> dict[str, Any]:
        found = import_module(package)
        installed = install(found)
        endpoints = import_module(f"{package}.endpoints")
        own = {"key": "own", "setup": str, "verify": bool}
        auth = installed.instance.ctx.auth
        return {
            "Authentication": auth,
            "BaseAuthentication": auth,
            "BaseDerivative": import_module(f"{package}.base").BaseDerivative(
                installed.config, installed.instance
            ),
            "Claim": type("Own", (found.Claim,), own)(),
            "ConfigItem": installed.config.leeway,
            "Configuration": installed.config,
            "Initialize": installed,
            "Responses": installed.responses,
            **{
                name: getattr(endpoints, name)(
                    installed.responses,
                    config=installed.config,
                    instance=installed.instance,
                )
                for name in vars(endpoints)
                if name.endswith("Endpoint")
            },
        }

    return asyncio.run(make())


def holder(package: str, name: Name) -> Any:
    """Return what has a name in a package: a module, an object or a class."""
    module = import_module(f"{package}.{name.module}".rstrip("."))
    if not name.owner:
        return module
    return objects(package).get(name.owner) or getattr(module, name.owner)


def accepts(function: Any, theirs: Any) -> None:
    """Fail if a function does not accept the arguments of another one."""
    by_name = inspect.Parameter.KEYWORD_ONLY
    try:
        parameters = [
            p
            for p in inspect.signature(theirs).parameters.values()
            if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
        ]
    except ValueError:  # of a class that Python itself constructs
        return
    if not parameters:  # it says nothing
        return
    required = [p for p in parameters if p.default is p.empty]
    signature = inspect.signature(function)
    for wanted in (parameters, required):
        signature.bind(
            *(p for p in wanted if p.kind is not by_name),
            **{p.name: p for p in wanted if p.kind is by_name},
        )
        signature.bind(**{p.name: p for p in wanted})


WORKING = [name for name in NAMES if gone_because(name) is None]
ABSENT = [name for name in NAMES if gone_because(name) is not None]
REFUSED = [name for name in NAMES if refusal_of(name) is not None]


def test_the_page_is_up_to_date() -> None:
    """If not: python -m tests.compat.names_table > docs/migration-names.md."""
    assert PAGE.read_text() == markdown()


def test_the_page_has_every_name_of_the_oracle() -> None:
    page = PAGE.read_text()
    assert len(NAMES) > 200
    for name in NAMES:
        assert f"`{name.name}`" in page or name.name == "status_code"
        assert verdict(name)


def test_nothing_is_said_of_names_that_1_8_does_not_have() -> None:
    from fnmatch import fnmatchcase

    texts = [*map(str, NAMES)]
    for pattern in (*GONE, *DIFFERS):
        assert any(fnmatchcase(text, pattern) for text in texts), pattern
    for module, names in GONE_FROM_MODULES.items():
        place = module.__name__.rpartition(".")[2]
        assert {f"{place}.{name}" for name in names} <= {*texts}
    members = {name.name for name in NAMES if name.owner}
    assert {*REPLACED} <= members
    uncalled = {*UNCALLED, *UNCALLED_OF_INIT} - {"__init__", "__new__"}
    assert uncalled <= members


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_the_oracle_has_the_name(name: Name) -> None:
    assert name.name in LAZY or hasattr(holder(OLD, name), name.name)


@pytest.mark.parametrize("name", WORKING, ids=str)
def test_a_name_that_works_is_there_and_takes_the_same(name: Name) -> None:
    theirs = getattr(holder(OLD, name), name.name)
    here = getattr(holder(NEW, name), name.name)

    assert callable(here) == callable(theirs)
    assert inspect.isclass(here) == inspect.isclass(theirs)
    assert inspect.iscoroutinefunction(here) or not (
        inspect.iscoroutinefunction(theirs)
        and not name.name.startswith("_")
        and name.module == "utils"
    )
    if callable(theirs):
        accepts(here, theirs)


@pytest.mark.parametrize("name", ABSENT, ids=str)
def test_a_name_that_is_gone_is_not_there(name: Name) -> None:
    place = holder(NEW, name)
    if not name.owner:
        with pytest.raises(ImportError) as raised:
            getattr(place, name.name)
        assert str(raised.value).endswith(str(gone_because(name)))
    else:
        assert not hasattr(place, name.name)


@pytest.mark.parametrize("name", REFUSED, ids=str)
def test_a_name_that_is_refused_says_what_replaces_it(name: Name) -> None:
    package = import_module(NEW)

    def own(*args: Any, **kwargs: Any) -> Any:
        """Never called."""

    base = {"BaseAuthentication": "Authentication"}.get(name.owner, name.owner)

    def define() -> None:
        kind = type("Own", (getattr(package, base),), {name.name: own})
        if base == "Initialize":
            install(SimpleNamespace(Initialize=kind))
        install(package, configuration_class=kind)

    with pytest.raises(SanicJWTException) as raised:
        define()

    assert f"defines {name.name}" in str(raised.value)
    assert str(raised.value).endswith(str(refusal_of(name)))
    if base == "Authentication":
        with pytest.raises(SanicJWTException) as raised:
            setattr(objects(NEW)["Authentication"], name.name, own)
        assert str(raised.value).endswith(str(refusal_of(name)))
