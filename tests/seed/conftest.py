"""A fixture: an application in `apps/`, on each of the two packages."""

from collections.abc import AsyncIterator

import pytest
from sanic import Sanic

from .running import ORACLE, OURS, Client, load, served


@pytest.fixture
def app() -> Sanic:
    """An application to install on."""
    app = Sanic("seed")
    Sanic.unregister_app(app)
    return app


@pytest.fixture(
    params=[
        # 1.8.0 warns a lot on current Python, Sanic and PyJWT
        pytest.param(ORACLE, marks=pytest.mark.filterwarnings("ignore")),
        # these applications have no secret; test_apps.py checks the warning
        pytest.param(
            OURS,
            marks=pytest.mark.filterwarnings(
                f"ignore::{OURS}.exceptions.InsecureSecretWarning"
            ),
        ),
    ]
)
def package(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def client(
    request: pytest.FixtureRequest, package: str
) -> AsyncIterator[Client]:
    """A client of the application that the test module is named after."""
    name = request.module.__name__.rpartition(".test_app_")[2]
    module = load(name, package)
    if package == ORACLE:
        module.app.config.DEPRECATION_FILTER = "ignore"
    async with served(module.app) as transport:
        yield Client(package, module, transport)
