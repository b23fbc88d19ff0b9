"""Scope matching equals that of the oracle, for any scopes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("sanic_jwt", reason="the oracle is not installed")

from sanic_jwt.validators import validate_single_scope

from sanic_jwt_oo.access.scopes import match_scopes

from ..effort import THOROUGH

# Few characters give many near misses; any text finds the rest.
words = st.sampled_from(["", "a", "b", "read", "write", "é", " "])
scopes = st.one_of(
    st.lists(words, min_size=1, max_size=5).map(":".join), st.text()
)
granted = st.lists(scopes, max_size=5)


@settings(max_examples=1500 if THOROUGH else 150, deadline=None)
@given(required=scopes, user_scopes=granted, all_actions=st.booleans())
def test_matches_as_the_oracle_does(
    required: str, user_scopes: list[str], all_actions: bool
) -> None:
    assert match_scopes(
        (required,), tuple(user_scopes), all_actions=all_actions
    ) == validate_single_scope(
        required, user_scopes, require_all_actions=all_actions
    )
