"""Run the fuzzer: `make fuzz`, or `make fuzz SECONDS=600 ARGS=-seed=1`.

Arguments are those of libFuzzer. A file as argument is played and nothing
else. Corpus and findings are kept in `.fuzz`.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from pprint import pformat

import atheris

with atheris.instrument_imports(include=["sanic_jwt_oo", "jwt"]):
    import jwt  # noqa: F401

    import sanic_jwt_oo  # noqa: F401

from tests.agreement.world import SMALL, World

from .scenario import Scenario
from .seeds import dictionary, seeds
from .target import play, run

KEPT = Path(".fuzz")
ADVICE = """
To keep it away, write a test with a name for the fault, such as

    def test_...():
        assert not World().agree(ALL[{terms!r}], {token!r})

into tests/regression, with what is in tests/agreement; or if it takes more
than the token, play the scenario, with what is in tests/fuzz:

    def test_...():
        play(Scenario.read({octets!r}), World(SMALL))
"""


def look_at(octets: bytes) -> None:
    """Play a scenario, and say what is to be done if it goes wrong."""
    try:
        run(octets)
    except Exception as fault:
        scenario = Scenario.read(octets)
        print(f"\n{type(fault).__name__}: {fault}\n\n{pformat(scenario)}")
        try:
            play(scenario, World(SMALL))
        except Exception:
            print("It happens by itself.")
        else:
            print("It takes those before it: repeat with ARGS=-seed=SEED.")
        print(
            ADVICE.format(
                terms=scenario.terms_name,
                token=scenario.token(),
                octets=octets,
            ),
            flush=True,
        )
        raise


def prepare() -> list[str]:
    """Write seeds and dictionary; return the arguments that name them."""
    known, found = KEPT / "corpus", KEPT / "found"
    for directory in (known, found):
        directory.mkdir(parents=True, exist_ok=True)
    for octets in seeds():
        (known / sha1(octets, usedforsecurity=False).hexdigest()).write_bytes(
            octets
        )
    words = KEPT / "words.dict"
    words.write_text("\n".join(dictionary()) + "\n")
    return [str(known), f"-dict={words}", f"-artifact_prefix={found}/"]


def main(arguments: Sequence[str]) -> None:
    """Fuzz, or play the files that are named."""
    files = [name for name in arguments if not name.startswith("-")]
    if files:
        for name in files:
            look_at(Path(name).read_bytes())
        print(f"{len(files)} played; nothing is wrong.")
        return
    warnings.simplefilter("error")
    options = [
        "-len_control=20",
        "-max_len=4000",
        "-print_final_stats=1",
        "-use_value_profile=1",
    ]
    atheris.Setup([sys.argv[0], *prepare(), *options, *arguments], look_at)
    atheris.Fuzz()


main(sys.argv[1:])
