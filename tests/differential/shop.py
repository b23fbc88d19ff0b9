"""A small shop, whose login, users and pages most scenarios share."""

from collections.abc import Callable, Iterable
from typing import Any

from sanic import Sanic
from sanic.response import json, text

from .fronts import Front
from .steps import SECRET
from .world import Build

USERS: dict[str, dict[str, Any]] = {
    "ada": {
        "user_id": 1,
        "username": "ada",
        "password": "lovelace",
        "scopes": ["orders:read:write", "stock"],
    },
    "bob": {
        "user_id": 2,
        "username": "bob",
        "password": "builder",
        "scopes": ["orders:read"],
    },
}


class User:
    """A user as an object, the other kind that hooks may return."""

    def __init__(self, user_id: Any, username: str) -> None:
        self.user_id = user_id
        self.username = username

    def to_dict(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "username": self.username}


class Hooks:
    """Every handler of an application, as plain functions."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.refresh_tokens: dict[Any, str] = {}

    def authenticate(self, request, *args, **kwargs):
        username = request.json.get("username", None)
        password = request.json.get("password", None)
        if not username or not password:
            raise self.front.exceptions.AuthenticationFailed(
                "Missing username or password."
            )
        user = USERS.get(username)
        if user is None:
            raise self.front.exceptions.AuthenticationFailed("User not found.")
        if password != user["password"]:
            raise self.front.exceptions.AuthenticationFailed(
                "Password is incorrect."
            )
        return {"user_id": user["user_id"], "username": username}

    def retrieve_user(self, request, payload, *args, **kwargs):
        if not payload:
            return None
        for name, user in USERS.items():
            if user["user_id"] == payload.get("user_id", None):
                return {"user_id": user["user_id"], "username": name}
        return None

    def store_refresh_token(self, user_id, refresh_token, *args, **kwargs):
        self.refresh_tokens[user_id] = refresh_token

    def retrieve_refresh_token(self, user_id, *args, **kwargs):
        return self.refresh_tokens.get(user_id)

    def add_scopes_to_payload(self, user, *args, **kwargs):
        return USERS[user["username"]]["scopes"]

    def override_scope_validator(
        self,
        is_valid,
        required,
        user_scopes,
        require_all_actions,
        *args,
        **kwargs,
    ):
        return is_valid or required[0] == "public"

    def destructure_scopes(self, scopes, *args, **kwargs):
        return scopes.replace("|", ":")

    def extend_payload(self, payload, user):
        payload.update({"username": user["username"]})
        return payload

    def retrieve_user_secret(self, user_id, encode=False, **kwargs):
        return f"{SECRET} of user {user_id}"

    def generate_refresh_token(self, *args, **kwargs):
        return "a-refresh-token-of-our-own"


def _awaitable(name: str) -> Any:
    plain = getattr(Hooks, name)

    async def hook(self, *args, **kwargs):
        return plain(self, *args, **kwargs)

    return hook


class AwaitableHooks(Hooks):
    """The same, as coroutine functions."""

    authenticate = _awaitable("authenticate")
    retrieve_user = _awaitable("retrieve_user")
    store_refresh_token = _awaitable("store_refresh_token")
    retrieve_refresh_token = _awaitable("retrieve_refresh_token")
    add_scopes_to_payload = _awaitable("add_scopes_to_payload")
    override_scope_validator = _awaitable("override_scope_validator")
    destructure_scopes = _awaitable("destructure_scopes")
    retrieve_user_secret = _awaitable("retrieve_user_secret")
    generate_refresh_token = _awaitable("generate_refresh_token")

    async def extend_payload(self, payload, user):
        return super().extend_payload(payload, user)


REFRESH = ("retrieve_user", "store_refresh_token", "retrieve_refresh_token")
SCOPES = ("add_scopes_to_payload",)


def shop(
    *,
    hooks: Iterable[str] = (),
    awaitable: bool = False,
    pages: Callable[..., None] | None = None,
    app_config: dict[str, Any] | None = None,
    **settings: Any,
) -> Build:
    """A builder: ``Initialize`` with settings and hooks, and some pages.

    Args:
        hooks: names of the handlers to pass besides ``authenticate``.
        awaitable: whether the handlers are coroutine functions.
        pages: adds routes, given the front, the app and what
            ``Initialize`` returned; the usual pages by default.
        app_config: values for ``app.config``, set beforehand.
        settings: more keyword arguments for ``Initialize``.
    """
    names = ("authenticate", *hooks)

    def build(front: Front, app: Sanic) -> None:
        app.config.update(app_config or {})
        people = (AwaitableHooks if awaitable else Hooks)(front)
        given = {name: getattr(people, name) for name in names}
        if not _has_secret(app_config, settings):
            given["secret"] = SECRET
        installed = front.Initialize(app, **{**given, **settings})
        (pages or usual_pages)(front, app, installed)

    return build


def _has_secret(
    app_config: dict[str, Any] | None, settings: dict[str, Any]
) -> bool:
    return (
        "secret" in settings
        or "public_key" in settings
        or "SANIC_JWT_SECRET" in (app_config or {})
    )


def usual_pages(front: Front, app: Sanic, installed: Any) -> None:
    """A protected page, an open one, and one that returns the user."""

    @app.get("/protected")
    @front.protected()
    async def protected_page(request):
        return json({"protected": True})

    @app.get("/open")
    async def open_page(request):
        return text("open")

    @app.get("/payload")
    @front.protected()
    async def payload_page(request):
        return json(await app.ctx.auth.extract_payload(request))

    @app.get("/make")
    async def make_page(request):
        token = await app.ctx.auth.generate_access_token(
            {"user_id": 1, "username": "ada"}
        )
        return json({"access_token": token})


def scoped_pages(front: Front, app: Sanic, installed: Any) -> None:
    """Pages that require scopes."""
    usual_pages(front, app, installed)
    asked = {
        "read": "orders:read",
        "read-write": "orders:read:write",
        "orders": "orders",
        "delete": "orders:delete",
        "stock": "stock",
        "stock-count": "stock:count",
        "public": "public:read",
    }
    for name, scope in asked.items():
        scoped_page(front, app, f"/{name}", scope)


def scoped_page(
    front: Front, app: Sanic, path: str, scopes: Any, **options: Any
) -> None:
    """A page that requires ``scopes``."""

    @front.scoped(scopes, **options)
    async def page(request, **kwargs):
        return json({"scoped": True})

    name = "".join(c if c.isalnum() else "_" for c in path)
    app.add_route(page, path, name=f"page{name}")


def user_page(front: Front, app: Sanic, installed: Any) -> None:
    """A protected page with the user injected."""
    usual_pages(front, app, installed)

    @app.get("/user")
    @front.inject_user()
    @front.protected()
    async def page(request, user):
        return json({"user": user})
