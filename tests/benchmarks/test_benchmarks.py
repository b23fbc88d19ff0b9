"""The benchmark measures what it says that it does."""

import pytest

from tests.effort import sample

from . import (
    crowds,
    growth,
    instructions,
    report,
    results,
    sockets,
    stores,
)
from .application import PACKAGES, claims_of, make, request_of
from .credentials import Pair, tokens
from .inprocess import OK, connect, get, post
from .peers import HERE, PEERS

ALGORITHMS = ("HS256", "RS256", "ES256")
GUARDED = ("/protected", "/scoped", "/user")
REFUSED = b"HTTP/1.1 401 "
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def pairs():
    return {algorithm: Pair.make(algorithm) for algorithm in ALGORITHMS}


@pytest.fixture(params=ALGORITHMS)
def algorithm(request):
    return request.param


@pytest.fixture
def make_tokens(pairs, algorithm):
    def make_tokens(count, package="ours"):
        claims = claims_of(package)
        return [*tokens(algorithm, pairs[algorithm], count, claims)]

    return make_tokens


@pytest.mark.parametrize("package", PACKAGES)
async def test_routes_are_guarded(package, algorithm, pairs, make_tokens):
    good, other = make_tokens(2, package)
    # the signature of another token
    bad = ".".join([*good.split(".")[:2], other.split(".")[2]])
    alone = "by hand" in package or "sessions" in package
    routes = GUARDED[:1] if alone else GUARDED
    async with connect(make(package, algorithm, pairs[algorithm])) as client:
        for path in routes:
            for token, status in ((good, OK), (bad, REFUSED)):
                request = request_of(package, path, token)
                assert (await client.send(request)).startswith(status)
            assert (await client.send(get(path))).startswith(REFUSED)


@pytest.mark.parametrize("package", PACKAGES)
async def test_open_routes_and_the_login_respond(package, algorithm, pairs):
    async with connect(make(package, algorithm, pairs[algorithm])) as client:
        await client.expect_ok(get("/open"))
        await client.expect_ok(post("/echo", '{"user_id": 1}'))
        response = await client.send(post("/auth", '{"user_id": 1}'))
    assert response.startswith(OK)
    assert b"access_token" in response


def test_tokens_differ_and_have_the_same_length(make_tokens):
    made = make_tokens(5)
    assert len({*made}) == 5
    assert len({len(token) for token in made}) == 1


@pytest.mark.parametrize(
    ("package", "kind"),
    [
        (p, kind)
        for p, kinds in instructions.COMPARED.items()
        for kind in kinds
    ],
)
async def test_all_counted_requests_get_a_response(
    package, kind, tmp_path, monkeypatch
):
    monkeypatch.setattr(instructions, "WORKSHOP", tmp_path)
    assert await instructions.run(package, kind, 3) == 3


async def test_a_response_other_than_200_is_an_error():
    pair = Pair.make("HS256")
    async with connect(make("ours", "HS256", pair)) as client:
        with pytest.raises(RuntimeError, match="401"):
            await client.expect_ok(get("/protected"))


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_each_peer_has_an_application(peer):
    source = HERE / f"{peer.module}.py"
    compile(source.read_text(), source.name, "exec")
    assert peer.claims(1) != peer.claims(2)


def test_the_pages_are_made_from_the_results():
    for page, text in report.render(results.read()).items():
        assert text == page.read_text()


@pytest.mark.parametrize("kind", sample(stores.PLACES, "SQLite"))
def test_stores_and_their_drivers_take_the_same_steps(
    kind, tmp_path, monkeypatch
):
    places = {kind: stores.PLACES[kind]}
    monkeypatch.setattr(stores, "PLACES", places)
    monkeypatch.setattr(crowds, "SPELL", 0.1)
    found = stores.run(tmp_path, 1)
    steps = found["kinds"][kind]
    assert steps.keys() == {*stores.STEPS}
    assert all(len(steps[step]["ours"]) == 1 for step in steps)
    for part in ("crowds", "workers"):
        crowd = found[part][kind]
        for name in ("ours", "bare"):
            assert [len(each) for each in crowd[name].values()] == [1, 1]


@pytest.mark.parametrize("kind", sample(growth.KINDS, "SQLite"))
async def test_few_and_many_sessions_take_turns(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(growth, "KINDS", {kind: growth.KINDS[kind]})
    monkeypatch.setattr(growth, "ROUNDS", 1)
    found = (await growth.run(tmp_path, 0.0001))["kinds"][kind]
    assert found["steps"].keys() == {*stores.STEPS}
    assert found["steps"]["check"].keys() == {
        *("few", "many", "revoked", "crowd")
    }


async def test_open_sockets_are_measured(capsys):
    await sockets.main(8, 0.01)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["open", "protected:"]
    assert lines[3].startswith("2 sessions ended")
