"""The endpoints in the OpenAPI document, with nothing said about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import pytest
from pydantic import BaseModel, Field, SecretStr
from sanic import Blueprint, Request, Sanic
from sanic.response import HTTPResponse, empty, json
from sanic_ext import openapi
from typing_extensions import NotRequired

from sanic_jwt_oo import BaseEndpoint
from sanic_jwt_oo.endpoints import RetrieveUserEndpoint, VerifyEndpoint
from sanic_jwt_oo.exceptions import InitializationFailure
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.conftest import SECRET, Auth, Client, RefreshAuth

from .conftest import ShopAuth
from .documents import (
    document_of,
    operation_of,
    operations_in,
    schemes_of,
    statuses_of,
)

BEARER = {
    "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
}
FORMS = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
]


def key(place: str, name: str) -> dict[str, str]:
    return {"type": "apiKey", "in": place, "name": name}


def body_of(operation: dict[str, Any]) -> Any:
    """Return the schema of a body, which is the same in each form."""
    content = operation["requestBody"]["content"]
    assert [*content] == FORMS
    schemas = [content[form]["schema"] for form in FORMS]
    assert schemas[0] == schemas[1] == schemas[2]
    return schemas[0]


def sessions(**settings: Any) -> Any:
    return ShopAuth(
        secret=SECRET,
        session_store=MemorySessionStore(),
        session_endpoints_enabled=True,
        **settings,
    )


# --- which endpoints --------------------------------------------------------


async def test_the_endpoints_of_an_installation(
    app: Sanic, auth: ShopAuth
) -> None:
    document = await document_of(app)

    assert {(path, method) for path, method, _ in operations_in(document)} == {
        ("/auth", "post"),
        ("/auth/verify", "get"),
        ("/auth/me", "get"),
    }
    for _, _, operation in operations_in(document):
        assert operation["tags"] == ["auth"]
        assert operation["summary"]
        assert operation["description"]
    assert document["tags"] == [{"name": "auth"}]


async def test_the_endpoints_of_sessions(app: Sanic) -> None:
    sessions().install(app)

    document = await document_of(app)

    assert {(path, method) for path, method, _ in operations_in(document)} == {
        ("/auth", "post"),
        ("/auth/verify", "get"),
        ("/auth/me", "get"),
        ("/auth/refresh", "post"),
        ("/auth/logout", "post"),
        ("/auth/logout/all", "post"),
        ("/auth/sessions", "get"),
        ("/auth/sessions/{session_id}", "delete"),
    }


async def test_a_service_that_only_verifies(app: Sanic) -> None:
    auth = ShopAuth(secret=SECRET, auth_mode=False).install(app)

    @app.get("/orders")
    @auth.protected()
    async def orders(request: Request) -> HTTPResponse:
        return empty()

    document = await document_of(app)

    assert [*document["paths"]] == ["/orders"]
    assert schemes_of(document) == BEARER


async def test_several_installations(app: Sanic, auth: ShopAuth) -> None:
    sessions(url_prefix="/staff").install(app)
    before, after = Blueprint("before", url_prefix="/a"), Blueprint("after")
    app.blueprint(before)
    ShopAuth(secret=SECRET).install(before)
    ShopAuth(secret=SECRET, url_prefix="/b").install(after)
    app.blueprint(after)

    document = await document_of(app)

    for path in ("/auth", "/staff", "/a/auth", "/b"):
        assert document["paths"][path]["post"]["tags"] == ["auth"]
    ids = [o["operationId"] for _, _, o in operations_in(document)]
    assert len(ids) == len({*ids})
    used = {
        path: document["paths"][f"{path}/me"]["get"]["security"]
        for path in ("/auth", "/staff")
    }
    assert used == {
        "/auth": [{"bearerAuth": []}],
        "/staff": [{"bearerAuth2": []}],
    }
    descriptions = [
        scheme["description"]
        for scheme in document["components"]["securitySchemes"].values()
    ]
    assert sorted(descriptions) == [
        f"Tokens come from `POST {path}`."
        for path in ("/a/auth", "/auth", "/b", "/staff")
    ]


async def test_parameters_in_the_path_of_one_installation(
    app: Sanic, auth: ShopAuth
) -> None:
    sessions(url_prefix="/<tenant:str>/auth").install(app)

    paths = (await document_of(app))["paths"]

    assert "parameters" not in paths["/auth"]["post"]
    for path, method, names in (
        ("/{tenant}/auth", "post", ["tenant"]),
        (
            "/{tenant}/auth/sessions/{session_id}",
            "delete",
            ["tenant", "session_id"],
        ),
    ):
        parameters = paths[path][method]["parameters"]
        assert [p["name"] for p in parameters] == names


async def test_a_blueprint_group_with_a_version(app: Sanic) -> None:
    group = Blueprint.group(Blueprint("shop"), url_prefix="/api", version=2)
    ShopAuth(secret=SECRET).install(group)
    app.blueprint(group)

    document = await document_of(app)

    assert "post" in document["paths"]["/v2/api/auth"]
    assert (
        document["components"]["securitySchemes"]["bearerAuth"]["description"]
        == "Tokens come from `POST /v2/api/auth`."
    )


# --- where tokens are -------------------------------------------------------


async def test_the_header(app: Sanic, auth: ShopAuth) -> None:
    document = await document_of(app)

    assert schemes_of(document) == BEARER
    assert "security" not in document["paths"]["/auth"]["post"]
    for path in ("/auth/me", "/auth/verify"):
        security = document["paths"][path]["get"]["security"]
        assert security == [{"bearerAuth": []}]


@pytest.mark.parametrize(
    ("settings", "name", "form"),
    [
        ({"authorization_header": "x-token"}, "x-token", "`Bearer <token>`."),
        (
            {"authorization_header_prefix": ""},
            "authorization",
            "`<token>`.",
        ),
    ],
)
async def test_a_header_of_another_form(
    app: Sanic, settings: Any, name: str, form: str
) -> None:
    ShopAuth(secret=SECRET, **settings).install(app)

    document = await document_of(app)

    scheme = document["components"]["securitySchemes"]["headerAuth"]
    assert scheme["description"].startswith(form)
    assert schemes_of(document) == {"headerAuth": key("header", name)}


async def test_cookies(app: Sanic) -> None:
    sessions(cookie_set=True).install(app)

    document = await document_of(app)

    assert schemes_of(document) == {
        "cookieAuth": key("cookie", "__Host-access_token"),
        "csrfHeader": key("header", "x-csrf-token"),
        "refreshCookie": key("cookie", "refresh_token"),
    }
    paths = document["paths"]
    proved = {"cookieAuth": [], "csrfHeader": []}
    assert paths["/auth/me"]["get"]["security"] == [{"cookieAuth": []}]
    ending = paths["/auth/sessions/{session_id}"]["delete"]
    assert ending["security"] == [proved]
    assert paths["/auth/refresh"]["post"]["security"] == [
        {"refreshCookie": [], **proved}
    ]
    assert paths["/auth/logout"]["post"]["security"] == [
        {"refreshCookie": []},
        proved,
    ]
    assert "requestBody" not in paths["/auth/refresh"]["post"]
    success = paths["/auth"]["post"]["responses"]["200"]
    assert "Set-Cookie" in success["headers"]
    assert success["description"] == "The tokens, in cookies."
    assert success["content"]["application/json"]["schema"] == {
        "type": "object"
    }


async def test_cookies_without_csrf_protection(app: Sanic) -> None:
    sessions(cookie_set=True, csrf_protect=False).install(app)

    paths = (await document_of(app))["paths"]

    assert paths["/auth/refresh"]["post"]["security"] == [
        {"refreshCookie": []}
    ]
    for _, _, operation in operations_in({"paths": paths}):
        assert "403" not in operation["responses"]


async def test_a_protected_route_with_cookies(app: Sanic) -> None:
    auth = ShopAuth(secret=SECRET, cookie_set=True).install(app)

    @app.route("/orders", methods=["GET", "POST"])
    @auth.protected()
    async def orders(request: Request) -> HTTPResponse:
        return empty()

    operations = (await document_of(app))["paths"]["/orders"]

    assert operations["get"]["security"] == [{"cookieAuth": []}]
    assert operations["post"]["security"] == [
        {"cookieAuth": [], "csrfHeader": []}
    ]
    assert "403" not in operations["get"]["responses"]
    assert "403" in operations["post"]["responses"]


async def test_a_split_cookie(app: Sanic) -> None:
    ShopAuth(
        secret=SECRET, cookie_set=True, cookie_split=True, cookie_secure=False
    ).install(app)

    document = await document_of(app)

    assert document["paths"]["/auth/me"]["get"]["security"] == [
        {"cookieAuth": [], "signatureCookie": []}
    ]
    schemes = schemes_of(document)
    assert schemes["cookieAuth"] == key("cookie", "access_token")
    assert schemes["signatureCookie"] == key(
        "cookie", "access_token_signature"
    )


async def test_the_query_string(app: Sanic) -> None:
    sessions(query_string_set=True).install(app)

    document = await document_of(app)

    assert schemes_of(document) == {
        "queryAuth": key("query", "access_token"),
        "refreshQuery": key("query", "refresh_token"),
    }
    refresh = document["paths"]["/auth/refresh"]["post"]
    assert refresh["security"] == [{"refreshQuery": []}]


async def test_every_place(app: Sanic) -> None:
    ShopAuth(
        secret=SECRET,
        cookie_set=True,
        cookie_strict=False,
        query_string_set=True,
        query_string_strict=False,
    ).install(app)

    operation = await operation_of(app, "/auth/me")

    assert operation["security"] == [
        {"cookieAuth": []},
        {"queryAuth": []},
        {"bearerAuth": []},
    ]


# --- what they take and return ----------------------------------------------


async def test_a_refresh_token_in_the_body(app: Sanic) -> None:
    sessions(refresh_token_name="renewal").install(app)

    paths = (await document_of(app))["paths"]

    refresh, logout = (
        paths[f"/auth/{name}"]["post"] for name in ("refresh", "logout")
    )
    assert body_of(refresh)["required"] == ["renewal"]
    assert "security" not in refresh
    assert "required" not in body_of(logout)
    assert logout["security"] == [{}, {"bearerAuth": []}]
    tokens = paths["/auth"]["post"]["responses"]["200"]
    schema = tokens["content"]["application/json"]["schema"]
    assert schema["required"] == ["access_token", "renewal"]


async def test_a_refresh_without_sessions(app: Sanic) -> None:
    RefreshAuth(secret=SECRET).install(app)

    operation = await operation_of(app, "/auth/refresh", "post")

    assert operation["security"] == [{"bearerAuth": []}]
    assert body_of(operation)["required"] == ["refresh_token"]
    tokens = operation["responses"]["200"]["content"]["application/json"]
    assert tokens["schema"]["required"] == ["access_token"]


async def test_the_parameters_of_sessions(app: Sanic) -> None:
    sessions().install(app)

    paths = (await document_of(app))["paths"]

    [limit, after] = paths["/auth/sessions"]["get"]["parameters"]
    assert (limit["name"], after["name"]) == ("limit", "after")
    ending = paths["/auth/sessions/{session_id}"]["delete"]
    assert [p["name"] for p in ending["parameters"]] == ["session_id"]


async def test_responses_that_the_application_makes_have_no_schema(
    app: Sanic,
) -> None:
    class OwnAuth(ShopAuth):
        class Responses:
            def exception_response(self, request: Any, exception: Any) -> Any:
                return json({}, status=exception.status_code)

            def get_token_response(self, request: Any) -> Any:
                return empty()

    OwnAuth(secret=SECRET).install(app)

    operation = await operation_of(app, "/auth", "post")

    assert "content" not in operation["responses"]["401"]
    assert "200" not in operation["responses"]
    assert "content" not in operation["responses"]["default"]


async def test_a_body_that_the_application_checks(app: Sanic) -> None:
    class OwnAuth(ShopAuth):
        async def check_log_in_body(self, request: Any) -> None:
            return None

    OwnAuth(secret=SECRET).install(app)

    operation = await operation_of(app, "/auth", "post")

    assert [*operation["requestBody"]["content"]] == ["*/*"]


# --- the body of a login ----------------------------------------------------


@dataclass
class Credentials:
    """What a client sends."""

    name: str
    password: str
    code: str | None = None


class TypedCredentials(TypedDict):
    name: str
    password: str
    code: NotRequired[str]


class Device(BaseModel):
    number: int = Field(gt=0)


class ModelCredentials(BaseModel):
    name: str = Field(min_length=1, examples=["ada"])
    password: SecretStr
    kind: Literal["password"] = "password"
    device: Device | None = None
    place: tuple[float, float] | None = None


@pytest.mark.parametrize(
    "model", [Credentials, TypedCredentials, ModelCredentials]
)
async def test_a_login_body_is_described(app: Sanic, model: Any) -> None:
    class OwnAuth(Auth):
        login_body = model

    OwnAuth(secret=SECRET).install(app)

    document = await document_of(app)

    operation = document["paths"]["/auth"]["post"]
    assert operation["requestBody"]["required"] is True
    assert body_of(operation) == {
        "$ref": f"#/components/schemas/{model.__name__}"
    }
    schema = document["components"]["schemas"][model.__name__]
    assert schema["required"] == ["name", "password"]
    assert schema["properties"]["name"]["type"] == "string"


async def test_a_schema_is_one_of_openapi_3_0(app: Sanic) -> None:
    class OwnAuth(Auth):
        login_body = ModelCredentials

    OwnAuth(secret=SECRET).install(app)

    schemas = (await document_of(app))["components"]["schemas"]

    properties = schemas["ModelCredentials"]["properties"]
    assert properties["name"]["example"] == "ada"
    assert properties["password"]["format"] == "password"
    assert properties["kind"]["enum"] == ["password"]
    assert properties["device"]["nullable"] is True
    number = schemas["ModelCredentials.Device"]["properties"]["number"]
    assert (number["minimum"], number["exclusiveMinimum"]) == (0, True)


async def test_a_login_body_is_not_validated(app: Sanic) -> None:
    class OwnAuth(Auth):
        login_body = Credentials

    OwnAuth(secret=SECRET).install(app)

    assert (await Client(app).post("/auth", json={})).status == 200


async def test_what_cannot_be_described_is_an_error_at_start(
    app: Sanic,
) -> None:
    class OwnAuth(Auth):
        login_body: Any = "credentials"

    OwnAuth(secret=SECRET).install(app)

    with pytest.raises(InitializationFailure, match="login_body"):
        await Client(app).get("/auth/me")


# --- what the application says ----------------------------------------------


async def test_an_endpoint_that_the_application_describes(
    app: Sanic, auth: ShopAuth
) -> None:
    described = openapi.definition(
        summary="Who am I",
        tag="users",
        response=openapi.definitions.Response({}, 401, "Log in first."),
    )
    described(RetrieveUserEndpoint.get)

    operation = await operation_of(app, "/auth/me")

    assert operation["summary"] == "Who am I"
    assert operation["tags"] == ["users"]
    assert operation["responses"]["401"]["description"] == "Log in first."
    assert operation["security"] == [{"bearerAuth": []}]
    assert statuses_of(operation) == {"200", "400", "401"}


async def test_an_endpoint_that_the_application_excludes(
    app: Sanic, auth: ShopAuth
) -> None:
    openapi.exclude()(VerifyEndpoint.get)

    assert "/auth/verify" not in (await document_of(app))["paths"]


async def test_an_endpoint_of_the_application(app: Sanic) -> None:
    class Link(BaseEndpoint):
        async def post(self, request: Request) -> HTTPResponse:
            """Send a link."""
            return empty()

    ShopAuth(
        secret=SECRET, class_views=[("/link", Link), ("/again", Link)]
    ).install(app)

    paths = (await document_of(app))["paths"]

    assert paths["/auth/link"]["post"]["summary"] == "Send a link."
    assert "security" not in paths["/auth/link"]["post"]
    ids = {
        paths[f"/auth/{p}"]["post"]["operationId"] for p in ("link", "again")
    }
    assert len(ids) == 2


async def test_an_endpoint_that_is_changed(app: Sanic) -> None:
    class Profile(RetrieveUserEndpoint):
        async def get(self, request: Request) -> HTTPResponse:
            """Show your profile."""
            return await super().get(request)

        async def put(self, request: Request) -> HTTPResponse:
            return empty()

    ShopAuth(secret=SECRET, class_views=[("/profile", Profile)]).install(app)

    operations = (await document_of(app))["paths"]["/auth/profile"]

    assert operations["get"]["summary"] == "Show your profile."
    assert operations["get"]["security"] == [{"bearerAuth": []}]
    assert statuses_of(operations["get"]) == {"200", "400", "401"}
    assert "security" not in operations["put"]
