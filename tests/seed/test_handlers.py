"""The seed's snippets about handlers, completed.

`User`, `aredis` and the rest of `Initialize(...)` are what the text leaves
out; a handler stands here as it stands there.
"""

from typing import Any

import pytest
from sanic import Request, Sanic
from sanic.response import HTTPResponse, json

from sanic_jwt_oo import (
    Initialize,
    exceptions,
    initialize,
    inject_user,
    protected,
    scoped,
)

from .running import claims, serving

pytestmark = pytest.mark.filterwarnings(
    "ignore::sanic_jwt_oo.exceptions.InsecureSecretWarning"
)
JOE = {"username": "joe", "password": "secret"}


class User:
    user_id = "4"
    username = "joe"
    email = ""
    verified = True
    password = "secret"

    def to_dict(self) -> dict[str, Any]:
        properties = ["user_id", "username", "email", "verified"]
        return {prop: getattr(self, prop, None) for prop in properties}

    @classmethod
    async def get(cls, **wanted: Any) -> Any:
        name, value = wanted.popitem()
        return joe if getattr(joe, name) == value else None

    async def get_scopes(self) -> list[str]:
        return ["user", "fruit:oranges"]


class Redis(dict[str, str]):
    async def set(self, key: str, value: str) -> None:
        self[key] = value

    async def get(self, key: str) -> Any:  # type: ignore[override]
        return super().get(key)


joe = User()


def log_in_joe(request: Request) -> User:
    return joe


async def authenticate(request: Request, *args: Any, **kwargs: Any) -> Any:
    username = request.json.get("username", None)
    password = request.json.get("password", None)

    if not username or not password:
        raise exceptions.AuthenticationFailed("Missing username or password.")

    user = await User.get(username=username)
    if user is None:
        raise exceptions.AuthenticationFailed("User not found.")

    if password != user.password:
        raise exceptions.AuthenticationFailed("Password is incorrect.")

    return user


async def retrieve_user(
    request: Request, payload: Any, *args: Any, **kwargs: Any
) -> Any:
    if payload:
        user_id = payload.get("user_id", None)
        user = await User.get(user_id=user_id)
        return user
    else:
        return None


async def respond(request: Request) -> HTTPResponse:
    return json({"answer": True})


# --- authenticate -----------------------------------------------------------


def test_authenticate_is_required(app: Sanic) -> None:
    with pytest.raises(exceptions.AuthenticateNotImplemented):
        Initialize(app)


async def test_a_handler_can_be_awaitable(app: Sanic) -> None:
    async def authenticate(request, *args, **kwargs):  # type: ignore[no-untyped-def]
        return {"user_id": 1}

    Initialize(app, authenticate=authenticate)
    async with serving(app) as client:
        assert claims(await client.log_in()) == {"user_id": 1}


async def test_a_handler_can_be_a_method(app: Sanic) -> None:
    def authenticate(request, *args, **kwargs):  # type: ignore[no-untyped-def]
        return {"user_id": 1}

    Initialize(app, authenticate=authenticate)
    async with serving(app) as client:
        assert claims(await client.log_in()) == {"user_id": 1}


@pytest.mark.parametrize(
    "install", [Initialize, initialize], ids=["class", "function"]
)
async def test_authenticate_can_be_passed_by_position(
    app: Sanic, install: Any
) -> None:
    """The seed writes `Initialize(app, authenticate)`."""
    install(app, authenticate)
    async with serving(app) as client:
        assert claims(await client.log_in(json=JOE)) == {"user_id": "4"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "Missing username or password."),
        ({**JOE, "username": "jim"}, "User not found."),
        ({**JOE, "password": "guess"}, "Password is incorrect."),
    ],
)
async def test_authentication_failed_is_sent_with_its_reason(
    app: Sanic, fields: dict[str, str], reason: str
) -> None:
    Initialize(app, authenticate=authenticate)
    async with serving(app) as client:
        assert await client.post("/auth", json=fields) == (
            401,
            {"reasons": [reason], "exception": "AuthenticationFailed"},
        )


async def test_none_is_refused_with_a_401(app: Sanic) -> None:
    """The seed advises against returning it, as it is likely a 500."""
    Initialize(app, authenticate=lambda request: None)
    async with serving(app) as client:
        assert (await client.post("/auth")).status == 401


async def test_the_id_can_be_another_property(app: Sanic) -> None:
    Initialize(app, authenticate=log_in_joe, user_id="username")
    async with serving(app) as client:
        assert claims(await client.log_in()) == {"username": "joe"}


# --- refresh tokens ---------------------------------------------------------


async def test_refresh_tokens_are_stored_and_retrieved(app: Sanic) -> None:
    aredis = Redis()

    async def store_refresh_token(user_id, refresh_token, *args, **kwargs):  # type: ignore[no-untyped-def]
        key = f"refresh_token_{user_id}"
        await aredis.set(key, refresh_token)

    async def retrieve_refresh_token(user_id, *args, **kwargs):  # type: ignore[no-untyped-def]
        key = f"refresh_token_{user_id}"
        return await aredis.get(key)

    Initialize(
        app,
        authenticate=log_in_joe,
        retrieve_user=retrieve_user,
        store_refresh_token=store_refresh_token,
        retrieve_refresh_token=retrieve_refresh_token,
    )
    async with serving(app) as client:
        tokens = (await client.post("/auth")).body
        assert aredis == {"refresh_token_4": tokens["refresh_token"]}
        refreshed = await client.post(
            "/auth/refresh",
            tokens["access_token"],
            json={"refresh_token": tokens["refresh_token"]},
        )
        assert claims(refreshed.body["access_token"]) == {"user_id": "4"}


@pytest.mark.parametrize(
    "given", ["store_refresh_token", "retrieve_refresh_token", None]
)
def test_a_missing_handler_is_an_error_at_start(
    app: Sanic, given: str | None
) -> None:
    handlers = {given: lambda: None} if given else {}
    with pytest.raises(exceptions.RefreshTokenNotImplemented):
        Initialize(
            app,
            authenticate=lambda: True,
            retrieve_user=retrieve_user,
            refresh_token_enabled=True,
            **handlers,
        )


# --- retrieve_user ----------------------------------------------------------


async def test_me_shows_the_serialised_user(app: Sanic) -> None:
    Initialize(app, authenticate=log_in_joe, retrieve_user=retrieve_user)
    async with serving(app) as client:
        assert await client.get("/auth/me", await client.log_in()) == (
            200,
            {
                "me": {
                    "user_id": "4",
                    "username": "joe",
                    "email": "",
                    "verified": True,
                }
            },
        )


async def test_the_user_is_injected(app: Sanic) -> None:
    async def hello(request: Request, user: User) -> HTTPResponse:
        return json({"hello": user.username})

    Initialize(app, authenticate=log_in_joe, retrieve_user=retrieve_user)
    app.add_route(protected()(inject_user()(hello)), "/hello")
    async with serving(app) as client:
        token = await client.log_in()
        assert await client.get("/hello", token) == (200, {"hello": "joe"})


# --- scopes -----------------------------------------------------------------


async def add_scopes_to_payload(user: User) -> Any:
    return await user.get_scopes()


async def test_scopes_are_added_to_the_payload(app: Sanic) -> None:
    Initialize(
        app,
        authenticate=log_in_joe,
        add_scopes_to_payload=add_scopes_to_payload,
    )
    async with serving(app) as client:
        assert claims(await client.log_in()) == {
            "user_id": "4",
            "scopes": ["user", "fruit:oranges"],
        }


@pytest.mark.parametrize(
    ("required", "status"), [("user", 200), ("fruit:apples", 403)]
)
async def test_scopes_are_required_of_a_route(
    app: Sanic, required: str, status: int
) -> None:
    Initialize(
        app,
        authenticate=log_in_joe,
        add_scopes_to_payload=add_scopes_to_payload,
    )
    app.add_route(scoped(required)(respond), "/")
    async with serving(app) as client:
        assert (await client.get("/", await client.log_in())).status == status


async def test_the_scope_validator_is_overridden(app: Sanic) -> None:
    def my_scope_override(  # type: ignore[no-untyped-def]
        is_valid, required, user_scopes, require_all_actions, *args, **kwargs
    ):
        return False

    Initialize(
        app,
        authenticate=log_in_joe,
        add_scopes_to_payload=add_scopes_to_payload,
        override_scope_validator=my_scope_override,
    )
    app.add_route(scoped("user")(respond), "/")
    async with serving(app) as client:
        assert (await client.get("/", await client.log_in())).status == 403


async def test_the_scope_validator_can_be_awaitable_too(app: Sanic) -> None:
    """According to the seed it must be a regular callable."""

    async def oranges_for_apples(is_valid, required, user_scopes, *args):  # type: ignore[no-untyped-def]
        return is_valid or required == ("fruit", ["apples"])

    Initialize(
        app,
        authenticate=log_in_joe,
        add_scopes_to_payload=add_scopes_to_payload,
        override_scope_validator=oranges_for_apples,
    )
    app.add_route(scoped("fruit:apples")(respond), "/")
    async with serving(app) as client:
        assert (await client.get("/", await client.log_in())).status == 200


async def test_scopes_are_destructured(app: Sanic) -> None:
    async def my_destructure_scopes(scopes, *args, **kwargs):  # type: ignore[no-untyped-def]
        return scopes.replace("|", ":")

    Initialize(
        app,
        authenticate=log_in_joe,
        add_scopes_to_payload=add_scopes_to_payload,
        destructure_scopes=my_destructure_scopes,
    )

    @app.route("/protected/scoped/1")
    @protected()
    @scoped("fruit|oranges")
    def scoped_sync_route(request: Request) -> HTTPResponse:
        return json({"nonstandardscopes": True})

    async with serving(app) as client:
        token = await client.log_in()
        assert await client.get("/protected/scoped/1", token) == (
            200,
            {"nonstandardscopes": True},
        )


# --- extend_payload ---------------------------------------------------------


async def test_the_payload_is_extended(app: Sanic) -> None:
    async def my_extender(payload, user):  # type: ignore[no-untyped-def]
        username = user.to_dict().get("username")
        payload.update({"username": username})
        return payload

    Initialize(app, authenticate=log_in_joe, extend_payload=my_extender)
    async with serving(app) as client:
        assert claims(await client.log_in()) == {
            "user_id": "4",
            "username": "joe",
        }


async def test_all_eight_handlers_work_together(app: Sanic) -> None:
    stored: dict[str, str] = {}

    Initialize(
        app,
        authenticate=authenticate,
        store_refresh_token=lambda user_id, refresh_token: stored.update(
            {user_id: refresh_token}
        ),
        retrieve_refresh_token=lambda user_id: stored[user_id],
        retrieve_user=retrieve_user,
        add_scopes_to_payload=add_scopes_to_payload,
        override_scope_validator=lambda is_valid, *args: is_valid,
        destructure_scopes=lambda scopes: scopes.replace("|", ":"),
        extend_payload=lambda payload, user: {**payload, "extended": True},
    )
    app.add_route(scoped("fruit|oranges")(respond), "/oranges")
    async with serving(app) as client:
        tokens = (await client.post("/auth", json=JOE)).body
        token = tokens["access_token"]
        assert claims(token)["extended"] is True
        assert await client.get("/oranges", token) == (200, {"answer": True})
        assert (await client.get("/auth/me", token)).status == 200
        refreshed = await client.post(
            "/auth/refresh",
            token,
            json={"refresh_token": tokens["refresh_token"]},
        )
        assert refreshed.status == 200
