"""The applications under attack: a shop behind each of the two fronts.

A shop has the endpoints, and routes for every decorator. ``CONTENT`` is the
protected content.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sanic import Blueprint, Sanic
from sanic.response import json as json_response
from sanic.response import text

from sanic_jwt_oo import (
    Authentication,
    AuthenticationFailed,
    Initialize,
    JWTAuth,
)

from .forging import ADA, BOB, NOW, SECRET
from .wire import Answer, content, send, start

CONTENT = "for members only"
PASSWORDS = {"ada": "lovelace", "bob": "builder"}
FURTHER_HOOKS = (
    "destructure_scopes",
    "extend_payload",
    "generate_refresh_token",
    "override_scope_validator",
)
_names = count(1)


def new_app() -> Sanic:
    """Make an application with a unique name."""
    return Sanic(f"attacked-{next(_names)}")


def people() -> dict[Any, dict[str, Any]]:
    """The users of a shop, by their id."""
    return {
        ADA: {"user_id": ADA, "name": "ada", "scopes": ["orders:read"]},
        BOB: {"user_id": BOB, "name": "bob", "scopes": []},
    }


@dataclass
class Shop:
    """An application, its installation, and what its hooks work on."""

    app: Sanic
    users: dict[Any, dict[str, Any]] = field(default_factory=people)
    stored: dict[Any, Any] = field(default_factory=dict)
    secrets: dict[Any, Any] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    auth: Any = None
    started: bool = False

    async def __call__(
        self,
        method: str,
        path: str,
        bearer: str | bytes | None = None,
        *,
        cookies: dict[str, str] | None = None,
        headers: Any = (),
        json: Any = None,
        form: Any = None,
        body: str | bytes = b"",
    ) -> Answer:
        """Send one request, in process, and return the response."""
        kind, octets = content(json, form, body)
        sent = [*kind]
        sent += headers.items() if isinstance(headers, dict) else headers
        if bearer is not None:
            if isinstance(bearer, str):
                bearer = bearer.encode()
            sent.append((b"authorization", b"Bearer " + bearer))
        if cookies:
            pairs = "; ".join(f"{k}={v}" for k, v in cookies.items())
            sent.append((b"cookie", pairs.encode()))
        if not self.started:
            await start(self.app)
            self.started = True
        return await send(self.app, method, path, sent, octets)

    async def get(self, path: str, *args: Any, **options: Any) -> Answer:
        return await self("GET", path, *args, **options)

    async def post(self, path: str, *args: Any, **options: Any) -> Answer:
        return await self("POST", path, *args, **options)

    async def log_in(self, name: str = "ada", path: str = "/auth") -> Answer:
        """Log in and return the response, which must be a success."""
        response = await self.post(
            path, json={"username": name, "password": PASSWORDS[name]}
        )
        assert response.status == 200, response.text
        return response


def hooks_of(shop: Shop) -> dict[str, Callable[..., Any]]:
    """The hooks of a careful application, which trusts no request data."""

    async def authenticate(request):
        fields = request.json
        name, password = fields.get("username"), fields.get("password")
        if not isinstance(name, str) or not isinstance(password, str):
            raise AuthenticationFailed()
        if PASSWORDS.get(name) != password:
            raise AuthenticationFailed()
        return next(
            (u for u in shop.users.values() if u["name"] == name), None
        )

    def retrieve_user(request, payload):
        shop.asked.append(("retrieve_user", payload))
        user_id = payload and payload.get("user_id")
        return shop.users.get(user_id) if isinstance(user_id, int) else None

    async def store_refresh_token(user_id, refresh_token):
        shop.stored[user_id] = refresh_token

    def retrieve_refresh_token(user_id):
        shop.asked.append(("retrieve_refresh_token", user_id))
        return shop.stored.get(user_id)

    async def add_scopes_to_payload(user):
        return user["scopes"]

    def retrieve_user_secret(user_id):
        shop.asked.append(("retrieve_user_secret", user_id))
        return shop.secrets[user_id]

    return {
        "authenticate": authenticate,
        "retrieve_user": retrieve_user,
        "store_refresh_token": store_refresh_token,
        "retrieve_refresh_token": retrieve_refresh_token,
        "add_scopes_to_payload": add_scopes_to_payload,
        "retrieve_user_secret": retrieve_user_secret,
    }


_FEATURES = {
    "store_refresh_token": "refresh_token_enabled",
    "retrieve_refresh_token": "refresh_token_enabled",
    "retrieve_user_secret": "user_secret_enabled",
}


def class_front(shop: Shop, hooks: dict[str, Any], **settings: Any) -> Any:
    """Install a subclass of ``JWTAuth``."""
    written = {name: staticmethod(hook) for name, hook in hooks.items()}
    kind = type("ShopAuth", (JWTAuth,), written)
    return kind(**settings).install(shop.app)


def legacy_front(shop: Shop, hooks: dict[str, Any], **settings: Any) -> Any:
    """Install with ``Initialize``, as sanic-jwt does."""
    hooks = dict(hooks)
    now = hooks.pop("now")
    wanted = {
        name: hook
        for name, hook in hooks.items()
        if name not in _FEATURES or settings.get(_FEATURES[name])
    }
    kind = type("Frozen", (Authentication,), {"now": staticmethod(now)})
    kind = settings.pop("authentication_class", kind)
    return Initialize(
        shop.app, authentication_class=kind, **wanted, **settings
    ).auth


FRONTS = {"class": class_front, "legacy": legacy_front}


_standing: dict[str, Shop] = {}


def open_shop(front: str = "class", **settings: Any) -> Shop:
    """Open a shop behind one of the two fronts.

        Requests leave state in the fields of a shop only, so tests with the
    same plain settings share one shop, which is emptied.

        Args:
            front: ``"class"`` or ``"legacy"``.
            **settings: Settings, and hooks that replace the default ones;
                ``...`` leaves a setting out.
    """
    if not _is_plain(settings):
        return new_shop(front, **settings)
    key = f"{front} {sorted(settings.items())}"
    if key not in _standing:
        _standing[key] = new_shop(front, **settings)
    shop = _standing[key]
    for left in (shop.stored, shop.secrets, shop.asked, shop.users):
        left.clear()
    shop.users.update(people())
    return shop


def new_shop(front: str = "class", **settings: Any) -> Shop:
    """Open a shop that no other test uses."""
    shop = Shop(settings.pop("app", None) or new_app())
    hooks = {"now": lambda: NOW, **hooks_of(shop)}
    written = [n for n in (*hooks, *FURTHER_HOOKS) if n in settings]
    hooks.update({name: settings.pop(name) for name in written})
    if not settings.get("user_secret_enabled"):
        settings.setdefault("secret", SECRET)
    settings = {n: value for n, value in settings.items() if value is not ...}
    shop.auth = FRONTS[front](shop, hooks, **settings)
    add_routes(shop.app, shop.auth)
    return shop


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return isinstance(value, (str, bytes, int, float, type(None)))


def add_routes(app: Sanic | Blueprint, auth: Any) -> None:
    """Add a route for every decorator of an installation."""
    from sanic_jwt_oo import inject_user, protected, scoped

    @app.get("/protected", name="protected")
    @protected(auth)
    async def protected_(request):
        return text(CONTENT)

    @app.get("/scoped", name="scoped")
    @scoped("orders:read", initialized_on=auth)
    async def scoped_(request):
        return text(CONTENT)

    @app.get("/user", name="user")
    @protected(auth)
    @inject_user(auth)
    async def user_(request, user):
        return json_response({"content": CONTENT, "user": user})

    @app.get("/public", name="public")
    @inject_user(auth)
    async def public_(request, user):
        return json_response({"user": user})


def route(shop: Shop, path: str, *decorators: Callable[..., Any]) -> None:
    """Add a route with the protected content behind decorators."""

    async def handler(request):
        return text(CONTENT)

    for decorator in decorators:
        handler = decorator(handler)
    shop.app.get(path, name=path.strip("/"))(handler)


def csrf(cookies: dict[str, str]) -> dict[str, str]:
    """The header in which scripts repeat the CSRF value, if there is one."""
    for name in ("__Host-csrf_token", "csrf_token"):
        if name in cookies:
            return {"x-csrf-token": cookies[name]}
    return {}


def is_refused(response: Any, status: int = 401) -> bool:
    """Whether a response is a complete refusal, and nothing else."""
    assert response.status == status, response.text
    assert CONTENT not in response.text
    body = response.json
    assert isinstance(body["reasons"], list), body
    assert all(isinstance(reason, str) for reason in body["reasons"])
    assert isinstance(body["exception"], str)
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Bearer ")
    return True


def is_content(response: Any) -> bool:
    """Whether a response is the protected content."""
    assert response.status == 200, response.text
    assert CONTENT in response.text
    return True


async def is_refused_everywhere(shop: Shop, bearer: Any) -> bool:
    """Whether every route of a shop refuses a token in the header."""
    for path in ("/protected", "/scoped", "/user", "/auth/me"):
        assert is_refused(await shop.get(path, bearer))
    verdict = await shop.get("/auth/verify", bearer)
    assert verdict.status in (400, 401), verdict.text
    assert verdict.json.get("valid") is not True
    public = await shop.get("/public", bearer)
    assert public.status == 200, public.text
    assert public.json == {"user": None}
    return True
