import pytest

from .conformance import StoreConformance


@pytest.fixture
def name():
    return "postgres"


class TestPostgreSQL(StoreConformance):
    pass
