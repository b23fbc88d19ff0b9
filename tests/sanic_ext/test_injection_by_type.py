"""The user, the claims and the session as parameters, by their types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import pytest
from sanic import Blueprint, Request, Sanic
from sanic.response import HTTPResponse, json
from sanic.views import HTTPMethodView

from sanic_jwt_oo import Claims, Initialize, JWTAuth, Payload, scoped
from sanic_jwt_oo.exceptions import InitializationFailure, MissingCredentials
from sanic_jwt_oo.sessions import MemorySessionStore, Session
from tests.conftest import SECRET, Client
from tests.examples.serving import bearer, served

T, U = TypeVar("T"), TypeVar("U")


@dataclass
class User:
    user_id: int
    name: str = "joe"


class UserAuth(JWTAuth[User]):
    """Every login is Joe's; `gone` makes him disappear."""

    gone = False

    def authenticate(self, request: Request) -> User:
        return User(1)

    def retrieve_user(self, payload: Payload) -> User | None:
        return None if self.gone else User(payload["user_id"])

    def add_scopes_to_payload(self) -> list[str]:
        return ["orders"]


class CountingAuth(UserAuth):
    verified = 0
    checked = 0

    async def verify_token(
        self, token: str, request: Request | None = None
    ) -> Payload:
        self.verified += 1
        return await super().verify_token(token, request)

    async def check_request(self, request: Request, payload: Payload) -> None:
        self.checked += 1


def named(request: Request, user: User) -> HTTPResponse:
    return json(user.name)


def named_or_not(request: Request, user: User | None) -> HTTPResponse:
    return json(user and user.name)


def install(app: Sanic, kind: type[Any] = UserAuth, **settings: Any) -> Any:
    return kind(secret=SECRET, **settings).install(app)


async def log_in(client: Any, path: str = "/auth") -> dict[str, str]:
    login = await client.post(path, json={})
    return bearer(login.json()["access_token"])


# --- the user ---------------------------------------------------------------


async def test_a_handler_takes_the_user(app: Sanic) -> None:
    install(app)
    app.get("/me")(named)

    async with served(app) as client:
        token = await log_in(client)
        found = await client.get("/me", headers=token)
        refused = await client.get("/me")
        forged = await client.get("/me", headers=bearer("a.b.c"))

    assert found.json() == "joe"
    for response in (refused, forged):
        assert response.status_code == 401
        assert response.headers["www-authenticate"].startswith("Bearer realm=")
        assert response.json()["exception"] == "Unauthorized"


async def test_a_user_who_is_gone_is_a_401(app: Sanic) -> None:
    auth = install(app)
    app.get("/me")(named)
    app.get("/maybe", name="maybe")(named_or_not)
    app.get("/guarded", name="guarded")(auth.protected()(named_or_not))

    async with served(app) as client:
        token = await log_in(client)
        auth.gone = True
        needed = await client.get("/me", headers=token)
        optional = await client.get("/maybe", headers=token)
        guarded = await client.get("/guarded", headers=token)

    assert needed.status_code == 401
    assert optional.json() is None
    assert guarded.status_code == 401


async def test_a_handler_takes_the_user_or_none(app: Sanic) -> None:
    install(app)
    app.get("/maybe")(named_or_not)

    async with served(app) as client:
        token = await log_in(client)
        responses = [
            (await client.get("/maybe", headers=headers)).json()
            for headers in (token, {}, bearer("a.b.c"))
        ]

    assert responses == ["joe", None, None]


async def test_the_methods_of_a_view(app: Sanic) -> None:
    install(app)

    class View(HTTPMethodView):
        async def get(self, request: Request, user: User) -> HTTPResponse:
            return json(user.name)

    app.add_route(View.as_view(), "/view")

    async with served(app) as client:
        token = await log_in(client)
        found = await client.get("/view", headers=token)
        refused = await client.get("/view")

    assert (found.json(), refused.status_code) == ("joe", 401)


async def test_a_dependency_of_the_application_takes_the_user(
    app: Sanic,
) -> None:
    @dataclass
    class Basket:
        of: str

    def basket_of(user: User) -> Basket:
        return Basket(user.name)

    basket_of.__annotations__ = {"user": User, "return": Basket}
    install(app)
    app.ext.add_dependency(Basket, basket_of)

    def handler(request: Request, basket: Any) -> HTTPResponse:
        return json(basket.of)

    handler.__annotations__["basket"] = Basket
    app.get("/basket")(handler)

    async with served(app) as client:
        token = await log_in(client)
        found = await client.get("/basket", headers=token)
        refused = await client.get("/basket")

    assert (found.json(), refused.status_code) == ("joe", 401)


async def test_what_the_application_registers_is_left(app: Sanic) -> None:
    install(app)
    install(app, url_prefix="/staff")
    app.ext.add_dependency(User, lambda: User(2, "eve"))
    app.get("/me")(named)

    for _ in range(2):
        async with served(app) as client:
            assert (await client.get("/me")).json() == "eve"


async def test_the_user_of_inject_user_is_its_own(app: Sanic) -> None:
    """Its route is open, whatever the type of the parameter says."""
    auth = install(app)
    app.get("/me")(auth.inject_user()(named_or_not))

    @app.get("/needed")
    @auth.inject_user(leeway=1)
    async def needed(request: Request, user: User) -> HTTPResponse:
        return json(user is None)

    async with served(app) as client:
        assert (await client.get("/me")).json() is None
        assert (await client.get("/needed")).json() is True


@pytest.mark.requirement("X1")
async def test_a_guest_that_find_user_returns(app: Sanic) -> None:
    class Guests(UserAuth):
        async def find_user(
            self, request: Request, payload: Payload | None
        ) -> User | None:
            return User(0, "guest") if payload is None else User(1)

    install(app, Guests)
    app.get("/me")(named)

    async with served(app) as client:
        assert (await client.get("/me")).json() == "guest"


# --- the claims and the session ---------------------------------------------


async def test_a_handler_takes_the_claims(app: Sanic) -> None:
    install(app)

    @app.get("/claims")
    async def handler(request: Request, claims: Claims) -> HTTPResponse:
        return json([claims["user_id"], isinstance(claims, dict)])

    @app.get("/maybe")
    async def maybe(request: Request, claims: Claims | None) -> HTTPResponse:
        return json(claims and claims["user_id"])

    async with served(app) as client:
        token = await log_in(client)
        assert (await client.get("/claims", headers=token)).json() == [1, True]
        assert (await client.get("/claims")).status_code == 401
        assert (await client.get("/maybe", headers=token)).json() == 1
        assert (await client.get("/maybe")).json() is None


async def test_the_claims_of_the_legacy_form(app: Sanic) -> None:
    Initialize(app, authenticate=lambda request: {"user_id": 1}, secret=SECRET)

    @app.get("/claims")
    async def handler(request: Request, claims: Claims) -> HTTPResponse:
        return json(claims["user_id"])

    async with served(app) as client:
        token = await log_in(client)
        assert (await client.get("/claims", headers=token)).json() == 1
        assert (await client.get("/claims")).status_code == 401


async def test_a_handler_takes_the_session(app: Sanic) -> None:
    auth = install(
        app, session_store=MemorySessionStore(), revocation_check="never"
    )

    @app.get("/session")
    async def handler(request: Request, session: Session) -> HTTPResponse:
        return json([session.user_id, session.label])

    @app.get("/maybe")
    async def maybe(request: Request, session: Session | None) -> HTTPResponse:
        return json(session is not None)

    async with served(app) as client:
        login = await client.post("/auth", json={})
        token = bearer(login.json()["access_token"])
        alone = bearer(await auth.generate_access_token(User(1)))
        label = login.request.headers["user-agent"]
        found = await client.get("/session", headers=token)
        assert found.json() == [1, label]
        assert (await client.get("/maybe", headers=token)).json() is True
        for headers in ({}, alone):
            refused = await client.get("/session", headers=headers)
            assert refused.status_code == 401
            assert (await client.get("/maybe", headers=headers)).json() is (
                False
            )
        await auth.sessions.revoke_all(1)
        ended = await client.get("/session", headers=token)
        assert ended.status_code == 401


@pytest.mark.requirement("X3")
@pytest.mark.parametrize("kind", [Session, Session | None])
async def test_a_session_without_a_store_is_refused_at_start(
    app: Sanic, kind: Any
) -> None:
    install(app)

    async def handler(request: Request, session: Any) -> HTTPResponse:
        return json(None)

    handler.__annotations__["session"] = kind
    app.get("/session")(handler)

    with pytest.raises(InitializationFailure, match="no session_store"):
        await Client(app).get("/session")


# --- once -------------------------------------------------------------------


@pytest.mark.requirement("X1")
@pytest.mark.parametrize(
    "decorate",
    [
        lambda auth: auth.protected(),
        lambda auth: auth.scoped("orders"),
        lambda auth: auth.protected(leeway=5),
        lambda auth: auth.protected(leeway=lambda: 5),
    ],
    ids=["protected", "scoped", "settings", "varying settings"],
)
async def test_a_request_is_authenticated_once(
    app: Sanic, decorate: Callable[[Any], Any]
) -> None:
    auth = install(app, CountingAuth)

    async def handler(
        request: Request, me: User, you: User | None, claims: Claims
    ) -> HTTPResponse:
        user = await auth.current_user(request)
        return json([me.name, you and you.name, claims["user_id"], user.name])

    app.get("/all")(decorate(auth)(handler))

    async with served(app) as client:
        token = await log_in(client)
        response = await client.get("/all", headers=token)

    assert response.json() == ["joe", "joe", 1, "joe"]
    assert (auth.verified, auth.checked) == (1, 1)


@pytest.mark.requirement("X1")
async def test_a_step_that_refuses_is_taken(app: Sanic) -> None:
    class Refusing(UserAuth):
        async def check_request(
            self, request: Request, payload: Payload
        ) -> None:
            raise InitializationFailure("Not here.", 403)

    install(app, Refusing)
    app.get("/me")(named)

    async with served(app) as client:
        token = await log_in(client)
        assert (await client.get("/me", headers=token)).status_code == 403


async def test_the_settings_of_the_route_are_in_force(app: Sanic) -> None:
    auth = install(app)
    guard = auth.protected(
        authorization_header="x-token", authorization_header_prefix=""
    )
    app.get("/me")(guard(named))

    async with served(app) as client:
        token = (await log_in(client))["Authorization"].removeprefix("Bearer ")
        own = await client.get("/me", headers={"X-Token": token})
        usual = await client.get("/me", headers=bearer(token))

    assert (own.json(), usual.status_code) == ("joe", 401)


async def test_it_runs_before_request_middleware(app: Sanic) -> None:
    order = []

    class Noting(UserAuth):
        async def check_request(
            self, request: Request, payload: Payload
        ) -> None:
            order.append("check_request")

    install(app, Noting)
    app.get("/me")(named)

    @app.on_request
    async def note(request: Request) -> None:
        order.append("middleware")

    async with served(app) as client:
        token = await log_in(client)
        order.clear()
        await client.get("/me", headers=token)

    assert order == ["check_request", "middleware"]


# --- OPTIONS ----------------------------------------------------------------


async def test_options_without_credentials_is_answered_by_the_guard(
    app: Sanic,
) -> None:
    auth = install(app)
    methods = ["GET", "OPTIONS"]
    app.route("/guarded", methods)(auth.protected()(named))
    app.route("/open", methods, name="open")(named)

    async with served(app) as client:
        guarded = await client.options("/guarded")
        forged = await client.options("/guarded", headers=bearer("a.b.c"))
        unguarded = await client.options("/open")

    assert guarded.status_code == 204
    assert "GET" in guarded.headers["allow"]
    assert (forged.status_code, unguarded.status_code) == (401, 401)


@pytest.mark.requirement("X1")
async def test_options_with_a_token_in_a_place_of_its_own(app: Sanic) -> None:
    class Elsewhere(UserAuth):
        async def read_token(self, request: Request) -> str:
            if "x-own" in request.headers:
                return str(request.headers["x-own"])
            raise MissingCredentials()

    auth = install(app, Elsewhere)
    app.route("/me", ["OPTIONS"])(auth.protected()(named))

    async with served(app) as client:
        token = (await log_in(client))["Authorization"].removeprefix("Bearer ")
        found = await client.options("/me", headers={"X-Own": token})
        without = await client.options("/me")

    assert found.json() == "joe"
    assert without.status_code == 204


async def test_options_where_protection_is_off(app: Sanic) -> None:
    auth = install(app, do_protection=False)
    app.route("/me", ["OPTIONS"])(auth.protected()(named))

    async with served(app) as client:
        assert (await client.options("/me")).status_code == 401


# --- which types ------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", [dict[str, Any], dict, str, Any, "User", list[User], Request]
)
async def test_no_other_type_is_injected(app: Sanic, kind: Any) -> None:
    class OtherAuth(JWTAuth[kind]):  # type: ignore[valid-type]
        def authenticate(self) -> Any:
            return {"user_id": 1}

    install(app, OtherAuth)

    async def handler(request: Request, value: Any = None) -> HTTPResponse:
        return json(value)

    handler.__annotations__["value"] = kind
    app.get("/value")(handler)

    async with served(app) as client:
        assert (await client.get("/value")).json() is None


class Tenant(JWTAuth[U], Generic[T, U]):
    """A generic class between."""


class OfTenant(Tenant[int, User], UserAuth):
    """Its user is the second argument."""


class Derived(UserAuth):
    """Its user is that of its base."""


@pytest.mark.parametrize("kind", [OfTenant, Derived])
async def test_the_type_is_found_in_the_bases(
    app: Sanic, kind: type[Any]
) -> None:
    install(app, kind)
    app.get("/me")(named)

    async with served(app) as client:
        token = await log_in(client)
        assert (await client.get("/me", headers=token)).json() == "joe"
        assert (await client.get("/me")).status_code == 401


# --- several installations --------------------------------------------------


class StaffAuth(UserAuth):
    def retrieve_user(self, payload: Payload) -> User | None:
        return User(payload["user_id"], "staff")


async def test_the_guard_of_a_route_says_whose_user_it_is(app: Sanic) -> None:
    auth = install(app)
    staff = StaffAuth(secret=SECRET[::-1], url_prefix="/staff").install(app)
    app.get("/user")(auth.protected()(named))
    app.get("/staff-user", name="staff")(staff.protected()(named))

    async with served(app) as client:
        user, member = await log_in(client), await log_in(client, "/staff")
        assert (await client.get("/user", headers=user)).json() == "joe"
        found = await client.get("/staff-user", headers=member)
        assert found.json() == "staff"
        for path, token in (("/user", member), ("/staff-user", user)):
            refused = await client.get(path, headers=token)
            assert refused.status_code == 401


@pytest.mark.parametrize("grouped", [True, False])
async def test_the_blueprint_of_a_route_says_it(
    app: Sanic, grouped: bool
) -> None:
    bp = Blueprint("staff", url_prefix="/staff")
    place: Any = Blueprint.group(bp) if grouped else bp
    install(app)
    StaffAuth(secret=SECRET[::-1], url_prefix="/in").install(place)
    app.get("/me")(named)
    bp.get("/me", name="staff")(named)
    app.blueprint(place)
    login = "/in" if grouped else "/staff/in"

    async with served(app) as client:
        user, member = await log_in(client), await log_in(client, login)
        assert (await client.get("/me", headers=user)).json() == "joe"
        found = await client.get("/staff/me", headers=member)
        assert found.json() == "staff"
        assert (await client.head("/staff/me", headers=member)).is_success
        refused = [
            (await client.get("/me", headers=member)).status_code,
            (await client.get("/staff/me", headers=user)).status_code,
            (await client.head("/staff/me", headers=user)).status_code,
        ]

    assert refused == [401, 401, 401]


@pytest.mark.parametrize("kind", [User, User | None, Claims])
async def test_a_route_of_neither_is_refused_at_start(
    app: Sanic, kind: Any
) -> None:
    install(app)
    install(app, url_prefix="/staff")

    async def handler(request: Request, value: Any) -> HTTPResponse:
        return json(None)

    handler.__annotations__["value"] = kind
    app.get("/value")(handler)

    with pytest.raises(InitializationFailure, match="/value takes a"):
        await Client(app).get("/value")


async def test_it_is_the_same_at_each_start(app: Sanic) -> None:
    install(app)
    app.get("/me")(named)

    for _ in range(2):
        async with served(app) as client:
            assert (await client.get("/me")).status_code == 401


async def test_settings_of_a_route_that_needs_no_scope(app: Sanic) -> None:
    auth = install(app)

    @app.get("/page")
    @scoped(None, authorization_header="x-token")
    async def page(request: Request, user: User | None) -> HTTPResponse:
        return json(user and user.name)

    token = await auth.generate_access_token(User(1))
    async with served(app) as client:
        assert (await client.get("/page")).json() is None
        headers = {"x-token": f"Bearer {token}"}
        response = await client.get("/page", headers=headers)
        assert response.json() == "joe"
