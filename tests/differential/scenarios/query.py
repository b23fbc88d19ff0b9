"""Tokens in the query string, strict and falling back."""

from ..shop import REFRESH, shop
from ..steps import crafted, get, issued, login, post
from ..subject import Subject

here = Subject("query")
SCENARIOS = here.scenarios

ON = {"query_string_set": True}
LAX = {"query_string_set": True, "query_string_strict": False}


def trio(name, build, **request):
    """Ask the protected page and ``/verify`` in the same way."""
    here.add(
        name,
        build,
        get("/make", "login"),
        get("/protected", **request),
        get("/auth/verify", **request),
        get("/payload", **request),
    )


def asking(token=None, name="access_token"):
    """The request's query string."""
    return {"query": {name: issued() if token is None else token}}


trio("read", shop(**ON), **asking())
trio("strict-missing", shop(**ON))
trio("strict-empty", shop(**ON), **asking(""))
trio("strict-garbage", shop(**ON), **asking("garbage"))
trio("strict-expired", shop(**ON), **asking(crafted(exp=1)))
trio("strict-header-ignored", shop(**ON), bearer=issued())
trio("lax-read", shop(**LAX), **asking())
trio("lax-header", shop(**LAX), bearer=issued())
trio("lax-missing", shop(**LAX))
trio("lax-both", shop(**LAX), bearer=crafted(user_id=2), **asking())
trio(
    "other-name",
    shop(**ON, query_string_access_token_name="t"),
    **asking(name="t"),
)
trio("old-name", shop(**ON, query_string_access_token_name="t"), **asking())
trio(
    "twice",
    shop(**ON),
    query={"access_token": [issued(), "garbage"]},
)
trio("off", shop(), **asking())
trio(
    "lax-cookie-then-query",
    shop(cookie_set=True, cookie_strict=False, **ON),
    **asking(),
)
trio(
    "lax-cookie-lax-query-then-header",
    shop(cookie_set=True, cookie_strict=False, **LAX),
    bearer=crafted(),
)
trio(
    "strict-cookie-hides-query",
    shop(cookie_set=True, **ON),
    **asking(crafted()),
)


def refreshing(name, query, **settings):
    """A refresh with both tokens in the query string."""
    here.add(
        f"refresh-{name}",
        shop(
            hooks=REFRESH,
            refresh_token_enabled=True,
            **{**ON, **settings},
        ),
        login(),
        post("/auth/refresh", "refresh", query=query),
    )


REFRESH_TOKEN = issued(key="refresh_token")
refreshing("read", {"access_token": issued(), "refresh_token": REFRESH_TOKEN})
refreshing(
    "other-names",
    {"a": issued(), "r": REFRESH_TOKEN},
    query_string_access_token_name="a",
    query_string_refresh_token_name="r",
)
refreshing("missing", {"access_token": issued()})
refreshing("wrong", {"access_token": issued(), "refresh_token": "wrong"})
