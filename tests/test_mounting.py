"""Applications, blueprints and groups, before and after registration."""

from __future__ import annotations

import pytest
from sanic import Blueprint, Sanic
from sanic.response import text

from sanic_jwt_oo.exceptions import (
    InitializationFailure,
    InvalidConfiguration,
    InvalidToken,
)
from tests.conftest import SECRET, Auth, Client, RefreshAuth


async def orders(request):
    return text("")


def guarded_blueprint(auth, **options):
    bp = Blueprint("shop", **{"url_prefix": "/shop", **options})
    bp.add_route(auth.protected()(orders), "/orders")
    return bp


async def check_all(app, base, prefix="/auth"):
    """Log in, and use the token on every endpoint and a route."""
    client = Client(app)
    response = await client.post(base + prefix)
    assert response.status == 200, response.text
    token = response.json["access_token"]
    refresh = {"refresh_token": response.json["refresh_token"]}
    for path in (f"{prefix}/me", f"{prefix}/verify"):
        assert (await client.get(base + path, token)).status == 200
    refreshed = await client.post(
        f"{base}{prefix}/refresh", token, json=refresh
    )
    assert refreshed.status == 200
    return token


@pytest.fixture(params=["before", "after"])
def register(request, app):
    """Register on the application before or after the installation."""

    def run(target, install, **options):
        if request.param == "before":
            app.blueprint(target, **options)
            install()
        else:
            install()
            app.blueprint(target, **options)

    return run


async def test_install_on_an_application(app):
    auth = RefreshAuth(secret=SECRET)
    assert auth.install(app) is auth
    assert app.ctx.auth is auth
    await check_all(app, "")


@pytest.mark.parametrize(
    ("options", "registration", "base"),
    [
        ({}, {}, "/shop"),
        ({"version": 2}, {}, "/v2/shop"),
        ({"version": 2, "version_prefix": "/api/v"}, {}, "/api/v2/shop"),
        ({}, {"url_prefix": "/other"}, "/other"),
        ({}, {"version": 3}, "/v3/shop"),
        ({"url_prefix": None}, {}, ""),
    ],
)
async def test_install_on_a_blueprint(
    app, register, options, registration, base
):
    auth = RefreshAuth(secret=SECRET)
    bp = guarded_blueprint(auth, **options)
    register(bp, lambda: auth.install(bp), **registration)
    token = await check_all(app, base)
    client = Client(app)
    assert (await client.get(f"{base}/orders", token)).status == 200
    assert (await client.get(f"{base}/orders")).status == 401
    assert bp.ctx.auth is auth


async def test_install_on_a_blueprint_in_a_group(app, register):
    auth = RefreshAuth(secret=SECRET)
    bp = guarded_blueprint(auth)
    group = Blueprint.group(bp, url_prefix="/api", version=2)
    register(group, lambda: auth.install(bp))
    token = await check_all(app, "/v2/api/shop")
    client = Client(app)
    assert (await client.get("/v2/api/shop/orders", token)).status == 200


async def test_install_on_a_group(app, register):
    auth = RefreshAuth(secret=SECRET)
    bp = guarded_blueprint(auth)
    group = Blueprint.group(bp, url_prefix="/api", version=2)
    register(group, lambda: auth.install(group))
    token = await check_all(app, "/v2/api")
    client = Client(app)
    assert (await client.get("/v2/api/shop/orders", token)).status == 200


async def test_install_on_an_empty_blueprint(app, register):
    auth = RefreshAuth(secret=SECRET)
    bp = Blueprint("empty", url_prefix="/shop")
    register(bp, lambda: auth.install(bp))
    await check_all(app, "/shop")


async def test_the_application_can_be_given_with_a_blueprint(app):
    auth = RefreshAuth(secret=SECRET)
    bp = guarded_blueprint(auth)
    auth.install(bp, app)
    assert auth.config.secret == SECRET
    app.blueprint(bp)
    await check_all(app, "/shop")


async def test_install_on_a_copy_of_a_blueprint(app):
    auth = RefreshAuth(secret=SECRET)
    bp = guarded_blueprint(auth)
    auth.install(bp)
    copied = bp.copy("second", url_prefix="/second", with_ctx=True)
    assert copied.ctx.auth is auth
    app.blueprint(bp)
    app.blueprint(copied)
    await check_all(app, "/shop")
    await check_all(app, "/second")


async def test_install_on_a_copy_after_registration(app):
    auth = RefreshAuth(secret=SECRET)
    bp = guarded_blueprint(auth)
    auth.install(bp)
    app.blueprint(bp)
    bp.copy("second", url_prefix="/second")
    await check_all(app, "/second")


async def test_one_blueprint_on_two_applications(make_app):
    auth = RefreshAuth(secret=SECRET)
    bp = guarded_blueprint(auth)
    auth.install(bp)
    for app in (make_app(), make_app()):
        app.blueprint(bp)
        await check_all(app, "/shop")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEEWAY", 3),
        ("SCOPES_ENABLED", True),  # None depends on the installation
    ],
)
async def test_two_applications_with_different_settings(make_app, name, value):
    auth = type("Mine", (RefreshAuth,), {"Configuration": WithGetter})(
        secret=SECRET
    )
    bp = guarded_blueprint(auth)
    auth.install(bp)
    first, second, third = make_app(), make_app(), make_app()
    second.config[f"SANIC_JWT_{name}"] = value
    first.blueprint(bp)
    with pytest.raises(InitializationFailure, match="differ"):
        second.blueprint(bp)
    third.blueprint(bp)


class WithGetter:
    def get_debug(self):
        return True


async def test_the_settings_of_the_application_apply_to_a_blueprint(app):
    app.config.SANIC_JWT_URL_PREFIX = "/login"
    app.config.SANIC_JWT_REFRESH_TOKEN_ENABLED = True
    app.config.SANIC_JWT_SECRET = SECRET
    auth = RefreshAuth()
    bp = guarded_blueprint(auth)
    auth.install(bp)
    with pytest.raises(InitializationFailure, match="registered"):
        assert auth.config
    app.blueprint(bp)
    await check_all(app, "/shop", "/login")


async def test_an_invalid_setting_fails_at_registration(app):
    bp = Blueprint("shop")
    Auth(secret="short").install(bp)
    with pytest.raises(InvalidConfiguration, match="secret"):
        app.blueprint(bp)


async def test_middleware_and_error_handlers_of_the_blueprint_apply(
    app, client
):
    auth = RefreshAuth(secret=SECRET)
    bp = guarded_blueprint(auth)
    seen = []
    bp.on_request(lambda request: seen.append(request.path))
    auth.install(bp)
    app.blueprint(bp)
    await client.post("/shop/auth")
    assert seen == ["/shop/auth"]


async def test_several_installations_have_separate_routes(app, caplog):
    RefreshAuth(secret=SECRET).install(app)
    second = RefreshAuth(secret=SECRET[1:], url_prefix="/second")
    second.install(app)
    bare = Blueprint("bare")
    RefreshAuth(secret=SECRET[2:]).install(bare)
    app.blueprint(bare)
    tokens = [
        await check_all(app, "", "/auth"),
        await check_all(app, "", "/second"),
        await check_all(app, "/bare", "/auth"),
    ]
    assert "/bare" in caplog.text
    for base in ("/auth", "/second", "/bare/auth"):
        statuses = [
            (await Client(app).get(f"{base}/verify", token)).status
            for token in tokens
        ]
        assert sorted(statuses) == [200, 401, 401]


async def test_a_second_installation_without_a_prefix_is_logged(
    app, client, caplog
):
    first = RefreshAuth(secret=SECRET).install(app)
    second = RefreshAuth(secret=SECRET[1:]).install(app)

    (record,) = caplog.records
    assert (record.name, record.levelname) == ("sanic_jwt_oo", "WARNING")
    for named in ("/auth/ ", "/auth_bp_2/auth", "url_prefix", "RefreshAuth"):
        assert named in record.getMessage()
    token = await client.log_in("/auth_bp_2/auth")
    assert await second.verify_token(token)
    with pytest.raises(InvalidToken):
        await first.verify_token(token)


@pytest.mark.parametrize(
    ("strict", "slash", "bare"), [(False, 200, 200), (True, 200, 404)]
)
async def test_strict_slashes_is_a_setting(app, client, strict, slash, bare):
    Auth(secret=SECRET, strict_slashes=strict).install(app)
    assert (await client.post("/auth/")).status == slash
    assert (await client.post("/auth")).status == bare


async def test_strict_slashes_of_the_application_apply():
    app = Sanic("strictly", strict_slashes=True)
    Auth(secret=SECRET, path_to_authenticate="").install(app)
    client = Client(app)
    assert (await client.post("/auth")).status == 200
    assert (await client.post("/auth/")).status == 404


@pytest.mark.parametrize("target", [None, "app", object(), [], ()])
def test_any_other_target_is_refused(target):
    with pytest.raises(InitializationFailure, match="Blueprint"):
        Auth(secret=SECRET).install(target)


def test_a_failed_installation_can_be_repeated(app):
    auth = Auth(secret="short")
    with pytest.raises(InvalidConfiguration):
        auth.install(app)
    auth.configure(secret=SECRET)
    assert auth.install(app).config.secret == SECRET


def test_an_instance_can_be_installed_only_once(make_app):
    auth = Auth(secret=SECRET).install(make_app())
    with pytest.raises(InitializationFailure, match="another instance"):
        auth.install(make_app())
