"""``redirect_on_fail``: pages that send away whom they refuse."""

from sanic.response import html, json

from ..shop import shop
from ..steps import Now, crafted, get
from ..subject import Subject

here = Subject("protect")
SCENARIOS = here.scenarios

ALL = (
    get("/page", "good", bearer=crafted()),
    get("/page", "missing"),
    get("/page", "garbage", bearer="garbage"),
    get("/page", "expired", bearer=crafted(exp=Now(-1000))),
)


def redirecting(name, settings, *steps, **decorator):
    """A page that redirects whom it refuses."""

    def pages(front, app, installed):
        @app.get("/page")
        @front.protected(**decorator)
        async def page(request):
            return json({"page": True})

        @app.get("/index.html")
        async def index(request):
            return html("<h1>Home</h1>")

    here.add(
        f"redirect-{name}", shop(pages=pages, **settings), *(steps or ALL)
    )


redirecting("default-url", {}, redirect_on_fail=True)
redirecting(
    "url-of-the-shop", {"login_redirect_url": "/in"}, redirect_on_fail=True
)
redirecting(
    "url-of-the-page",
    {"login_redirect_url": "/in"},
    redirect_on_fail=True,
    redirect_url="/here",
)
redirecting("url-none", {}, redirect_on_fail=True, redirect_url=None)
redirecting(
    "shop-url-none", {"login_redirect_url": None}, redirect_on_fail=True
)
redirecting("off", {"login_redirect_url": "/in"}, redirect_on_fail=False)
redirecting(
    "login-url-as-decorator-setting",
    {},
    redirect_on_fail=True,
    login_redirect_url="/other",
)
redirecting("debug", {"debug": True}, redirect_on_fail=True)
