"""A mutant has one change, and the tests of its copy decide its outcome."""

from __future__ import annotations

import pytest

from .__main__ import NEAREST, ROOT, BrokenTests, Copy, mutants, nearest_tests
from .operators import Mutant, mutants_of

SOURCE = '''
def small(n: int | None = True, *, é="é<") -> bool:
    """Return whether 1 < 2."""
    if not n:
        raise ValueError
    log("é", n)
    if n == 3:
        return None
    return n is not None and n < 3
'''
LUA = '''
SCRIPT = """
-- at least 1 < 2
if now >= 3 or x ~= 'a+b' then
    redis.call('DEL', key)
end
"""
'''
LOOP = (
    "def one():\n    n = 2\n    while n > 1:\n        n -= 1\n    return n\n"
)


def changes(source):
    return {
        (mutant.source[mutant.start : mutant.end], mutant.text)
        for mutant in mutants_of("a.py", source)
    }


def test_operators_numbers_conditions_and_statements_change():
    assert changes(SOURCE) == {
        ("True", "False"),
        ("not", ""),
        ("not n", "not (not n)"),
        ("raise ValueError", "pass"),
        ('log("é", n)', "pass"),
        ("n == 3", "not (n == 3)"),
        ("==", "!="),
        ("n is not None and n < 3", "None"),
        ("and", "or"),
        ("<", "<="),
        ("3", "4"),
    }


def test_scripts_change_except_for_strings_and_comments():
    assert changes(LUA) == {
        (">=", ">"),
        ("3", "4"),
        ("or", "and"),
        ("~=", "=="),
        ("    redis.call('DEL', key)", ""),
    }


def test_a_mutant_shows_its_line_and_its_difference():
    (mutant, *_) = mutants_of("a.py", "a = 1\nb = 2 < 3\nc = 3\n")[1:]
    assert mutant.line == 2
    assert mutant.difference == (
        "@@ -1,3 +1,3 @@\n a = 1\n-b = 2 < 3\n+b = 3 < 3\n c = 3"
    )


@pytest.fixture
def copy(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "loop.py").write_text(LOOP)
    (tree / "test_loop.py").write_text(
        "from loop import one\n\n\ndef test_it():\n    assert one() == 1\n"
    )
    (tree / "test_broken.py").write_text("def test_it():\n    assert False\n")
    return Copy(tree, tmp_path / "copy")


@pytest.mark.parametrize(
    ("old", "new", "seconds", "verdict"),
    [
        ("n > 1", "n >= 1", 60, "killed"),
        ("n = 2", "n = 3", 60, "survived"),
        ("n -= 1", "pass", 3, "timed out"),
    ],
)
def test_each_outcome_is_reported(copy, old, new, seconds, verdict):
    start = LOOP.index(old)
    mutant = Mutant("loop.py", LOOP, start, start + len(old), new)
    assert copy.judge(mutant, ["test_loop.py"], seconds) == verdict
    assert (copy.folder / "loop.py").read_text() == LOOP


def test_tests_that_fail_without_a_mutant_are_an_error(copy):
    assert copy.seconds(["test_loop.py"]) > 0
    with pytest.raises(BrokenTests, match="assert False"):
        copy.seconds(["test_broken.py"])


def test_each_module_has_mutants_and_nearest_tests():
    assert all(
        (ROOT / test).exists()
        for m in NEAREST
        for test in [*nearest_tests(f"sanic_jwt_oo/{m}")]
    )
    paths = {mutant.path for mutant in mutants(["sessions/redis"])}
    assert "sanic_jwt_oo/sessions/redis/scripts.py" in paths
    assert all(p.startswith("sanic_jwt_oo/sessions/redis/") for p in paths)
    assert nearest_tests("sanic_jwt_oo/scopes.py")[0] == "tests/test_scopes.py"
