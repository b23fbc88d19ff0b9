"""W4: a token in `Sec-WebSocket-Protocol` is never echoed or logged."""

from __future__ import annotations

import logging

import pytest
from sanic.response import json

from .conftest import USER
from .serving import handshake, opened, served

pytestmark = pytest.mark.requirement("W4")
NAME = "Sec-WebSocket-Protocol"


@pytest.fixture
async def token(auth):
    return await auth.generate_access_token(USER)


def feed_of(app, auth, reached, *subprotocols, **settings):
    @app.websocket("/feed", subprotocols=[*subprotocols] or None)
    @auth.protected(**settings)
    async def feed(request, ws):
        reached.append("feed")
        await ws.send("feed")


OFFERS = [
    # own, offered, selected
    ([], "bearer, {}", "bearer"),
    ([], "bearer,{}", "bearer"),
    ([], "\tbearer ,\t{} ", "bearer"),
    ([], "other, bearer, {}", "bearer"),
    ([], "bearer, {}, other", "bearer"),
    (["chat"], "bearer, {}", "bearer"),
    (["chat"], "chat, bearer, {}", "chat"),
    (["chat"], "bearer, {}, chat", "chat"),
    (["log", "chat"], "chat, bearer, {}, log", "log"),
    (["chat"], "other, bearer, {}", "bearer"),
    (["bearer"], "bearer, {}", "bearer"),
]


@pytest.mark.parametrize(("own", "offered", "selected"), OFFERS)
async def test_nothing_but_the_subprotocol_is_selected(
    app, server, auth, token, reached, own, offered, selected
):
    feed_of(app, auth, reached, *own)
    offer = (NAME, offered.format(token))
    async with served(server, app) as port:
        answer = await handshake(port, "/feed", offer)
    assert answer.status == 101
    assert answer.header("sec-websocket-protocol") == selected
    assert token not in repr(answer)


async def test_a_client_of_websockets_gets_in(
    app, server, auth, token, reached
):
    feed_of(app, auth, reached)
    async with (
        served(server, app) as port,
        opened(port, "/feed", subprotocols=["bearer", token]) as ws,
    ):
        assert await ws.recv() == "feed"
        assert ws.subprotocol == "bearer"


@pytest.mark.parametrize(
    ("own", "offered", "status", "selected"),
    [
        ([], None, 101, None),
        ([], "chat", 101, None),
        (["chat"], "chat", 101, "chat"),
    ],
)
async def test_without_a_token_there_negotiation_is_as_ever(
    app, server, auth, token, reached, own, offered, status, selected
):
    feed_of(app, auth, reached, *own)
    pairs = [("Authorization", f"Bearer {token}")]
    pairs += [(NAME, offered)] if offered else []
    async with served(server, app) as port:
        answer = await handshake(port, "/feed", *pairs)
    assert answer.status == status
    assert answer.header("sec-websocket-protocol") == selected


@pytest.mark.parametrize("order", [1, -1])
async def test_two_headers_are_one_list(
    app, server, auth, token, reached, order
):
    feed_of(app, auth, reached)
    pairs = [(NAME, f"bearer, {token}"), (NAME, "chat")]
    async with served(server, app) as port:
        answer = await handshake(port, "/feed", *pairs[::order])
    assert answer.status == 101
    if server != "hypercorn":  # which knows one of them
        assert answer.header("sec-websocket-protocol") == "bearer"


@pytest.mark.requirement("H4")
async def test_a_different_token_in_another_place_is_a_400(
    app, server, auth, token, reached
):
    feed_of(app, auth, reached)
    other = await auth.generate_access_token({"user_id": 2})
    header = ("Authorization", f"Bearer {token}")
    async with served(server, app) as port:
        for offered, status in (
            (f"bearer, {other}", 400),
            (f"bearer, {token}, bearer, {other}", 400),
            (f"bearer, {token}", 101),
        ):
            for _ in range(2):  # the token is cached then
                answer = await handshake(
                    port, "/feed", header, (NAME, offered)
                )
                assert answer.status == status
        offered = f"bearer, {token}, bearer, {other}"
        assert (await handshake(port, "/feed", (NAME, offered))).status == 400


@pytest.mark.requirement("X4")
@pytest.mark.parametrize("inner_is_lax", [True, False])
async def test_one_of_two_guards_wants_one_token(
    app, auth, token, reached, inner_is_lax
):
    lax = auth.protected(single_credential=False)
    strict = auth.protected()

    async def feed(request, ws):
        reached.append("feed")

    feed = strict(lax(feed)) if inner_is_lax else lax(strict(feed))
    app.websocket("/feed")(feed)
    other = await auth.generate_access_token({"user_id": 2})
    header = ("Authorization", f"Bearer {token}")
    async with served("sanic", app) as port:
        for _ in range(2):  # the token is cached then
            offer = (NAME, f"bearer, {other}")
            answer = await handshake(port, "/feed", header, offer)
            assert answer.status == 400
    assert not reached


@pytest.mark.requirement("H5")
async def test_a_strict_place_is_the_only_one(app, install, reached):
    auth = install(cookie_set=True)
    feed_of(app, auth, reached)
    token = await auth.generate_access_token(USER)
    async with served("sanic", app) as port:
        answer = await handshake(port, "/feed", (NAME, f"bearer, {token}"))
    assert answer.status == 401


@pytest.mark.requirement("H5")
async def test_only_a_handshake_has_a_token_there(app, auth, token, server):
    @app.get("/page")
    @auth.protected()
    async def page(request):
        return json("page")

    offer = (NAME, f"bearer, {token}")
    async with served(server, app) as port:
        answer = await handshake(port, "/page", offer, without=["Upgrade"])
    assert answer.status == 401


async def test_a_malformed_list_with_a_token_is_a_400(
    app, server, auth, token, reached
):
    """Servers quote it in their responses."""
    feed_of(app, auth, reached)
    header = ("Authorization", f"Bearer {token}")
    async with served(server, app) as port:
        for offered in (f"a b, bearer, {token}", f"bearer, {token} x"):
            for pairs in ([], [header]):
                answer = await handshake(
                    port, "/feed", (NAME, offered), *pairs
                )
                assert answer.status == 400
                # uvicorn refuses it by itself, in words of its own
                assert server == "uvicorn" or token not in repr(answer)
    assert not reached


@pytest.mark.parametrize("path", ["/feed", "/open"])
async def test_a_list_without_its_comma_is_not_quoted(
    app, server, auth, token, reached, caplog, path
):
    """What follows is no token that was found, but it may be one."""
    caplog.set_level(logging.DEBUG)
    feed_of(app, auth, reached)

    @app.websocket("/open")
    async def open_to_all(request, ws):
        reached.append("open")

    header = ("Authorization", f"Bearer {token}")
    signature = token.rpartition(".")[2]
    async with served(server, app) as port:
        for offered in ("bearer {}", "chat;{}", "Bearer, {}@"):
            offer = (NAME, offered.format(token))
            answer = await handshake(port, path, header, offer)
            # uvicorn refuses it by itself, in words of its own
            assert server == "uvicorn" or signature not in repr(answer)
            assert answer.status == (101 if server == "hypercorn" else 400)
    assert signature not in caplog.text


async def test_names_are_case_sensitive(app, auth, token, reached):
    feed_of(app, auth, reached)
    async with served("sanic", app) as port:
        for name in ("Bearer", "xbearer", "bearer x", ""):
            offer = (NAME, f"{name}, {token}")
            assert (await handshake(port, "/feed", offer)).status == 401


async def test_a_csrf_check_does_not_apply(app, install, reached):
    auth = install(cookie_set=True, cookie_strict=False)
    feed_of(app, auth, reached)
    token = await auth.generate_access_token(USER)
    pairs = [
        (NAME, f"bearer, {token}"),
        ("Cookie", "other=1"),
        ("Origin", "https://attacker.example"),
    ]
    async with served("sanic", app) as port:
        assert (await handshake(port, "/feed", *pairs)).status == 101


@pytest.mark.parametrize("mend", ["", " x", ", "])
async def test_it_is_not_logged(
    app, server, auth, token, reached, caplog, mend
):
    """At any level, also where the server refuses the header."""
    names = ["", *logging.Logger.manager.loggerDict]
    for name in names:
        if name.partition(".")[0] not in ("asyncio", "hpack"):
            caplog.set_level(logging.DEBUG, name)
    feed_of(app, auth, reached)
    offer = (NAME, f"bearer, {token}{mend}")
    async with served(server, app) as port:
        await handshake(port, "/feed", offer)
        await handshake(port, "/feed", offer, ("Authorization", "Bearer x"))
    assert token not in caplog.text


async def test_the_scope_that_uvicorn_traces_has_none(
    app, install, reached, caplog
):
    """At level TRACE, below DEBUG."""
    for name in ("uvicorn.error", "uvicorn.asgi"):
        caplog.set_level(5, name)
    auth = install(query_string_set=True, query_string_strict=False)
    feed_of(app, auth, reached)
    token = await auth.generate_access_token(USER)
    offer = (NAME, f"bearer, {token}")
    async with served("uvicorn", app) as port:
        path = f"/feed?access_token={token}&page=2"
        assert (await handshake(port, path, offer)).status == 101
    assert "Started scope=" in caplog.text
    assert "access_token=***&page=2" in caplog.text
    assert token not in caplog.text
