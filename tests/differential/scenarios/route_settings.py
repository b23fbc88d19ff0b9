"""Settings that a decorator gives to its own route."""

from sanic.response import json

from ..shop import shop
from ..steps import Now, crafted, get
from ..subject import Subject

here = Subject("protect")
SCENARIOS = here.scenarios


def setting(name, *steps, shop_settings=None, **decorator):
    """A page with settings of its own, and one without."""

    def pages(front, app, installed):
        @app.get("/page")
        @front.protected(**decorator)
        async def page(request):
            return json({"page": True})

        @app.get("/plain")
        @front.protected()
        async def plain(request):
            return json({"plain": True})

    here.add(
        f"setting-{name}",
        shop(pages=pages, **(shop_settings or {})),
        *steps,
    )


def both(label, **request):
    """Ask both pages in the same way."""
    return (
        get("/page", f"{label} own", **request),
        get("/plain", f"{label} plain", **request),
    )


setting(
    "verify-exp",
    *both("expired", bearer=crafted(exp=Now(-1000))),
    verify_exp=False,
)
setting(
    "leeway",
    *both("expired", bearer=crafted(exp=Now(-1000))),
    leeway=2000,
)
setting(
    "header",
    *both("new", headers={"x-token": "Bearer x"}),
    *both("old", bearer=crafted()),
    authorization_header="x-token",
)
setting(
    "prefix",
    *both("new", headers={"authorization": "JWT x"}),
    *both("old", bearer=crafted()),
    authorization_header_prefix="JWT",
)
setting(
    "issuer",
    *both("without", bearer=crafted()),
    *both("with", bearer=crafted(iss="mill")),
    claim_iss="mill",
)
setting(
    "audience",
    *both("without", bearer=crafted()),
    *both("with", bearer=crafted(aud="web")),
    claim_aud="web",
)
setting(
    "do-protection",
    *both("without"),
    *both("garbage", bearer="garbage"),
    do_protection=False,
)
setting(
    "do-protection-back-on",
    *both("without"),
    *both("with", bearer=crafted()),
    shop_settings={"do_protection": False},
    do_protection=True,
)
setting(
    "cookie",
    *both("cookie", cookies={"access_token": crafted()}),
    *both("header", bearer=crafted()),
    cookie_set=True,
)
setting(
    "cookie-lax",
    *both("cookie", cookies={"access_token": crafted()}),
    *both("header", bearer=crafted()),
    cookie_set=True,
    cookie_strict=False,
)
setting(
    "query",
    *both("query", query={"access_token": crafted()}),
    *both("header", bearer=crafted()),
    query_string_set=True,
)
setting(
    "debug",
    *both("garbage", bearer="garbage"),
    *both("missing"),
    debug=True,
)
setting(
    "algorithm",
    *both("HS256", bearer=crafted()),
    *both("HS512", bearer=crafted(algorithm="HS512")),
    algorithm="HS512",
)
setting(
    "secret",
    *both("shop's", bearer=crafted()),
    *both("page's", bearer=crafted(secret="p" * 64)),
    secret="p" * 64,
)
setting(
    "callable",
    *both("expired", bearer=crafted(exp=Now(-1000))),
    verify_exp=lambda: False,
)
setting("unknown", *both("good", bearer=crafted()), no_such_setting=True)
