"""``/refresh``, and the handlers that keep refresh tokens."""

from sanic.response import json

from ..shop import REFRESH, Hooks, shop, usual_pages
from ..steps import (
    BOB,
    OTHER_SECRET,
    SECRET,
    Now,
    call,
    crafted,
    get,
    issued,
    login,
    post,
)
from ..subject import Subject

here = Subject("refresh")
SCENARIOS = here.scenarios

ON = {"hooks": REFRESH, "refresh_token_enabled": True}
REFRESH_TOKEN = issued(key="refresh_token")


def again(name="refresh", bearer=None, **options):
    """A refresh with what the log-in gave."""
    options.setdefault("json", {"refresh_token": REFRESH_TOKEN})
    return post("/auth/refresh", name, bearer=bearer or issued(), **options)


here.add("sync", shop(**ON), login(), again())
here.add("async", shop(**ON, awaitable=True), login(), again())
here.add("enabled-by-hooks", shop(hooks=REFRESH), login(), again())
here.add(
    "new-token-works",
    shop(**ON),
    login(),
    again(),
    get("/protected", bearer=issued("refresh")),
)
here.add("twice", shop(**ON), login(), again("first"), again("second"))
here.add(
    "after-second-login",
    shop(**ON),
    login(name="first"),
    login(),
    again(
        "with the first",
        json={"refresh_token": issued("first", "refresh_token")},
    ),
    again("with the second"),
)
here.add(
    "another-user's-token",
    shop(**ON),
    login(name="bob", json=BOB),
    login(),
    again(
        "wrong user", json={"refresh_token": issued("bob", "refresh_token")}
    ),
)
here.add(
    "expired-access-token",
    shop(**ON),
    login(),
    again(bearer=crafted(exp=Now(-100_000))),
)
here.add(
    "expired-after-refresh-on-another-connection",
    shop(**ON),
    login(),
    again(bearer=crafted(exp=Now(-1000)), connection="a"),
    get("/protected", bearer=crafted(exp=Now(-1000)), connection="b"),
)
here.add(
    "bad-access-tokens",
    shop(**ON),
    login(),
    again("garbage", bearer="garbage"),
    again("other secret", bearer=crafted(secret=OTHER_SECRET)),
    again("other algorithm", bearer=crafted(algorithm="HS512")),
    again("future", bearer=crafted(nbf=Now(1000))),
    again("unknown user", bearer=crafted(user_id=99)),
    again("no user", bearer=crafted(user_id=None)),
    again("list as user", bearer=crafted(user_id=[1])),
    again("other user", bearer=crafted(user_id=2)),
    again("no exp", bearer=crafted(exp=None)),
    post("/auth/refresh", "missing", json={"refresh_token": "x"}),
    post(
        "/auth/refresh",
        "malformed header",
        json={"refresh_token": "x"},
        headers={"authorization": "x"},
    ),
)
JSON = {"content-type": "application/json"}
here.add(
    "bodies",
    shop(**ON),
    login(),
    again("wrong", json={"refresh_token": "wrong"}),
    again("empty text", json={"refresh_token": ""}),
    again("absent", json={"x": 1}),
    again("empty object", json={}),
    again("null", json={"refresh_token": None}),
    again("number", json={"refresh_token": 7}),
    again("list", json={"refresh_token": [REFRESH_TOKEN]}),
    again("dict", json={"refresh_token": {"a": 1}}),
    again("no body", json=None),
    again("list body", json=None, content=b"[1]", headers=JSON),
    again("text body", json=None, content=b'"x"', headers=JSON),
    again("malformed", json=None, content=b"{", headers=JSON),
    again("form", json=None, form={"refresh_token": "x"}),
    again("token in query", json={}, query={"refresh_token": REFRESH_TOKEN}),
)
here.add(
    "nothing-stored",
    shop(**ON),
    again("null for null", bearer=crafted(), json={"refresh_token": None}),
    again("text", bearer=crafted(), json={"refresh_token": "x"}),
    again("none as text", bearer=crafted(), json={"refresh_token": "None"}),
)
here.add(
    "other-name",
    shop(**ON, refresh_token_name="again"),
    login(),
    again(json={"again": issued(key="again")}),
)
here.add(
    "other-access-name",
    shop(**ON, access_token_name="jwt"),
    login(),
    again(bearer=issued(key="jwt")),
)
here.add(
    "other-path",
    shop(**ON, path_to_refresh="/again"),
    login(),
    post(
        "/auth/again",
        bearer=issued(),
        json={"refresh_token": REFRESH_TOKEN},
    ),
    post("/auth/refresh", bearer=issued(), json={}),
)
here.add("off", shop(), login(), again())
here.add(
    "methods",
    shop(**ON),
    call("OPTIONS", "/auth/refresh"),
    get("/auth/refresh"),
    call("PUT", "/auth/refresh"),
)
here.add(
    "without-retrieve-user",
    shop(
        hooks=("store_refresh_token", "retrieve_refresh_token"),
        refresh_token_enabled=True,
    ),
    login(),
    again(),
)
here.add(
    "without-store",
    shop(hooks=("retrieve_refresh_token",), refresh_token_enabled=True),
)
here.add(
    "without-retrieve",
    shop(hooks=("store_refresh_token",), refresh_token_enabled=True),
)
here.add("without-both", shop(refresh_token_enabled=True))
here.add(
    "verify-exp-off",
    shop(**ON, verify_exp=False),
    login(),
    again(bearer=crafted(exp=Now(-1000))),
)
here.add(
    "scopes-come-again",
    shop(hooks=(*REFRESH, "add_scopes_to_payload")),
    login(),
    again(),
)
here.add(
    "payload-extended-again",
    shop(hooks=(*REFRESH, "extend_payload")),
    login(),
    again(),
)

# How the token itself is made.
for name, made in {
    "function": lambda: "made-by-a-function",
    "stars": lambda *args, **kwargs: f"stars-{len(args)}-{len(kwargs)}",
}.items():
    here.add(
        f"generated-by-{name}",
        shop(**ON, generate_refresh_token=made),
        login(),
        again(),
    )


async def _made_late():
    return "made-late"


here.add(
    "generated-by-coroutine",
    shop(**ON, generate_refresh_token=_made_late),
    login(),
    again(),
)


@here.scenario("generated-in-configuration", login(), again())
def _(front, app):
    class ShopConfiguration(front.Configuration):
        def set_generate_refresh_token(self):
            return lambda: "made-by-the-configuration"

    shop(**ON, configuration_class=ShopConfiguration)(front, app)


@here.scenario("generated-in-subclass", login(), again())
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def store_refresh_token(
            self, user_id, refresh_token, *args, **kwargs
        ):
            hooks.store_refresh_token(user_id, refresh_token)

        async def retrieve_refresh_token(self, user_id, *args, **kwargs):
            return hooks.retrieve_refresh_token(user_id)

        async def retrieve_user(self, request, payload, *args, **kwargs):
            return hooks.retrieve_user(request, payload)

        async def generate_refresh_token(self, request, user):
            token = "made-by-the-subclass"
            await self.store_refresh_token(
                user_id=user["user_id"], refresh_token=token, request=request
            )
            return token

    installed = front.Initialize(
        app,
        authentication_class=ShopAuthentication,
        refresh_token_enabled=True,
        secret=SECRET,
    )
    usual_pages(front, app, installed)


@here.scenario("subclass-sync", login(), again())
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        def store_refresh_token(self, user_id, refresh_token, *args, **kwargs):
            hooks.store_refresh_token(user_id, refresh_token)

        def retrieve_refresh_token(self, user_id, *args, **kwargs):
            return hooks.retrieve_refresh_token(user_id)

        def retrieve_user(self, request, payload, *args, **kwargs):
            return hooks.retrieve_user(request, payload)

    front.Initialize(
        app,
        authentication_class=ShopAuthentication,
        refresh_token_enabled=True,
        secret=SECRET,
    )


@here.scenario("default-form", login(), get("/form"))
def _(front, app):
    kept = []

    def store_refresh_token(user_id, refresh_token, *args, **kwargs):
        kept.append(refresh_token)

    shop(**{**ON, "store_refresh_token": store_refresh_token})(front, app)

    @app.get("/form")
    async def form(request):
        return json(
            {
                "length": len(kept[0]),
                "hexadecimal": set(kept[0]) <= set("0123456789abcdef"),
            }
        )


@here.scenario("arguments", login(), again(), get("/seen"))
def _(front, app):
    hooks = Hooks(front)
    seen = {}

    def store_refresh_token(*args, **kwargs):
        seen["store"] = [len(args), sorted(kwargs)]
        hooks.store_refresh_token(kwargs["user_id"], kwargs["refresh_token"])

    def retrieve_refresh_token(*args, **kwargs):
        seen["retrieve"] = [len(args), sorted(kwargs)]
        return hooks.retrieve_refresh_token(kwargs["user_id"])

    def retrieve_user(*args, **kwargs):
        seen["user"] = [len(args), sorted(kwargs)]
        return {"user_id": 1, "username": "ada"}

    @app.get("/seen")
    async def page(request):
        return json(seen)

    shop(
        store_refresh_token=store_refresh_token,
        retrieve_refresh_token=retrieve_refresh_token,
        retrieve_user=retrieve_user,
    )(front, app)


def _storing(store, retrieve):
    return shop(
        hooks=("retrieve_user",),
        store_refresh_token=store,
        retrieve_refresh_token=retrieve,
    )


def _raise(**kwargs):
    raise ValueError("store")


_kept = {}


def _keep(user_id, refresh_token, **kwargs):
    _kept[user_id] = refresh_token


here.add(
    "retrieved-as-bytes",
    _storing(_keep, lambda user_id, **kwargs: _kept[user_id].encode()),
    login(),
    again(),
)
here.add(
    "retrieved-as-bytes-not-utf-8",
    _storing(_keep, lambda user_id, **kwargs: b"\xff"),
    login(),
    again(),
)
here.add(
    "retrieved-as-number",
    _storing(_keep, lambda user_id, **kwargs: 7),
    login(),
    again(json={"refresh_token": 7}),
)
here.add(
    "retrieved-as-list",
    _storing(_keep, lambda user_id, **kwargs: [_kept[user_id]]),
    login(),
    again(),
)
here.add("store-raises", _storing(_raise, _raise), login())
here.add("retrieve-raises", _storing(_keep, _raise), login(), again())
here.add(
    "user-gone",
    shop(
        hooks=REFRESH[1:],
        retrieve_user=lambda request, payload: None,
    ),
    login(),
    again(),
)
here.add(
    "user-without-id",
    shop(
        hooks=REFRESH[1:],
        retrieve_user=lambda request, payload: {"username": "ada"},
    ),
    login(),
    again(),
)
here.add(
    "user-raises",
    shop(
        hooks=REFRESH[1:],
        retrieve_user=lambda request, payload: {}["x"],
    ),
    login(),
    again(),
)
