"""X3: a misplaced decorator never leaves a route open silently."""

import functools
from unittest.mock import Mock

import pytest
from sanic import Blueprint, Sanic
from sanic.response import text
from sanic.views import HTTPMethodView

from sanic_jwt_oo import Initialize, inject_user, protected, scoped
from sanic_jwt_oo.exceptions import (
    InitializationFailure,
    InvalidConfiguration,
)
from tests.conftest import SECRET, Auth

pytestmark = [pytest.mark.requirement("X3"), pytest.mark.requirement("I13")]


def class_form(app):
    return Auth(secret=SECRET).install(app)


def legacy_form(app):
    return Initialize(app, lambda request: {"user_id": 1}, secret=SECRET)


@pytest.fixture(params=[class_form, legacy_form])
def auth(request, app):
    return request.param(app)


async def handler(request):
    return text("open")


# --- above the route --------------------------------------------------------


def above_a_route(app, auth):
    @auth.protected()
    @app.get("/orders")
    async def orders(request):
        return text("open")


def above_a_route_with_settings(app, auth):
    @auth.protected(verify_exp=False)
    @app.post("/orders")
    async def orders(request):
        return text("open")


def scoped_above_a_route(app, auth):
    @auth.scoped("orders:read")
    @app.get("/orders")
    async def orders(request):
        return text("open")


def above_an_injection(app, auth):
    @auth.protected()
    @app.get("/orders")
    @auth.inject_user()
    async def orders(request, user):
        return text("open")


def both_above(app, auth):
    @auth.protected()
    @auth.inject_user()
    @app.get("/orders")
    async def orders(request, user=None):
        return text("open")


def above_a_socket(app, auth):
    @auth.protected()
    @app.websocket("/orders")
    async def orders(request, ws):
        await ws.send("open")


def above_a_route_of_a_blueprint(app, auth):
    shop = Blueprint("shop", url_prefix="/shop")

    @auth.protected()
    @shop.get("/orders")
    async def orders(request):
        return text("open")

    app.blueprint(shop)


def above_a_socket_of_a_blueprint(app, auth):
    shop = Blueprint("shop", url_prefix="/shop")

    @auth.protected()
    @shop.websocket("/orders")
    async def orders(request, ws):
        await ws.send("open")

    app.blueprint(shop)


def above_a_route_of_a_copy(app, auth):
    shop = Blueprint("shop", version=1)

    @auth.protected()
    @shop.get("/orders")
    async def orders(request):
        return text("open")

    app.blueprint(Blueprint.group(shop.copy("copied", version=2)))


def around_a_view(app, auth):
    class Orders(HTTPMethodView):
        async def get(self, request):
            return text("open")

    auth.protected()(app.add_route(Orders.as_view(), "/orders"))


def around_a_method_of_an_object(app, auth):
    class Orders:
        async def index(self, request):
            return text("open")

    orders = Orders()
    app.add_route(orders.index, "/orders", name="orders")
    auth.protected()(orders.index)


def the_function_instead_of_the_wrapper(app, auth):
    async def orders(request):
        return text("open")

    auth.protected()(orders)
    app.add_route(orders, "/orders")


def above_a_foreign_decorator(app, auth):
    def cached(function):
        @functools.wraps(function)
        async def cache(request):
            return await function(request)

        return cache

    @auth.protected()
    @app.get("/orders")
    @cached
    async def orders(request):
        return text("open")


OPEN = [
    above_a_route,
    above_a_route_with_settings,
    scoped_above_a_route,
    above_an_injection,
    both_above,
    above_a_socket,
    above_a_route_of_a_blueprint,
    above_a_socket_of_a_blueprint,
    above_a_route_of_a_copy,
    around_a_view,
    around_a_method_of_an_object,
    the_function_instead_of_the_wrapper,
    above_a_foreign_decorator,
]


@pytest.mark.parametrize("write", OPEN)
async def test_a_decorator_above_the_route_fails_at_startup(
    app, auth, client, write
):
    write(app, auth)
    with pytest.raises(InitializationFailure) as caught:
        await client.get("/")
    message = str(caught.value)
    assert "/orders is open: @" in message
    assert "below the decorator that makes the route" in message


@pytest.mark.parametrize("decorate", [protected(), scoped("orders:read")])
async def test_a_function_decorator_above_the_route_fails_at_startup(
    app, client, decorate
):
    legacy_form(app)

    @decorate
    @app.get("/orders")
    async def orders(request):
        return text("open")

    with pytest.raises(InitializationFailure, match="GET /orders is open"):
        await client.get("/")


async def test_a_decorator_above_a_route_of_a_blueprint_fails_at_startup(
    app, client
):
    shop = Blueprint("shop", url_prefix="/shop")
    auth = class_form(shop)
    app.blueprint(shop)
    above_a_route(app, auth)
    with pytest.raises(InitializationFailure, match="GET /orders is open"):
        await client.get("/")


async def test_decorating_the_tuple_of_a_static_route_raises(app, auth):
    route = app.route("/orders", static=True)(handler)
    with pytest.raises(InitializationFailure, match="below the decorator"):
        auth.protected()(route)


def test_decorating_a_class_raises(app, auth):
    with pytest.raises(InitializationFailure, match="decorators = "):

        @auth.protected()
        class Orders(HTTPMethodView, attach=app, uri="/orders"):
            async def get(self, request):
                return text("open")


# --- what may be open -------------------------------------------------------


async def test_one_handler_may_have_an_open_and_a_protected_route(
    app, auth, client
):
    app.add_route(handler, "/open", name="open")
    app.add_route(auth.protected()(handler), "/closed", name="closed")
    assert (await client.get("/open")).status == 200
    assert (await client.get("/closed")).status == 401


async def test_a_wrapper_around_the_guard_is_recognised(app, auth, client):
    @functools.wraps(handler)
    async def wrapper(request):
        return await guarded(request)

    guarded = auth.protected()(handler)
    wrapper.__wrapped__ = guarded
    app.add_route(handler, "/open", name="open")
    app.add_route(wrapper, "/closed", name="closed")
    assert (await client.get("/open")).status == 200
    assert (await client.get("/closed")).status == 401


async def test_a_handler_may_be_open_here_and_guarded_in_another_application(
    app, make_app, client
):
    class_form(app)
    other = make_app()
    other.add_route(class_form(other).protected()(handler), "/closed")
    app.add_route(handler, "/open")
    assert (await client.get("/open")).status == 200


async def test_a_function_decorator_may_guard_it_in_another_application(
    app, make_app, client
):
    """Only a request shows which application `protected()` is for."""
    legacy_form(app)
    other = make_app()
    legacy_form(other)

    async def shared(request):
        return text("open")

    other.add_route(protected()(shared), "/closed")
    app.add_route(shared, "/open")
    assert (await client.get("/open")).status == 200


async def test_two_methods_of_a_class_are_different_handlers(
    app, auth, client
):
    class Orders(HTTPMethodView):
        async def get(self, request):
            return text("open")

        @auth.protected()
        async def post(self, request):
            return text("closed")

    app.add_route(Orders.as_view(), "/orders")
    assert (await client.get("/orders")).status == 200
    assert (await client.post("/orders")).status == 401


async def test_a_view_may_be_guarded_as_a_whole(app, auth, client):
    class Orders(HTTPMethodView):
        decorators = [auth.protected()]

        async def get(self, request):
            return text("closed")

    app.add_route(Orders.as_view(), "/orders")
    assert (await client.get("/orders")).status == 401


async def test_scoped_none_leaves_a_route_open_in_any_position(app, client):
    legacy_form(app)

    @scoped(None)
    @app.get("/orders")
    async def orders(request):
        return text("open")

    assert (await client.get("/orders")).status == 200


# --- without parentheses ----------------------------------------------------

WITHOUT = "without parentheses. Write @{}"


@pytest.mark.parametrize("name", ["protected", "inject_user"])
def test_a_method_decorator_without_parentheses_raises(auth, name):
    message = WITHOUT.format(name)
    with pytest.raises(InitializationFailure, match=message):
        getattr(auth, name)(handler)


@pytest.mark.parametrize("decorator", [protected, inject_user])
def test_a_function_decorator_without_parentheses_raises(decorator):
    message = WITHOUT.format(decorator.__name__)
    with pytest.raises(InitializationFailure, match=message):
        decorator(handler)


@pytest.mark.parametrize("function_form", [False, True])
async def test_scoped_without_parentheses_fails_at_startup(
    app, auth, client, function_form
):
    app.add_route((scoped if function_form else auth.scoped)(handler), "/x")
    with pytest.raises(InitializationFailure, match=WITHOUT.format("scoped")):
        await client.get("/x")


async def test_scoped_without_parentheses_on_a_view_fails_at_startup(
    app, auth, client
):
    class Orders(HTTPMethodView):
        @auth.scoped
        async def get(self, request):
            return text("open")

    app.add_route(Orders.as_view(), "/orders")
    with pytest.raises(InitializationFailure, match=r"GET /orders.*scoped"):
        await client.get("/orders")


@pytest.mark.parametrize("empty", ["", [], ()])
async def test_scoped_without_any_scope_needs_a_token(
    app, auth, client, empty
):
    """Only `None` and `False` open a route, as in sanic-jwt."""
    app.add_route(scoped(empty)(handler), "/orders", name="orders")
    assert (await client.get("/orders")).status == 401


async def test_scoped_accepts_a_callable(app, auth, client):
    def required(request):
        return "orders:read"

    app.add_route(auth.scoped(required)(handler), "/orders")
    assert (await client.get("/orders")).status == 401


# --- never installed --------------------------------------------------------


async def test_a_guard_that_is_not_installed_refuses_and_logs(
    app, client, caplog
):
    auth = Auth(secret=SECRET)
    app.add_route(auth.protected()(handler), "/orders")
    response = await client.get("/orders")
    assert response.status >= 400
    assert "open" not in response.text
    assert "Auth is not installed: call its .install(app)" in caplog.text


@pytest.mark.parametrize("of_a_view", [False, True])
async def test_an_uninstalled_guard_beside_an_installed_one_fails_at_startup(
    app, client, of_a_view
):
    class_form(app)
    auth = Auth(secret=SECRET)

    class Orders(HTTPMethodView):
        @auth.protected()
        async def get(self, request):
            return text("closed")

    if of_a_view:
        app.add_route(Orders.as_view(), "/orders")
    else:
        app.add_route(auth.protected()(handler), "/orders")
    with pytest.raises(InitializationFailure, match=r"\.install\(app\)"):
        await client.get("/orders")


async def test_an_installation_on_another_application_may_guard_a_route(
    app, make_app, client
):
    class_form(app)
    auth = class_form(make_app())
    app.add_route(auth.protected()(handler), "/orders")
    assert (await client.get("/orders")).status == 401


# --- inject_user ------------------------------------------------------------


@pytest.mark.parametrize("guarded", [False, True])
def test_inject_user_needs_a_parameter_of_that_name(auth, guarded):
    async def orders(request, member):
        return text("orders")

    if guarded:
        orders = auth.protected()(orders)
    with pytest.raises(InitializationFailure, match=r"orders.*Add user to"):
        auth.inject_user()(orders)


def test_inject_user_accepts_a_keyword_or_any_keyword(auth):
    async def named(request, *, user):
        return text("orders")

    async def anything(request, **kwargs):
        return text("orders")

    class Orders(HTTPMethodView):
        @auth.inject_user()
        async def get(self, request, user=None):
            return text("orders")

    for function in (named, anything, Orders.as_view()):
        auth.inject_user()(auth.protected()(function))


def test_inject_user_refuses_a_positional_only_parameter(auth):
    async def orders(request, user, /):
        return text("orders")

    with pytest.raises(InitializationFailure, match="Add user to"):
        auth.inject_user()(orders)


def test_inject_user_reads_the_signature_of_a_wrapper(auth):
    @functools.wraps(handler)
    async def names_the_user(request, user):
        return await handler(request)

    auth.inject_user()(names_the_user)


def test_the_route_decorator_of_sanic_returns_the_handler():
    """The check for misplaced decorators relies on it."""
    app = Sanic("sanic-is-what-it-was")
    assert app.get("/")(handler) is handler


async def test_without_any_installation_a_request_is_refused(
    app, client, caplog
):
    """There is no check at startup, so the decorator refuses."""
    app.add_route(scoped(handler), "/orders")
    response = await client.get("/orders")
    assert response.status >= 400
    assert "Write @scoped(" in caplog.text


async def test_a_function_without_any_installation_refuses_and_logs(
    app, client, caplog
):
    app.add_route(protected()(handler), "/orders")
    response = await client.get("/orders")
    assert response.status >= 400
    assert "call .install(app) or Initialize(app, ...)" in caplog.text


async def test_a_handler_without_attributes_can_be_guarded(app, auth, client):
    class Orders:
        __slots__ = ()

        def __call__(self, request):
            return text("closed")

    guarded = auth.protected()(Orders())
    app.add_route(guarded, "/orders", name="orders")
    assert (await client.get("/orders")).status == 401


async def test_a_handler_with_every_attribute_is_not_taken_for_a_guard(
    app, auth, client
):
    app.add_route(Mock(return_value=text("open")), "/mock", name="mock")
    assert (await client.get("/mock")).text == "open"


# --- scopes outside of a list -----------------------------------------------


@pytest.mark.parametrize(
    "scopes", [("a", "b"), ("a", True, "b"), ("a", ["b"])]
)
@pytest.mark.parametrize("form", ["function", "method"])
def test_a_second_scope_outside_of_a_list_is_refused(app, form, scopes):
    decorate = scoped if form == "function" else class_form(app).scoped
    with pytest.raises(InvalidConfiguration, match="as a list"):
        decorate(*scopes)


@pytest.mark.parametrize("require_all", [True, False, 1, 0, None])
def test_whether_all_are_required_may_be_a_number_as_in_sanic_jwt(require_all):
    scoped(["a", "b"], require_all, require_all)
