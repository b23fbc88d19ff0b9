"""X4: settings of one decorator never relax another guard of a route."""

import asyncio
from itertools import permutations, product

import pytest
from sanic import Blueprint
from sanic.response import json, text

from sanic_jwt_oo import (
    Authentication,
    Initialize,
    JWTAuth,
    inject_user,
    protected,
    scoped,
)
from sanic_jwt_oo.exceptions import SessionStoreUnavailable
from sanic_jwt_oo.sessions import MemorySessionStore

from .forging import ADA, GHOST, NOW, OTHER_SECRET, SECRET, token
from .shops import CONTENT, is_content, is_refused, new_app, new_shop
from .wire import send, start

pytestmark = pytest.mark.requirement("X4")

HELD = {"scopes": ["orders:read"]}
RELAXED = {
    # settings, and a token that only they accept
    "verify_exp": ({"verify_exp": False}, token(exp=NOW - 9999, **HELD)),
    "leeway": ({"leeway": 9999}, token(exp=NOW - 999, **HELD)),
    "claim_aud": ({"claim_aud": "x"}, token(aud="x", **HELD)),
    "secret": ({"secret": OTHER_SECRET}, token(secret=OTHER_SECRET, **HELD)),
    "do_protection": ({"do_protection": False}, None),
    "varying": ({"verify_exp": lambda: False}, token(exp=1, **HELD)),
}


def decorators_of(auth):
    """Each decorator as a function of its settings."""
    return {
        "protected": lambda **s: protected(auth, **s),
        "scoped": lambda **s: scoped("orders:read", initialized_on=auth, **s),
        "inject_user": lambda **s: inject_user(auth, **s),
    }


PAIRS = [
    (relaxed, strict)
    for relaxed in ("protected", "scoped", "inject_user")
    for strict in ("protected", "scoped")
]


@pytest.mark.parametrize("name", RELAXED)
@pytest.mark.parametrize(("relaxed", "strict"), PAIRS)
@pytest.mark.parametrize("outer", ["relaxed", "strict"])
async def test_a_guard_verifies_under_its_own_settings(
    front, name, relaxed, strict, outer
):
    shop = new_shop(front)
    settings, presented = RELAXED[name]
    make = decorators_of(shop.auth)

    async def handler(request, **kwargs):
        return text(CONTENT)

    pair = [make[relaxed](**settings), make[strict]()]
    if outer == "relaxed":
        pair.reverse()  # the first one is the innermost
    guarded = handler
    for decorator in pair:
        guarded = decorator(guarded)
    shop.app.add_route(guarded, "/route")

    # without the token check, `scoped` still refuses, with a 403
    scope = (relaxed, outer, presented) == ("scoped", "relaxed", None)
    # a guard with another secret or audience accepts no usual token
    usual = relaxed == "inject_user" or name not in ("claim_aud", "secret")
    for _ in "cold", "warm":
        refused = await shop.get("/route", presented)
        assert is_refused(refused, 403 if scope else 401)
        valid = await shop.get("/route", token(**HELD))
        assert is_content(valid) if usual else is_refused(valid)


@pytest.mark.parametrize("named", ["blueprint", "nothing"])
async def test_a_guard_keeps_its_settings_however_its_installation_is_found(
    front, named
):
    app, blueprint = new_app(), Blueprint("shop")
    target = blueprint if named == "blueprint" else app
    kind = JWTAuth if front == "class" else Authentication

    class Frozen(kind):
        def now(self):
            return NOW

        def retrieve_user(self, request, payload, *args, **kwargs):
            return {"user_id": ADA}

    auth = Frozen()
    auth.configure(secret=SECRET, auth_mode=False)
    auth.install(target)
    on = [blueprint] if named == "blueprint" else []

    @target.get("/route")
    @inject_user(*on, verify_exp=False)
    @protected(*on)
    async def route(request, user):
        return text(CONTENT)

    @target.get("/own")
    @protected(*on, verify_exp=False)
    async def own(request):
        return text(CONTENT)

    if named == "blueprint":
        app.blueprint(blueprint)
    await start(app)
    expired = [(b"authorization", f"Bearer {token(exp=1)}".encode())]
    assert is_refused(await send(app, "GET", "/route", expired))
    assert is_content(await send(app, "GET", "/own", expired))


async def test_a_guard_keeps_its_own_settings(front):
    shop = new_shop(front)
    make = decorators_of(shop.auth)
    settings = {"verify_exp": False}
    expired = token(exp=NOW - 9999, **HELD)

    def handler(request, **kwargs):
        return text(CONTENT)

    for number, (one, other) in enumerate(permutations(make, 2)):
        guarded = make[one](**settings)(make[other](**settings)(handler))
        shop.app.add_route(guarded, f"/{number}", name=f"r{number}")
    for number in range(6):
        assert is_content(await shop.get(f"/{number}", expired))


async def test_a_guard_inside_another_with_settings_passes_the_user_on(front):
    shop = new_shop(front)
    make = decorators_of(shop.auth)

    @shop.app.get("/route")
    @make["protected"](leeway=5)
    @make["protected"]()
    @make["inject_user"]()
    async def route(request, user):
        return text(CONTENT if user else "")

    assert is_content(await shop.get("/route", token()))
    ghost = await shop.get("/route", token(user_id=GHOST))
    assert CONTENT not in ghost.text
    assert is_refused(await shop.get("/route"))


@pytest.mark.parametrize("relaxed", ["protected", "scoped", "inject_user"])
async def test_a_guard_with_settings_is_not_relaxed_by_another(front, relaxed):
    shop = new_shop(front)
    make = decorators_of(shop.auth)

    @shop.app.get("/route")
    @make[relaxed](verify_exp=False)
    @make["protected"](leeway=5)
    async def route(request, **kwargs):
        return text(CONTENT)

    for _ in "cold", "warm":
        expired = await shop.get("/route", token(exp=NOW - 9999, **HELD))
        assert is_refused(expired)
        assert is_content(await shop.get("/route", token(**HELD)))


async def test_a_setting_may_be_a_callable_beside_one_that_is_not(front):
    shop = new_shop(front)
    asked = [False]

    @shop.app.get("/route")
    @protected(shop.auth, verify_exp=lambda: asked[0], leeway=999)
    async def route(request):
        return text(CONTENT)

    assert is_content(await shop.get("/route", token(exp=NOW - 9999)))
    asked[0] = True
    assert is_refused(await shop.get("/route", token(exp=NOW - 9999)))
    assert is_content(await shop.get("/route", token(exp=NOW - 900)))


async def test_the_scopes_of_a_guard_are_read_under_its_own_settings(front):
    shop = new_shop(front)
    make = decorators_of(shop.auth)

    @shop.app.get("/route")
    @make["protected"](scopes_name="wishes")
    @make["scoped"]()
    async def route(request):
        return text(CONTENT)

    wished = token(wishes=["orders:read"], scopes=[])
    for _ in "cold", "warm":
        assert is_refused(await shop.get("/route", wished), 403)
        assert is_content(await shop.get("/route", token(**HELD)))


async def test_hooks_of_a_guard_see_no_settings_of_another():
    app, seen = new_app(), []

    class Auth(JWTAuth):
        class Configuration:
            auth_mode = False

        def now(self):
            return NOW

        def destructure_scopes(self, scopes):
            seen.append(self.settings().leeway)
            return scopes

        def retrieve_user(self, payload):
            seen.append(self.settings().leeway)
            return {"user_id": ADA}

    auth = Auth(secret=SECRET, leeway=1).install(app)

    @app.get("/route")
    @auth.inject_user(leeway=2)
    @auth.scoped("orders:read")
    @auth.inject_user(debug=True)
    async def route(request, user):
        seen.append(auth.settings(request).leeway)
        with auth.override(leeway=3):
            seen.append(auth.settings(request).leeway)
        return text(CONTENT)

    await start(app)
    bearer = f"Bearer {token(**HELD)}".encode()
    response = await send(app, "GET", "/route", [(b"authorization", bearer)])

    assert is_content(response)
    # both users, the scopes between them, the handler, its block
    assert seen == [2, 1, 2, 2, 3]


async def test_an_override_by_the_application_applies_to_a_guard(front):
    shop = new_shop(front)

    @protected(shop.auth)
    async def guarded(request):
        return text(CONTENT)

    @shop.app.get("/route")
    @inject_user(shop.auth, leeway=0)
    async def route(request, user):
        with shop.auth.override(verify_exp=False):
            return await guarded(request)

    assert is_content(await shop.get("/route", token(exp=NOW - 9999)))


async def test_settings_of_a_guard_apply_in_the_handler(front):
    shop = new_shop(front)

    @shop.app.get("/route")
    @protected(shop.auth, verify_exp=False)
    @inject_user(shop.auth)
    async def route(request, user):
        await asyncio.sleep(0)
        payload = await shop.auth.extract_payload(request)
        return json([user["user_id"], payload["exp"]])

    expired = token(exp=NOW - 9999)
    for _ in "cold", "warm":
        response = await shop.get("/route", expired)
        assert response.json == [ADA, NOW - 9999]


async def test_a_task_started_by_a_guard_sees_the_current_settings(front):
    shop = new_shop(front)
    tasks = []

    async def later():
        await asyncio.sleep(0)
        return shop.auth.settings().leeway

    def required(request):
        tasks.append(asyncio.ensure_future(later()))
        return "orders:read"

    @shop.app.get("/route")
    @inject_user(shop.auth, leeway=7)
    @scoped(required, initialized_on=shop.auth)
    async def route(request, user):
        return json(await tasks[0])

    assert (await shop.get("/route", token(**HELD))).json == 7


# --- a user who is nobody ---------------------------------------------------


@pytest.mark.requirement("T14")
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("outer", ["protected", "inject_user"])
async def test_initialize_passes_no_missing_user_to_a_guarded_handler(
    kind, outer
):
    def authenticate(request):
        return {"user_id": 1}

    def retrieve_user(request, payload):
        return None

    async def retrieve_late(request, payload):
        return None

    async def handler(request, user):
        ran.append(user)
        return json(user)

    app, ran = new_app(), []
    found = retrieve_user if kind == "sync" else retrieve_late
    hooks = {"authenticate": authenticate, "retrieve_user": found}
    auth = Initialize(app, secret=SECRET, **hooks).auth
    pair = [auth.protected(), auth.inject_user()]
    if outer == "protected":
        pair.reverse()
    app.add_route(pair[1](pair[0](handler)), "/closed")
    app.add_route(auth.inject_user()(handler), "/open", name="open")
    await start(app)
    issued = await auth.generate_access_token({"user_id": 1})
    bearer = [(b"authorization", f"Bearer {issued}".encode())]
    for _ in range(2):  # cold and warm
        assert is_refused(await send(app, "GET", "/closed", bearer))
    assert ran == []
    assert (await send(app, "GET", "/open", bearer)).status == 200


NOBODY = [None, False, {}, 0, "", [], ()]


@pytest.mark.requirement("T14")
@pytest.mark.parametrize("nobody", NOBODY, ids=repr)
@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_a_falsy_user_reaches_no_guarded_handler(nobody, kind):
    class Auth(JWTAuth):
        class Configuration:
            auth_mode = False

        def now(self):
            return NOW

        def retrieve_user(self, payload):
            return nobody if payload["user_id"] == GHOST else {"id": ADA}

    class Late(Auth):
        async def retrieve_user(self, payload):
            return super().retrieve_user(payload)

    app, ran = new_app(), []
    auth = (Auth if kind == "sync" else Late)(secret=SECRET).install(app)

    async def handler(request, user):
        ran.append(user)
        return json(user)

    make = decorators_of(auth)
    paths = []
    for guard, settings, outer in product(
        ("protected", "scoped"), ({}, {"leeway": 5}), ("guard", "inject_user")
    ):
        pair = [make["inject_user"](**settings), make[guard]()]
        if outer == "inject_user":
            pair.reverse()
        paths.append(f"/{len(paths)}")
        guarded = pair[1](pair[0](handler))
        app.add_route(guarded, paths[-1], name=f"closed{paths[-1][1:]}")
    app.add_route(make["inject_user"]()(handler), "/open", name="open")
    await start(app)

    async def get(path, user_id):
        bearer = f"Bearer {token(user_id=user_id, **HELD)}".encode()
        return await send(app, "GET", path, [(b"authorization", bearer)])

    for path in paths * 2:  # cold and warm
        assert is_refused(await get(path, GHOST)), path
    assert ran == []
    assert (await get("/open", GHOST)).json is None
    for path in paths:
        assert (await get(path, ADA)).json == {"id": ADA}


async def test_current_user_in_code_does_not_make_a_route_refuse(front):
    shop = new_shop(front)

    @shop.app.on_request
    async def ask(request):
        request.ctx.user = await shop.auth.current_user(request)

    @shop.app.get("/route")
    @protected(shop.auth)
    async def route(request):
        return text(CONTENT)

    assert is_content(await shop.get("/route", token(user_id=GHOST)))


# --- redirects --------------------------------------------------------------


@pytest.mark.requirement("I9")
@pytest.mark.parametrize("decorator", ["protected", "scoped"])
@pytest.mark.parametrize("settings", [{}, {"leeway": 5}], ids=repr)
async def test_an_unavailable_store_is_a_503_and_no_redirect(
    front, decorator, settings
):
    class Down(MemorySessionStore):
        async def is_revoked(self, *args):
            raise SessionStoreUnavailable()

    class Frozen(JWTAuth if front == "class" else Authentication):
        session_store = Down()

        def now(self):
            return NOW

    app = new_app()
    values = {"auth_mode": False, "revocation_check": "store"}
    auth = Frozen()
    auth.configure(secret=SECRET, **values)
    auth.install(app)
    make = decorators_of(auth)[decorator]

    @app.get("/route")
    @make(redirect_on_fail=True, redirect_url="/log-in", **settings)
    async def route(request):
        return text(CONTENT)

    await start(app)
    bearer = f"Bearer {token(sid='s', **HELD)}".encode()
    response = await send(app, "GET", "/route", [(b"authorization", bearer)])

    assert is_refused(response, 503)
    assert "location" not in response.headers
    assert int(response.headers["retry-after"]) >= 1


async def test_refusals_are_redirected(front):
    shop = new_shop(front)
    make = decorators_of(shop.auth)
    page = {"redirect_on_fail": True, "redirect_url": "/log-in"}

    async def handler(request):
        return text(CONTENT)

    for name in ("protected", "scoped"):
        path = f"/page-{name}"
        shop.app.add_route(make[name](**page)(handler), path, name=path)
        for bearer in (None, "x.y.z", token(exp=1)):
            response = await shop.get(path, bearer)
            assert response.status == 302
            assert response.headers["location"] == "/log-in"
    assert is_refused(await shop.get("/page-scoped", token()), 403)


async def test_refusals_redirect_to_the_configured_login_page(front):
    shop = new_shop(front, login_redirect_url="/log-in")

    async def handler(request):
        return text(CONTENT)

    to = {"redirect_on_fail": True}
    guards = [
        protected(shop.auth, **to),
        scoped("orders:read", initialized_on=shop.auth, **to),
        scoped("orders:read", **to),
        shop.auth.protected(**to) if front == "class" else protected(**to),
    ]
    for number, guard in enumerate(guards):
        shop.app.add_route(guard(handler), f"/{number}", name=f"r{number}")
        response = await shop.get(f"/{number}")
        assert response.status == 302
        assert response.headers["location"] == "/log-in"
    stay = scoped("orders:read", redirect_on_fail=True, redirect_url=None)
    shop.app.add_route(stay(handler), "/stay", name="stay")
    assert is_refused(await shop.get("/stay"))


async def test_an_open_route_takes_no_scopes_from_an_earlier_check(front):
    """`do_protection = False` leaves `scoped` to decide, by its settings."""
    shop = new_shop(front, leeway=9999)
    settings = {"do_protection": False, "leeway": 0}

    @shop.app.on_request
    async def check(request):
        await shop.auth.is_authenticated(request)  # under the base settings

    @scoped("orders:read", initialized_on=shop.auth, **settings)
    async def handler(request):
        return text(CONTENT)

    shop.app.add_route(handler, "/open-scoped")
    assert is_content(await shop.get("/open-scoped", token(**HELD)))
    expired = token(exp=NOW - 999, **HELD)
    assert is_refused(await shop.get("/open-scoped", expired), 403)
