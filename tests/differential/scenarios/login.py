"""Log-in: what ``authenticate`` may do and what comes back."""

from functools import partial
from uuid import UUID

from sanic.exceptions import NotFound, SanicException
from sanic.response import json

from ..shop import Hooks, User, shop
from ..steps import SECRET, call, get, issued, login, post
from ..subject import Subject

here = Subject("login")
SCENARIOS = here.scenarios

USE = get("/payload", bearer=issued())


here.add("sync", shop(), login(), USE)
here.add("async", shop(awaitable=True), login(), USE)


@here.scenario("positional", login(), USE)
def _(front, app):
    front.initialize(app, Hooks(front).authenticate, secret=SECRET)
    _payload_page(front, app)


@here.scenario("initialize-with-settings", login(), USE)
def _(front, app):
    front.initialize(
        app,
        Hooks(front).authenticate,
        secret=SECRET,
        access_token_name="access_token",
        expiration_delta=60,
    )
    _payload_page(front, app)


@here.scenario("authentication-subclass", login(), USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

    front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET
    )
    _payload_page(front, app)


@here.scenario("authentication-subclass-sync", login(), USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

    front.Initialize(
        app, authentication_class=ShopAuthentication, secret=SECRET
    )
    _payload_page(front, app)


@here.scenario("initialize-subclass", login(), USE)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

    class ShopInitialize(front.Initialize):
        authentication_class = ShopAuthentication

    ShopInitialize(app, secret=SECRET)
    _payload_page(front, app)


def _payload_page(front, app):
    @app.get("/payload")
    @front.protected()
    async def payload_page(request):
        return json(await app.ctx.auth.extract_payload(request))


def returning(value, **settings):
    """A shop whose log-in lets everybody in, as ``value``."""

    async def authenticate(request, *args, **kwargs):
        return value

    return shop(authenticate=authenticate, **settings)


class LateUser(User):
    """A user that has to be waited for."""

    async def to_dict(self):
        return super().to_dict()


class BareUser:
    """A user that has nothing but an id."""

    user_id = 7


here.add("dict-user", returning({"user_id": 5}), login(), USE)
here.add("object-user", returning(User(6, "eve")), login(), USE)
here.add("async-to-dict", returning(LateUser(6, "eve")), login(), USE)
here.add("bare-object-user", returning(BareUser()), login(), USE)
here.add(
    "more-in-user", returning({"user_id": 5, "password": "x"}), login(), USE
)

for label, user_id in {
    "text": "u-17",
    "zero": 0,
    "negative": -3,
    "float": 2.5,
    "list": [1, 2],
    "dict": {"tenant": 3, "id": 4},
    "true": True,
    "non-ascii": "żółw",
    "empty-text": "",
    "uuid": UUID("12345678123456781234567812345678"),
}.items():
    here.add(f"id-{label}", returning({"user_id": user_id}), login(), USE)

here.add("id-null", returning({"user_id": None}), login())
here.add("id-missing", returning({"username": "ada"}), login())
here.add("returns-none", returning(None), login())
here.add("returns-false", returning(False), login())
here.add("returns-true", returning(True), login())
here.add("returns-empty-dict", returning({}), login())
here.add("returns-text", returning("ada"), login())
here.add("returns-number", returning(17), login())

here.add(
    "other-id-attribute",
    returning({"id": 8}, user_id="id"),
    login(),
    USE,
)
here.add("subject-as-id", returning({"sub": "8"}, user_id="sub"), login(), USE)
here.add(
    "subject-as-number",
    returning({"sub": 8}, user_id="sub"),
    login(),
    get("/auth/verify", bearer=issued()),
    USE,
)


here.add("seed-lambda", shop(authenticate=lambda: True), login())
here.add(
    "seed-lambda-with-request",
    shop(authenticate=lambda request: {"user_id": 1}),
    login(),
    USE,
)


async def _with_greeting(greeting, request):
    return {"user_id": greeting}


class Door:
    """A log-in that is a callable object."""

    def __call__(self, request):
        return {"user_id": "door"}


class LateDoor:
    """The same, awaitable."""

    async def __call__(self, request):
        return {"user_id": "late door"}


here.add(
    "partial", shop(authenticate=partial(_with_greeting, "hi")), login(), USE
)
here.add("callable-object", shop(authenticate=Door()), login(), USE)
here.add("async-callable-object", shop(authenticate=LateDoor()), login(), USE)
here.add(
    "lambda-over-async",
    shop(authenticate=lambda request: _with_greeting("hi", request)),
    login(),
    USE,
)


def raising(make):
    """A shop whose log-in raises what ``make(front)`` returns."""

    def build(front, app):
        async def authenticate(request, *args, **kwargs):
            raise make(front)

        front.Initialize(app, authenticate=authenticate, secret=SECRET)

    return build


here.add(
    "raises-failed",
    raising(lambda f: f.exceptions.AuthenticationFailed()),
    login(),
)
here.add(
    "raises-failed-with-message",
    raising(lambda f: f.exceptions.AuthenticationFailed("Go away.")),
    login(),
)
here.add(
    "raises-failed-with-status",
    raising(
        lambda f: f.exceptions.AuthenticationFailed("No.", status_code=418)
    ),
    login(),
)
here.add(
    "raises-unauthorized",
    raising(lambda f: f.exceptions.Unauthorized("Pay first.")),
    login(),
)
here.add(
    "raises-base",
    raising(lambda f: f.exceptions.SanicJWTException("Odd.")),
    login(),
)
here.add(
    "raises-base-with-status",
    raising(lambda f: f.exceptions.SanicJWTException("Odd.", status_code=409)),
    login(),
)
for error in (
    "MissingAuthorizationHeader",
    "MissingAuthorizationCookie",
    "MissingAuthorizationQueryArg",
    "InvalidAuthorizationHeader",
):
    here.add(
        f"raises-{error}",
        raising(lambda f, error=error: getattr(f.exceptions, error)()),
        login(),
    )
here.add("raises-value-error", raising(lambda f: ValueError("x")), login())
here.add(
    "raises-attribute-error", raising(lambda f: AttributeError("x")), login()
)
here.add("raises-not-found", raising(lambda f: NotFound("Who?")), login())
here.add(
    "raises-sanic-exception",
    raising(lambda f: SanicException("Tea.", status_code=418)),
    login(),
)


@here.scenario("raises-not-found-handled-by-the-application", login())
def _(front, app):
    @app.exception(NotFound)
    async def not_found(request, error):
        return json({"mine": str(error)}, status=404)

    raising(lambda f: NotFound("Who?"))(front, app)


@here.scenario("raises-value-error-handled-by-the-application", login())
def _(front, app):
    @app.exception(ValueError)
    async def wrong(request, error):
        return json({"mine": str(error)}, status=422)

    raising(lambda f: ValueError("x"))(front, app)


@here.scenario("raises-own-subclass", login())
def _(front, app):
    class Banned(front.exceptions.AuthenticationFailed):
        status_code = 403

    async def authenticate(request):
        raise Banned("Banned.")

    front.Initialize(app, authenticate=authenticate, secret=SECRET)


here.add(
    "bodies",
    shop(),
    login(name="unknown-user", json={"username": "x", "password": "y"}),
    login(name="wrong-password", json={"username": "ada", "password": "y"}),
    login(name="empty-object", json={}),
    login(name="half", json={"username": "ada"}),
)
JSON = {"content-type": "application/json"}
for label, content in {
    "none": b"",
    "malformed": b"{",
    "list": b"[1]",
    "text": b'"ada"',
    "null": b"null",
    "number": b"1",
    "not-utf-8": b'"\xff\xfe"',
}.items():
    here.add(
        f"body-{label}",
        shop(),
        post("/auth", "login", content=content, headers=JSON),
    )


@here.scenario(
    "form-body", post("/auth", "login", form={"username": "ada"}), USE
)
def _(front, app):
    async def authenticate(request):
        return {"user_id": request.form.get("username")}

    front.Initialize(app, authenticate=authenticate, secret=SECRET)
    _payload_page(front, app)


here.add(
    "methods",
    shop(),
    call("OPTIONS", "/auth"),
    get("/auth"),
    call("HEAD", "/auth"),
    call("PUT", "/auth"),
    call("DELETE", "/auth"),
)
here.add(
    "slashes",
    shop(),
    login(name="without", path="/auth"),
    login(name="with", path="/auth/"),
)
