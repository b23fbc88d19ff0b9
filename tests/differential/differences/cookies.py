"""Cookies that 1.8.0 cannot set on current Sanic."""

from typing import Any

from ..table import Row, step
from .wording import ADA, BROKEN

HALF = {"unsigned half": ADA["token"]}


def cookie(value: Any = ADA, **attributes: Any) -> dict[str, Any]:
    """A cookie with the usual attributes; ``None`` takes one away."""
    usual = {"path": "/", "httponly": True, "samesite": "lax"}
    given = {**usual, **attributes}
    return {
        "value": value,
        **{k: v for k, v in given.items() if v is not None},
    }


def row(
    when: str,
    after: str,
    scenario: str,
    name: str = "login",
    body: Any = None,
    **cookies: Any,
) -> Row:
    """A log-in or refresh that sets cookies."""
    return Row(
        when=when,
        before="500",
        after=after,
        reason=BROKEN,
        scenarios=(scenario,),
        changes=(
            step(
                name,
                was={"status": 500},
                status=200,
                body=body or {"access_token": ADA},
                cookies=cookies,
            ),
        ),
    )


BOTH = {"access_token": ADA, "refresh_token": "<random>"}
SPLIT = {
    "access_token": cookie(HALF, httponly=None),
    "access_token_signature": cookie("<random>"),
}

ROWS = (
    row(
        "Log-in with `cookie_set`",
        "the token in the body and in a cookie",
        "cookie/set-default",
        access_token=cookie(),
    ),
    row(
        "The same, falling back (`cookie_strict=False`)",
        "the token in the body and in a cookie",
        "cookie/set-lax",
        access_token=cookie(),
    ),
    row(
        "`cookie_access_token_name`",
        "a cookie of that name",
        "cookie/set-other-name",
        shop=cookie(),
    ),
    row(
        "`cookie_domain`",
        "a cookie with that domain",
        "cookie/set-domain",
        access_token=cookie(domain="shop.test"),
    ),
    row(
        "`cookie_path`",
        "a cookie with that path",
        "cookie/set-path",
        access_token=cookie(path="/shop"),
    ),
    row(
        "`cookie_httponly=False`",
        "a cookie that scripts can read",
        "cookie/set-not-httponly",
        access_token=cookie(httponly=None),
    ),
    row(
        "`cookie_secure`",
        "a `Secure` cookie",
        "cookie/set-secure",
        access_token=cookie(secure=True),
    ),
    row(
        "`cookie_samesite`",
        "a cookie with that attribute",
        "cookie/set-samesite-strict",
        access_token=cookie(samesite="strict"),
    ),
    row(
        '`cookie_samesite="None"`',
        "a cookie with that attribute",
        "cookie/set-samesite-none",
        access_token=cookie(samesite="none", secure=True),
    ),
    row(
        "`cookie_samesite=None`",
        "a cookie without the attribute",
        "cookie/set-samesite-off",
        access_token=cookie(samesite=None),
    ),
    row(
        "`cookie_max_age`",
        "a cookie with that age",
        "cookie/set-max-age",
        access_token=cookie(**{"max-age": "3600"}),
    ),
    row(
        "`cookie_expires`",
        "a cookie with that date",
        "cookie/set-expires",
        access_token=cookie(expires="Mon, 02-Jan-2040 03:04:05 GMT"),
    ),
    row(
        "`cookie_split`",
        "header and payload for scripts, the signature `HttpOnly`",
        "cookie/set-split",
        **SPLIT,
    ),
    row(
        "`cookie_split` with names",
        "cookies of these names",
        "cookie/set-split-names",
        shop=SPLIT["access_token"],
        seal=SPLIT["access_token_signature"],
    ),
    row(
        "`cookie_split` and `cookie_httponly=False`",
        "the signature stays `HttpOnly`",
        "cookie/set-split-not-httponly",
        **SPLIT,
    ),
    row(
        "Log-in with cookies and refresh tokens",
        "two cookies, and both tokens in the body",
        "cookie/set-refresh",
        body=BOTH,
        access_token=cookie(),
        refresh_token=cookie("<random>"),
    ),
    row(
        "`cookie_refresh_token_name`",
        "a cookie of that name",
        "cookie/set-refresh-names",
        body=BOTH,
        access_token=cookie(),
        again=cookie("<random>"),
    ),
    row(
        "Refresh with cookies",
        "a new access token, in the body and in a cookie",
        "cookie/refresh-read",
        name="refresh",
        access_token=cookie(),
    ),
    row(
        "Refresh with cookies of other names",
        "the same",
        "cookie/refresh-other-names",
        name="refresh",
        a=cookie(),
    ),
    row(
        "Refresh with split cookies",
        "the same",
        "cookie/refresh-split",
        name="refresh",
        **SPLIT,
    ),
    Row(
        when="Refresh with the access token in a cookie and the refresh "
        "token in the body, falling back",
        before="400: the body is only read beside a header",
        after="works",
        reason="the body needs no header beside it",
        scenarios=("cookie/refresh-lax-token-in-body-without-header",),
        changes=(
            step(
                "refresh",
                status=200,
                body={"access_token": ADA},
                cookies={"access_token": cookie()},
            ),
        ),
    ),
)
