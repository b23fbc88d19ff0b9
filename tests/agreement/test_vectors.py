"""The named tokens: both sides accept or refuse them as listed."""

from __future__ import annotations

import pytest

from . import vectors
from .spoiling import other_endings, other_spellings
from .terms import ALL

pytestmark = [
    pytest.mark.requirement("T2"),
    pytest.mark.requirement("T7"),
    pytest.mark.requirement("I5"),
]


@pytest.mark.parametrize("family", [*vectors.FAMILIES])
def test_each_vector_has_the_listed_outcome(world, family):
    judged = [
        (str(one), world.agree(ALL[one.terms], one.token))
        for one in vectors.of(family)
    ]
    assert judged == [(str(one), one.good) for one in vectors.of(family)]


@pytest.mark.parametrize("family", [*vectors.FAMILIES])
def test_vector_names_are_unique(family):
    names = [str(one) for one in vectors.of(family)]
    assert sorted(names) == sorted({*names})


@pytest.mark.parametrize("name", [*ALL])
def test_changing_the_last_character_invalidates_a_token(world, name):
    for token in other_endings(ALL[name].token()):
        assert not world.agree(ALL[name], token)


@pytest.mark.parametrize("name", ["plain", "key ids", "HS512", "ES256"])
def test_another_encoding_of_a_token_is_refused(world, name):
    good = ALL[name].token()
    assert world.agree(ALL[name], good)
    for token in other_spellings(good):
        assert not world.agree(ALL[name], token)
        assert world.agree(ALL[name], good)


@pytest.mark.parametrize(
    "token",
    [None, 1, 1.5, True, b"a.b.c", bytearray(b"a.b.c"), [], {}, (), object()],
    ids=lambda token: type(token).__name__,
)
def test_a_token_that_is_not_text_is_refused(world, token):
    assert not world.agree(ALL["plain"], token)


def test_a_token_as_bytes_is_refused(world):
    good = ALL["plain"].token()
    assert world.agree(ALL["plain"], good)
    assert not world.agree(ALL["plain"], good.encode())
