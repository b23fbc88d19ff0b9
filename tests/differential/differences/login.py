"""Log-in, users, and what their hooks may return."""

from ..table import Change, Row, step
from .wording import (
    BODY_REFUSED,
    BROKEN,
    LOGIN_FAILED,
    OLD_USER_REFUSED,
    OUR_WORDS,
    refused,
    token,
)

NEW_USER_ERROR = refused(OUR_WORDS, "InvalidRetrieveUserObject")
NO_ME = refused(OUR_WORDS, "MeEndpointNotSetup")


def logged_in(scenario: str = "*", **payload: object) -> list[Change]:
    """A log-in and the page that shows the payload, both working."""
    return [
        step(
            "login",
            on=(scenario,),
            status=200,
            body={"access_token": token(**payload)},
        ),
        step(
            "GET /payload",
            on=(scenario,),
            status=200,
            body={"exp": "now+1800", **payload},
        ),
    ]


ROWS = (
    Row(
        when="`authenticate` returns something that is no user: `None`, "
        "`False`, `True`, text, a number",
        before="500",
        after="401 `AuthenticationFailed`",
        reason="T18",
        scenarios=(
            "login/returns-none",
            "login/returns-false",
            "login/returns-true",
            "login/returns-text",
            "login/returns-number",
            "login/seed-lambda",
        ),
        changes=(step("login", status=401, body=LOGIN_FAILED),),
    ),
    Row(
        when="`authenticate` returns a user without an id",
        before="a token for nobody (`user_id: null`)",
        after="401 `AuthenticationFailed`",
        reason="T14",
        scenarios=(
            "login/id-null",
            "login/id-missing",
            "login/returns-empty-dict",
        ),
        changes=(step("login", status=401, body=LOGIN_FAILED),),
    ),
    Row(
        when="`generate_access_token` for a user without an id",
        before="a token for nobody (`user_id: null`)",
        after="`MissingUserId`, an `InvalidPayload`, is raised",
        reason="T14",
        scenarios=("api/generate-without-id",),
        changes=(
            step(
                "GET /use",
                status=500,
                body=refused(OUR_WORDS, "MissingUserId"),
            ),
        ),
    ),
    Row(
        when="A user object that has the id but no `to_dict`",
        before="500",
        after="accepted at log-in",
        reason="the id is all that a token needs",
        scenarios=("login/bare-object-user",),
        changes=(*logged_in(user_id=7),),
    ),
    Row(
        when="`add_scopes_to_payload` returns a set",
        before="500",
        after="works, in order",
        reason="a set of scopes is what many applications have",
        scenarios=("scope/granted-set",),
        changes=(
            step(
                "login",
                status=200,
                body={
                    "access_token": token(user_id=1, scopes=["orders:read"])
                },
            ),
            step("GET /read", status=200, body={"scoped": True}),
        ),
    ),
    Row(
        when="A value that JSON cannot hold in the payload",
        before="500",
        after="500 `InvalidPayload`; the log names the claim",
        reason="the programmer learns what to change",
        scenarios=("claim/extend-not-json",),
        changes=(
            step(
                "login",
                status=500,
                body=refused(OUR_WORDS, "InvalidPayload"),
            ),
        ),
    ),
    Row(
        when="A user id that is a UUID",
        before="500",
        after="works, as text",
        reason="reported by users of 1.8.0",
        scenarios=("login/id-uuid",),
        changes=(*logged_in(user_id="12345678-1234-5678-1234-567812345678"),),
    ),
    Row(
        when='`user_id="sub"` and an id that is not text',
        before="log-in issues a token that no page accepts; `/verify` 500",
        after="works: the claim is written as text",
        reason="RFC 7519 section 4.1.2, T18",
        scenarios=("login/subject-as-number",),
        changes=(
            *logged_in(sub="8"),
            step("GET /auth/verify", status=200, body={"valid": True}),
        ),
    ),
    Row(
        when="A handler that is a callable object with an async "
        "`__call__`, or a lambda around a coroutine function",
        before="500: whether to wait is guessed from the function",
        after="works: whether to wait is told from what it returns",
        reason="every hook may be sync or async",
        scenarios=("login/async-callable-object", "login/lambda-over-async"),
        changes=(
            *logged_in("login/async-callable-object", user_id="late door"),
            *logged_in("login/lambda-over-async", user_id="hi"),
        ),
    ),
    Row(
        when="A hook raises an error of `exceptions` whose status is a 5xx",
        before="its message is sent",
        after="its message is sent if `debug` is on",
        reason="the client is not the programmer",
        scenarios=("login/raises-base",),
        changes=(step("login", body=refused(OUR_WORDS, "SanicJWTException")),),
    ),
    Row(
        when="A log-in body that is JSON but not an object",
        before="500 in hooks that call `request.json.get`",
        after="400",
        reason="R8, H10",
        scenarios=(
            "login/body-list",
            "login/body-text",
            "login/body-null",
            "login/body-number",
        ),
        changes=(step("login", status=400, body=BODY_REFUSED),),
    ),
    Row(
        when="A log-in body that cannot be parsed",
        before="400, as a page of Sanic's",
        after="400, as the package's JSON",
        reason="H10",
        scenarios=("login/body-malformed", "login/body-not-utf-8"),
        changes=(step("login", body=BODY_REFUSED),),
    ),
    Row(
        when="A log-in without a body",
        before="500 in hooks that call `request.json.get`",
        after="such hooks see an empty object",
        reason="R8",
        scenarios=("login/body-none",),
        changes=(
            step(
                "login",
                status=401,
                body=refused(
                    "Missing username or password.", "AuthenticationFailed"
                ),
            ),
        ),
    ),
    Row(
        when="A method that an endpoint does not have",
        before="405, as a page of Sanic's",
        after="405, as the package's JSON",
        reason="H10",
        scenarios=(
            "login/methods",
            "user/other-methods",
            "refresh/methods",
            "view/class-view",
        ),
        changes=(
            step(
                "GET *",
                "PUT *",
                "POST *",
                "DELETE *",
                was={"status": 405},
                body=refused(OUR_WORDS, "MethodNotAllowed"),
            ),
        ),
    ),
    Row(
        when="The user of a token no longer exists (`retrieve_user` "
        "returns nothing), at `/me`",
        before='200 `{"me": null}`',
        after="401 `AuthenticationFailed`",
        reason="T14",
        scenarios=(
            "user/unknown-user",
            "user/no-user-id",
            "user/hostile-user-id",
            "user/me-none",
            "user/me-false",
            "user/me-empty-dict",
        ),
        changes=(
            step(
                "*",
                was={"status": 200, "body": {"me": None}},
                status=401,
                body=LOGIN_FAILED,
            ),
        ),
    ),
    Row(
        when="The same at a protected handler with `inject_user`",
        before="the handler is called, with `None`",
        after="401 `AuthenticationFailed`",
        reason="T14",
        scenarios=("user/unknown-user", "user/no-user-id"),
        changes=(
            step(
                "GET /user",
                was={"status": 200, "body": {"user": None}},
                status=401,
                body=LOGIN_FAILED,
            ),
        ),
    ),
    Row(
        when="The same at `/refresh`",
        before="500",
        after="401 `AuthenticationFailed`",
        reason="T14, R8",
        scenarios=(
            "refresh/bad-access-tokens",
            "refresh/user-gone",
            "state/expired-token-after-failed-refresh",
        ),
        changes=(
            step(
                "*",
                was={"status": 500, "body": OLD_USER_REFUSED},
                status=401,
                body=LOGIN_FAILED,
            ),
        ),
    ),
    Row(
        when="`retrieve_user` is not defined and `/me` or `inject_user` "
        "needs it",
        before="500 `MeEndpointNotSetup`",
        after="404 `MeEndpointNotSetup`",
        reason="T18",
        scenarios=("user/not-set-up", "api/call-a-missing-handler"),
        changes=(
            step(
                "GET /auth/me",
                "GET /user",
                "GET /use",
                status=404,
                body=NO_ME,
            ),
        ),
    ),
    Row(
        when="A user that cannot be shown",
        before="500 `InvalidRetrieveUserObject`",
        after="the same, in other words",
        reason="the words are ours",
        scenarios=(
            "user/me-bare-object",
            "user/me-true",
            "user/me-text",
            "user/me-list",
            "api/generate-for-none",
        ),
        changes=(step("GET /auth/me", "GET /use", body=NEW_USER_ERROR),),
    ),
    Row(
        when="`HEAD /me`",
        before="405",
        after="as `GET`, without the body",
        reason="RFC 9110 section 9.3.2",
        scenarios=("user/other-methods",),
        changes=(step("HEAD /auth/me", status=401),),
    ),
    Row(
        when="`inject_user` on a handler that is a plain function",
        before="500",
        after="works",
        reason=BROKEN,
        scenarios=("user/inject-sync-handler",),
        changes=(
            step(
                "GET /who",
                status=200,
                body={"user": {"user_id": 1, "username": "ada"}},
            ),
        ),
    ),
    Row(
        when="`inject_user` on a public page, and a malformed header",
        before="400",
        after="the page is called, without a user",
        reason="reported by users of 1.8.0",
        scenarios=("user/inject-without-protected",),
        changes=(step("malformed header", status=200, body={"user": None}),),
    ),
    Row(
        when="`inject_user` and `OPTIONS` with a good token",
        before="the handler is called without the user",
        after="the handler is given the user",
        reason="H7",
        scenarios=("user/inject-options",),
        changes=(
            step(
                "with token",
                body={"user": {"user_id": 1, "username": "ada"}},
            ),
        ),
    ),
)
