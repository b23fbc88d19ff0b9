"""Protected and scoped routes, and views."""

from ..table import Row, refused_setup, step
from .wording import (
    BROKEN,
    NOT_PRESENT,
    OUR_WORDS,
    SCOPE_DENIED,
    refused,
)

TAKEN = ("kw", "f", "initialized_on", "return_response")
CHOICES_WITHOUT_A_READ = ("['a:write']", "['b']", "['b:read']", "['c']")


ROWS = (
    Row(
        when="A scope is missing",
        before="401: current Sanic sets the status of its own class",
        after="403",
        reason="H2",
        scenarios=("*",),
        changes=(
            step(
                "*",
                was={"status": 401, "body": SCOPE_DENIED},
                status=403,
            ),
        ),
    ),
    Row(
        when="A decorator stands above `@app.get()` or the like, so that "
        "the route does not call what it returns",
        before="the route is open",
        after="`InitializationFailure` when the server starts; not if the "
        "handler also has a route that is guarded",
        reason="X3",
        scenarios=("protect/above-the-route",),
        changes=(refused_setup("InitializationFailure"),),
    ),
    Row(
        when="A decorator is written without parentheses, or `inject_user` "
        "is put on a handler that takes no `user`",
        before="installs; every request answers 500",
        after="`InitializationFailure` where it is written",
        reason="wrong set-up fails at install",
        scenarios=(
            "protect/without-parentheses",
            "protect/inject-without-parameter",
        ),
        changes=(refused_setup("InitializationFailure"),),
    ),
    Row(
        when="A second scope stands outside of a list: `scoped('a', 'b')`",
        before="`'b'` is taken for `require_all` and is not required",
        after="`InvalidConfiguration` where it is written",
        reason="X3",
        scenarios=("scope/outside-of-a-list",),
        changes=(refused_setup("InvalidConfiguration"),),
    ),
    Row(
        when="The scopes in a token are not a list of text, or the route "
        "asks for something that is not text",
        before="500",
        after="403",
        reason="G1",
        scenarios=(
            "scope/claim-*",
            "scope/granted-number",
            "scope/by-function-returning-none",
        ),
        changes=(
            step("*", was={"status": 500}, status=403, body=SCOPE_DENIED),
        ),
    ),
    Row(
        when="The scopes are in a claim `scope` or `scp` that is one string",
        before="500",
        after="works: they are its words",
        reason="RFC 8693 section 4.2, RFC 9068",
        scenarios=("scope/string-claim-*",),
        changes=(
            step(
                "GET /read",
                on=("*-words", "*-one-word"),
                status=200,
                body={"scoped": True},
            ),
            step(
                "GET /read",
                on=("*-longer-word",),
                status=403,
                body=SCOPE_DENIED,
            ),
        ),
    ),
    Row(
        when="`override_scope_validator` is a coroutine function",
        before="everybody passes: nobody waits for its answer",
        after="its answer counts",
        reason="every hook may be sync or async",
        scenarios=("scope/override-async-of-another",),
        changes=(
            step(*CHOICES_WITHOUT_A_READ, status=403, body=SCOPE_DENIED),
        ),
    ),
    Row(
        when="`OPTIONS` on a protected or scoped route that defines it",
        before="the handler's response, for anyone",
        after="without credentials 204 with `Allow`, and the handler does "
        "not run; with a token, as for other methods: 401 if it is not "
        "valid, 403 without the scope",
        reason="H7",
        scenarios=(
            "protect/options-of-the-route",
            "scope/options-of-the-route",
        ),
        changes=(
            step("OPTIONS /page", status=204, body=""),
            step("without scope", status=403, body=SCOPE_DENIED),
        ),
    ),
    Row(
        when="`scoped(..., redirect_on_fail=True)` without a token",
        before="500",
        after="the redirect",
        reason="T18",
        scenarios=("scope/redirect-on-fail",),
        changes=(
            step("without token", status=302, body="<page>", location="/in"),
        ),
    ),
    Row(
        when="The wording of a reason that reaches an error handler or "
        "`exception_response` of the application",
        before="a list for some errors, text for others",
        after="text; `exception.reasons` is the list",
        reason="one shape",
        scenarios=(
            "protect/error-handler-for-unauthorized",
            "view/responses-exception",
        ),
        changes=(
            step(
                "missing",
                was={"body": {"mine": f"['{NOT_PRESENT}']"}},
                body={"mine": NOT_PRESENT},
            ),
            step(
                "expired",
                body={"mine": "Signature has expired."},
            ),
            step(
                "missing",
                was={"body": {"mine": "Unauthorized", "says": [NOT_PRESENT]}},
                body={"mine": "Unauthorized", "says": NOT_PRESENT},
            ),
        ),
    ),
    Row(
        when="A handler raises a plain `SanicException`; later refusals on "
        "its route",
        before="Sanic forgets the error handler: its own page",
        after="the package's JSON",
        reason="H10",
        scenarios=("protect/handler-raises-teapot",),
        changes=(
            step("missing", body=refused(NOT_PRESENT)),
            step("garbage", body=refused()),
            step("expired", body=refused("Signature has expired.")),
        ),
    ),
    Row(
        when="`exceptions.Unauthorized` raised with a status of its own",
        before="401 all the same",
        after="that status",
        reason=BROKEN,
        scenarios=("protect/handler-raises-ours",),
        changes=(step("good", status=418),),
    ),
    Row(
        when="An error of Sanic's that a hook raises in an endpoint "
        "(`NotFound`, `SanicException`)",
        before="a page of Sanic's",
        after="the same status as the package's JSON; error handlers of "
        "the application go first",
        reason="H10",
        scenarios=(
            "login/raises-not-found",
            "login/raises-sanic-exception",
            "user/raises-not-found",
        ),
        changes=(
            step(
                "login",
                "GET /auth/me",
                was={"status": 404},
                body=refused("Who?", "NotFound"),
            ),
            step(
                "login",
                was={"status": 418},
                body=refused("Tea.", "SanicException"),
            ),
        ),
    ),
    Row(
        when="Route parameters called `kw`, `f`, `initialized_on` or "
        "`return_response`",
        before="taken away from the handler",
        after="the handler gets them",
        reason="reported by users of 1.8.0",
        scenarios=tuple(f"protect/route-parameter-called-{n}" for n in TAKEN),
        changes=(step("GET /page/7", body=["7"]),),
    ),
    Row(
        when="`self` in a protected method of a view",
        before="the request",
        after="the view",
        reason=BROKEN,
        scenarios=("protect/view-method",),
        changes=(step("good", body={"page": "Page"}),),
    ),
    Row(
        when="A protected page without an installation",
        before="500",
        after="500 that names the way out in our words",
        reason="the words are ours",
        scenarios=("protect/not-installed",),
        changes=(
            step(
                "GET /page",
                "x",
                body={
                    "description": "Internal Server Error",
                    "status": 500,
                    "message": OUR_WORDS,
                },
            ),
        ),
    ),
)
