"""``/refresh`` and the handlers that keep refresh tokens."""

from ..table import Row, step
from .wording import (
    ADA,
    BODY_REFUSED,
    LOGIN_FAILED,
    OUR_WORDS,
    refused,
)

ROWS = (
    Row(
        when="A refresh without a body, or with one that is not an object",
        before="500",
        after="400",
        reason="R8",
        scenarios=("refresh/bodies",),
        changes=(
            step(
                "no body",
                status=400,
                body=refused(OUR_WORDS, "MissingAuthorizationHeader"),
            ),
            step("list body", "text body", status=400, body=BODY_REFUSED),
            step("malformed", body=BODY_REFUSED),
        ),
    ),
    Row(
        when="A refresh without a refresh token",
        before='"Authorization ... not present.", as without an access token',
        after="the reason names the refresh token, and where to send it",
        reason="clients looked for a fault in their header",
        scenarios=(
            "refresh/bodies",
            "refresh/nothing-stored",
            "cookie/refresh-token-missing",
            "cookie/refresh-token-in-body",
            "query/refresh-missing",
        ),
        changes=(
            *(
                step(
                    "*",
                    was={
                        "body": refused(
                            f"Authorization {place} not present.", error
                        )
                    },
                    body=refused(OUR_WORDS, error),
                )
                for place, error in (
                    ("header", "MissingAuthorizationHeader"),
                    ("cookie", "MissingAuthorizationCookie"),
                    ("query argument", "MissingAuthorizationQueryArg"),
                )
            ),
        ),
    ),
    Row(
        when="A refresh token that is not text",
        before="compared as it is: 401, or 200 if the store holds a number",
        after="400",
        reason="R8",
        scenarios=("refresh/bodies", "refresh/retrieved-as-number"),
        changes=(
            step(
                "number",
                "list",
                "dict",
                "refresh",
                status=400,
                body=BODY_REFUSED,
            ),
        ),
    ),
    Row(
        when="A refresh token in a form",
        before="400: the body must be JSON",
        after="read like JSON (here it is a wrong one: 401)",
        reason="reported by users of 1.8.0",
        scenarios=("refresh/bodies",),
        changes=(step("form", status=401, body=LOGIN_FAILED),),
    ),
    Row(
        when="The store returns bytes that are not UTF-8",
        before="500",
        after="401",
        reason="T18",
        scenarios=("refresh/retrieved-as-bytes-not-utf-8",),
        changes=(step("refresh", status=401, body=LOGIN_FAILED),),
    ),
    Row(
        when="The refresh token made by default",
        before="48 hexadecimal digits, 192 random bits",
        after="43 URL-safe characters, 256 random bits",
        reason="R5",
        scenarios=("refresh/default-form",),
        changes=(
            step("GET /form", body={"length": 43, "hexadecimal": False}),
        ),
    ),
    Row(
        when="A `generate_refresh_token` that takes any arguments",
        before="called without any",
        after="called with the request and the user",
        reason="a hook is given what it has room for",
        scenarios=("refresh/generated-by-stars",),
        changes=(
            step(
                "login",
                body={"access_token": ADA, "refresh_token": "stars-0-2"},
            ),
        ),
    ),
    Row(
        when="A `retrieve_user` that takes any arguments, at `/refresh`",
        before="the payload comes as a keyword",
        after="the payload comes second, as at `/me`",
        reason="one way to call a hook",
        scenarios=("refresh/arguments",),
        changes=(
            step(
                "GET /seen",
                body={
                    "store": [0, ["refresh_token", "request", "user_id"]],
                    "user": [2, []],
                    "retrieve": [0, ["request", "user_id"]],
                },
            ),
        ),
    ),
    Row(
        when="Refresh is on without `retrieve_user`",
        before="every refresh answers 500 `RefreshTokenNotImplemented`",
        after="a warning at install; every refresh answers 404 "
        "`MeEndpointNotSetup`",
        reason="T18",
        scenarios=("refresh/without-retrieve-user",),
        changes=(
            step(
                "refresh",
                status=404,
                body=refused(OUR_WORDS, "MeEndpointNotSetup"),
            ),
        ),
    ),
    Row(
        when="`generate_refresh_token()` in code, without a store",
        before="`RefreshTokenNotImplemented`",
        after="the same, and it says which hooks are missing",
        reason="the words are ours",
        scenarios=("api/generate-refresh-token-without-store",),
        changes=(
            step(
                "GET /use",
                body=refused(OUR_WORDS, "RefreshTokenNotImplemented"),
            ),
        ),
    ),
    Row(
        when="What `retrieve_refresh_token` is given, if it has room",
        before="`request`, `user_id`",
        after="`refresh_token` too, the one that the request presents",
        reason="applications that store hashes need it",
        scenarios=("refresh/arguments",),
        changes=(
            step(
                "GET /seen",
                body={
                    "store": [0, ["refresh_token", "request", "user_id"]],
                    "user": [2, []],
                    "retrieve": [0, ["refresh_token", "request", "user_id"]],
                },
            ),
        ),
    ),
)
