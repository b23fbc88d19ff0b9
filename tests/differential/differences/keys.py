"""Algorithms, keys and secrets."""

from ..table import Row, refused_setup, respond, step, works_now
from .wording import ADA, refused

PROTECTED = "GET /protected"
VERIFY = "GET /auth/verify"

ACCEPTED_NOW = (
    step(PROTECTED, status=200, body={"protected": True}),
    step(VERIFY, status=200, body={"valid": True}),
)


ROWS = (
    Row(
        when="An algorithm that does not exist, in any spelling but "
        "PyJWT's, or `none`",
        before="installs; every log-in answers 500",
        after="`InvalidConfiguration` at install",
        reason="T2, T16",
        scenarios=tuple(
            f"algorithm/named-{name}"
            for name in ("unknown", "none", "None", "empty", "lower-case")
        ),
        changes=(refused_setup(),),
    ),
    Row(
        when="A key that cannot be read, is of another family or curve, "
        "or is not a pair with the other",
        before="installs; log-ins answer 500, or no token verifies",
        after="`InvalidConfiguration` at install",
        reason="T16",
        scenarios=(
            "algorithm/private-key-garbage",
            "algorithm/public-key-garbage",
            "algorithm/keys-do-not-match",
            "algorithm/keys-of-another-family",
            "algorithm/curve-does-not-fit",
        ),
        changes=(refused_setup(),),
    ),
    Row(
        when="An RSA key below 2048 bits",
        before="accepted",
        after="`InvalidConfiguration` at install",
        reason="T16",
        scenarios=("algorithm/weak-rsa-key",),
        changes=(refused_setup(),),
    ),
    Row(
        when="A public key as the secret of an HS algorithm",
        before="installs; every log-in answers 500",
        after="`InvalidConfiguration` at install",
        reason="T3",
        scenarios=("algorithm/public-key-as-hmac-secret",),
        changes=(refused_setup(),),
    ),
    Row(
        when="A key path that leads nowhere",
        before="`RequiredKeysNotFound`, which does not say which path",
        after="`ProvidedPathNotFound`, which does",
        reason="wrong set-up names the way out",
        scenarios=(
            "algorithm/private-key-path-missing",
            "algorithm/public-key-path-missing",
        ),
        changes=(refused_setup("ProvidedPathNotFound"),),
    ),
    Row(
        when="The private key given as the public one too",
        before="tokens are issued that nothing verifies; `/verify` 500",
        after="works: the public half is taken from it",
        reason="T18",
        scenarios=("algorithm/private-key-as-both",),
        changes=(
            step(
                "GET /payload",
                status=200,
                body={"user_id": 1, "exp": "now+1800"},
            ),
            *ACCEPTED_NOW,
        ),
    ),
    Row(
        when="A secret that is neither text nor bytes",
        before="installs; every log-in answers 500",
        after="`InvalidConfiguration` at install",
        reason="T16",
        scenarios=("algorithm/secret-number",),
        changes=(refused_setup(),),
    ),
    Row(
        when="A secret shorter than the hash",
        before="silent",
        after="works, with an `InsecureSecretWarning`",
        reason="T16",
        scenarios=(
            "algorithm/secret-short",
            "algorithm/secret-short-for-512",
        ),
        changes=(step("setup", warned=True),),
    ),
    Row(
        when="`secret=None`",
        before="`InvalidConfiguration`",
        after="as without one: a random secret for this run, and a warning",
        reason="both forms treat it alike",
        scenarios=("algorithm/secret-null",),
        changes=(
            works_now(warned=True),
            step("login", **respond(200, {"access_token": ADA})),
            step(
                "GET /payload",
                **respond(200, {"user_id": 1, "exp": "now+1800"}),
            ),
            step("GET /auth/verify", **respond(200, {"valid": True})),
            step("GET /protected", **respond(200, {"protected": True})),
        ),
    ),
    Row(
        when="No secret is given",
        before="a secret that is published in its source, and a warning",
        after="a random secret for this run, and a warning",
        reason="T16",
        scenarios=("algorithm/secret-public-default",),
        changes=(
            step(
                "made with 1.8.0's published secret",
                status=401,
                body=refused(),
            ),
        ),
    ),
    Row(
        when="`auth_mode=False` with an asymmetric algorithm and no "
        "private key",
        before="`RequiredKeysNotFound`",
        after="works: a service that only verifies needs no private key",
        reason="least privilege",
        scenarios=("algorithm/auth-mode-off-asymmetric-public-only",),
        changes=(
            step("setup", raised=None),
            step(
                PROTECTED,
                status=200,
                body={"protected": True},
                cookies={},
                location=None,
            ),
        ),
    ),
)
