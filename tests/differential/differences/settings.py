"""Settings and the programmatic API."""

from ..table import Row, refused_setup, step
from .wording import (
    ADA,
    BROKEN,
    refused,
)

PROTECTED = "GET /protected"
REWORDED = {
    "Signature has expired": "Signature has expired.",
    "Signature verification failed": "Auth required.",
    "Not enough segments": "Auth required.",
    "Invalid issuer": "Invalid issuer.",
}


def payload(**claims: object) -> dict[str, object]:
    """A payload as a page shows it."""
    return {"exp": "now+1800", **claims}


ROWS = (
    Row(
        when="`SANIC_JWT_PUBLIC_KEY` in the configuration of the application",
        before="ignored: tokens are signed with the published secret, or "
        "none verifies",
        after="counts, as `secret` does",
        reason="T16",
        scenarios=(
            "setting/application-alias",
            "setting/application-alias-asymmetric",
        ),
        changes=(
            step("setup", warned=False),
            step(PROTECTED, status=200, body={"protected": True}),
        ),
    ),
    Row(
        when="`SANIC_JWT_COOKIE_TOKEN_NAME` in the configuration of the "
        "application",
        before="ignored",
        after="counts, as `cookie_access_token_name` does",
        reason="an alias is an alias",
        scenarios=("setting/application-cookie-alias",),
        changes=(step(PROTECTED, status=200, body={"protected": True}),),
    ),
    Row(
        when="A setting whose value has the wrong type",
        before="fails at a request, or is converted if it can be",
        after="`InvalidConfiguration` at install",
        reason="wrong set-up fails at install",
        scenarios=(
            "setup/expiration-as-text",
            "setup/leeway-as-text",
            "setup/leeway-as-words",
            "setting/setter-async",
        ),
        changes=(refused_setup(),),
    ),
    Row(
        when="A `Configuration` that gives a plain value to a setting for "
        "which it inherits a `set_*` or `get_*` method",
        before="the inherited method wins",
        after="the value of the subclass wins",
        reason="T12",
        scenarios=(
            "setting/derived-value-after-setter",
            "setting/derived-value-after-getter",
        ),
        changes=(
            step(
                "login",
                body={"own": ADA},
            ),
            step(
                PROTECTED, status=401, body=refused("Signature has expired.")
            ),
        ),
    ),
    Row(
        when="`algorithm=None`",
        before="`AttributeError`",
        after="`InvalidConfiguration`",
        reason="wrong set-up names the way out",
        scenarios=("algorithm/named-null",),
        changes=(refused_setup(),),
    ),
    Row(
        when="A `get_*` method that is a coroutine function",
        before="every token is refused",
        after="`InvalidConfiguration` at install",
        reason="wrong set-up fails at install",
        scenarios=("setting/getter-async",),
        changes=(refused_setup(),),
    ),
    Row(
        when="A `get_*` method that raises",
        before="401: the error is swallowed",
        after="the error is the application's: 500",
        reason="errors keep their own type and traceback",
        scenarios=("setting/getter-raises",),
        changes=(
            step(
                PROTECTED,
                status=500,
                body={
                    "description": "Internal Server Error",
                    "status": 500,
                    "message": "The application encountered an unexpected "
                    "error and could not continue.",
                },
            ),
        ),
    ),
    Row(
        when="A `get_*` method at the endpoints of the package",
        before="called without the request: 500 if it asks for it",
        after="called with the request",
        reason=BROKEN,
        scenarios=(
            "setting/getter-of-leeway",
            "setting/getter-of-access-token-name",
        ),
        changes=(
            step("verify patient", status=200, body={"valid": True}),
            step("login", body={"jwt": ADA}),
        ),
    ),
    # The programmatic API.
    Row(
        when="`verify_token()` of a token that is no good",
        before="raises PyJWT's error, in its words",
        after="raises an error that is PyJWT's and one of `exceptions`, in "
        "the words of `/verify`",
        reason="one error tree; `except jwt.ExpiredSignatureError` works",
        scenarios=(
            "api/verify-expired",
            "api/verify-other-secret",
            "api/verify-garbage",
            "api/verify-other-issuer",
            "api/override-by-alias",
        ),
        changes=(
            *(
                step(
                    "GET /use",
                    was={"body": {"raised": True, "says": [before]}},
                    body={"raised": True, "says": [after]},
                )
                for before, after in REWORDED.items()
            ),
            step(
                "GET /use",
                was={"body": [True, ["Signature verification failed"]]},
                body=[True, ["Auth required."]],
            ),
        ),
    ),
    Row(
        when="`verify_token()` and a custom claim that is not met",
        before="the reason has no full stop",
        after="it has, as at `/verify`",
        reason="one wording",
        scenarios=("api/verify-without-inline-claim",),
        changes=(
            step(
                "GET /use",
                body=refused(
                    "Invalid claim: region.", "InvalidCustomClaimError"
                ),
            ),
        ),
    ),
    Row(
        when="`extract_user_id()` of a request without a good token",
        before="500",
        after="`None`, as `extract_payload()`",
        reason="T18",
        scenarios=("api/extract-user-id*",),
        changes=(
            step(
                "missing",
                "garbage",
                "expired",
                was={"status": 500},
                status=200,
                body=None,
            ),
        ),
    ),
    Row(
        when="`extract_*()` or `is_authenticated()` of a request whose "
        "header is malformed",
        before="400 `InvalidAuthorizationHeader`",
        after="`None` or `False`, as without a header",
        reason="these methods ask, they do not refuse",
        scenarios=("api/extract-*", "api/is-authenticated*"),
        changes=(
            step(
                "malformed header",
                on=("api/extract-*",),
                was={"status": 400},
                status=200,
                body=None,
            ),
            step(
                "malformed header",
                on=("api/is-authenticated*",),
                was={"status": 400},
                status=200,
                body=False,
            ),
        ),
    ),
)
