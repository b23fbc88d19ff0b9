"""The ``debug`` setting: how much a reason says."""

from ..shop import REFRESH, SCOPES, scoped_pages, shop
from ..steps import (
    OTHER_SECRET,
    Now,
    crafted,
    get,
    issued,
    login,
    post,
)
from ..subject import Subject

here = Subject("debug")
SCENARIOS = here.scenarios

TOKENS = {
    "good": {"bearer": crafted()},
    "missing": {},
    "malformed-header": {"headers": {"authorization": "x"}},
    "garbage": {"bearer": "garbage"},
    "three-parts": {"bearer": "a.b.c"},
    "expired": {"bearer": crafted(exp=Now(-1000))},
    "future": {"bearer": crafted(nbf=Now(1000))},
    "other-secret": {"bearer": crafted(secret=OTHER_SECRET)},
    "other-algorithm": {"bearer": crafted(algorithm="HS384")},
    "audience": {"bearer": crafted(aud="web")},
    "issued-later": {"bearer": crafted(iat=Now(1000))},
}
for label, request in TOKENS.items():
    here.add(
        label,
        shop(debug=True),
        get("/protected", **request),
        get("/auth/verify", **request),
    )
here.add(
    "issuer",
    shop(debug=True, claim_iss="shop"),
    get("/protected", "other", bearer=crafted(iss="mill")),
    get("/protected", "missing", bearer=crafted()),
    get("/auth/verify", "verify other", bearer=crafted(iss="mill")),
    get("/auth/verify", "verify missing", bearer=crafted()),
)
here.add(
    "cookie",
    shop(debug=True, cookie_set=True),
    get("/protected", "missing"),
    get("/protected", "garbage", cookies={"access_token": "garbage"}),
    get("/auth/verify", "verify missing"),
)
here.add(
    "query",
    shop(debug=True, query_string_set=True),
    get("/protected", "missing"),
    get("/protected", "garbage", query={"access_token": "garbage"}),
    get("/auth/verify", "verify missing"),
)
here.add(
    "scopes",
    shop(debug=True, hooks=SCOPES, pages=scoped_pages),
    login(),
    get("/delete", bearer=issued()),
    get("/delete", "missing"),
)
here.add(
    "refresh",
    shop(debug=True, hooks=REFRESH),
    login(),
    post(
        "/auth/refresh",
        "good",
        bearer=issued(),
        json={"refresh_token": issued(key="refresh_token")},
    ),
    post(
        "/auth/refresh",
        "wrong",
        bearer=issued(),
        json={"refresh_token": "wrong"},
    ),
    post("/auth/refresh", "missing"),
)
here.add(
    "login",
    shop(debug=True),
    login(name="wrong", json={"username": "ada", "password": "x"}),
)
here.add(
    "me",
    shop(debug=True, hooks=("retrieve_user",)),
    login(),
    get("/auth/me", bearer=issued()),
    get("/auth/me", "missing"),
)
here.add(
    "extra-verification",
    shop(debug=True, extra_verifications=[lambda payload: False]),
    get("/protected", bearer=crafted()),
    get("/auth/verify", bearer=crafted()),
)
