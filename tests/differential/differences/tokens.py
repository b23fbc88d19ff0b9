"""Tokens that one accepts and the other does not, and how they say so."""

from ..table import Row, step
from .wording import NOT_PRESENT, NOT_VALID, OUR_WORDS, invalid, refused

PROTECTED = "GET /protected"
VERIFY = "GET /auth/verify"

REFUSED_NOW = (
    step(PROTECTED, was={"status": 200}, status=401, body=refused()),
    step(VERIFY, was={"status": 200}, status=401, body=invalid()),
)
ACCEPTED_NOW = (
    step(PROTECTED, status=200, body={"protected": True}),
    step(VERIFY, status=200, body={"valid": True}),
)


def missing(claim: str) -> str:
    """The reason for a token without a claim."""
    return f'Token is missing the "{claim}" claim.'


ROWS = (
    Row(
        when="A token that PyJWT refuses with an error 1.8.0 does not know "
        "(another algorithm, none, a header that is not text, an unknown "
        "`crit`, a `sub` or `jti` that is not text) at `/verify`",
        before="500",
        after="401",
        reason="T2, T5, T6, T18",
        scenarios=(
            "token/other-algorithm",
            "token/alg-*",
            "token/kid-number",
            "token/crit-*",
            "token/sub-number",
            "token/jti-number",
            "algorithm/confusion",
        ),
        changes=(
            step(VERIFY, was={"status": 500}, status=401, body=invalid()),
        ),
    ),
    Row(
        when="A token without `exp` while `verify_exp` is on",
        before="accepted for ever",
        after="401, unless `required_claims` is set to an empty list",
        reason="T9",
        scenarios=("token/no-exp", "token/payload-empty-object"),
        changes=(
            step(PROTECTED, status=401, body=refused(missing("exp"))),
            step(VERIFY, status=401, body=invalid(missing("exp"))),
        ),
    ),
    Row(
        when="The same, given to `verify_token()`",
        before="the empty payload is returned, or `False`",
        after="an error is raised",
        reason="T9",
        scenarios=("api/verify-empty-object",),
        changes=(
            step("GET /use", body={"raised": True, "says": [missing("exp")]}),
        ),
    ),
    Row(
        when="`exp`, `nbf` or `iat` that is text, `true` or not finite",
        before="a number in quotes and `true` count as numbers",
        after="401",
        reason="T10",
        scenarios=(
            "token/exp-text",
            "token/exp-true",
            "token/exp-text-unverified",
            "token/nbf-numeric-text",
            "token/nbf-true",
            "token/iat-true",
        ),
        changes=REFUSED_NOW,
    ),
    Row(
        when="`iat` that is not a number",
        before="401, the reason names the claim",
        after="401, the reason is the general one unless `debug` is on",
        reason="T10, L1",
        scenarios=("token/iat-text",),
        changes=(
            step(PROTECTED, body=refused()),
            step(VERIFY, body=invalid()),
        ),
    ),
    Row(
        when="A token without the configured issuer",
        before="500 at `/verify`, no reason elsewhere",
        after="401 with the reason",
        reason="T13",
        scenarios=("token/iss-missing", "claim/iss-empty"),
        changes=(
            step(
                PROTECTED,
                "GET /payload",
                body=refused(missing("iss")),
            ),
            step(VERIFY, status=401, body=invalid(missing("iss"))),
        ),
    ),
    Row(
        when="An `iss` that is not text",
        before="a reason of its own",
        after='401, "Invalid issuer."',
        reason="T13",
        scenarios=("token/iss-null", "token/iss-list"),
        changes=(
            step(PROTECTED, body=refused("Invalid issuer.")),
            step(VERIFY, body=invalid("Invalid issuer.")),
        ),
    ),
    Row(
        when="A token without the configured audience",
        before="500 at `/verify`, no reason elsewhere",
        after="401 with the reason",
        reason="T12",
        scenarios=("token/aud-missing", "token/aud-empty-list"),
        changes=(
            step(PROTECTED, body=refused(missing("aud"))),
            step(VERIFY, status=401, body=invalid(missing("aud"))),
        ),
    ),
    Row(
        when="The same on a route that sets `claim_iss` or `claim_aud` "
        "for itself",
        before="401 without the reason",
        after="401 with the reason",
        reason="T12, T13",
        scenarios=("protect/setting-issuer", "protect/setting-audience"),
        changes=(
            step(
                "without own",
                on=("protect/setting-issuer",),
                body=refused(missing("iss")),
            ),
            step(
                "without own",
                on=("protect/setting-audience",),
                body=refused(missing("aud")),
            ),
        ),
    ),
    Row(
        when="A token with a `kid` while no keys are named",
        before="the `kid` is ignored",
        after="401",
        reason="T5",
        scenarios=("token/kid-text",),
        changes=REFUSED_NOW,
    ),
    Row(
        when="A signed token with a `zip` header",
        before="the header is ignored",
        after="401",
        reason="T6",
        scenarios=("token/zip",),
        changes=REFUSED_NOW,
    ),
    Row(
        when="Base64 with padding",
        before="accepted",
        after="401",
        reason="T7",
        scenarios=("token/padded-signature",),
        changes=REFUSED_NOW,
    ),
    Row(
        when="A payload in UTF-16",
        before="accepted",
        after="401",
        reason="T8",
        scenarios=("token/payload-utf-16",),
        changes=REFUSED_NOW,
    ),
    Row(
        when="The header's scheme in another case, or with more spaces "
        "behind it",
        before="refused",
        after="accepted",
        reason="H3",
        scenarios=(
            "header/lower-case",
            "header/upper-case",
            "header/two-spaces",
        ),
        changes=ACCEPTED_NOW,
    ),
    Row(
        when="Blanks or tabs around the value of the header",
        before="refused",
        after="no part of the value (RFC 9110 section 5.5)",
        reason="whether they get here depends on the server in front",
        scenarios=("header/space-before", "header/space-after"),
        changes=ACCEPTED_NOW,
    ),
    Row(
        when="A scheme without a token",
        before='"not present"',
        after='"invalid"; 400 at `/verify`, as for other malformed headers',
        reason="H3",
        scenarios=("header/prefix-and-space",),
        changes=(
            step(
                PROTECTED,
                was={"body": refused(NOT_PRESENT)},
                body=refused(NOT_VALID),
            ),
            step(
                VERIFY,
                status=400,
                body=refused(NOT_VALID, "InvalidAuthorizationHeader"),
            ),
        ),
    ),
    Row(
        when="More than one word in a header that has no prefix",
        before="taken for a token",
        after='"invalid"; 400 at `/verify`, as for other malformed headers',
        reason="H3",
        scenarios=("header/empty-prefix", "header/none-prefix"),
        changes=(
            step("prefixed", body=refused(NOT_VALID)),
            step(
                "garbage",
                status=400,
                body=refused(NOT_VALID, "InvalidAuthorizationHeader"),
            ),
        ),
    ),
    Row(
        when="`debug` is on and a token or a header is missing or no good",
        before="`/verify` answers 400 or 500 instead of 401",
        after="401, as without `debug`",
        reason="L1",
        scenarios=("debug/*",),
        changes=(
            step(
                VERIFY,
                "verify missing",
                was={
                    "status": 400,
                    "body": refused(NOT_PRESENT, "MissingAuthorizationHeader"),
                },
                status=401,
            ),
            step(
                "verify missing",
                was={"status": 400},
                status=401,
            ),
            step(
                VERIFY,
                was={
                    "status": 400,
                    "body": invalid("Signature verification failed."),
                },
                status=401,
            ),
        ),
    ),
    Row(
        when="`debug` is on and a token is not a token at all",
        before="PyJWT's reason; `/verify` answers 400",
        after="our reason, and 401",
        reason="L1",
        scenarios=(
            "debug/garbage",
            "debug/cookie",
            "debug/query",
            "state/debug-reason-of-the-previous-request",
            "protect/setting-debug",
        ),
        changes=(
            step(
                PROTECTED,
                "garbage",
                "garbage own",
                was={"body": refused("Not enough segments.")},
                body=refused(OUR_WORDS),
            ),
            step(
                VERIFY,
                was={"body": invalid("Not enough segments.")},
                status=401,
                body=invalid(OUR_WORDS),
            ),
        ),
    ),
    Row(
        when="`debug` is on and a token has three parts that are not "
        "base64url",
        before="PyJWT's reason; `/verify` answers 400",
        after="our reason, and 401",
        reason="L1",
        scenarios=("debug/three-parts",),
        changes=(
            step(
                PROTECTED,
                body=refused(OUR_WORDS),
            ),
            step(
                VERIFY,
                status=401,
                body=invalid(OUR_WORDS),
            ),
        ),
    ),
    Row(
        when="`debug` is on and a token is signed with another algorithm",
        before="500",
        after="401 with the reason",
        reason="L1, T2",
        scenarios=("debug/other-algorithm",),
        changes=(
            step(
                PROTECTED,
                status=401,
                body=refused(OUR_WORDS),
            ),
            step(
                VERIFY,
                status=401,
                body=invalid(OUR_WORDS),
            ),
        ),
    ),
    Row(
        when="`debug` is on and the issuer is missing",
        before="500",
        after="401 with the reason",
        reason="L1, T13",
        scenarios=("debug/issuer",),
        changes=(
            step("missing", status=401, body=refused(missing("iss"))),
            step("verify missing", status=401, body=invalid(missing("iss"))),
        ),
    ),
)
