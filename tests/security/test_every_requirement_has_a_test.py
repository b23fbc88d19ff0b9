"""Every requirement has a test that is marked with its id."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MARK = re.compile(r'requirement\(\s*"([A-Z]\d+)"\s*\)')

REQUIRED = [
    *(f"T{number}" for number in range(1, 19)),
    *(f"H{number}" for number in range(1, 12)),
    *(f"S{number}" for number in range(1, 5)),
    "G1",
    "G2",
    "L1",
    "L2",
    "L3",
    "C1",
    "C2",
    "C3",
    "C4",
    "C5",
    "C6",
    "C7",
    "C8",
    "C9",
    "C10",
    *(f"R{number}" for number in range(1, 11)),
    "R12",
    "X1",
    "X2",
    "X3",
    "B1",
    "X4",
    "R13",
    "W1",
    "W2",
    "W3",
    "W4",
    "W5",
    *(f"I{number}" for number in range(1, 14)),
]


@pytest.fixture(scope="module")
def marked():
    """The ids in the marks of all tests."""
    pages = [page.read_text() for page in TESTS.rglob("test_*.py")]
    return {name for page in pages for name in MARK.findall(page)}


@pytest.mark.parametrize("name", REQUIRED)
def test_a_requirement_has_a_test(marked, name):
    assert name in marked


@pytest.mark.parametrize(
    "page",
    sorted(Path(__file__).parent.glob("test_[A-Z][0-9]*.py")),
    ids=lambda page: page.stem,
)
def test_a_file_named_after_a_requirement_is_marked_with_it(page):
    name = page.stem.split("_")[1]
    assert name in MARK.findall(page.read_text())
