"""``/me`` and ``inject_user``: what ``retrieve_user`` may return."""

from sanic.exceptions import NotFound
from sanic.response import json
from sanic.views import HTTPMethodView

from ..shop import REFRESH, User, shop, user_page
from ..steps import Now, call, crafted, get, issued, login, post
from ..subject import Subject

here = Subject("user")
SCENARIOS = here.scenarios

ME = get("/auth/me", bearer=issued())
USER = get("/user", bearer=issued())

RETRIEVE = {"hooks": ("retrieve_user",), "pages": user_page}

here.add("sync", shop(**RETRIEVE), login(), ME, USER)
here.add("async", shop(**RETRIEVE, awaitable=True), login(), ME, USER)
here.add("not-set-up", shop(pages=user_page), login(), ME, USER)
here.add("without-token", shop(**RETRIEVE), get("/auth/me"), get("/user"))
here.add(
    "with-bad-tokens",
    shop(**RETRIEVE),
    get("/auth/me", "me garbage", bearer="garbage"),
    get("/user", "user garbage", bearer="garbage"),
    get("/auth/me", "me expired", bearer=crafted(exp=Now(-1000))),
    get("/user", "user expired", bearer=crafted(exp=Now(-1000))),
)
here.add(
    "unknown-user",
    shop(**RETRIEVE),
    get("/auth/me", bearer=crafted(user_id=99)),
    get("/user", bearer=crafted(user_id=99)),
)


@here.scenario(
    "lookup-raises",
    login(),
    ME,
    USER,
    post(
        "/auth/refresh",
        bearer=issued(),
        json={"refresh_token": issued(key="refresh_token")},
    ),
    get("/raises", bearer=issued()),
)
def _(front, app):
    def retrieve_user(request, payload, *args, **kwargs):
        raise front.exceptions.MissingAuthorizationHeader()

    shop(
        hooks=REFRESH[1:],
        retrieve_user=retrieve_user,
        refresh_token_enabled=True,
        pages=user_page,
    )(front, app)

    @app.get("/raises")
    @front.protected()
    async def page(request):
        raise front.exceptions.MissingAuthorizationCookie("Bring one.")


here.add(
    "no-user-id",
    shop(**RETRIEVE),
    get("/auth/me", bearer=crafted(user_id=None)),
    get("/user", bearer=crafted(user_id=None)),
)
here.add(
    "hostile-user-id",
    shop(**RETRIEVE),
    get("/auth/me", "list", bearer=crafted(user_id=[1])),
    get("/auth/me", "dict", bearer=crafted(user_id={"a": 1})),
    get("/auth/me", "text", bearer=crafted(user_id="1' OR 1=1")),
    get("/auth/me", "true", bearer=crafted(user_id=True)),
)
here.add(
    "other-methods",
    shop(**RETRIEVE),
    call("OPTIONS", "/auth/me"),
    call("POST", "/auth/me"),
    call("HEAD", "/auth/me"),
    call("OPTIONS", "/auth/verify"),
    call("POST", "/auth/verify"),
    call("DELETE", "/auth/verify"),
)
here.add(
    "other-path",
    shop(**RETRIEVE, path_to_retrieve_user="/whoami"),
    login(),
    get("/auth/whoami", bearer=issued()),
    get("/auth/me", bearer=issued()),
)


def returning(value):
    """A shop that retrieves ``value``."""

    async def retrieve_user(request, payload, *args, **kwargs):
        return value

    return shop(retrieve_user=retrieve_user)


class JsonUser:
    """A user that knows its JSON form under another name."""

    user_id = 1

    def __json__(self):
        return {"user_id": 1, "from": "__json__"}


class AsyncUser(User):
    """A user that has to be waited for."""

    async def to_dict(self):
        return super().to_dict()


class BareUser:
    """A user that cannot say what it is."""

    user_id = 1


for label, value in {
    "dict": {"user_id": 1, "any": ["thing"]},
    "object": User(1, "ada"),
    "async-object": AsyncUser(1, "ada"),
    "json-object": JsonUser(),
    "bare-object": BareUser(),
    "none": None,
    "false": False,
    "empty-dict": {},
    "true": True,
    "text": "ada",
    "list": [1],
}.items():
    here.add(f"me-{label}", returning(value), login(), ME)


def raising(error):
    """A shop whose ``retrieve_user`` raises."""

    async def retrieve_user(request, payload, *args, **kwargs):
        raise error

    return shop(retrieve_user=retrieve_user, pages=user_page)


here.add("raises-value-error", raising(ValueError("x")), login(), ME, USER)
here.add(
    "raises-attribute-error", raising(AttributeError("x")), login(), ME, USER
)
here.add("raises-not-found", raising(NotFound("Who?")), login(), ME, USER)
here.add(
    "by-lambda",
    shop(retrieve_user=lambda request, payload: {"me": payload["user_id"]}),
    login(),
    ME,
)


@here.scenario("arguments", login(), ME)
def _(front, app):
    def retrieve_user(*args, **kwargs):
        request, payload = (*args, *kwargs.values())
        return {
            "user_id": payload["user_id"],
            "path": request.path,
            "args": len(args),
            "kwargs": sorted(kwargs),
        }

    shop(retrieve_user=retrieve_user)(front, app)


def injecting(name, *steps):
    """A page made by the decorated function, which gets the shop."""

    def decorator(pages):
        here.add(
            f"inject-{name}", shop(**{**RETRIEVE, "pages": pages}), *steps
        )
        return pages

    return decorator


@injecting(
    "without-protected",
    login(),
    get("/who", "with token", bearer=issued()),
    get("/who", "without token"),
    get("/who", "garbage", bearer="garbage"),
    get("/who", "expired", bearer=crafted(exp=Now(-1000))),
    get("/who", "malformed header", headers={"authorization": "x"}),
)
def _(front, app, installed):
    @app.get("/who")
    @front.inject_user()
    async def who(request, user):
        return json({"user": user})


@injecting(
    "protected-outside",
    login(),
    get("/who", bearer=issued()),
    get("/who", "without token"),
)
def _(front, app, installed):
    @app.get("/who")
    @front.protected()
    @front.inject_user()
    async def who(request, user):
        return json({"user": user})


@injecting("sync-handler", login(), get("/who", bearer=issued()))
def _(front, app, installed):
    @app.get("/who")
    @front.inject_user()
    def who(request, user):
        return json({"user": user})


@injecting("route-parameters", login(), get("/who/7/x", bearer=issued()))
def _(front, app, installed):
    @app.get("/who/<number:int>/<word>")
    @front.inject_user()
    @front.protected()
    async def who(request, number, word, user):
        return json({"user": user, "number": number, "word": word})


@injecting(
    "options",
    login(),
    call("OPTIONS", "/who"),
    call("OPTIONS", "/who", "with token", bearer=issued()),
)
def _(front, app, installed):
    @app.route("/who", methods=["GET", "OPTIONS"])
    @front.inject_user()
    async def who(request, user=None):
        return json({"user": user})


@injecting("by-instance-method", login(), get("/who", bearer=issued()))
def _(front, app, installed):
    @app.get("/who")
    @installed.inject_user()
    @installed.protected()
    async def who(request, user):
        return json({"user": user})


@injecting("handler-raises", login(), get("/who", bearer=issued()))
def _(front, app, installed):
    @app.get("/who")
    @front.inject_user()
    async def who(request, user):
        raise NotFound("nothing here")


@injecting(
    "view", login(), get("/who", bearer=issued()), get("/who", "without token")
)
def _(front, app, installed):
    class Who(HTTPMethodView):
        decorators = [front.inject_user(), front.protected()]

        async def get(self, request, user):
            return json({"user": user})

    app.add_route(Who.as_view(), "/who")


@injecting("view-method", login(), get("/who", bearer=issued()))
def _(front, app, installed):
    class Who(HTTPMethodView):
        @front.inject_user()
        async def get(self, request, user):
            return json({"user": user})

    app.add_route(Who.as_view(), "/who")
