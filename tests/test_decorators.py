"""The decorators, on every kind of handler."""

from __future__ import annotations

import inspect
import time
from functools import wraps

import pytest
from sanic import Sanic
from sanic.response import json, text
from sanic.views import HTTPMethodView

from sanic_jwt_oo import inject_user, protected, scoped
from sanic_jwt_oo.exceptions import InvalidConfiguration
from tests.conftest import SECRET, Auth, Client, answer_payload


def answer_user(request, user):
    return json(user)


def answer_name(request, name):
    return text(name)


class ScopedAuth(Auth):
    def add_scopes_to_payload(self):
        return ["fruit:read", "tools"]


async def test_sync_and_async_handlers_are_protected(app, client):
    auth = Auth(secret=SECRET).install(app)

    @app.get("/sync")
    @auth.protected()
    def sync(request):
        return text("sync")

    @app.get("/async")
    @auth.protected()
    async def late(request):
        return text("async")

    token = await client.log_in()
    for name in ("sync", "async"):
        assert (await client.get(f"/{name}", token)).text == name
        assert (await client.get(f"/{name}")).status == 401


async def test_a_handler_keeps_its_name_and_signature(app):
    auth = Auth(secret=SECRET).install(app)

    async def handler(request, page: int):
        """Document it."""

    guarded = auth.protected()(handler)
    assert guarded.__name__ == "handler"
    assert guarded.__doc__ == "Document it."
    assert inspect.signature(guarded) == inspect.signature(handler)


async def test_a_streaming_handler_is_protected(app, client):
    auth = Auth(secret=SECRET).install(app)

    @app.get("/")
    @auth.protected()
    async def stream(request):
        response = await request.respond(content_type="text/plain")
        for part in ("one ", "two"):
            await response.send(part)
        await response.eof()

    assert (await client.get("/", await client.log_in())).text == "one two"
    assert (await client.get("/")).status == 401


async def test_views_and_their_methods_are_protected(app, client):
    auth = Auth(secret=SECRET).install(app)

    class Whole(HTTPMethodView):
        decorators = [auth.protected()]

        async def get(self, request, number):
            return json(number)

    class Part(HTTPMethodView):
        def get(self, request):
            return text("open")

        @auth.protected()
        @auth.inject_user()
        async def post(self, request, user):
            return json(user)

    app.add_route(Whole.as_view(), "/whole/<number:int>")
    app.add_route(Part.as_view(), "/part")
    token = await client.log_in()
    assert (await client.get("/whole/3", token)).json == 3
    assert (await client.get("/whole/3")).status == 401
    assert (await client.get("/part")).text == "open"
    assert (await client.post("/part")).status == 401
    assert (await client.post("/part", token)).json == Auth.joe


@pytest.mark.requirement("H7")
async def test_no_method_passes_unauthenticated(app, client):
    auth = Auth(secret=SECRET).install(app)
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    app.add_route(auth.protected()(answer_payload), "/", methods=methods)
    token = await client.log_in()
    for method in methods:
        refusal = await client(method, "/")
        assert refusal.status == (204 if method == "OPTIONS" else 401)
        assert refusal.text == "" or method not in ("HEAD", "OPTIONS")
        assert (await client(method, "/", token)).status == 200


async def test_the_injected_user_overrides_a_route_parameter(app, client):
    auth = Auth(secret=SECRET).install(app)

    @app.get("/<user>")
    @auth.protected()
    @auth.inject_user()
    async def show(request, user):
        return json([user, request.match_info["user"]])

    response = await client.get("/admin", await client.log_in())
    assert response.json == [Auth.joe, "admin"]


async def test_a_deleted_user_is_none_on_an_open_route(app, client):
    auth = Auth(secret=SECRET).install(app)
    handler = auth.inject_user()(answer_user)
    app.add_route(handler, "/open", name="r_open")
    app.add_route(auth.protected()(handler), "/closed", name="r_closed")
    gone = await auth.generate_access_token({"user_id": 2})
    assert (await client.get("/open", gone)).json is None
    assert (await client.get("/open", "x.y.z")).json is None
    assert (await client.get("/open")).json is None
    assert (await client.get("/closed", gone)).status == 401


async def test_redirect_on_fail_redirects_a_browser(app, client):
    auth = ScopedAuth(secret=SECRET, login_redirect_url="/log-in").install(app)
    page = auth.protected(redirect_on_fail=True)
    app.add_route(page(answer_payload), "/page", name="r_page")
    other = auth.protected(redirect_on_fail=True, redirect_url="/other")
    app.add_route(other(answer_payload), "/other", name="r_other")
    named = auth.protected(redirect_on_fail=True, login_redirect_url="/x")
    app.add_route(named(answer_payload), "/named", name="r_named")
    both = auth.scoped("fruit:eat", redirect_on_fail=True)
    app.add_route(both(answer_payload), "/scoped", name="r_scoped")
    for path, target in (
        ("/page", "/log-in"),
        ("/other", "/other"),
        ("/named", "/x"),
        ("/scoped", "/log-in"),
    ):
        response = await client.get(path)
        assert (response.status, response.headers["location"]) == (302, target)
    token = await client.log_in()
    assert (await client.get("/page", token)).status == 200
    assert (await client.get("/scoped", token)).status == 403


@pytest.mark.parametrize(
    ("scopes", "options", "status"),
    [
        ("fruit:read", {}, 200),
        ("fruit", {}, 403),
        (["fruit:read", "tools:use"], {}, 200),
        (["fruit:read", "money"], {}, 403),
        (["fruit:read", "money"], {"require_all": False}, 200),
        (["money", "more"], {"require_all": False}, 403),
        ("fruit:read:eat", {}, 403),
        ("fruit:read:eat", {"require_all_actions": False}, 200),
        (lambda request: "tools", {}, 200),
        (lambda request, name: f"{name}:read", {}, 200),
        (lambda: ["money"], {}, 403),
        (lambda: None, {}, 403),
        (lambda: [3], {}, 403),
    ],
)
@pytest.mark.requirement("H2")
async def test_scoped_requires_the_scopes(
    app, client, scopes, options, status
):
    auth = ScopedAuth(secret=SECRET).install(app)
    guard = auth.scoped(scopes, **options)
    app.get("/<name>")(guard(answer_name))
    response = await client.get("/fruit", await client.log_in())
    assert response.status == status
    if status == 403:
        challenge = response.headers["www-authenticate"]
        assert 'error="insufficient_scope"' in challenge


@pytest.mark.requirement("H1")
async def test_the_challenge_names_the_required_scopes(app, client):
    auth = ScopedAuth(secret=SECRET).install(app)
    app.add_route(auth.scoped(["a:b", "c"])(answer_payload), "/", name="r_")
    response = await client.get("/", await client.log_in())
    assert 'scope="a:b c"' in response.headers["www-authenticate"]


async def test_scope_hooks_are_called(app, client):
    class Permissive(ScopedAuth):
        async def override_scope_validator(self, is_valid, required):
            return is_valid or required == ("money", ["count"])

        async def destructure_scopes(self, scopes):
            return scopes.replace("|", ":")

    auth = Permissive(secret=SECRET).install(app)
    app.add_route(
        auth.scoped("money|count")(answer_payload), "/count", name="r_count"
    )
    app.add_route(
        auth.scoped("money|spend")(answer_payload), "/spend", name="r_spend"
    )
    token = await client.log_in()
    assert (await client.get("/count", token)).status == 200
    assert (await client.get("/spend", token)).status == 403


@pytest.mark.requirement("G1")
@pytest.mark.parametrize("claim", ["fruit:read", 3, {"fruit:read": 1}, [3]])
async def test_a_scopes_claim_of_another_type_is_a_403(app, client, claim):
    auth = Auth(secret=SECRET, scopes_enabled=False).install(app)
    app.add_route(auth.scoped("fruit:read")(answer_payload), "/", name="r_")
    token = await auth.generate_access_token(
        Auth.joe, extend_payload=lambda payload: {**payload, "scopes": claim}
    )
    assert (await client.get("/", token)).status == 403


async def test_no_scopes_in_the_token_is_a_403(app, client):
    class Nobody(Auth):
        def add_scopes_to_payload(self):
            return []

        def override_scope_validator(self):
            return True

    auth = Nobody(secret=SECRET).install(app)
    app.add_route(auth.scoped("fruit")(answer_payload), "/", name="r_")
    assert (await client.get("/", await client.log_in())).status == 403


@pytest.mark.parametrize("scopes", [None, False, "", [], 3, [3]])
async def test_an_invalid_scope_raises_in_the_decorator(app, scopes):
    auth = Auth(secret=SECRET).install(app)
    with pytest.raises(InvalidConfiguration, match="scope"):
        auth.scoped(scopes)


async def test_a_setting_of_a_route_is_checked_in_the_decorator():
    auth = Auth(secret=SECRET)
    for decorator in (
        auth.protected,
        auth.inject_user,
        lambda **settings: auth.scoped("x", **settings),
    ):
        with pytest.raises(InvalidConfiguration, match="leeway"):
            decorator(leway=3)
        with pytest.raises(InvalidConfiguration, match="url_prefix"):
            decorator(url_prefix="/x")


async def test_one_decorator_guards_routes_of_two_applications(app, client):
    elsewhere = Sanic("elsewhere")
    guarded = protected(verify_exp=False)(answer_payload)
    for place, secret in ((app, SECRET), (elsewhere, SECRET[::-1])):
        Auth(secret=secret).install(place)
        place.add_route(guarded, "/", name="r_")
    token = await client.log_in()
    assert (await client.get("/", token)).status == 200
    other = Client(elsewhere)
    assert (await other.get("/", await other.log_in())).status == 200
    assert (await other.get("/", token)).status == 401


async def test_a_setting_of_a_route_applies_only_to_it(app, client):
    class Old(Auth):
        time = 1000.0

        def now(self):
            return self.time

    auth = Old(secret=SECRET).install(app)
    token = await auth.generate_access_token(Auth.joe)
    Old.time = time.time()
    lax = auth.protected(verify_exp=False)
    app.add_route(lax(answer_payload), "/lax", name="r_lax")
    called = auth.protected(verify_exp=lambda: False)
    app.add_route(called(answer_payload), "/called", name="r_called")
    app.add_route(auth.protected()(answer_payload), "/strict", name="r_strict")
    assert (await client.get("/lax", token)).status == 200
    assert (await client.get("/called", token)).status == 200
    assert (await client.get("/strict", token)).status == 401


async def test_function_decorators_find_the_installation(app, client):
    auth = ScopedAuth(secret=SECRET).install(app)
    app.add_route(protected()(answer_payload), "/a", name="r_a")
    app.add_route(protected(app)(answer_payload), "/b", name="r_b")
    app.add_route(protected(auth)(answer_payload), "/c", name="r_c")
    app.add_route(scoped("tools")(answer_payload), "/d", name="r_d")
    app.add_route(scoped(None)(answer_payload), "/e", name="r_e")
    app.add_route(inject_user()(answer_user), "/f", name="r_f")
    token = await client.log_in()
    for path in "abcdef":
        assert (await client.get(f"/{path}", token)).status == 200
    for path in "abcd":
        assert (await client.get(f"/{path}")).status == 401


async def test_a_route_without_an_installation_refuses(app, client):
    app.add_route(protected()(answer_payload), "/", name="r_")
    response = await client.get("/", "x.y.z")
    assert response.status == 500
    assert "protected(blueprint)" in response.text or response.status == 500


async def test_protection_can_be_switched_off_for_development(
    app, client, caplog
):
    auth = Auth(secret=SECRET, do_protection=False).install(app)
    app.add_route(auth.protected()(answer_payload), "/", name="r_")
    app.add_route(auth.scoped("a")(answer_payload), "/scoped", name="r_scoped")
    assert (await client.get("/")).status == 200
    assert (await client.get("/scoped")).status == 403
    assert "do_protection" in caplog.text


async def test_a_token_is_verified_once_per_request(app, client):
    verified = []

    def count(payload):
        verified.append(payload)
        return True

    auth = ScopedAuth(secret=SECRET, extra_verifications=[count]).install(app)

    @app.get("/")
    @auth.protected()
    @auth.scoped("tools")
    @auth.inject_user()
    async def handler(request, user):
        assert await auth.is_authenticated(request)
        return json(await auth.extract_user_id(request))

    assert (await client.get("/", await client.log_in())).json == 1
    assert len(verified) == 1


@pytest.mark.parametrize("form", ["methods", "functions"])
async def test_a_decorator_between_two_of_ours_is_called(app, client, form):
    auth = Auth(secret=SECRET).install(app)
    guard, inject = protected(), inject_user()
    if form == "methods":
        guard, inject = auth.protected(), auth.inject_user()
    passed = []

    def between(handler):
        @wraps(handler)  # which also copies the attributes of the handler
        async def wrapped(request, *args, **kwargs):
            passed.append(request.path)
            return await handler(request, *args, **kwargs)

        return wrapped

    app.get("/whole", name="whole")(guard(inject(answer_user)))
    app.get("/apart", name="apart")(guard(between(inject(answer_user))))
    token = await client.log_in()
    for path in ("/whole", "/apart"):
        assert (await client.get(path)).status == 401
        assert (await client.get(path, token)).json["user_id"] == 1
    assert passed == ["/apart"]


async def test_the_user_of_an_inner_installation_is_injected(app, client):
    class OtherAuth(Auth):
        def retrieve_user(self, payload):
            return {"other": payload["user_id"]}

    auth = Auth(secret=SECRET).install(app)
    other = OtherAuth(secret=SECRET, url_prefix="/other").install(app)
    app.get("/")(auth.protected()(other.inject_user()(answer_user)))
    app.get("/same", name="same")(
        auth.protected()(auth.inject_user()(answer_user))
    )
    token = await client.log_in()
    assert (await client.get("/", token)).json == {"other": 1}
    assert (await client.get("/same", token)).json["user_id"] == 1
    assert (await client.get("/")).status == 401


async def test_settings_of_an_inner_decorator_apply_inside_it(app, client):
    auth = Auth(secret=SECRET).install(app)
    lenient = auth.inject_user(do_protection=False, claim_aud="shop")
    app.get("/")(auth.protected()(lenient(answer_user)))
    token = await client.log_in()
    assert (await client.get("/")).status == 401
    assert (await client.get("/", token)).json is None
