"""Tokens in a header: its name, its prefix, and every way to spell it."""

from ..shop import REFRESH, shop
from ..steps import crafted, get, issued, join, login, post
from ..subject import Subject

here = Subject("header")
SCENARIOS = here.scenarios


def asking(*values):
    """An Authorization header, put together from ``values``."""
    return {"headers": {"authorization": join(*values)}}


SPELLINGS = {
    "missing": {},
    "empty": asking(""),
    "blank": asking(" "),
    "prefix-only": asking("Bearer"),
    "prefix-and-space": asking("Bearer "),
    "token-only": asking(issued()),
    "lower-case": asking("bearer ", issued()),
    "upper-case": asking("BEARER ", issued()),
    "other-scheme": asking("Basic ", issued()),
    "old-django-scheme": asking("JWT ", issued()),
    "two-spaces": asking("Bearer  ", issued()),
    "tab": asking("Bearer\t", issued()),
    "no-space": asking("Bearer", issued()),
    "space-before": asking(" Bearer ", issued()),
    "space-after": asking("Bearer ", issued(), " "),
    "word-after": asking("Bearer ", issued(), " x"),
    "two-tokens": asking("Bearer ", issued(), " ", issued()),
    "comma-list": asking("Bearer ", issued(), ", Bearer ", issued()),
    "quoted": asking('Bearer "', issued(), '"'),
    "header-name-upper-case": {
        "headers": {"AUTHORIZATION": join("Bearer ", issued())}
    },
    "garbage": asking("Bearer xxxx"),
    "three-garbage-parts": asking("Bearer a.b.c"),
}
for label, request in SPELLINGS.items():
    here.add(
        label,
        shop(),
        login(),
        get("/protected", **request),
        get("/auth/verify", **request),
        get("/open", **request),
    )

here.add(
    "other-name",
    shop(authorization_header="x-shop-token"),
    login(),
    get(
        "/protected",
        "new name",
        headers={"x-shop-token": join("Bearer ", issued())},
    ),
    get("/protected", "old name", bearer=issued()),
    get(
        "/auth/verify",
        headers={"X-Shop-Token": join("Bearer ", issued())},
    ),
)
here.add(
    "other-name-upper-case",
    shop(authorization_header="X-Shop-Token"),
    login(),
    get("/protected", headers={"x-shop-token": join("Bearer ", issued())}),
)
here.add(
    "other-prefix",
    shop(authorization_header_prefix="JWT"),
    login(),
    get("/protected", "new prefix", **asking("JWT ", issued())),
    get("/protected", "old prefix", bearer=issued()),
)
for label, prefix in {"empty": "", "none": None}.items():
    here.add(
        f"{label}-prefix",
        shop(authorization_header_prefix=prefix),
        login(),
        get("/protected", "bare", **asking(issued())),
        get("/protected", "prefixed", bearer=issued()),
        get("/auth/verify", "missing"),
        get("/auth/verify", "garbage", **asking("x y z")),
    )
here.add(
    "refresh-prefix",
    shop(
        hooks=REFRESH,
        refresh_token_enabled=True,
        authorization_header_refresh_prefix="Again",
    ),
    login(),
    post(
        "/auth/refresh",
        bearer=issued(),
        json={"refresh_token": issued(key="refresh_token")},
    ),
)
here.add(
    "header-with-query-token",
    shop(),
    login(),
    get("/protected", query={"access_token": issued()}),
)
here.add(
    "header-with-cookie-token",
    shop(),
    login(),
    get("/protected", cookies={"access_token": issued()}),
)
here.add(
    "long-token",
    shop(),
    get("/protected", bearer=crafted(bulk="x" * 20_000)),
)
