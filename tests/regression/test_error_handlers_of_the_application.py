"""The package's error handler replaced handlers of the application."""

import pytest
from sanic import Blueprint, Sanic
from sanic.exceptions import BadRequest, NotFound
from sanic.exceptions import Unauthorized as SanicUnauthorized
from sanic.handlers import ErrorHandler
from sanic.response import text

from sanic_jwt_oo import protected
from sanic_jwt_oo.exceptions import (
    AuthenticationFailed,
    SanicJWTException,
    Unauthorized,
)

from .apps import Shop, both_fronts, install, new_app

pytestmark = both_fronts
ORDERS = pytest.mark.parametrize("first", ["handler", "install"])


def build(front, error, first, app=None):
    """Install on an application with its own error handler."""
    app = app or new_app()

    def handle():
        @app.exception(error)
        async def own(request, exception):
            return text(f"own: {type(exception).__name__}", 418)

    if first == "handler":
        handle()
    auth = install(front, app)
    if first == "install":
        handle()

    @app.get("/protected")
    @protected(auth)
    async def guarded(request):
        return text("content")

    @app.get("/fails")
    async def fails(request):
        raise request.app.ctx.fault("the application's own")

    return Shop(app)


@ORDERS
async def test_a_handler_for_all_errors_of_the_package(front, first):
    shop = build(front, SanicJWTException, first)
    assert (await shop.get("/protected")).text == "own: Unauthorized"
    assert (await shop.get("/auth/me")).text == "own: Unauthorized"


@ORDERS
async def test_a_handler_for_one_error_of_the_package(front, first):
    shop = build(front, Unauthorized, first)
    assert (await shop.get("/protected")).text == "own: Unauthorized"
    assert (await shop.post("/auth", body=b"[]")).json["reasons"]


@ORDERS
async def test_a_handler_for_a_failed_login(front, first):
    def authenticate():
        raise AuthenticationFailed

    app = new_app()
    if first == "install":
        install(front, app, authenticate=authenticate)

    @app.exception(AuthenticationFailed)
    async def own(request, exception):
        return text("own", 418)

    if first == "handler":
        install(front, app, authenticate=authenticate)
    assert (await Shop(app).post("/auth", json={})).text == "own"


@ORDERS
@pytest.mark.parametrize("fault", [ValueError, NotFound, SanicUnauthorized])
async def test_a_handler_for_everything(front, first, fault):
    shop = build(front, Exception, first)
    shop.app.ctx.fault = fault
    assert (await shop.get("/fails")).text == f"own: {fault.__name__}"
    assert (await shop.get("/nowhere")).text == "own: NotFound"
    assert (await shop.get("/protected")).status in (401, 418)


@ORDERS
async def test_a_handler_for_sanics_unauthorized(front, first):
    shop = build(front, SanicUnauthorized, first)
    shop.app.ctx.fault = SanicUnauthorized
    assert (await shop.get("/fails")).text == "own: Unauthorized"


@ORDERS
async def test_a_handler_for_sanics_bad_request(front, first):
    shop = build(front, BadRequest, first)
    shop.app.ctx.fault = BadRequest
    assert (await shop.get("/fails")).text == "own: BadRequest"


async def test_a_handler_of_a_blueprint(front):
    app = new_app()
    auth = install(front, app)
    bp = Blueprint(f"bp-{app.name}", url_prefix="/bp")

    @bp.exception(SanicJWTException)
    async def own(request, exception):
        return text("own", 418)

    @app.get("/protected")
    @protected(auth)
    async def guarded(request):
        return text("content")

    # the order of routes must not matter, so there are many
    for number in range(20):
        bp.add_route(guarded, f"/{number}", name=f"route{number}")
    app.blueprint(bp)
    shop = Shop(app)
    for number in range(20):
        assert (await shop.get(f"/bp/{number}")).text == "own"
    assert (await shop.get("/protected")).json["reasons"]
    assert (await shop.get("/auth/me")).json["reasons"]


class OwnHandler(ErrorHandler):
    """The error handling of an application for errors without a handler."""

    def default(self, request, exception):
        return text(f"default: {type(exception).__name__}", 418)


@pytest.mark.parametrize("fault", [ValueError, NotFound, SanicUnauthorized])
async def test_an_error_handler_class(front, fault):
    app = Sanic(new_app().name + "-own", error_handler=OwnHandler())
    shop = build(front, KeyError, "install", app)
    shop.app.ctx.fault = fault
    assert (await shop.get("/fails")).text == f"default: {fault.__name__}"
    assert (await shop.get("/nowhere")).text == "default: NotFound"
    shop.app.ctx.fault = KeyError
    assert (await shop.get("/fails")).text == "own: KeyError"


async def test_without_a_handler_the_package_responds(front):
    shop = build(front, KeyError, "install")
    response = await shop.get("/protected")
    assert response.json["exception"] == "Unauthorized"


async def test_one_application_with_two_installations(front):
    app = new_app()
    install(front, app)

    @app.exception(SanicJWTException)
    async def own(request, exception):
        return text("own", 418)

    install(front, app, url_prefix="/second")
    shop = Shop(app)
    for path in ("/auth/me", "/second/me"):
        assert (await shop.get(path)).text == "own"
