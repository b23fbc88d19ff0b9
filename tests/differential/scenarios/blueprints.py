"""Installing on blueprints, several installations, other prefixes."""

from sanic import Blueprint
from sanic.response import json

from ..shop import REFRESH, AwaitableHooks, Hooks
from ..steps import (
    SECRET,
    call,
    crafted,
    get,
    issued,
    login,
    post,
)
from ..subject import Subject

here = Subject("blueprint")
SCENARIOS = here.scenarios


def page(front, bp, *args, path="/page", decorator=None, name=None):
    """A protected page on a blueprint."""

    @bp.get(path, name=name)
    @(decorator or front.protected(*args))
    async def handler(request):
        return json({"page": True})


def hooks_of(front, names=("authenticate",), awaitable=False):
    """Handlers to pass on."""
    people = (AwaitableHooks if awaitable else Hooks)(front)
    return {name: getattr(people, name) for name in names}


FULL = (
    login("/shop/auth"),
    get("/shop/page", "good", bearer=issued()),
    get("/shop/page", "missing"),
    get("/shop/auth/verify", bearer=issued()),
    call("OPTIONS", "/shop/auth"),
)


@here.scenario("with-prefix", *FULL)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(bp, app=app, secret=SECRET, **hooks_of(front))
    page(front, bp, bp)
    app.blueprint(bp)


@here.scenario("async", *FULL)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(
        bp, app=app, secret=SECRET, **hooks_of(front, awaitable=True)
    )
    page(front, bp, bp)
    app.blueprint(bp)


@here.scenario("registered-first", *FULL)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    page(front, bp, bp)
    app.blueprint(bp)
    front.Initialize(bp, app=app, secret=SECRET, **hooks_of(front))


@here.scenario("without-app", *FULL)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(bp, secret=SECRET, **hooks_of(front))
    page(front, bp, bp)
    app.blueprint(bp)


@here.scenario("by-initialize", *FULL)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    front.initialize(
        bp, hooks_of(front)["authenticate"], app=app, secret=SECRET
    )
    page(front, bp, bp)
    app.blueprint(bp)


@here.scenario(
    "without-prefix",
    login("/auth"),
    get("/page", bearer=issued()),
    get("/page", "missing"),
    get("/auth/verify", bearer=issued()),
)
def _(front, app):
    bp = Blueprint("Shop")
    front.Initialize(bp, app=app, secret=SECRET, **hooks_of(front))
    page(front, bp, bp)
    app.blueprint(bp)


@here.scenario(
    "prefix-given-while-registering",
    login("/shop/auth"),
    get("/shop/page", bearer=issued()),
)
def _(front, app):
    bp = Blueprint("Shop")
    front.Initialize(bp, app=app, secret=SECRET, **hooks_of(front))
    page(front, bp, bp)
    app.blueprint(bp, url_prefix="/shop")


@here.scenario(
    "own-auth-prefix",
    login("/shop/session"),
    get("/shop/session/verify", bearer=issued()),
    get("/shop/page", bearer=issued()),
    call("POST", "/shop/auth", json={}),
)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(
        bp, app=app, secret=SECRET, url_prefix="/session", **hooks_of(front)
    )
    page(front, bp, bp)
    app.blueprint(bp)


@here.scenario(
    "prefix-called-auth",
    login("/auth"),
    login("/auth/auth", "login twice"),
    get("/auth/verify", bearer=issued()),
)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/auth")
    front.Initialize(bp, app=app, secret=SECRET, **hooks_of(front))
    app.blueprint(bp)


@here.scenario(
    "empty-auth-prefix", login("/shop"), get("/shop/verify", bearer=issued())
)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(
        bp, app=app, secret=SECRET, url_prefix="", **hooks_of(front)
    )
    app.blueprint(bp)


@here.scenario(
    "me-and-refresh",
    login("/shop/auth"),
    get("/shop/auth/me", bearer=issued()),
    get("/shop/auth/me", "without token"),
    post(
        "/shop/auth/refresh",
        bearer=issued(),
        json={"refresh_token": issued(key="refresh_token")},
    ),
    post("/shop/auth/refresh", "refresh without token", json={}),
)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(
        bp,
        app=app,
        secret=SECRET,
        refresh_token_enabled=True,
        **hooks_of(front, ("authenticate", *REFRESH)),
    )
    app.blueprint(bp)


@here.scenario(
    "versioned", login("/v2/shop/auth"), get("/v2/shop/page", bearer=issued())
)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop", version=2)
    front.Initialize(bp, app=app, secret=SECRET, **hooks_of(front))
    page(front, bp, bp)
    app.blueprint(bp)


@here.scenario(
    "in-a-group",
    login("/api/shop/auth"),
    get("/api/shop/page", bearer=issued()),
    get("/api/shop/page", "missing"),
)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(bp, app=app, secret=SECRET, **hooks_of(front))
    page(front, bp, bp)
    app.blueprint(Blueprint.group(bp, url_prefix="/api"))


@here.scenario(
    "strict-slashes",
    login("/shop/auth"),
    login("/shop/auth/", "login with slash"),
)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop", strict_slashes=True)
    front.Initialize(bp, app=app, secret=SECRET, **hooks_of(front))
    app.blueprint(bp)


PAGE = (
    get("/shop/page", "good", bearer=crafted()),
    get("/shop/page", "missing"),
    get("/shop/page", "garbage", bearer="garbage"),
)


def decorating(name, decorate, *steps):
    """A page of a blueprint, protected in some way."""

    @here.scenario(f"decorator-{name}", *(steps or PAGE))
    def _(front, app):
        bp = Blueprint("Shop", url_prefix="/shop")
        installed = front.Initialize(
            bp,
            app=app,
            secret=SECRET,
            **hooks_of(front, ("authenticate", "retrieve_user")),
        )
        page(front, bp, decorator=decorate(front, bp, installed))
        app.blueprint(bp)


decorating("positional", lambda f, bp, i: f.protected(bp))
decorating("keyword", lambda f, bp, i: f.protected(initialized_on=bp))
decorating("instance-method", lambda f, bp, i: i.protected())
decorating("forgotten", lambda f, bp, i: f.protected())
decorating("with-settings", lambda f, bp, i: f.protected(bp, verify_exp=False))
SCOPED = (
    get("/shop/page", "good", bearer=crafted(scopes=["a"])),
    get("/shop/page", "without scope", bearer=crafted(scopes=["b"])),
    get("/shop/page", "missing"),
)
decorating(
    "scoped", lambda f, bp, i: f.scoped("a", initialized_on=bp), *SCOPED
)
decorating("scoped-instance-method", lambda f, bp, i: i.scoped("a"), *SCOPED)


@here.scenario(
    "inject-user",
    get("/shop/positional", bearer=crafted()),
    get("/shop/keyword", bearer=crafted()),
    get("/shop/method", bearer=crafted()),
    get("/shop/method", "without token"),
)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    installed = front.Initialize(
        bp,
        app=app,
        secret=SECRET,
        **hooks_of(front, ("authenticate", "retrieve_user")),
    )

    @bp.get("/positional")
    @front.inject_user(bp)
    async def positional(request, user):
        return json({"user": user})

    @bp.get("/keyword")
    @front.inject_user(initialized_on=bp)
    async def keyword(request, user):
        return json({"user": user})

    @bp.get("/method")
    @installed.inject_user()
    @installed.protected()
    async def method(request, user):
        return json({"user": user})

    app.blueprint(bp)


@here.scenario(
    "page-of-another-blueprint",
    login("/auth"),
    get("/other/page", bearer=issued()),
    get("/other/page", "missing"),
)
def _(front, app):
    front.Initialize(app, secret=SECRET, **hooks_of(front))
    bp = Blueprint("Other", url_prefix="/other")
    page(front, bp)
    app.blueprint(bp)


@here.scenario(
    "auth-of-the-blueprint",
    get("/shop/token"),
    get("/shop/page", bearer=issued("GET /shop/token")),
)
def _(front, app):
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(bp, app=app, secret=SECRET, **hooks_of(front))
    page(front, bp, bp)

    @bp.get("/token")
    async def token(request):
        made = await bp.ctx.auth.generate_access_token({"user_id": 4})
        return json({"access_token": made})

    app.blueprint(bp)


@here.scenario(
    "settings-of-the-app",
    login("/shop/auth", "login"),
    get("/shop/page", bearer=issued(key="jwt")),
)
def _(front, app):
    app.config.SANIC_JWT_SECRET = SECRET
    app.config.SANIC_JWT_ACCESS_TOKEN_NAME = "jwt"
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(bp, app=app, **hooks_of(front))
    page(front, bp, bp)
    app.blueprint(bp)
