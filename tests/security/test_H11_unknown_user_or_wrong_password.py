"""H11: an unknown user and a wrong password get the same response."""

import re
from pathlib import Path

import pytest

from sanic_jwt_oo import AuthenticationFailed

from .shops import new_shop, open_shop

pytestmark = pytest.mark.requirement("H11")

ROOT = Path(__file__).parents[2]
TELL_TALE = re.compile(
    r"""(?ix) AuthenticationFailed \( \s* f?["'] [^"']*
    ( not\ found | unknown | no\ such | does\ not\ exist | not\ exist
    | (password|username|user) \s+ (is|was) \s+ (incorrect|wrong|invalid)
    | (incorrect|wrong|invalid|bad) \s+ (password|username|user) \b
      (?! \s+ (or|and) )
    )"""
)


def pages():
    found = [ROOT / "README.md", ROOT / "SECURITY.md"]
    for directory, pattern in (("docs", "*.md"), ("examples", "*.py")):
        found += sorted((ROOT / directory).rglob(pattern))
    return [page for page in found if page.is_file()]


@pytest.mark.parametrize(
    "page", pages(), ids=lambda page: str(page.relative_to(ROOT))
)
def test_no_documentation_page_reveals_which_users_exist(page):
    found = TELL_TALE.search(page.read_text())
    assert found is None, found.group()


@pytest.mark.parametrize(
    "line",
    [
        'raise exceptions.AuthenticationFailed("User not found.")',
        "AuthenticationFailed('Password is incorrect.')",
        'AuthenticationFailed("Wrong password.")',
        'AuthenticationFailed(\n    f"No such user: {name}"\n)',
    ],
)
def test_the_pattern_finds_a_revealing_message(line):
    assert TELL_TALE.search(line)


def test_the_pattern_ignores_a_safe_message():
    right = 'AuthenticationFailed("Wrong username or password.")'
    assert TELL_TALE.search(right) is None


async def test_the_default_responses_are_equal(front):
    shop = open_shop(front)
    responses = [
        await shop.post("/auth", json={"username": name, "password": "x"})
        for name in ("ada", "nobody")
    ]
    assert responses[0].status == responses[1].status == 401
    assert responses[0].pairs == responses[1].pairs
    assert responses[0].body == responses[1].body


async def test_returning_no_user_equals_raising_without_a_reason(front):
    def fail():
        raise AuthenticationFailed

    returning = new_shop(front, authenticate=lambda: None)
    raising = new_shop(front, authenticate=fail)
    one = await returning.post("/auth", json={})
    other = await raising.post("/auth", json={})
    assert one.status == other.status == 401
    assert one.body == other.body
