"""Several installations, and where one puts its endpoints."""

from sanic import Blueprint

from ..shop import REFRESH
from ..steps import (
    OTHER_SECRET,
    SECRET,
    crafted,
    get,
    issued,
    login,
    post,
)
from ..subject import Subject
from .blueprints import hooks_of, page

here = Subject("blueprint")
SCENARIOS = here.scenarios


# Several installations.
@here.scenario(
    "app-and-blueprint",
    login("/auth"),
    login("/shop/auth", "shop login"),
    get("/page", bearer=issued()),
    get("/shop/page", bearer=issued("shop login", "shop_token")),
    get("/shop/page", "app's token", bearer=issued()),
)
def _(front, app):
    front.Initialize(app, secret=SECRET, **hooks_of(front))
    bp = Blueprint("Shop", url_prefix="/shop")
    front.Initialize(
        bp,
        app=app,
        secret=OTHER_SECRET,
        access_token_name="shop_token",
        **hooks_of(front),
    )
    page(front, bp, bp)
    page(front, app, name="app_page")
    app.blueprint(bp)


@here.scenario(
    "two-blueprints",
    login("/a/auth", "a"),
    login("/b/auth", "b"),
    get("/a/page", "a with a", bearer=issued("a", "mytoken")),
    get("/b/page", "b with b", bearer=issued("b", "yourtoken")),
    get("/b/page", "b with a", bearer=issued("a", "mytoken")),
)
def _(front, app):
    for name, token, secret in (
        ("a", "mytoken", SECRET),
        ("b", "yourtoken", OTHER_SECRET),
    ):
        bp = Blueprint(name, url_prefix=f"/{name}")
        front.Initialize(
            bp,
            app=app,
            secret=secret,
            access_token_name=token,
            **hooks_of(front),
        )
        page(front, bp, bp)
        app.blueprint(bp)


@here.scenario("twice-on-one-app", login("/auth"), login("/again", "again"))
def _(front, app):
    front.Initialize(app, secret=SECRET, **hooks_of(front))
    front.Initialize(
        app,
        secret=SECRET,
        url_prefix="/again",
        blueprint_name="again",
        **hooks_of(front),
    )


@here.scenario(
    "protected-by-two",
    get("/page", "first", bearer=crafted()),
    get("/page", "second", bearer=crafted(secret=OTHER_SECRET)),
)
def _(front, app):
    front.Initialize(app, secret=SECRET, **hooks_of(front))
    page(front, app)


# On the application.
@here.scenario(
    "app-prefix",
    login("/session"),
    get("/session/verify", bearer=issued()),
    get("/auth/verify", bearer=issued()),
)
def _(front, app):
    front.Initialize(
        app, secret=SECRET, url_prefix="/session", **hooks_of(front)
    )


@here.scenario(
    "app-prefix-deep",
    login("/api/v1/session"),
    get("/api/v1/session/verify", bearer=issued()),
)
def _(front, app):
    front.Initialize(
        app, secret=SECRET, url_prefix="/api/v1/session", **hooks_of(front)
    )


@here.scenario("app-prefix-empty", login("/"), get("/verify", bearer=issued()))
def _(front, app):
    front.Initialize(app, secret=SECRET, url_prefix="", **hooks_of(front))


@here.scenario(
    "app-paths",
    login("/auth/in"),
    get("/auth/check", bearer=issued()),
    get("/auth/whoami", bearer=issued()),
    post(
        "/auth/again",
        bearer=issued(),
        json={"refresh_token": issued(key="refresh_token")},
    ),
    post("/auth", "old login", json={}),
)
def _(front, app):
    front.Initialize(
        app,
        secret=SECRET,
        path_to_authenticate="/in",
        path_to_verify="/check",
        path_to_retrieve_user="/whoami",
        path_to_refresh="/again",
        **hooks_of(front, ("authenticate", *REFRESH)),
    )


@here.scenario(
    "app-strict-slashes",
    login("/auth", "login"),
    login("/auth/", "login with slash"),
    get("/auth/verify/", bearer=crafted()),
    get("/auth/verify", "verify", bearer=crafted()),
)
def _(front, app):
    front.Initialize(
        app, secret=SECRET, strict_slashes=True, **hooks_of(front)
    )


@here.scenario("app-blueprint-name", login())
def _(front, app):
    front.Initialize(
        app, secret=SECRET, blueprint_name="sessions", **hooks_of(front)
    )
    return sorted(app.blueprints)


@here.scenario("app-route-names")
def _(front, app):
    hooks = hooks_of(front, ("authenticate", *REFRESH))
    front.Initialize(app, secret=SECRET, **hooks)
    return {
        name: app.url_for(f"auth_bp.{name}")
        for name in (
            "AuthenticateEndpoint",
            "RetrieveUserEndpoint",
            "VerifyEndpoint",
            "RefreshEndpoint",
        )
    }
