"""Which held scope grants which required one."""

from __future__ import annotations

import pytest

from sanic_jwt_oo.access.scopes import match_scopes, parse
from sanic_jwt_oo.tokens import held_scopes, named_scopes

TABLE = [
    # required, held, all actions needed, granted
    ("user", ["something"], True, False),
    ("user", ["user"], True, True),
    ("user:read", ["user"], True, True),
    ("user:read", ["user:read"], True, True),
    ("user:read", ["user:write"], True, False),
    ("user:read", ["user:read:write"], True, True),
    ("user", ["user:read"], True, False),
    ("user:read:write", ["user:read"], True, False),
    ("user:read:write", ["user:read"], False, True),
    ("user:read:write", ["user:write:read"], True, True),
    ("user:read:write", ["user:delete"], False, False),
    (":read", ["user:read"], True, True),
    (":read", ["admin"], True, True),
    (":read", ["user:write"], True, False),
    ("user", ["admin", "user"], True, True),
    ("user", [], True, False),
]


@pytest.mark.requirement("G2")
@pytest.mark.parametrize(("required", "held", "all_actions", "granted"), TABLE)
def test_a_held_scope_matches_a_required_one(
    required, held, all_actions, granted
):
    verdict = match_scopes((required,), tuple(held), all_actions=all_actions)
    assert verdict is granted


@pytest.mark.requirement("G2")
@pytest.mark.parametrize(
    ("required", "require_all", "granted"),
    [
        (("a", "b"), True, True),
        (("a", "c"), True, False),
        (("a", "c"), False, True),
        (("c", "d"), False, False),
        ((), True, True),
        ((), False, False),
    ],
)
def test_several_required_scopes_match(required, require_all, granted):
    assert match_scopes(required, ("a", "b"), require_all) is granted


def test_a_parsed_scope_is_a_pair():
    assert parse("user:read:write") == ("user", ["read", "write"])


@pytest.mark.requirement("G1")
@pytest.mark.parametrize(
    "claim", [None, "user", 1, {"user": 1}, [1], [["user"]], True]
)
def test_an_ill_typed_claim_has_no_scopes(claim):
    assert held_scopes(claim) is None


def test_none_among_the_scopes_is_ignored():
    assert held_scopes([None, "a:b", None]) == ("a:b",)
    assert held_scopes([None]) == ()


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("a", ("a",)),
        (["a", "b"], ("a", "b")),
        (("a",), ("a",)),
        ([], ()),
        (1, None),
        ([1], None),
    ],
)
def test_the_values_that_can_be_required(value, named):
    assert named_scopes(value) == named
