"""Protected routes in the OpenAPI document, with nothing said about them."""

from __future__ import annotations

from typing import Any

import pytest
from sanic import Blueprint, Request, Sanic
from sanic.response import json
from sanic.views import HTTPMethodView
from sanic_ext import openapi

from sanic_jwt_oo import Initialize, JWTAuth, inject_user, protected, scoped
from tests.conftest import SECRET, Client

from .conftest import ShopAuth
from .documents import document_of, operation_of, schemes_of, statuses_of

BEARER = [{"bearerAuth": []}]


def orders(request: Request, user: Any = None, **parameters: Any) -> Any:
    return json([])


@pytest.fixture
def view(auth: ShopAuth) -> type[HTTPMethodView]:
    class Orders(HTTPMethodView):
        async def get(self, request: Request) -> Any:
            return json([])

        @auth.protected()
        async def put(self, request: Request) -> Any:
            return json([])

        @auth.scoped("orders:write")
        async def post(self, request: Request) -> Any:
            return json([])

    return Orders


# --- what a route needs -----------------------------------------------------


async def test_a_protected_route(app: Sanic, auth: ShopAuth) -> None:
    app.get("/orders")(auth.protected()(orders))

    operation = await operation_of(app)

    assert operation["security"] == BEARER
    assert operation["description"] == "Requires an access token."
    assert statuses_of(operation) == {"401", "default"}
    refusal = operation["responses"]["401"]
    assert "WWW-Authenticate" in refusal["headers"]
    assert refusal["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/AuthError"
    }


async def test_an_open_route_is_as_sanic_ext_describes_it(
    app: Sanic, auth: ShopAuth
) -> None:
    app.get("/orders")(orders)

    operation = await operation_of(app)

    assert "security" not in operation
    assert statuses_of(operation) == {"default"}


@pytest.mark.parametrize(
    ("arguments", "text", "names"),
    [
        ("orders", "Requires the scope `orders`.", ["orders"]),
        (["a", "b:c"], "Requires the scopes `a`, `b:c`.", ["a", "b:c"]),
        (
            dict(scopes=["a", "b"], require_all=False),
            "Requires one of the scopes `a`, `b`.",
            ["a", "b"],
        ),
        (
            dict(scopes="a:b:c", require_all_actions=False),
            "Requires the scope `a:b:c`. One action of a scope is enough.",
            ["a:b:c"],
        ),
        (
            lambda request: "orders",
            "Requires scopes that depend on the request.",
            None,
        ),
    ],
)
async def test_the_scopes_of_a_route(
    app: Sanic, auth: ShopAuth, arguments: Any, text: str, names: Any
) -> None:
    if not isinstance(arguments, dict):
        arguments = {"scopes": arguments}
    app.get("/orders")(auth.scoped(**arguments)(orders))

    operation = await operation_of(app)

    assert operation["security"] == BEARER
    assert operation["description"] == text
    assert operation.get("x-required-scopes") == names
    assert {"401", "403"} < statuses_of(operation)


async def test_the_scopes_of_several_decorators(
    app: Sanic, auth: ShopAuth
) -> None:
    handler = auth.protected()(auth.scoped("a")(auth.scoped("b")(orders)))
    app.get("/orders")(handler)

    operation = await operation_of(app)

    assert operation["security"] == BEARER
    assert operation["x-required-scopes"] == ["a", "b"]


async def test_a_route_with_the_user_alone_needs_no_token(
    app: Sanic, auth: ShopAuth
) -> None:
    app.get("/orders")(auth.inject_user()(orders))

    operation = await operation_of(app)

    assert operation["security"] == [{}, *BEARER]
    assert operation["description"] == "The access token is optional."
    assert statuses_of(operation) == {"default"}


async def test_a_protected_route_with_the_user(
    app: Sanic, auth: ShopAuth
) -> None:
    app.get("/orders")(auth.protected()(auth.inject_user()(orders)))

    operation = await operation_of(app)

    assert operation["security"] == BEARER
    assert operation["description"] == "Requires an access token."


async def test_a_route_that_redirects(app: Sanic, auth: ShopAuth) -> None:
    page = auth.protected(redirect_on_fail=True, redirect_url="/login")
    app.get("/orders")(page(orders))

    operation = await operation_of(app)

    assert statuses_of(operation) == {"302", "default"}
    assert "/login" in operation["responses"]["302"]["description"]


async def test_a_route_with_two_installations_needs_both(
    app: Sanic, auth: ShopAuth
) -> None:
    staff = ShopAuth(secret=SECRET, url_prefix="/staff").install(app)
    app.get("/orders")(auth.protected()(staff.protected()(orders)))

    operation = await operation_of(app)

    assert operation["security"] == [{"bearerAuth": [], "bearerAuth2": []}]


async def test_the_places_of_a_route_with_settings_of_its_own(
    app: Sanic, auth: ShopAuth
) -> None:
    handler = auth.protected(query_string_set=True)(orders)
    app.get("/orders")(handler)

    document = await document_of(app)

    assert document["paths"]["/orders"]["get"]["security"] == [
        {"queryAuth": []}
    ]
    assert document["paths"]["/auth/me"]["get"]["security"] == BEARER


async def test_settings_that_depend_on_the_request_are_left_out(
    app: Sanic, auth: ShopAuth
) -> None:
    def never() -> bool:
        raise AssertionError("There is no request.")

    app.get("/orders")(auth.protected(query_string_set=never)(orders))

    assert (await operation_of(app))["security"] == BEARER


async def test_a_route_that_takes_the_user_by_its_type(app: Sanic) -> None:
    class User:
        """The user."""

    class UserAuth(JWTAuth[User]):
        def authenticate(self) -> Any:
            return User()

    auth = UserAuth(secret=SECRET).install(app)

    def needed(request: Request, user: Any) -> Any: ...

    def optional(request: Request, user: Any) -> Any: ...

    needed.__annotations__["user"] = User
    optional.__annotations__["user"] = User | None
    app.get("/needed")(needed)
    app.get("/optional")(optional)
    app.get("/scoped", name="scoped")(auth.scoped("a")(needed))

    paths = (await document_of(app))["paths"]

    assert paths["/needed"]["get"]["security"] == BEARER
    assert "401" in paths["/needed"]["get"]["responses"]
    assert paths["/optional"]["get"]["security"] == [{}, *BEARER]
    assert paths["/scoped"]["get"]["description"] == (
        "Requires the scope `a`."
    )


# --- every kind of handler --------------------------------------------------


async def test_the_methods_of_a_view(
    app: Sanic, view: type[HTTPMethodView]
) -> None:
    app.add_route(view.as_view(), "/orders")

    operations = (await document_of(app))["paths"]["/orders"]

    assert "security" not in operations["get"]
    assert operations["put"]["security"] == BEARER
    assert operations["post"]["x-required-scopes"] == ["orders:write"]


async def test_a_view_that_is_protected_as_a_whole(
    app: Sanic, auth: ShopAuth, view: type[HTTPMethodView]
) -> None:
    view.decorators = [auth.protected()]
    app.add_route(view.as_view(), "/orders")

    operations = (await document_of(app))["paths"]["/orders"]

    for operation in operations.values():
        assert operation["security"] == BEARER
    assert operations["post"]["x-required-scopes"] == ["orders:write"]


async def test_a_view_at_two_paths(
    app: Sanic, auth: ShopAuth, view: Any
) -> None:
    view.get = auth.protected()(view.get)
    app.add_route(view.as_view(), "/orders", name="orders")
    app.add_route(view.as_view(), "/archive", name="archive")

    paths = (await document_of(app))["paths"]

    assert paths["/orders"]["put"]["operationId"] == "put~orders"
    assert paths["/archive"]["put"]["operationId"] == "put~archive"


async def test_a_stream(app: Sanic, auth: ShopAuth) -> None:
    app.post("/orders", stream=True)(auth.protected()(orders))

    assert (await operation_of(app, method="post"))["security"] == BEARER


async def test_a_handler_of_several_methods(
    app: Sanic, auth: ShopAuth
) -> None:
    app.route("/orders", methods=["GET", "POST", "DELETE"])(
        auth.protected()(orders)
    )

    operations = (await document_of(app))["paths"]["/orders"]

    assert {o["operationId"] for o in operations.values()} == {
        "get~orders",
        "post~orders",
        "delete~orders",
    }


async def test_a_method_of_an_object(app: Sanic, auth: ShopAuth) -> None:
    class Shop:
        def orders(self, request: Request) -> Any:
            return json([])

    app.get("/orders")(auth.protected()(Shop().orders))

    assert (await operation_of(app))["security"] == BEARER


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_websocket_is_left_out(
    app: Sanic, auth: ShopAuth, guarded: bool
) -> None:
    async def feed(request: Request, ws: Any) -> None: ...

    app.websocket("/feed")(auth.protected()(feed) if guarded else feed)

    for _ in range(2):  # sanic-ext adds a HEAD at the first start
        assert "/feed" not in (await document_of(app))["paths"]


async def test_the_legacy_form(app: Sanic) -> None:
    Initialize(app, authenticate=lambda request: {"user_id": 1}, secret=SECRET)
    app.get("/orders")(protected()(orders))
    app.get("/reports", name="reports")(scoped("reports")(orders))
    app.get("/samples", name="samples")(scoped(None)(orders))
    app.get("/shop", name="shop")(inject_user()(orders))

    paths = (await document_of(app))["paths"]

    assert paths["/orders"]["get"]["security"] == BEARER
    assert paths["/reports"]["get"]["x-required-scopes"] == ["reports"]
    assert "security" not in paths["/samples"]["get"]
    assert paths["/shop"]["get"]["security"] == [{}, *BEARER]


async def test_a_guard_without_an_installation_is_left_out(
    app: Sanic, auth: ShopAuth
) -> None:
    """Each request to it is a 500, and the rest of the document stays."""
    app.get("/orders")(protected(Blueprint("elsewhere"))(orders))

    assert "security" not in await operation_of(app)


# --- where routes are -------------------------------------------------------


async def test_a_route_of_a_blueprint_with_an_installation(
    app: Sanic, auth: ShopAuth
) -> None:
    bp = Blueprint("shop", url_prefix="/shop")
    shop = ShopAuth(secret=SECRET).install(bp)
    bp.get("/orders")(shop.protected()(orders))
    bp.get("/other", name="other")(protected(bp)(orders))
    app.blueprint(bp)

    document = await document_of(app)

    assert document["paths"]["/shop/orders"]["get"]["security"] == [
        {"bearerAuth2": []}
    ]
    assert document["paths"]["/shop/other"]["get"]["security"] == [
        {"bearerAuth2": []}
    ]


async def test_a_route_of_several_hosts(app: Sanic, auth: ShopAuth) -> None:
    for host, decorate in (
        ("a.example", auth.protected()),
        ("b.example", auth.scoped("b")),
    ):
        app.get("/orders", host=host, name=host[0])(decorate(orders))

    operation = await operation_of(app)  # sanic-ext keeps one of them

    only_b = "b.example" in str(operation["servers"])
    assert operation.get("x-required-scopes") == (["b"] if only_b else None)


async def test_versions(app: Sanic, auth: ShopAuth) -> None:
    app.get("/orders", version=2)(auth.protected()(orders))

    assert (await operation_of(app, "/v2/orders"))["security"] == BEARER


# --- what the application says ----------------------------------------------


@pytest.mark.parametrize("above", [True, False])
async def test_what_is_said_is_added_to(
    app: Sanic, auth: ShopAuth, above: bool
) -> None:
    describe = openapi.definition(
        description="The newest first.",
        response=[
            openapi.definitions.Response({}, status=200, description="Them"),
            openapi.definitions.Response({}, status=401, description="Who?"),
        ],
    )
    protect = auth.scoped("a")
    handler = describe(protect(orders)) if above else protect(describe(orders))
    app.get("/orders")(handler)

    operation = await operation_of(app)

    assert operation["description"] == (
        "The newest first.\n\nRequires the scope `a`."
    )
    assert statuses_of(operation) == {"200", "401", "403"}
    assert operation["responses"]["401"]["description"] == "Who?"


async def test_requirements_that_are_said_replace_ours(
    app: Sanic, auth: ShopAuth
) -> None:
    described = openapi.secured("apiKey")(auth.protected()(orders))
    app.get("/orders")(described)
    app.ext.openapi.add_security_scheme("apiKey", "apiKey", name="x-key")

    assert (await operation_of(app))["security"] == [{"apiKey": []}]


async def test_a_docstring_is_added_to(app: Sanic, auth: ShopAuth) -> None:
    @app.get("/orders/<number:int>")
    @auth.protected()
    async def order(request: Request, number: int) -> Any:
        """Show an order.

        With its items.

        openapi:
        ---
        responses:
          '404':
            description: There is no such order.
        """
        return json([])

    operation = await operation_of(app, "/orders/{number}")

    assert operation["summary"] == "Show an order."
    assert operation["description"] == (
        "With its items.\n\nRequires an access token."
    )
    assert statuses_of(operation) == {"401", "404"}
    assert operation["parameters"][0]["name"] == "number"


@pytest.mark.parametrize("above", [True, False])
async def test_a_route_that_is_excluded_stays_excluded(
    app: Sanic, auth: ShopAuth, above: bool
) -> None:
    exclude, protect = openapi.exclude(), auth.protected()
    handler = exclude(protect(orders)) if above else protect(exclude(orders))
    app.get("/orders")(handler)

    assert "/orders" not in (await document_of(app))["paths"]


async def test_a_scheme_of_the_application_keeps_its_name(
    app: Sanic, auth: ShopAuth
) -> None:
    app.get("/orders")(auth.protected()(orders))
    app.ext.openapi.add_security_scheme("bearerAuth", "http", scheme="basic")

    document = await document_of(app)

    assert schemes_of(document)["bearerAuth"]["scheme"] == "basic"
    assert document["paths"]["/orders"]["get"]["security"] == [
        {"bearerAuth2": []}
    ]


# --- starting ---------------------------------------------------------------


async def test_the_document_is_the_same_at_each_start(
    app: Sanic, auth: ShopAuth
) -> None:
    app.get("/orders")(auth.scoped("a")(orders))

    assert await document_of(app) == await document_of(app)


async def test_a_handler_of_two_applications(
    app: Sanic, auth: ShopAuth, make_app: Any
) -> None:
    @openapi.summary("All orders")
    def handler(request: Request) -> Any:
        return json([])

    app.get("/orders")(auth.scoped("a")(handler))
    other = make_app()
    staff = ShopAuth(secret=SECRET, url_prefix="/staff").install(other)
    other.get("/archive")(staff.protected()(handler))

    orders_ = await operation_of(app)
    archive = await operation_of(other, "/archive")

    assert orders_["x-required-scopes"] == ["a"]
    assert "x-required-scopes" not in archive


async def test_the_methods_that_sanic_ext_adds(
    app: Sanic, auth: ShopAuth, view: type[HTTPMethodView]
) -> None:
    app.config.OAS_IGNORE_HEAD = app.config.OAS_IGNORE_OPTIONS = False
    app.get("/orders")(auth.scoped("a")(orders))

    await document_of(app)
    document = await document_of(app)  # now they are in it

    operations = document["paths"]["/orders"]
    assert operations["head"]["x-required-scopes"] == ["a"]
    assert operations["head"]["security"] == BEARER
    assert "security" not in operations["options"]
    assert document["paths"]["/auth/me"]["head"]["security"] == BEARER
    assert statuses_of(document["paths"]["/auth/me"]["options"]) == {"204"}


@pytest.mark.parametrize("setting", ["OAS", "AUTO_EXTEND"])
async def test_an_application_without_a_document(
    app: Sanic, setting: str
) -> None:
    app.config[setting] = False
    client = Client(app)
    auth = ShopAuth(secret=SECRET).install(app)
    app.get("/orders")(auth.protected()(orders))

    response = await client.get("/docs/openapi.json")

    assert response.status == 404
    assert (await client.get("/orders")).status == 401
