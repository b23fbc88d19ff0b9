"""A shop whose steps an application overrides, and every door into it.

A door is a way to ask who sends a request: a decorator, an endpoint, or a
method that the application calls. `Visit` is a visitor who has logged in, and
whose browser or program keeps the access token in one kind of place.
"""

from __future__ import annotations

from typing import Any

from sanic import Sanic
from sanic.response import json, text

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.exceptions import (
    InvalidToken,
    MissingCredentials,
    Unauthorized,
)
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.security.forging import SECRET
from tests.security.shops import CONTENT, Shop, csrf, new_app

PLACES: dict[str, dict[str, Any]] = {
    "header": {},
    "cookie": {"cookie_set": True},
    "split cookie": {"cookie_set": True, "cookie_split": True},
    "query string": {"query_string_set": True},
}


class Member(JWTAuth[Any]):
    """Logs in anyone, as user 1; refuses tokens once it is `closed`."""

    closed = False

    class Configuration:
        session_endpoints_enabled = True
        secret = SECRET

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("session_store", MemorySessionStore())
        super().__init__(**settings)

    def authenticate(self, request):
        return {"user_id": 1}

    def retrieve_user(self, request, payload):
        return {"user_id": payload["user_id"]}

    def add_scopes_to_payload(self, user):
        return ["fruit:read"]


class Pair(Member):
    """Keeps refresh tokens by itself, as sanic-jwt's applications do."""

    session_store = None

    class Configuration:
        session_endpoints_enabled = False
        refresh_token_enabled = True

    def __init__(self, **settings: Any) -> None:
        super().__init__(session_store=None, **settings)
        self.stored: dict[Any, str] = {}

    def store_refresh_token(self, user_id, refresh_token):
        self.stored[user_id] = refresh_token

    def retrieve_refresh_token(self, user_id):
        return self.stored.get(user_id)


# --- the steps, as an application overrides them: mixins in front ------------


class Reads:
    async def read_token(self, request):
        if self.closed:
            raise MissingCredentials("no")
        return await super().read_token(request)


class ReadsSync:
    def read_token(self, request):
        if self.closed:
            raise MissingCredentials("no")
        return super().read_token(request)


class Verifies:
    async def verify_token(self, token, request=None):
        if self.closed:
            raise InvalidToken("no")
        return await super().verify_token(token, request)


class VerifiesSync:
    def verify_token(self, token, request=None):
        if self.closed:
            raise InvalidToken("no")
        return super().verify_token(token, request)


class Checks:
    async def check_request(self, request, payload):
        if self.closed:
            raise Unauthorized("no")


class ChecksSync:
    def check_request(self, request, payload):
        if self.closed:
            raise Unauthorized("no")


STEPS = {
    "read_token": Reads,
    "read_token, sync": ReadsSync,
    "verify_token": Verifies,
    "verify_token, sync": VerifiesSync,
    "check_request": Checks,
    "check_request, sync": ChecksSync,
}


def member_with(*mixins: type) -> type[Any]:
    """Return a class of the application with mixins in front."""
    return type("App", (*mixins, Member), {})


# --- the doors ---------------------------------------------------------------


async def check(auth, request):
    try:
        await auth.check(request)
    except Unauthorized:
        return None
    return True


async def verify_request(auth, request):
    try:
        await auth.verify_request(request)
    except (InvalidToken, MissingCredentials, Unauthorized):
        return None
    return True


async def authorize(auth, request):
    try:
        await auth.authorize(request, "fruit:read")
    except Unauthorized:
        return None
    return True


CODE = {
    "is_authenticated": lambda auth, request: auth.is_authenticated(request),
    "extract_payload": lambda auth, request: auth.extract_payload(request),
    "extract_user_id": lambda auth, request: auth.extract_user_id(request),
    "extract_scopes": lambda auth, request: auth.extract_scopes(request),
    "current_user": lambda auth, request: auth.current_user(request),
    "authorize": authorize,
    "check": check,
    "verify_request": verify_request,
}
DOORS = {
    "protected": ("GET", "/protected"),
    "protected, unsafe method": ("POST", "/protected"),
    "scoped": ("GET", "/scoped"),
    "protected and inject_user": ("GET", "/user"),
    "inject_user and protected": ("GET", "/user-first"),
    "inject_user": ("GET", "/public"),
    "/auth/me": ("GET", "/auth/me"),
    "/auth/verify": ("GET", "/auth/verify"),
    "/auth/logout": ("POST", "/auth/logout"),
    "/auth/logout/all": ("POST", "/auth/logout/all"),
    "/auth/sessions": ("GET", "/auth/sessions"),
    "/auth/sessions/<id>": ("DELETE", "/auth/sessions/{session}"),
    **{name: ("GET", f"/code/{name}") for name in CODE},
}


def add_doors(app: Sanic, auth: Any) -> None:
    """Add a route for every door that is no endpoint."""

    @app.route("/protected", methods=["GET", "POST"])
    @auth.protected()
    async def protected(request):
        return text(CONTENT)

    @app.route("/scoped", methods=["GET", "POST"])
    @auth.scoped("fruit:read")
    async def scoped(request):
        return text(CONTENT)

    @app.route("/user", methods=["GET", "POST"])
    @auth.protected()
    @auth.inject_user()
    async def user(request, user):
        return json({"content": CONTENT, "found": user})

    @app.route("/user-first", methods=["GET", "POST"])
    @auth.inject_user()
    @auth.protected()
    async def user_first(request, user):
        return json({"content": CONTENT, "found": user})

    @app.route("/public", methods=["GET", "POST"])
    @auth.inject_user()
    async def public(request, user):
        return json({"found": user})

    @app.route("/code/<name>", methods=["GET", "POST"])
    async def code(request, name):
        return json({"found": await CODE[name](auth, request)})


class Visit:
    """A visitor who has logged in to a shop.

    Attributes:
        auth: The installation.
        shop: Sends requests to its application.
        access: The access token.
        refresh: The refresh token, if any.
        cookies: The cookies that the log-in has set.
        session: The id of the session, if any.
    """

    def __init__(self, auth: Any, place: str) -> None:
        self.auth, self.place = auth, place
        self.shop = Shop(new_app())
        auth.install(self.shop.app)
        add_doors(self.shop.app, auth)

    async def log_in(self, path: str = "/auth") -> Any:
        response = await self.shop.post(path, json={"username": "ada"})
        assert response.status == 200, response.text
        self.keep(response)
        if self.auth.session_store is not None:
            *_, session = await self.auth.sessions.list(1)
            self.session = session.id
        return response

    def keep(self, response: Any) -> None:
        """Keep the tokens of an answer."""
        self.cookies = response.cookies
        self.access = response.json.get("access_token")
        self.refresh = response.json.get("refresh_token")

    async def __call__(
        self, method: str, path: str, *, forged: bool = False, **sent: Any
    ) -> Any:
        """Send a request with the access token.

        Args:
            method: The method.
            path: The path.
            forged: Leave out what only pages of the shop can send.
            **sent: What else `Shop` takes.
        """
        if self.place == "header":
            sent["bearer"] = self.access
        elif self.place == "query string":
            path = f"{path}?access_token={self.access}"
        else:
            sent["cookies"] = {
                name: value
                for name, value in self.cookies.items()
                if "refresh" not in name
            }
            if not forged:
                sent["headers"] = csrf(self.cookies)
        return await self.shop(method, path, **sent)

    async def enter(self, door: str, **sent: Any) -> Any:
        method, path = DOORS[door]
        session = getattr(self, "session", "")
        return await self(method, path.format(session=session), **sent)

    async def renew(self) -> Any:
        """Send a refresh request, the access token with it."""
        sent: dict[str, Any] = {}
        if self.place == "header":
            sent["json"] = {"refresh_token": self.refresh}
            sent["bearer"] = self.access
        elif self.place == "query string":
            query = f"access_token={self.access}&refresh_token={self.refresh}"
            return await self.shop("POST", f"/auth/refresh?{query}")
        else:
            sent["cookies"] = self.cookies
            sent["headers"] = csrf(self.cookies)
        return await self.shop("POST", "/auth/refresh", **sent)


async def visit(auth: Any, place: str = "header") -> Visit:
    """Return a visitor who has logged in."""
    visitor = Visit(auth, place)
    await visitor.log_in()
    return visitor


def is_open(response: Any) -> bool:
    """Tell whether a door has let its visitor in."""
    if CONTENT in response.text or response.status == 204:
        return True
    return response.status == 200 and response.json.get("found", True) not in (
        None,
        False,
    )


def is_closed(response: Any) -> bool:
    """Tell whether a door has refused its visitor, with 401 if it is shut.

    An open route responds with 200, and has not found anything.
    """
    if is_open(response):
        return False
    return (
        response.status in (200, 401)
        and response.json.get("valid") is not True
    )
