"""Scopes: asking, granting, matching, and the hooks around them."""

from sanic.response import json
from sanic.views import HTTPMethodView

from ..shop import SCOPES, Hooks, scoped_page, scoped_pages, shop
from ..steps import BOB, SECRET, call, crafted, get, issued, login
from ..subject import Subject

here = Subject("scope")
SCENARIOS = here.scenarios

PAGES = tuple(
    get(f"/{name}", bearer=issued())
    for name in (
        "read",
        "read-write",
        "orders",
        "delete",
        "stock",
        "stock-count",
        "public",
    )
)
ON = {"hooks": SCOPES, "pages": scoped_pages}

here.add("sync", shop(**ON), login(), *PAGES)
here.add("async", shop(**ON, awaitable=True), login(), *PAGES)
here.add("other-user", shop(**ON), login(json=BOB), *PAGES)
here.add("enabled-too", shop(**ON, scopes_enabled=True), login(), *PAGES)
here.add(
    "other-name",
    shop(**ON, scopes_name="rights"),
    login(),
    *PAGES,
    get("/read", "old name", bearer=crafted(scopes=["orders:read"])),
)
here.add("not-enabled", shop(pages=scoped_pages), login(), *PAGES)
here.add(
    "not-enabled-but-in-token",
    shop(pages=scoped_pages),
    get("/read", bearer=crafted(scopes=["orders:read"])),
)
here.add(
    "tokens",
    shop(**ON),
    get("/read", "missing"),
    get("/read", "garbage", bearer="garbage"),
    get("/read", "expired", bearer=crafted(exp=1, scopes=["orders:read"])),
    call("OPTIONS", "/read"),
)
here.add("enabled-without-hook", shop(scopes_enabled=True))

CLAIMS = {
    "text": "orders:read",
    "empty": [],
    "null-inside": [None],
    "null-and-good": [None, "orders:read"],
    "number": 7,
    "true": True,
    "false": False,
    "numbers-inside": [7],
    "list-inside": [["orders:read"]],
    "dict": {"orders:read": True},
    "dict-inside": [{"orders": "read"}],
    "empty-text": "",
    "empty-text-inside": [""],
    "deep": [[[[[]]]]],
}
for label, claim in CLAIMS.items():
    here.add(
        f"claim-{label}",
        shop(**ON),
        get("/read", bearer=crafted(scopes=claim)),
        get("/orders", bearer=crafted(scopes=claim)),
    )

for label, claim in {
    "words": "openid orders:read",
    "one-word": "orders:read",
    "longer-word": "orders:reader",
    "empty": "",
}.items():
    here.add(
        f"string-claim-{label}",
        shop(**ON, scopes_name="scope"),
        get("/read", bearer=crafted(scope=claim)),
    )

for label, granted in {
    "text": "orders:read",
    "tuple": ("orders:read",),
    "none": None,
    "empty": [],
    "none-inside": [None],
    "number": 7,
    "set": {"orders:read"},
}.items():
    here.add(
        f"granted-{label}",
        shop(
            add_scopes_to_payload=lambda user, granted=granted: granted,
            pages=scoped_pages,
        ),
        login(),
        get("/read", bearer=issued()),
    )


@here.scenario(
    "override-arguments",
    get("/page", bearer=crafted(scopes=["a:read:write", "b", None])),
    get("/seen"),
)
def _(front, app):
    seen = []

    def override_scope_validator(*args, **kwargs):
        seen.append([list(args), sorted(kwargs)])
        return True

    shop(
        hooks=SCOPES,
        override_scope_validator=override_scope_validator,
    )(front, app)
    scoped_page(front, app, "/page", "c:read")

    @app.get("/seen")
    async def page(request):
        return json(seen)


@here.scenario(
    "hooks-in-subclass",
    login(),
    get("/page", bearer=issued()),
    get("/other", bearer=issued()),
)
def _(front, app):
    hooks = Hooks(front)

    class ShopAuthentication(front.Authentication):
        async def authenticate(self, request, *args, **kwargs):
            return hooks.authenticate(request)

        async def add_scopes_to_payload(self, user, *args, **kwargs):
            return ["a:read"]

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

        async def destructure_scopes(self, scopes, *args, **kwargs):
            return scopes.replace("|", ":")

    front.Initialize(
        app,
        authentication_class=ShopAuthentication,
        scopes_enabled=True,
        secret=SECRET,
    )
    scoped_page(front, app, "/page", "a|read")
    scoped_page(front, app, "/other", "public")


@here.scenario("sync-handler", get("/page", bearer=crafted(scopes=["a"])))
def _(front, app):
    shop(hooks=SCOPES)(front, app)

    @app.get("/page")
    @front.scoped("a")
    def page(request):
        return json({"scoped": True})


@here.scenario(
    "with-protected-and-user",
    get("/page", bearer=crafted(scopes=["a"])),
    get("/page", "without scope", bearer=crafted(scopes=["b"])),
    get("/page", "without token"),
)
def _(front, app):
    shop(hooks=(*SCOPES, "retrieve_user"))(front, app)

    @app.get("/page")
    @front.inject_user()
    @front.protected()
    @front.scoped("a")
    async def page(request, user):
        return json({"user": user})


@here.scenario(
    "by-instance-method",
    get("/page", bearer=crafted(scopes=["a"])),
    get("/page", "without scope", bearer=crafted(scopes=["b"])),
)
def _(front, app):
    def pages(front, app, installed):
        @app.get("/page")
        @installed.scoped("a")
        async def page(request):
            return json({"scoped": True})

    shop(hooks=SCOPES, pages=pages)(front, app)


@here.scenario(
    "outside-of-a-list",
    get("/page", "one scope", bearer=crafted(scopes=["a"])),
)
def _(front, app):
    shop(hooks=SCOPES)(front, app)

    @app.get("/page")
    @front.scoped("a", "b")
    async def page(request):
        return json({"scoped": True})


@here.scenario("handler-raises", get("/page", bearer=crafted(scopes=["a"])))
def _(front, app):
    shop(hooks=SCOPES)(front, app)

    @app.get("/page")
    @front.scoped("a")
    async def page(request):
        raise AttributeError("mine")


@here.scenario(
    "options-of-the-route",
    call("OPTIONS", "/page"),
    call("OPTIONS", "/page", "with scope", bearer=crafted(scopes=["a"])),
    call("OPTIONS", "/page", "without scope", bearer=crafted(scopes=["b"])),
)
def _(front, app):
    shop(hooks=SCOPES)(front, app)

    @app.route("/page", methods=["GET", "OPTIONS"])
    @front.scoped("a")
    async def page(request):
        return json({"content": "secret"})


@here.scenario(
    "decorator-settings",
    get("/page", "expired", bearer=crafted(exp=1, scopes=["a"])),
    get(
        "/page",
        "other header",
        headers={"x-token": crafted(exp=1, scopes=["a"])},
    ),
)
def _(front, app):
    shop(hooks=SCOPES)(front, app)
    scoped_page(front, app, "/page", "a", verify_exp=False)


@here.scenario(
    "redirect-on-fail",
    get("/page", "without token"),
    get("/page", "without scope", bearer=crafted(scopes=["b"])),
    get("/page", "with scope", bearer=crafted(scopes=["a"])),
)
def _(front, app):
    shop(hooks=SCOPES)(front, app)
    scoped_page(
        front, app, "/page", "a", redirect_on_fail=True, redirect_url="/in"
    )


VIEW = (
    get("/page", "good", bearer=crafted(scopes=["a"])),
    get("/page", "without scope", bearer=crafted(scopes=["b"])),
    get("/page", "without token"),
)


@here.scenario("view", *VIEW)
def _(front, app):
    shop(hooks=SCOPES)(front, app)

    class Page(HTTPMethodView):
        decorators = [front.scoped("a")]

        async def get(self, request):
            return json({"scoped": True})

    app.add_route(Page.as_view(), "/page")


@here.scenario("view-method", *VIEW)
def _(front, app):
    shop(hooks=SCOPES)(front, app)

    class Page(HTTPMethodView):
        @front.scoped("a")
        async def get(self, request):
            return json({"scoped": True})

    app.add_route(Page.as_view(), "/page")
