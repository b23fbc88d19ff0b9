"""The claims `scope` and `scp`, which other issuers send as one string."""

from functools import cache

import pytest
from sanic.response import json, text

from sanic_jwt_oo import Authentication, JWTAuth, scoped

from .forging import NOW, SECRET, token
from .shops import CONTENT, is_content, is_refused, new_app
from .wire import send, start

HELD = [
    # the claims, and whether they grant orders:read
    ("orders:read", True),
    ("openid orders:read", True),
    ("orders:read openid", True),
    ("orders", True),
    ("openid  orders:read", True),
    (" orders:read ", True),
    ("orders:write:read", True),
    ("", False),
    (" ", False),
    ("orders:reader", False),
    ("openid orders:reader", False),
    ("reorders:read", False),
    ("orders:write", False),
    ("ORDERS:READ", False),
    ("openid,orders:read", False),
    ("openid\torders:read", False),
    ("openid\norders:read", False),
    ("openid\xa0orders:read", False),
    ("openid\u2003orders:read", False),
    ('["orders:read"]', False),
    ("orders: read", False),
    (["openid", "orders:read"], True),
    (["openid orders:read"], False),
    (["openid", "x orders"], False),
    ([" orders:read"], False),
    ({"orders:read": 1}, False),
    (["orders:read", 1], False),
    (None, False),
    (True, False),
    (1, False),
]


@cache
def service(front, **settings):
    """A service with routes that require a scope and list all scopes."""

    class Frozen(JWTAuth if front == "class" else Authentication):
        def now(self):
            return NOW

    app = new_app()
    auth = Frozen()
    auth.configure(**{"secret": SECRET, "auth_mode": False, **settings})
    auth.install(app)

    async def content(request):
        return text(CONTENT)

    async def held(request):
        return json(await auth.extract_scopes(request))

    for path, scope in (("read", "orders:read"), ("any", ":read")):
        guard = scoped(scope, initialized_on=auth)
        app.add_route(guard(content), f"/{path}", name=path)
    app.add_route(held, "/held", name="held")
    return app


async def get(app, path, **claims):
    if not hasattr(app.ctx, "started"):
        app.ctx.started = True
        await start(app)
    bearer = f"Bearer {token(**claims)}".encode()
    return await send(app, "GET", path, [(b"authorization", bearer)])


@pytest.mark.requirement("G1")
@pytest.mark.requirement("G2")
@pytest.mark.parametrize("name", ["scope", "scp"])
@pytest.mark.parametrize(("claim", "granted"), HELD, ids=repr)
async def test_a_string_is_split_at_spaces(front, name, claim, granted):
    app = service(front, scopes_name=name)
    for _ in "cold", "warm":
        response = await get(app, "/read", **{name: claim})
        assert is_content(response) if granted else is_refused(response, 403)


@pytest.mark.requirement("G2")
@pytest.mark.parametrize("claim", ["", " ", "  ", "a:write"])
async def test_an_empty_string_grants_no_scope(front, claim):
    app = service(front, scopes_name="scope")
    assert is_refused(await get(app, "/any", scope=claim), 403)
    assert is_content(await get(app, "/any", scope="x a:read"))


@pytest.mark.requirement("G1")
@pytest.mark.parametrize("name", ["scopes", "permissions"])
async def test_a_string_in_another_claim_grants_nothing(front, name):
    app = service(front, scopes_name=name)
    for claim in ("orders:read", "openid orders:read"):
        assert is_refused(await get(app, "/read", **{name: claim}), 403)


async def test_the_scopes_are_read_as_a_list(front):
    app = service(front, scopes_name="scope")
    words = await get(app, "/held", scope="openid orders:reader")
    assert words.json == ["openid", "orders:reader"]
    assert (await get(app, "/held", scope=["a b"])).json == ["a b"]


async def test_hooks_receive_a_list_of_scopes():
    held = []

    class Auth(JWTAuth):
        class Configuration:
            auth_mode = False
            scopes_name = "scope"

        def now(self):
            return NOW

        def override_scope_validator(self, is_valid, user_scopes):
            held.extend(user_scopes)
            return is_valid

    app = new_app()
    auth = Auth(secret=SECRET).install(app)

    @app.get("/read")
    @auth.scoped("orders:read")
    async def read(request):
        return text(CONTENT)

    assert is_content(await get(app, "/read", scope="openid orders:read"))
    assert held == [("openid", []), ("orders", ["read"])]


READ_IN_TURN = [
    ({"scope": "orders:read"}, True),
    ({"scp": "orders:read"}, True),
    ({"scp": ["orders:read"]}, True),
    ({"scope": "openid", "scp": "orders:read"}, False),
    ({"scopes": [], "scope": "orders:read"}, False),
    ({"scopes": None, "scope": "orders:read"}, False),
    ({"scopes": "x", "scope": "orders:read"}, False),
    ({"scope": None, "scp": "orders:read"}, False),
    ({"permissions": ["orders:read"]}, False),
]


@pytest.mark.requirement("G1")
@pytest.mark.parametrize(("claims", "granted"), READ_IN_TURN, ids=repr)
async def test_a_verify_only_service_reads_the_claim(claims, granted):
    app = service("class")
    response = await get(app, "/read", **claims)
    assert is_content(response) if granted else is_refused(response, 403)
    shown = await get(app, "/held", **claims)
    assert (shown.json == ["orders:read"]) is granted


@pytest.mark.requirement("G1")
@pytest.mark.parametrize("name", ["scope", "scp"])
async def test_only_a_verify_only_class_service_reads_the_claim(name):
    class Issuer(JWTAuth):
        def authenticate(self):
            return {"user_id": 1}

        def now(self):
            return NOW

    app = new_app()
    auth = Issuer(secret=SECRET).install(app)

    @app.get("/read")
    @auth.scoped("orders:read")
    async def read(request):
        return text(CONTENT)

    services = [
        app,  # it issues tokens, and so has its own scopes claim
        service("class", scopes_name="permissions"),
        service("legacy"),
    ]
    for app in services:
        response = await get(app, "/read", **{name: "orders:read"})
        assert is_refused(response, 403)
