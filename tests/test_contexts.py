"""An application's own `app.ctx`, `request.ctx` and `app.ctx.auth`."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from sanic import Blueprint, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import Initialize, inject_user, protected, scoped
from sanic_jwt_oo.exceptions import InitializationFailure
from tests.conftest import SECRET, Auth, Client


class Slotted:
    """Has room for what the application keeps, and no more."""

    __slots__ = ("database",)


class Roomy:
    __slots__ = ("__dict__", "database")


@dataclass(frozen=True)
class Frozen:
    database: str = ""


class Own:
    """The application's own object in `app.ctx.auth`."""

    def check(self, request: Request) -> bool:
        return True

    def admit(self, request: Request, guarded: bool) -> None:
        """Accept everyone."""


class Answering(SimpleNamespace):
    """Has a value for every name, as those of some frameworks do."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)


def request_class(context: Any) -> type[Request]:
    class Asking(Request):
        @staticmethod
        def make_context() -> Any:
            return context()

    return Asking


# --- contexts with a value for every name -----------------------------------


@pytest.mark.requirement("X3")
async def test_contexts_that_have_every_name(make_app: Any) -> None:
    asking = request_class(Answering)
    app = Sanic(make_app().name, ctx=Answering(), request_class=asking)
    Auth(secret=SECRET).install(app)

    @app.get("/guarded")
    @protected()
    async def guarded(request: Request) -> Any:
        return json("members")

    client = Client(app)
    response = await client.get("/guarded")
    assert (response.status, response.json["exception"]) == (
        401,
        "Unauthorized",
    )
    login = await client.post("/auth", json={"username": "joe"})
    response = await client.get("/guarded", login.json["access_token"])
    assert response.json == "members"


# --- contexts without room --------------------------------------------------


@pytest.mark.parametrize("kind", [Slotted, Frozen])
def test_an_application_context_without_room_is_refused(
    kind: Any, make_app: Any
) -> None:
    app = Sanic(make_app().name, ctx=kind())

    with pytest.raises(InitializationFailure) as refused:
        Auth(secret=SECRET).install(app)

    assert f"app.ctx is an object of {kind.__name__}" in str(refused.value)
    assert "types.SimpleNamespace" in str(refused.value)


@pytest.mark.parametrize("kind", [Slotted, Frozen, lambda: {"a": 1}])
def test_a_request_context_without_room_is_refused(
    kind: Any, make_app: Any
) -> None:
    app = Sanic(make_app().name, request_class=request_class(kind))

    with pytest.raises(InitializationFailure, match="is an object of"):
        Auth(secret=SECRET).install(app)
    with pytest.raises(InitializationFailure, match="is an object of"):
        Initialize(app, authenticate=lambda request: {}, secret=SECRET)


def test_on_a_blueprint_it_is_refused_when_that_is_registered(
    make_app: Any,
) -> None:
    app = Sanic(make_app().name, request_class=request_class(Slotted))
    bp = Blueprint("shop")
    Auth(secret=SECRET).install(bp)

    with pytest.raises(InitializationFailure, match=r"request\.ctx"):
        app.blueprint(bp)


def test_an_application_can_be_used_after_a_refusal(make_app: Any) -> None:
    app = Sanic(make_app().name, ctx=Slotted())
    auth = Auth(secret=SECRET)
    with pytest.raises(InitializationFailure):
        auth.install(app)

    auth.install(make_app())


SHARED = SimpleNamespace()


@pytest.mark.requirement("S1")
def test_a_context_of_several_requests_is_refused(make_app: Any) -> None:
    app = Sanic(make_app().name, request_class=request_class(lambda: SHARED))

    with pytest.raises(InitializationFailure, match="a new, truthy object"):
        Auth(secret=SECRET).install(app)

    assert vars(SHARED) == {}


class Falsy(SimpleNamespace):
    def __bool__(self) -> bool:
        return False


def test_a_context_that_sanic_would_replace_is_refused(make_app: Any) -> None:
    app = Sanic(make_app().name, request_class=request_class(Falsy))

    with pytest.raises(InitializationFailure, match="a new, truthy object"):
        Auth(secret=SECRET).install(app)


class FromTheRequest(Request):
    def make_context(self) -> Any:  # type: ignore[override]
        return SimpleNamespace(path=self.path)


@pytest.mark.parametrize(
    "asking", [request_class(Roomy), request_class(SimpleNamespace)]
)
async def test_custom_contexts_with_room_are_accepted(
    asking: Any, make_app: Any
) -> None:
    app = Sanic(make_app().name, ctx=Roomy(), request_class=asking)
    await uses_a_protected_route(app)


async def test_a_context_made_from_its_request_is_accepted(
    make_app: Any,
) -> None:
    app = Sanic(make_app().name, request_class=FromTheRequest)
    await uses_a_protected_route(app)


async def uses_a_protected_route(app: Sanic) -> None:
    auth = Auth(secret=SECRET).install(app)

    @app.get("/")
    @auth.protected()
    async def handler(request: Request) -> Any:
        return json("in")

    client = Client(app)
    assert (await client.get("/")).status == 401
    assert (await client.get("/", await client.log_in())).status == 200


# --- app.ctx.auth -----------------------------------------------------------


def add_routes(app: Sanic, *decorator: Any) -> None:
    @app.get("/protected")
    @protected(*decorator)
    async def guarded(request: Request) -> Any:
        return json("in")

    @app.get("/settings")
    @protected(*decorator, leeway=1)
    async def with_settings(request: Request) -> Any:
        return json("in")

    @app.get("/scoped")
    @scoped("fruit", initialized_on=decorator[0] if decorator else None)
    async def with_scope(request: Request) -> Any:
        return json("in")

    @app.get("/user")
    @inject_user(*decorator)
    @protected(*decorator)
    async def with_user(request: Request, user: Any) -> Any:
        return json(user)


class FruitAuth(Auth):
    def add_scopes_to_payload(self, user: Any) -> list[str]:
        return ["fruit"]


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("form", ["class", "legacy"])
@pytest.mark.parametrize("path", ["protected", "settings", "scoped", "user"])
async def test_decorators_find_the_installation_if_the_name_is_taken(
    app: Sanic, client: Client, when: str, form: str, path: str
) -> None:
    own = Own()
    if when == "before":
        app.ctx.auth = own
    if form == "class":
        FruitAuth(secret=SECRET).install(app)
    else:
        Initialize(
            app,
            authenticate=lambda request: Auth.joe,
            retrieve_user=lambda request, payload: Auth.joe,
            add_scopes_to_payload=lambda user: ["fruit"],
            secret=SECRET,
        )
    if when == "after":
        app.ctx.auth = own
    add_routes(app)

    token = await client.log_in()

    assert (await client.get(f"/{path}")).status == 401
    assert (await client.get(f"/{path}", "a.b.c")).status == 401
    assert (await client.get(f"/{path}", token)).status == 200


@pytest.mark.parametrize("when", ["before", "after"])
async def test_decorators_find_the_installation_of_a_blueprint_too(
    app: Sanic, client: Client, when: str
) -> None:
    bp = Blueprint("shop")
    if when == "before":
        bp.ctx.auth = Own()
    FruitAuth(secret=SECRET).install(bp)
    if when == "after":
        bp.ctx.auth = Own()
    add_routes(app, bp)
    app.blueprint(bp)

    assert (await client.get("/user")).status == 401
    assert (await client.get("/user", await client.log_in())).status == 200


def test_the_class_form_does_not_replace_ctx_auth(
    app: Sanic,
) -> None:
    own = app.ctx.auth = Own()
    Auth(secret=SECRET).install(app)
    assert app.ctx.auth is own


def test_the_legacy_form_replaces_ctx_auth_as_sanic_jwt_does(
    app: Sanic,
) -> None:
    app.ctx.auth = Own()
    initialized = Initialize(
        app, authenticate=lambda request: Auth.joe, secret=SECRET
    )
    assert app.ctx.auth is initialized.auth


@pytest.mark.parametrize("form", ["class", "legacy"])
def test_the_first_installation_keeps_ctx_auth(app: Sanic, form: str) -> None:
    first = Auth(secret=SECRET).install(app)
    if form == "class":
        Auth(secret=SECRET, url_prefix="/two").install(app)
    else:
        Initialize(
            app,
            authenticate=lambda request: Auth.joe,
            secret=SECRET,
            url_prefix="/two",
        )
    assert app.ctx.auth is first
    assert app.ctx.sanic_jwt_oo_installed is first


async def test_the_application_can_set_ctx_auth_to_another_installation(
    app: Sanic, client: Client
) -> None:
    first = Auth(secret=SECRET).install(app)
    second = Auth(secret=SECRET[::-1], url_prefix="/two").install(app)
    app.ctx.auth = second
    add_routes(app)

    token = await first.generate_access_token(Auth.joe)
    other = await second.generate_access_token(Auth.joe)

    assert (await client.get("/protected", token)).status == 401
    assert (await client.get("/protected", other)).status == 200
