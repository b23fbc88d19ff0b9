"""Every step of the tutorial runs, and does what the tutorial says."""

import importlib
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial"


@pytest.fixture(scope="module")
def directory():
    """Make the files of the tutorial importable; users are made once."""
    sys.path.insert(0, str(TUTORIAL))
    yield TUTORIAL
    sys.path.remove(str(TUTORIAL))
    sys.modules.pop("users", None)


@pytest.fixture
def step(directory):
    """Return a function that imports a step anew."""

    def run(number):
        name = f"step{number}"
        sys.modules.pop(name, None)
        return importlib.import_module(name)

    return run


async def token_of(client, app, name="ada", password="correct horse"):
    answer = await client(
        app, "post", "/auth", json={"name": name, "password": password}
    )
    return answer.json["access_token"]


@pytest.mark.parametrize("number", range(1, 6))
async def test_a_step_logs_users_in(client, step, number):
    app = step(number).app

    token = await token_of(client, app)

    verified = await client(app, "get", "/auth/verify", token)
    assert verified.json == {"valid": True}


@pytest.mark.requirement("H11")
@pytest.mark.parametrize(
    "fields",
    [
        {"name": "ada", "password": "guess"},
        {"name": "eve", "password": "correct horse"},
        {"name": "eve", "password": "what unknown names are compared with"},
        {"name": 1, "password": ["correct horse"]},
        {},
    ],
    ids=["password", "name", "nobody", "types", "empty"],
)
async def test_step_1_refuses_all_others_alike(client, step, fields):
    answer = await client(step(1).app, "post", "/auth", json=fields)

    assert answer.status == 401
    assert answer.text == (
        '{"reasons":["Wrong name or password."],'
        '"exception":"AuthenticationFailed"}'
    )


@pytest.mark.requirement("T18")
async def test_step_1_copes_with_half_a_character(client, step):
    body = b'{"name": "ada", "password": "\\ud800"}'

    answer = await client(step(1).app, "post", "/auth", content=body)

    assert answer.status in (400, 401)


@pytest.mark.parametrize("body", [b"[]", b'"ada"', b"{", b"\xff"])
async def test_step_1_refuses_other_bodies(client, step, body):
    answer = await client(step(1).app, "post", "/auth", content=body)

    assert answer.status == 400


async def test_step_2_protects_a_route(client, step):
    app = step(2).app
    token = await token_of(client, app)

    assert (await client(app, "get", "/")).status == 200
    assert (await client(app, "get", "/orders")).status == 401
    answer = await client(app, "get", "/orders", token)
    assert answer.text == '{"orders":[17,23]}'


async def test_step_3_knows_the_user(client, step):
    app = step(3).app
    token = await token_of(client, app)

    stranger = await client(app, "get", "/")
    ada = await client(app, "get", "/", token)
    orders = await client(app, "get", "/orders", token)
    me = await client(app, "get", "/auth/me", token)

    assert stranger.json == {"hello": "stranger"}
    assert ada.json == {"hello": "ada"}
    assert orders.json["of"] == "ada"
    assert me.text == '{"me":{"user_id":1,"name":"ada"}}'


async def test_step_3_refuses_a_user_who_is_gone(client, step, monkeypatch):
    module = step(3)
    token = await token_of(client, module.app)
    monkeypatch.setattr(sys.modules["users"], "USERS", [])

    assert (await client(module.app, "get", "/orders", token)).status == 401
    answer = await client(module.app, "get", "/", token)
    assert answer.json == {"hello": "stranger"}


async def test_step_4_asks_for_scopes(client, step):
    app = step(4).app
    ada = await token_of(client, app)
    bob = await token_of(client, app, "bob", "battery staple")

    assert (await client(app, "get", "/orders", bob)).status == 200
    assert (await client(app, "delete", "/orders/17", ada)).status == 200
    refused = await client(app, "delete", "/orders/17", bob)
    assert refused.status == 403
    assert refused.text == (
        '{"reasons":["Invalid scope."],"exception":"Unauthorized"}'
    )
    assert 'scope="orders:delete"' in refused.headers["www-authenticate"]


async def test_step_5_refreshes(client, step):
    app = step(5).app
    fields = {"name": "ada", "password": "correct horse"}
    answer = await client(app, "post", "/auth", json=fields)
    access, refresh = answer.json["access_token"], answer.json["refresh_token"]
    assert app.ctx.auth.config.expiration_delta == 900

    good = await client(
        app, "post", "/auth/refresh", access, json={"refresh_token": refresh}
    )
    bad = await client(
        app, "post", "/auth/refresh", access, json={"refresh_token": "guess"}
    )

    assert [*good.json] == ["access_token"]
    assert bad.status == 401


@pytest.mark.parametrize("plain", [False, True])
async def test_step_6_uses_cookies(client, step, monkeypatch, plain):
    if plain:
        monkeypatch.setenv("SHOP_OVER_PLAIN_HTTP", "1")
    app = step(6).app
    fields = {"name": "ada", "password": "correct horse"}
    stranger = await client(app, "get", "/account", follow_redirects=False)
    logged_in = await client(app, "post", "/auth", json=fields)
    cookies = logged_in.headers.get_list("set-cookie")

    assert logged_in.json == {}
    readable = [c for c in cookies if "HttpOnly" not in c]
    assert [c.partition("=")[0] for c in readable] == [
        "csrf_token" if plain else "__Host-csrf_token"
    ]
    assert all(("Secure" in cookie) is not plain for cookie in cookies)
    assert cookies[0].startswith("access_token" if plain else "__Host-access")

    cookie = {"Cookie": cookies[0].partition(";")[0]}
    ada = await client(app, "get", "/account", headers=cookie)
    orders = await client(app, "get", "/orders", headers=cookie)
    log_in_page = await client(app, "get", "/")

    assert (stranger.status, stranger.headers["location"]) == (302, "/")
    assert "Hello ada." in ada.text
    assert orders.json["of"] == "ada"
    assert "<form>" in log_in_page.text
