"""Route parameters collided with what the decorators passed around."""

import pytest
from sanic.response import json
from sanic.views import HTTPMethodView

from sanic_jwt_oo import inject_user, protected, scoped

from .apps import Shop, both_fronts, install, new_app, walk_through

pytestmark = both_fronts

NAMES = ["request_args", "return_payload", "user", "kw", "f", "args"]
NAMES += ["kwargs", "instance", "initialized_on", "return_response", "scopes"]
NAMES += ["payload", "token", "auth", "config", "verify", "settings"]


def guards(auth):
    return {
        "protected": protected(auth),
        "protected, with settings": protected(auth, leeway=1),
        "scoped": scoped("fruit", initialized_on=auth),
        "scoped by a function": scoped(
            lambda request, **parameters: "fruit", initialized_on=auth
        ),
    }


@pytest.mark.parametrize("guard", [*guards(None)])
async def test_a_parameter_reaches_its_handler(front, guard):
    app = new_app()
    decorator = guards(install(front, app))[guard]

    async def handler(request, **parameters):
        return json(parameters)

    for name in NAMES:
        path = f"/{name}/<{name}>"
        app.add_route(decorator(handler), path, name=f"route_{name}")
    shop = Shop(app)
    bearer = await walk_through(shop, "/auth")
    for name in NAMES:
        response = await shop.get(f"/{name}/value", bearer)
        assert response.json == {name: "value"}


@pytest.mark.parametrize("guard", [*guards(None)])
async def test_a_parameter_reaches_the_method_of_a_view(front, guard):
    app = new_app()

    class Ware(HTTPMethodView):
        decorators = [guards(install(front, app))[guard]]

        async def get(self, request, **parameters):
            return json(parameters)

    for name in NAMES:
        path = f"/{name}/<{name}>"
        app.add_route(Ware.as_view(), path, name=f"route_{name}")
    shop = Shop(app)
    bearer = await walk_through(shop, "/auth")
    for name in NAMES:
        response = await shop.get(f"/{name}/value", bearer)
        assert response.json == {name: "value"}


@pytest.mark.parametrize("name", [n for n in NAMES if n != "user"])
async def test_a_parameter_beside_an_injected_user(front, name):
    app = new_app()
    auth = install(front, app)

    @app.get(f"/<{name}>")
    @protected(auth)
    @inject_user(auth)
    async def handler(request, user, **parameters):
        return json({"name": user["name"], **parameters})

    shop = Shop(app)
    bearer = await walk_through(shop, "/auth")
    response = await shop.get("/value", bearer)
    assert response.json == {"name": "joe", name: "value"}


async def test_a_route_parameter_cannot_replace_the_injected_user(front):
    app = new_app()
    auth = install(front, app)

    @app.get("/<user>")
    @protected(auth)
    @inject_user(auth)
    async def handler(request, user):
        return json(user)

    shop = Shop(app)
    bearer = await walk_through(shop, "/auth")
    response = await shop.get("/admin", bearer)
    assert response.json["name"] == "joe"


async def test_a_route_parameter_can_determine_the_scope(front):
    app = new_app()
    auth = install(front, app)

    @app.get("/<scope>")
    @scoped(lambda request, scope: scope, initialized_on=auth)
    async def handler(request, scope):
        return json(scope)

    shop = Shop(app)
    bearer = await walk_through(shop, "/auth")
    assert (await shop.get("/fruit", bearer)).status == 200
    assert (await shop.get("/vegetables", bearer)).status == 403
