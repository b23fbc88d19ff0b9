"""The endpoints: requests and responses."""

from __future__ import annotations

import pytest
from sanic import Blueprint
from sanic.exceptions import (
    BadRequest,
    Forbidden,
    SanicException,
    ServerError,
)
from sanic.response import json

from sanic_jwt_oo import AuthenticationFailed, BaseEndpoint
from tests.conftest import SECRET, Auth, RefreshAuth

PATHS = {
    "/auth": "POST",
    "/auth/me": "GET",
    "/auth/verify": "GET",
    "/auth/refresh": "POST",
}


async def test_a_preflight_request_gets_no_content(app, client):
    RefreshAuth(secret=SECRET).install(app)
    for path in PATHS:
        response = await client("OPTIONS", path)
        assert (response.status, response.text) == (204, "")


@pytest.mark.requirement("H10")
async def test_another_method_is_a_405_in_json(app, client):
    RefreshAuth(secret=SECRET).install(app)
    for path, method in PATHS.items():
        response = await client("DELETE", path)
        assert response.status == 405
        assert response.json["exception"] == "MethodNotAllowed"
        assert method in response.headers["allow"].split(", ")


async def test_head_is_supported_where_get_is(app, client):
    Auth(secret=SECRET).install(app)
    token = await client.log_in()
    assert (await client("HEAD", "/auth/me", token)).status == 200
    assert (await client("HEAD", "/auth/me")).status == 401


@pytest.mark.parametrize("user", [None, {}, False, 0, ""])
async def test_a_falsy_user_is_a_401(app, client, user):
    class Nobody(Auth):
        async def authenticate(self):
            return user

    Nobody(secret=SECRET).install(app)
    response = await client.post("/auth")
    assert response.status == 401
    assert response.json == {
        "reasons": ["Authentication failed."],
        "exception": "AuthenticationFailed",
    }


@pytest.mark.requirement("R8")
@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"name": "\\ud800"}',
    ],
)
async def test_a_body_that_is_not_an_object_is_a_400(app, client, body):
    class Named(RefreshAuth):
        def authenticate(self, request):
            return {"user_id": request.json.get("name")}

    auth = Named(secret=SECRET).install(app)
    token = await auth.generate_access_token({"user_id": 1})
    for path in ("/auth", "/auth/refresh"):
        response = await client.post(path, token, content=body)
        assert response.status == 400
        assert response.json["exception"] == "InvalidRequestBody"
    assert (await client.post("/auth")).status == 401
    for good in (b'{"name": "joe"}', b'{"name": "\\u00e4"}'):
        ok = await client.post("/auth", content=good)
        assert ok.status == 200


async def test_other_bodies_can_be_allowed(app, client):
    class Text(Auth):
        def check_log_in_body(self, request):
            pass

        def authenticate(self, request):
            return self.joe if request.body == b"sesame" else None

    Text(secret=SECRET).install(app)
    assert (await client.post("/auth", content=b"sesame")).status == 200


async def test_a_hook_can_take_route_parameters(app, client):
    class Tenants(Auth):
        class Configuration:
            url_prefix = "/<tenant>/auth"

        def authenticate(self, tenant, **kwargs):
            return {"user_id": tenant, "rest": [*kwargs]}

    Tenants(secret=SECRET).install(app)
    response = await client.post("/north/auth")
    token = response.json["access_token"]
    verified = await client.get("/south/auth/verify", token)
    assert verified.json == {"valid": True}


@pytest.mark.requirement("H10")
async def test_an_exception_of_sanic_is_rendered_in_our_format(app, client):
    class Refusing(Auth):
        def authenticate(self, request):
            raise Forbidden("Not from there.")

    Refusing(secret=SECRET).install(app)
    response = await client.post("/auth")
    assert response.status == 403
    assert response.json == {
        "reasons": ["Not from there."],
        "exception": "Forbidden",
    }


@pytest.mark.parametrize(
    "error", [BadRequest("no"), ServerError("no"), ZeroDivisionError("no")]
)
async def test_an_error_handler_of_the_application_is_called(
    app, client, error
):
    class Raising(Auth):
        def authenticate(self, request):
            raise error

    Raising(secret=SECRET).install(app)

    @app.exception(type(error))
    async def handle(request, exception):
        return json({"mine": exception is error}, 418)

    response = await client.post("/auth")
    assert (response.status, response.json) == (418, {"mine": True})


async def test_verify_gives_the_reason(app, client):
    auth = Auth(secret=SECRET).install(app)
    token = await client.log_in()
    late = auth.now() + 10_000
    assert (await client.get("/auth/verify", token)).json == {"valid": True}
    auth.now = lambda: late  # type: ignore[method-assign]
    response = await client.get("/auth/verify", token)
    assert response.status == 401
    assert response.json == {
        "valid": False,
        "reasons": ["Signature has expired."],
        "exception": "InvalidToken",
    }
    assert 'error="invalid_token"' in response.headers["www-authenticate"]
    missing = await client.get("/auth/verify")
    assert missing.json["exception"] == "MissingAuthorizationHeader"
    other = await client.get("/auth/verify", headers={"Authorization": "x"})
    assert (other.status, other.json["exception"]) == (
        400,
        "InvalidAuthorizationHeader",
    )


@pytest.mark.requirement("L1")
@pytest.mark.parametrize("debug", [False, True])
async def test_debug_only_adds_detail(app, client, debug):
    Auth(secret=SECRET, debug=debug).install(app)
    good = await client.log_in()
    for token, detail in (
        ("x.y", "Not three segments of base64url."),
        (good[:-8] + "AAAAAAAA", "Signature verification failed."),
    ):
        for path in ("/auth/me", "/auth/verify"):
            response = await client.get(path, token)
            assert response.status == 401
            reasons = [detail if debug else "Auth required."]
            assert response.json["reasons"] == reasons


async def test_me_without_its_hook_is_a_404(app, client):
    class NoUsers(Auth):
        retrieve_user = Auth.__mro__[-3].retrieve_user  # type: ignore

    NoUsers(secret=SECRET).install(app)
    token = await client.log_in()
    assert (await client.get("/auth/me")).status == 401
    response = await client.get("/auth/me", token)
    assert response.status == 404
    assert response.json["exception"] == "MeEndpointNotSetup"


async def test_me_refuses_an_invalid_user(app, client, caplog):
    class Odd(Auth):
        def retrieve_user(self):
            return 3

    Odd(secret=SECRET).install(app)
    response = await client.get("/auth/me", await client.log_in())
    assert response.json["exception"] == "InvalidRetrieveUserObject"
    assert "to_dict" in caplog.text


@pytest.mark.requirement("H9")
async def test_responses_with_tokens_are_not_stored(app, client):
    RefreshAuth(secret=SECRET).install(app)
    response = await client.post("/auth")
    assert response.headers["cache-control"] == "no-store"
    token = response.json["access_token"]
    sent = {"json": {"refresh_token": response.json["refresh_token"]}}
    response = await client.post("/auth/refresh", token, **sent)
    assert response.headers["cache-control"] == "no-store"


async def test_every_response_can_be_extended(app, client):
    class Extending(RefreshAuth):
        class Responses:
            def extend_authenticate(self, refresh_token):
                return {"extra": bool(refresh_token)}

            def extend_retrieve_user(self, user, payload):
                return {"extra": user["user_id"] == payload["user_id"]}

            def extend_verify(self, request, payload):
                return {"extra": request.path, "who": payload["user_id"]}

            def extend_refresh(self, purported_token, refresh_token):
                return {"extra": purported_token == refresh_token}

    Extending(secret=SECRET).install(app)
    response = await client.post("/auth")
    token, refresh = (
        response.json["access_token"],
        response.json["refresh_token"],
    )
    sent = {"json": {"refresh_token": refresh}}
    refreshed = await client.post("/auth/refresh", token, **sent)
    assert response.json["extra"] is refreshed.json["extra"] is True
    assert (await client.get("/auth/me", token)).json["extra"] is True
    verified = await client.get("/auth/verify", token)
    assert verified.json == {
        "valid": True,
        "extra": "/auth/verify",
        "who": 1,
    }


async def test_a_custom_endpoint_can_use_the_steps(app, client):
    class Own(BaseEndpoint):
        async def get(self, request):
            request, _, _ = await self.do_incoming(request, (), {})
            token = await self.auth.generate_access_token(Auth.joe)
            response = self.responses.get_token_response(
                request, token, await self.do_output({"t": token}), self.config
            )
            return await self.do_response(response)

        async def post(self, request):
            raise AuthenticationFailed("Not you.")

    auth = Auth(secret=SECRET, class_views=[("/own", Own)]).install(app)
    found = await client.get("/auth/own")
    assert await auth.verify_token(found.json["t"])
    refused = await client.post("/auth/own")
    assert (refused.status, refused.json["reasons"]) == (401, ["Not you."])


async def test_a_catch_all_route_of_a_blueprint_still_works(app, client):
    class Refusing(Auth):
        def authenticate(self, request):
            raise Forbidden("no")

    bp = Blueprint("shop")

    @bp.exception(Exception)
    async def handle(request, exception):
        return json({"mine": type(exception).__name__}, 418)

    Refusing(secret=SECRET).install(bp)
    app.blueprint(bp)
    assert (await client.post("/auth")).json == {"mine": "Forbidden"}
    assert (await client.get("/auth/me")).json == {"mine": "Unauthorized"}


async def test_a_405_of_the_application_is_not_changed(app, client):
    Auth(secret=SECRET).install(app)

    # one of its own: the others of this process put guards around theirs
    async def page(request):
        return json("open")

    app.add_route(page, "/page")
    response = await client.post("/page")
    assert response.status == 405
    assert "reasons" not in response.text
    nowhere = await client.get("/nowhere")
    assert nowhere.status == 404
    assert "reasons" not in nowhere.text


async def test_an_error_of_sanic_does_not_hide_ours_later(app, client):
    """Sanic caches that it found no handler, for subclasses too."""
    auth = Auth(secret=SECRET).install(app)

    async def fails(request):
        raise SanicException("no", status_code=418)

    app.add_route(auth.protected()(fails), "/fails")
    token = await client.log_in()
    assert (await client.get("/fails", token)).status == 418
    assert (await client.get("/fails")).json["exception"] == "Unauthorized"
