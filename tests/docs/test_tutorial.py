"""The tutorial works as printed when its commands are typed in."""

import importlib
import sys

import pytest

from .typed import Terminal, blocks, is_as_printed, save_step

STEPS = sum(block.file == "server.py" for block in blocks())


def test_every_file_is_named_and_every_other_block_is_typed():
    for block in blocks():
        assert (block.file is None) == (block.language == "console"), block
    assert {block.file for block in blocks()} == {
        None,
        "account.html",
        "login.html",
        "server.py",
        "users.py",
    }
    assert STEPS == 6


@pytest.mark.long
def test_the_tutorial_runs_as_it_is_printed(tmp_path):
    """Its files are saved and its lines typed in order, with real servers."""
    terminal = Terminal(tmp_path)
    try:
        for block in blocks():
            if block.file is not None:
                block.save(terminal.directory)
                continue
            for command, printed in block.commands:
                output = terminal.type(command)
                assert is_as_printed(output, printed), (command, output)
    finally:
        terminal.close()


@pytest.fixture
def step(tmp_path, monkeypatch):
    """Return a function that imports the server as of a step."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    def run(number):
        save_step(number, tmp_path)
        for name in ("server", "users"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        importlib.invalidate_caches()
        return importlib.import_module("server")

    yield run
    for name in ("server", "users"):
        sys.modules.pop(name, None)


async def token_of(client, app, name="ada", password="correct horse"):
    response = await client(
        app, "post", "/auth", json={"name": name, "password": password}
    )
    return response.json["access_token"]


@pytest.mark.parametrize("number", range(1, STEPS))
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
async def test_step_1_gives_all_failed_logins_the_same_response(
    client, step, fields
):
    response = await client(step(1).app, "post", "/auth", json=fields)

    assert response.status == 401
    assert response.text == (
        '{"reasons":["Wrong name or password."],'
        '"exception":"AuthenticationFailed"}'
    )


@pytest.mark.requirement("T18")
async def test_step_1_handles_a_lone_surrogate(client, step):
    body = b'{"name": "ada", "password": "\\ud800"}'

    response = await client(step(1).app, "post", "/auth", content=body)

    assert response.status in (400, 401)


@pytest.mark.parametrize("body", [b"[]", b'"ada"', b"{", b"\xff"])
async def test_step_1_refuses_other_bodies(client, step, body):
    response = await client(step(1).app, "post", "/auth", content=body)

    assert response.status == 400


async def test_step_2_protects_a_route(client, step):
    app = step(2).app
    token = await token_of(client, app)

    assert (await client(app, "get", "/")).status == 200
    assert (await client(app, "get", "/orders")).status == 401
    response = await client(app, "get", "/orders", token)
    assert response.text == '{"orders":[17,23]}'


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


async def test_step_3_refuses_a_deleted_user(client, step, monkeypatch):
    module = step(3)
    token = await token_of(client, module.app)
    monkeypatch.setattr(sys.modules["users"], "USERS", [])

    assert (await client(module.app, "get", "/orders", token)).status == 401
    response = await client(module.app, "get", "/", token)
    assert response.json == {"hello": "stranger"}


async def test_step_4_requires_scopes(client, step):
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


async def test_step_5_has_sessions_that_end(client, step):
    app = step(5).app
    fields = {"name": "ada", "password": "correct horse"}
    response = await client(app, "post", "/auth", json=fields)
    access, refresh = (
        response.json["access_token"],
        response.json["refresh_token"],
    )
    assert app.ctx.auth.config.expiration_delta == 900

    async def renew(token):
        fields = {"refresh_token": token}
        return await client(app, "post", "/auth/refresh", json=fields)

    renewed = await renew(refresh)
    assert {*renewed.json} == {"access_token", "refresh_token"}
    assert (await renew("guess")).status == 401
    assert (await client(app, "get", "/orders", access)).status == 200
    assert (await client(app, "post", "/auth/logout", access)).status == 204
    assert (await client(app, "get", "/orders", access)).status == 401
    assert (await renew(renewed.json["refresh_token"])).status == 401


def pairs(response):
    """Return the names and values of the cookies that are set."""
    set_cookies = response.headers.get_list("set-cookie")
    return dict(c.partition(";")[0].split("=", 1) for c in set_cookies)


async def test_step_6_logs_in_and_out_with_cookies(client, step):
    app = step(6).app
    fields = {"name": "ada", "password": "correct horse"}
    logged_in = await client(app, "post", "/auth", json=fields)
    set_cookies = logged_in.headers.get_list("set-cookie")
    cookies = pairs(logged_in)

    assert logged_in.json == {}
    assert all("Secure" in cookie for cookie in set_cookies)
    (readable,) = (c for c in set_cookies if "HttpOnly" not in c)
    assert readable.startswith("__Host-csrf_token=")

    async def browse(method, path, **headers):
        cookie = "; ".join(f"{n}={value}" for n, value in cookies.items())
        headers = {"Cookie": cookie, **headers}
        return await client(
            app, method, path, headers=headers, follow_redirects=False
        )

    assert "Log out" in (await browse("get", "/account")).text
    me = await browse("get", "/auth/me")
    assert me.json == {"me": {"user_id": 1, "name": "ada"}}
    assert (await browse("post", "/auth/logout")).status == 403
    csrf = {"X-CSRF-Token": cookies["__Host-csrf_token"]}
    assert (await browse("post", "/auth/logout", **csrf)).status == 204
    gone = await browse("get", "/account")
    assert (gone.status, gone.headers["location"]) == (302, "/")


async def test_step_6_redirects_visitors_to_its_login_page(client, step):
    app = step(6).app

    stranger = await client(app, "get", "/account", follow_redirects=False)
    login_page = await client(app, "get", "/")

    assert (stranger.status, stranger.headers["location"]) == (302, "/")
    assert '<p role="alert">' in login_page.text
