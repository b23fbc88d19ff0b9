"""Rules for the applications that migrate by their import lines."""

import pytest

from .running import APPS, IMPORT, NAMES, OURS, load


def test_there_are_at_least_eight_applications() -> None:
    assert len(NAMES) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_an_application_has_a_test(name: str) -> None:
    assert (APPS.parent / f"test_app_{name}.py").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_an_application_imports_only_sanic_jwt(name: str) -> None:
    source = (APPS / f"{name}.py").read_text()
    assert IMPORT.search(source)
    assert OURS not in source


@pytest.mark.requirement("T16")
def test_an_application_without_a_secret_warns() -> None:
    with pytest.warns(UserWarning, match="No secret is set"):
        load("hello", OURS)
