"""The snippets of the how-to pages do what the text says.

The complete examples at the end of each page have tests of their own.
"""

import os
import subprocess
import sys

import pytest
from sanic import Sanic
from sanic.response import empty

from sanic_jwt_oo.exceptions import InvalidConfiguration
from tests.sockets.serving import handshake, opened, served

from .snippets import (
    ADA,
    BOB,
    ROOT,
    SECRET,
    TESTING,
    ShopAuth,
    shop,
    snippets,
)
from .typed import blocks


def page(name, containing=""):
    """Run the snippets of a page that contain some text."""
    names = shop()
    for snippet in snippets(ROOT / "docs" / "howto" / f"{name}.md"):
        if containing in snippet.text:
            snippet.run(names)
    return names


def install(shown, **settings):
    """Install the part of the class that a page shows, with the rest of it."""

    rest = () if shown is ShopAuth else (ShopAuth,)
    whole = type("Whole", (shown, *rest), {})
    app = Sanic("Shop")
    return app, whole(**{"secret": SECRET, **settings}).install(app)


async def test_endpoints_can_move(client):
    app = page("install", 'url_prefix="/session"')["app"]
    token = await app.ctx.auth.generate_access_token(ADA)

    assert (await client(app, "get", "/session/user", token)).status == 200


async def test_on_a_blueprint(client):
    names = page("install", 'Blueprint("api"')
    token = await names["auth"].generate_access_token(ADA)

    response = await client(names["app"], "get", "/api/orders", token)
    assert response.json == [17, 23]
    response = await client(names["app"], "post", "/api/auth", json={})
    assert response.status == 401


async def test_on_a_group(client):
    app = page("install", "Blueprint.group")["app"]

    response = await client(app, "post", "/v1/shop/auth", json={"name": "ada"})

    assert response.status == 200


@pytest.mark.parametrize(
    "body", [{"json": {"name": "ada"}}, {"data": {"name": "ada"}}]
)
async def test_a_login_accepts_json_and_forms(client, body):
    app, _ = install(page("log-in", "is_json")["ShopAuth"])

    assert (await client(app, "post", "/auth", **body)).status == 200


@pytest.mark.parametrize("body", [{"data": {"name": "ada"}}, {}, {"json": {}}])
async def test_a_login_by_form(client, body):
    app, _ = install(page("log-in", "form = request.form")["ShopAuth"])

    response = await client(app, "post", "/auth", **body)

    assert response.status == (200 if "data" in body else 401)


async def test_a_login_by_another_credential(client):
    names = page("log-in", "check_log_in_body")
    names["INVITED"][b"letter"] = ADA
    app, _ = install(names["ShopAuth"])

    right = await client(app, "post", "/auth", content=b"letter")
    wrong = await client(app, "post", "/auth", content=b"postcard")

    assert (right.status, wrong.status) == (200, 401)


async def test_a_login_from_code(client):
    names = page("log-in", "follow_link")
    names["LINKS"]["letter"] = ADA
    app = names["app"]

    first = await client(app, "post", "/magic-link", data={"link": "letter"})
    second = await client(app, "post", "/magic-link", data={"link": "letter"})
    third = await client(app, "post", "/magic-link", json=["letter"])

    me = await client(app, "get", "/auth/me", first.json["access_token"])
    assert me.json["me"]["name"] == "ada"
    assert (second.status, third.status) == (401, 401)


async def test_a_blocked_user_is_refused(client):
    names = page("checks", "BLOCKED")
    app, auth = install(names["ShopAuth"])
    token = await auth.generate_access_token(ADA)

    free = await client(app, "get", "/auth/me", token)
    names["BLOCKED"].add(ADA.user_id)
    blocked = await client(app, "get", "/auth/me", token)

    assert (free.status, blocked.status) == (200, 403)
    assert blocked.json["reasons"] == ["This account is blocked."]
    assert await auth.verify_token(token)


async def test_a_token_in_another_header(client):
    app, auth = install(page("checks", "x-shop-token")["ShopAuth"])
    token = await auth.generate_access_token(ADA)
    own = {"X-Shop-Token": token}

    for headers in (own, {"Authorization": f"Bearer {token}"}):
        response = await client(app, "get", "/auth/me", headers=headers)
        assert response.status == 200
    assert (await client(app, "get", "/auth/me")).status == 401


async def test_a_denied_token_is_refused(client):
    names = page("checks", "DENIED")
    app, auth = install(names["ShopAuth"])
    token = await auth.generate_access_token(ADA)
    other = await auth.generate_access_token(ADA)
    names["DENIED"].add((await auth.verify_token(token))["jti"])

    denied = await client(app, "get", "/auth/me", token)

    assert denied.json["reasons"] == ["The token was withdrawn."]
    assert (await client(app, "get", "/auth/me", other)).status == 200


async def test_opaque_tokens(client):
    names = page("checks")
    app, _ = install(names["ShopAuth"])

    known = await client(app, "get", "/auth/me", "5e1f0c")
    unknown = await client(app, "get", "/auth/me", "5e1f0d")

    assert (known.json["me"]["name"], unknown.status) == ("ada", 401)


async def test_a_step_is_set_on_an_instance(client):
    app = page("checks", "auth.verify_token = anyone")["app"]

    assert (await client(app, "get", "/auth/me", "any")).status == 200


async def test_a_login_is_limited(client):
    shown = page("log-in", "login_limit_per_address")["ShopAuth"]
    app, _ = install(shown, login_limit_storage="memory://")

    responses = [
        await client(app, "post", "/auth", json={"name": "eve"})
        for _ in range(11)
    ]

    assert [a.status for a in responses] == [401] * 10 + [429]


async def test_a_login_is_limited_by_another_field(client):
    shown = page("log-in", "customer")["ShopAuth"]
    app, _ = install(shown, login_limit_per_account="1/minute")

    responses = [
        await client(app, "post", "/auth", json={"customer": "17"})
        for _ in range(2)
    ]

    assert [a.status for a in responses] == [401, 429]


async def test_a_refresh_token_per_device(client):
    names = page("refresh-tokens", "x-device")
    app, _ = install(names["ShopAuth"], refresh_token_enabled=True)

    for device in ("phone", "laptop"):
        await client(
            app,
            "post",
            "/auth",
            json={"name": "ada"},
            headers={"x-device": device},
        )

    assert {*names["REFRESH_TOKENS"]} == {(1, "phone"), (1, "laptop")}


@pytest.mark.parametrize(
    ("request_", "status"),
    [("none", 400), ("wrong", 401), ("right", 200)],
)
async def test_the_table_of_refreshing(client, request_, status):
    names = page("refresh-tokens", "refresh_token_enabled")
    app, auth = install(names["ShopAuth"])
    access = await auth.generate_access_token(ADA)
    names["REFRESH_TOKENS"][1] = "right"
    body = {} if request_ == "none" else {"refresh_token": request_}

    response = await client(app, "post", "/auth/refresh", access, json=body)
    assert response.status == status
    response = await client(app, "post", "/auth/refresh", json=body)
    assert response.status == 401


@pytest.mark.requirement("G2")
@pytest.mark.parametrize(
    "row",
    [
        line
        for line in (ROOT / "docs/howto/scopes.md").read_text().splitlines()
        if line.startswith("| `") and line.count("|") == 4
    ],
)
async def test_the_table_of_scopes(client, row):
    held, required, verdict = (c.strip() for c in row.strip("|").split("|"))
    required, _, options = required.partition(", with ")
    app = Sanic("Shop")

    class Auth(ShopAuth):
        def add_scopes_to_payload(self, user):
            return [held.strip("`")]

    auth = Auth(secret=SECRET).install(app)

    @app.get("/")
    @auth.scoped(
        required.strip("`"),
        require_all_actions="require_all_actions=False" not in options,
    )
    async def handler(request):
        return empty(200)

    token = await auth.generate_access_token(ADA)
    response = await client(app, "get", "/", token)
    assert response.status == (200 if verdict.startswith("yes") else 403)


async def test_scopes_that_depend_on_the_request(client):
    names = page("scopes", "own_region")

    class Auth(ShopAuth):
        def add_scopes_to_payload(self, user):
            return ["region-north:read"]

    token = (
        await Auth(secret=SECRET)
        .install(Sanic("x"))
        .generate_access_token(ADA)
    )
    app = names["app"]

    assert (await client(app, "get", "/regions/north", token)).status == 200
    assert (await client(app, "get", "/regions/south", token)).status == 403


async def test_an_invitation_lives_longer(client):
    names = page("claims", "/invitations")
    app, auth = names["app"], names["auth"]
    token = await auth.generate_access_token(ADA)

    response = await client(app, "post", "/invitations", token)

    payload = await auth.verify_token(response.json["token"])
    assert payload["invited"] is True
    assert payload["exp"] - auth.now() > 23 * 60 * 60


async def test_a_query_token_on_one_route(client):
    names = page("token-locations", "invoice.pdf")
    token = await names["auth"].generate_access_token(ADA)
    app = names["app"]

    response = await client(app, "get", f"/invoice.pdf?access_token={token}")
    assert response.status == 200
    assert response.headers["cache-control"] == "no-store"
    assert (await client(app, "get", "/invoice.pdf", token)).status == 200
    elsewhere = await client(app, "get", f"/auth/me?access_token={token}")
    assert elsewhere.status == 401


@pytest.mark.parametrize(
    ("method", "origin", "status"),
    [
        ("post", "https://app.shop.example", 401),
        ("post", "https://else.example", 403),
        ("post", None, 401),
        ("get", "https://else.example", 405),
    ],
)
async def test_the_origin_of_a_request(client, method, origin, status):
    app, _ = install(page("cookies", "trusted_origins =")["ShopAuth"])
    headers = {"Origin": origin} if origin else {}

    response = await client(app, method, "/auth", headers=headers)

    assert response.status == status


async def test_a_page_redirects(client):
    names = page("pages", "redirect")
    app, token = names["app"], await names["auth"].generate_access_token(ADA)

    account = await client(app, "get", "/account", follow_redirects=False)
    staff = await client(app, "get", "/staff", follow_redirects=False)
    without_scope = await client(app, "get", "/staff", token)

    assert (account.status, staff.status) == (302, 302)
    assert staff.headers["location"] == "/staff/log-in"
    assert without_scope.status == 403


@pytest.mark.parametrize(
    ("method", "path", "open_", "with_token"),
    [
        ("get", "/orders", 401, 200),
        ("post", "/orders", 401, 403),
        ("options", "/orders", 405, 405),
        ("get", "/baskets", 200, 200),
        ("put", "/baskets", 401, 200),
        ("get", "/ping", 401, 200),
        ("head", "/prices", 401, 200),
        ("get", "/export", 401, 200),
        ("post", "/import", 401, 200),
        ("get", "/files/hooks.md", 401, 200),
        ("get", "/files/none.py", 401, 404),
    ],
)
async def test_views_streams_and_files(
    client, method, path, open_, with_token
):
    names = page("views")
    app, token = names["app"], await names["auth"].generate_access_token(ADA)

    assert (await client(app, method, path)).status == open_
    assert (await client(app, method, path, token)).status == with_token


async def test_a_magic_link(client):
    app, _ = install(page("own-endpoints", "MagicLogin")["ShopAuth"])

    asked = await client(
        app, "post", "/auth/magic-login", json={"name": "ada"}
    )
    first = await client(app, "post", "/auth", json={"link": "link"})
    second = await client(app, "post", "/auth", json={"link": "link"})
    preflight = await client(app, "options", "/auth/magic-login")

    assert (asked.status, first.status, second.status) == (204, 200, 401)
    assert preflight.status == 204


async def test_a_logout(client):
    names = page("own-endpoints")
    names["REFRESH_TOKENS"][1] = "token"
    whole = page("refresh-tokens", "async def retrieve_refresh_token")
    app, auth = install(
        whole["ShopAuth"],
        cookie_set=True,
        refresh_token_enabled=True,
        class_views=[
            ("/log-out", names["LogOut"]),
            ("/guest", names["GuestLogin"]),
        ],
    )
    token = await auth.generate_access_token(ADA)
    value = (await auth.verify_token(token))["csrf"]
    cookie = {"Cookie": f"__Host-access_token={token}"}
    script = {**cookie, "X-CSRF-Token": value}

    guest = await client(app, "post", "/auth/guest")
    forged = await client(app, "post", "/auth/log-out", headers=cookie)
    assert (forged.status, [*names["REFRESH_TOKENS"]]) == (403, [1])
    out = await client(app, "post", "/auth/log-out", headers=script)

    assert guest.headers["set-cookie"].startswith("__Host-access_token=ey")
    assert names["REFRESH_TOKENS"] == {}
    gone = [c.split("; ")[:3] for c in out.headers.get_list("set-cookie")]
    assert gone == [
        ['__Host-access_token=""', "Path=/", "Max-Age=0"],
        ['__Host-csrf_token=""', "Path=/", "Max-Age=0"],
        ['refresh_token=""', "Path=/auth", "Max-Age=0"],
    ]


async def test_responses_can_be_extended(client):
    app, _ = install(page("responses", "extend_authenticate")["ShopAuth"])

    response = await client(app, "post", "/auth", json={"name": "ada"})

    assert response.json["token_type"] == "Bearer"
    assert response.json["expires_in"] == 1800
    me = await client(app, "get", "/auth/me", response.json["access_token"])
    assert [*me.json] == ["me", "until"]


async def test_custom_error_bodies(client):
    app, _ = install(page("responses", "def exception_response")["ShopAuth"])

    response = await client(app, "get", "/auth/me")

    assert response.json == {"error": "Authorization header not present."}
    assert response.headers["www-authenticate"] == 'Bearer realm="Shop"'


async def test_a_custom_error_handler(client):
    app = page("responses", "def refused")["app"]

    response = await client(app, "get", "/auth/me")

    assert response.json == {"error": "Authorization header not present."}


async def test_rotation():
    old = ShopAuth(secret=SECRET, key_id="2026-01").install(Sanic("Old"))
    without = ShopAuth(secret=SECRET).install(Sanic("Older"))
    _, new = install(
        page("keys", "verification_keys")["ShopAuth"], secret=SECRET[::-1]
    )

    assert await new.verify_token(await old.generate_access_token(ADA))
    assert await new.verify_token(await new.generate_access_token(ADA))
    with pytest.raises(Exception, match="Auth required"):
        await new.verify_token(await without.generate_access_token(ADA))


def test_a_verify_only_service_has_no_endpoints():
    names = page("verify-only", "WarehouseAuth().install")

    paths = [route.path for route in names["warehouse"].router.routes]

    assert paths == ["stock"]


async def test_settings_along_a_hierarchy():
    names = page("settings", "os.environ")
    page_names = {**names}
    for snippet in snippets(ROOT / "docs" / "howto" / "settings.md"):
        if "StaffAuth(ShopAuth)" in snippet.text:
            snippet.run(page_names)
    auth = page_names["StaffAuth"]
    config = auth.Configuration

    assert (config.leeway, config.expiration_delta) == (30, 300)
    assert config.set_secret(None) == SECRET


def test_a_decorator_refuses_an_unknown_setting():
    names = page("settings", "/late")

    with pytest.raises(InvalidConfiguration, match="leeway"):
        names["auth"].protected(leway=30)(names["late"])


async def test_a_route_can_have_its_own_settings(client):
    names = page("settings", "/late")
    with names["auth"].override(expiration_delta=1, leeway=0):
        token = await names["auth"].generate_access_token(ADA)
    names["auth"].now = lambda: 2**40

    assert (await client(names["app"], "get", "/late", token)).status == 200
    response = await client(names["app"], "get", "/auth/me", token)
    assert response.json["reasons"] == ["Signature has expired."]


async def test_an_override_ends_with_its_block():
    names = page("settings", "download_link")
    auth = names["auth"]

    link = await names["download_link"](ADA)

    payload = await auth.verify_token(link.partition("=")[2])
    assert payload["exp"] - auth.now() <= 60
    assert auth.settings().expiration_delta == 1800


async def test_a_host_is_an_issuer(client):
    app, _ = install(page("settings", "get_claim_iss")["ShopAuth"])
    north = {"Host": "north.example"}
    response = await client(
        app, "post", "/auth", json={"name": "ada"}, headers=north
    )
    token = {"Authorization": f"Bearer {response.json['access_token']}"}

    same = await client(app, "get", "/auth/me", headers={**token, **north})
    other = await client(app, "get", "/auth/me", headers=token)

    assert (same.status, other.status) == (200, 401)


async def test_installations_do_not_mix(client):
    names = page("several-installations", "staff =")
    app = names["app"]
    customer = await names["customers"].generate_access_token(BOB)
    staff = await names["staff"].generate_access_token(ADA)

    assert (await client(app, "get", "/orders", customer)).status == 200
    assert (await client(app, "get", "/reports", staff)).status == 200
    assert (await client(app, "get", "/orders", staff)).status == 401
    assert (await client(app, "get", "/reports", customer)).status == 401


async def test_north_and_south_do_not_mix(client):
    app = page("several-installations", "Regions")["app"]
    response = await client(app, "post", "/north/auth", json={"name": "ada"})
    token = response.json["access_token"]

    assert (await client(app, "get", "/north/auth/me", token)).status == 200
    assert (await client(app, "get", "/south/auth/me", token)).status == 401


def test_the_tests_of_the_testing_page_pass(tmp_path):
    """In a directory of their own, as they are printed."""
    for block in blocks(TESTING):
        if block.file is not None:
            block.save(tmp_path)

    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-W",
            "error::sanic_jwt_oo.exceptions.InsecureSecretWarning",
        ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )

    assert "7 passed" in run.stdout, run.stdout


async def test_a_secret_per_user(client):
    names = page("user-secrets")

    class Auth(names["ShopAuth"], ShopAuth):
        pass

    app = Sanic("Shop")
    auth = Auth().install(app)
    token = await auth.generate_access_token(ADA)
    assert (await client(app, "get", "/auth/me", token)).status == 200

    names["SECRETS"][1] = SECRET[1:]

    assert (await client(app, "get", "/auth/me", token)).status == 401


async def test_a_websocket():
    names = page("websockets", '"/feed"')
    token = await names["auth"].generate_access_token(ADA)

    async with served("sanic", names["app"]) as port:
        assert (await handshake(port, "/feed")).status == 401
        bearer = ("Authorization", f"Bearer {token}")
        async with opened(port, "/feed", bearer) as ws:
            assert await ws.recv() == "welcome"


async def test_a_program_listens_to_a_websocket(capsys):
    names = page("websockets", '"/feed"')
    listen = page("websockets", "async def listen")["listen"]
    token = await names["auth"].generate_access_token(ADA)

    async with served("sanic", names["app"]) as port:
        for sent in (token, "garbage"):
            await listen(f"ws://127.0.0.1:{port}/feed", sent)

    greeting, refusal = capsys.readouterr().out.splitlines()
    assert greeting == "welcome"
    assert refusal.startswith("401")
