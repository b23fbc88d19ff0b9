"""Tokens in cookies: whole and split, strict and falling back, set and read.

1.8.0 cannot set a cookie on current Sanic, so what is read is made by a
route of the application.
"""

import datetime

from sanic.response import json

from ..shop import REFRESH, shop, usual_pages
from ..steps import (
    crafted,
    edited,
    get,
    issued,
    join,
    login,
    post,
)
from ..subject import Subject

here = Subject("cookie")
SCENARIOS = here.scenarios

MAKE = get("/make", "login")
HALF = edited(issued(), lambda t: t.rpartition(".")[0])
SIGNATURE = edited(issued(), lambda t: t.rpartition(".")[2])


def access(token=None, name="access_token"):
    """The request's cookies, with the token in one of them."""
    return {"cookies": {name: issued() if token is None else token}}


def trio(name, build, **request):
    """Ask the protected page and ``/verify`` in the same way."""
    here.add(
        name,
        build,
        MAKE,
        get("/protected", **request),
        get("/auth/verify", **request),
        get("/payload", **request),
    )


ON = {"cookie_set": True}
LAX = {"cookie_set": True, "cookie_strict": False}
SPLIT = {"cookie_set": True, "cookie_split": True}

trio("read", shop(**ON), **access())
trio(
    "read-beside-others",
    shop(**ON),
    cookies={"a": "1", "access_token": issued(), "z": "2"},
)
trio("strict-missing", shop(**ON))
trio("strict-header-ignored", shop(**ON), bearer=issued())
trio("strict-empty", shop(**ON), **access(""))
trio("strict-garbage", shop(**ON), **access("garbage"))
trio("strict-expired", shop(**ON), **access(crafted(exp=1)))
trio("lax-read", shop(**LAX), **access())
trio("lax-header", shop(**LAX), bearer=issued())
trio("lax-missing", shop(**LAX))
trio(
    "lax-garbage-cookie-and-good-header",
    shop(**LAX),
    bearer=issued(),
    **access("garbage"),
)
trio(
    "lax-cookie-and-header-of-two-users",
    shop(**LAX),
    bearer=crafted(user_id=2),
    **access(),
)
trio(
    "other-name",
    shop(**ON, cookie_access_token_name="shop"),
    **access(name="shop"),
)
trio(
    "other-name-by-alias",
    shop(**ON, cookie_token_name="shop"),
    **access(name="shop"),
)
trio("old-name", shop(**ON, cookie_access_token_name="shop"), **access())
trio(
    "split-read",
    shop(**SPLIT),
    cookies={"access_token": HALF, "access_token_signature": SIGNATURE},
)
trio(
    "split-by-alias",
    shop(cookie_set=True, split_cookie=True),
    cookies={"access_token": HALF, "access_token_signature": SIGNATURE},
)
trio(
    "split-other-name",
    shop(**SPLIT, cookie_split_signature_name="seal"),
    cookies={"access_token": HALF, "seal": SIGNATURE},
)
trio("split-signature-missing", shop(**SPLIT), cookies={"access_token": HALF})
trio(
    "split-signature-empty",
    shop(**SPLIT),
    cookies={"access_token": HALF, "access_token_signature": ""},
)
trio(
    "split-signature-of-another",
    shop(**SPLIT),
    cookies={
        "access_token": HALF,
        "access_token_signature": edited(
            crafted(user_id=2), lambda t: t.rpartition(".")[2]
        ),
    },
)
trio(
    "split-half-missing",
    shop(**SPLIT),
    cookies={"access_token_signature": SIGNATURE},
)
trio("split-whole-token", shop(**SPLIT), **access())
trio(
    "split-lax-header",
    shop(**SPLIT, cookie_strict=False),
    bearer=issued(),
)
trio(
    "split-without-cookie-set",
    shop(cookie_split=True),
    cookies={"access_token": HALF, "access_token_signature": SIGNATURE},
)
trio("off", shop(), **access())

trio(
    "before-query",
    shop(**ON, query_string_set=True),
    query={"access_token": crafted(user_id=2)},
    **access(),
)


def setting(name, *steps, **settings):
    """A log-in that sets cookies."""
    here.add(
        f"set-{name}",
        shop(**{**ON, **settings}),
        login(),
        *steps,
    )


setting("default")
setting("other-name", cookie_access_token_name="shop")
setting("domain", cookie_domain="shop.test")
setting("path", cookie_path="/shop")
setting("not-httponly", cookie_httponly=False)
setting("secure", cookie_secure=True)
setting("samesite-strict", cookie_samesite="Strict")
setting("samesite-none", cookie_samesite="None", cookie_secure=True)
setting("samesite-off", cookie_samesite=None)
setting("max-age", cookie_max_age=3600)
setting(
    "expires",
    cookie_expires=datetime.datetime(
        2040, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc
    ),
)
setting("split", cookie_split=True)
setting(
    "split-names",
    cookie_split=True,
    cookie_access_token_name="shop",
    cookie_split_signature_name="seal",
)
setting("split-not-httponly", cookie_split=True, cookie_httponly=False)
setting("refresh", hooks=REFRESH, refresh_token_enabled=True)
setting(
    "refresh-names",
    hooks=REFRESH,
    refresh_token_enabled=True,
    cookie_refresh_token_name="again",
)
setting("lax", cookie_strict=False)


def refreshing(name, *, cookies=None, json=None, **settings):
    """A refresh with cookies; the log-in is made by a route."""

    def pages(front, app, installed):
        usual_pages(front, app, installed)
        _make_both(front, app)

    here.add(
        f"refresh-{name}",
        shop(
            hooks=REFRESH,
            refresh_token_enabled=True,
            pages=pages,
            **{**ON, **settings},
        ),
        get("/make-both", "login"),
        post("/auth/refresh", "refresh", cookies=cookies or {}, json=json),
    )


def _make_both(front, app):
    @app.get("/make-both")
    async def make_both(request):
        user = {"user_id": 1, "username": "ada"}
        auth = app.ctx.auth
        return json(
            {
                "access_token": await auth.generate_access_token(user),
                "refresh_token": await auth.generate_refresh_token(
                    request, user
                ),
            }
        )


REFRESH_TOKEN = issued(key="refresh_token")
refreshing(
    "read",
    cookies={"access_token": issued(), "refresh_token": REFRESH_TOKEN},
)
refreshing(
    "other-names",
    cookies={"a": issued(), "r": REFRESH_TOKEN},
    cookie_access_token_name="a",
    cookie_refresh_token_name="r",
)
refreshing("token-missing", cookies={"access_token": issued()})
refreshing(
    "token-in-body",
    cookies={"access_token": issued()},
    json={"refresh_token": REFRESH_TOKEN},
)
refreshing(
    "wrong",
    cookies={"access_token": issued(), "refresh_token": "wrong"},
)
refreshing(
    "lax-token-in-body-without-header",
    cookies={"access_token": issued()},
    json={"refresh_token": REFRESH_TOKEN},
    cookie_strict=False,
)
refreshing(
    "split",
    cookies={
        "access_token": HALF,
        "access_token_signature": SIGNATURE,
        "refresh_token": REFRESH_TOKEN,
    },
    cookie_split=True,
)
here.add(
    "me-read",
    shop(**ON, hooks=("retrieve_user",)),
    MAKE,
    get("/auth/me", **access()),
    get("/auth/me", "without cookie"),
    get("/auth/me", "with header", bearer=issued()),
)
here.add(
    "me-lax-header",
    shop(**LAX, hooks=("retrieve_user",)),
    MAKE,
    get("/auth/me", bearer=issued()),
)
here.add(
    "quoted",
    shop(**ON),
    MAKE,
    get("/protected", cookies={"access_token": join('"', issued(), '"')}),
)
here.add(
    "twice",
    shop(**ON),
    MAKE,
    get(
        "/payload",
        "good first",
        headers={
            "cookie": join("access_token=", issued(), "; access_token=garbage")
        },
    ),
    get(
        "/payload",
        "good last",
        headers={
            "cookie": join("access_token=garbage; access_token=", issued())
        },
    ),
)
