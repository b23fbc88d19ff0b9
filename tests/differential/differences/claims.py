"""Registered and custom claims, extra verifications."""

from ..table import Row, refused_setup, step
from .wording import (
    LOGIN_FAILED,
    OUR_WORDS,
    invalid,
    refused,
    token,
)

PROTECTED = "GET /protected"
VERIFY = "GET /auth/verify"
CLAIM_WRONG = "Custom claim is invalid."
CHECK_WRONG = (
    "Verifications must be a callable object returning a boolean value."
)


def payload(**claims: object) -> dict[str, object]:
    """A payload as a page shows it."""
    return {"exp": "now+1800", **claims}


ROWS = (
    Row(
        when="A custom claim whose `verify` returns no boolean, at `/verify`",
        before="500",
        after="401 with the reason",
        reason="T18",
        scenarios=("claim/custom-verify-not-boolean",),
        changes=(step(VERIFY, status=401, body=invalid(CLAIM_WRONG)),),
    ),
    Row(
        when="A custom claim whose `verify` raises",
        before="500 at `/verify`, no reason elsewhere",
        after="401 with the reason",
        reason="T18",
        scenarios=("claim/custom-verify-raises",),
        changes=(
            step("GET /payload", body=refused(CLAIM_WRONG)),
            step(VERIFY, status=401, body=invalid(CLAIM_WRONG)),
        ),
    ),
    Row(
        when="An extra verification that returns no boolean, at `/verify`",
        before="500",
        after="401 with the reason",
        reason="T18",
        scenarios=("claim/extra-not-boolean", "claim/extra-none"),
        changes=(step(VERIFY, status=401, body=invalid(CHECK_WRONG)),),
    ),
    Row(
        when="An extra verification that raises",
        before="500 at `/verify`, no reason elsewhere",
        after="401 with the reason",
        reason="T18",
        scenarios=("claim/extra-raises",),
        changes=(
            step(PROTECTED, body=refused(CHECK_WRONG)),
            step(VERIFY, status=401, body=invalid(CHECK_WRONG)),
        ),
    ),
    Row(
        when="An extra verification that cannot be called",
        before="every token is refused; `/verify` 500",
        after="`InvalidVerification` at install",
        reason="wrong set-up fails at install",
        scenarios=("claim/extra-not-callable",),
        changes=(refused_setup("InvalidVerification"),),
    ),
    Row(
        when="`claim_iss` with several issuers",
        before="every log-in answers 500",
        after="works: the first is issued, all are accepted",
        reason="T13",
        scenarios=("claim/iss-list",),
        changes=(
            step(
                "login",
                status=200,
                body={"access_token": token(user_id=1, iss="shop")},
            ),
            step(
                "GET /payload",
                status=200,
                body=payload(user_id=1, iss="shop"),
            ),
            step(VERIFY, status=200, body={"valid": True}),
        ),
    ),
    Row(
        when="`expiration_delta` of zero or less",
        before="tokens that are expired from the start",
        after="`InvalidConfiguration` at install",
        reason="wrong set-up fails at install",
        scenarios=("claim/expiration-zero", "claim/expiration-negative"),
        changes=(refused_setup(),),
    ),
    Row(
        when="An `add_claims` that does not accept `payload`, `user` and "
        "`inline_claims`",
        before="500 at login",
        after="`InvalidConfiguration` at install",
        reason="wrong set-up fails at install",
        scenarios=("claim/add-claims-with-two-parameters",),
        changes=(refused_setup(),),
    ),
    Row(
        when="An `extend_payload` that takes any arguments",
        before="the user is only given to a parameter called `user`",
        after="it is given the user",
        reason="a hook is given what it has room for",
        scenarios=("claim/extend-stars",),
        changes=(
            step(
                "login",
                body={
                    "access_token": token(user_id=1, args=0, kwargs=["user"])
                },
            ),
            step(
                "GET /payload",
                body=payload(user_id=1, args=0, kwargs=["user"]),
            ),
        ),
    ),
    Row(
        when="An `extend_payload` with `user` as a keyword-only parameter",
        before="the user is not given",
        after="the user is given",
        reason="a hook is given what it has room for",
        scenarios=("claim/extend-user-keyword-only",),
        changes=(
            step(
                "login",
                body={"access_token": token(user_id=1, user="ada")},
            ),
            step("GET /payload", body=payload(user_id=1, user="ada")),
        ),
    ),
    Row(
        when="`extend_payload` takes a registered claim away",
        before="500 `MissingRegisteredClaim`",
        after="the same, in our words",
        reason="the words are ours",
        scenarios=("claim/extend-drops-exp", "claim/extend-drops-iss"),
        changes=(
            step("login", body=refused(OUR_WORDS, "MissingRegisteredClaim")),
        ),
    ),
    Row(
        when="`extend_payload` takes the user's id away",
        before="a token for nobody",
        after="401 `AuthenticationFailed`",
        reason="T14",
        scenarios=("claim/extend-drops-id",),
        changes=(
            step("login", status=401, body=LOGIN_FAILED),
            step("GET /payload", status=401, body=refused()),
            step(VERIFY, status=401, body=invalid()),
        ),
    ),
    Row(
        when="`retrieve_user_secret` has no secret for a user who logs in",
        before="500",
        after="401",
        reason="T18",
        scenarios=("algorithm/user-secret-none",),
        changes=(
            step(
                "login",
                status=401,
                body=refused(exception="InvalidToken"),
            ),
        ),
    ),
    Row(
        when="`extend_payload` returns something that is no dict",
        before="500, or 500 `MissingRegisteredClaim`",
        after="500 `InvalidPayload`",
        reason="the error names the mistake",
        scenarios=("claim/extend-returns-none", "claim/extend-returns-list"),
        changes=(
            step(
                "login", status=500, body=refused(OUR_WORDS, "InvalidPayload")
            ),
        ),
    ),
    Row(
        when="`build_payload` leaves the user's id out",
        before="500 `InvalidPayload`",
        after="401 `AuthenticationFailed`, and the mistake is logged",
        reason="T14",
        scenarios=("claim/build-payload-without-id",),
        changes=(step("login", status=401, body=LOGIN_FAILED),),
    ),
)
