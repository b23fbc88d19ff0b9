"""Installations, blueprints, and what requests leave behind."""

from sanic_jwt_oo.compat import LegacyConfiguration

from ..table import Row, refused_setup, respond, step, works_now
from .wording import (
    ADA,
    NOT_PRESENT,
    OUR_WORDS,
    refused,
)

PAGE_SHOWN = respond(200, {"page": True})


def logged_in(name: str = "access_token") -> dict:
    """A whole answer to Ada's log-in."""
    return respond(200, {name: ADA})


ROWS = (
    Row(
        when="The blueprint is forgotten: `@protected()` on its page",
        before="500 `SanicJWTException`",
        after="500 `InitializationFailure`, in our words",
        reason="the words are ours",
        scenarios=("blueprint/decorator-forgotten",),
        changes=(
            step(
                "*",
                was={"status": 500},
                body=refused(OUR_WORDS, "InitializationFailure"),
            ),
        ),
    ),
    Row(
        when="`Initialize(blueprint)` without `app=`",
        before="`InitializationFailure`",
        after="works",
        reason="the documentation of 1.8.0 writes it so",
        scenarios=("blueprint/without-app",),
        changes=(
            works_now(),
            step("login", **logged_in()),
            step("good", **PAGE_SHOWN),
            step("missing", **respond(401, refused(NOT_PRESENT))),
            step("GET /shop/auth/verify", **respond(200, {"valid": True})),
            step("OPTIONS /shop/auth", **respond(204, "")),
        ),
    ),
    Row(
        when="An installation on the application and one on a blueprint",
        before="does not start: `ServerError` on current Sanic",
        after="works; a token of one is not good for the other",
        reason="S4",
        scenarios=("blueprint/app-and-blueprint",),
        changes=(
            works_now(),
            step("login", **logged_in()),
            step("shop login", **logged_in("shop_token")),
            step("GET /page", "GET /shop/page", **PAGE_SHOWN),
            step("app's token", **respond(401, refused())),
        ),
    ),
    Row(
        when="Installations on two blueprints",
        before="does not start: `ServerError` on current Sanic",
        after="works; a token of one is not good for the other",
        reason="S4",
        scenarios=("blueprint/two-blueprints",),
        changes=(
            works_now(),
            step("a", **logged_in("mytoken")),
            step("b", **logged_in("yourtoken")),
            step("a with a", "b with b", **PAGE_SHOWN),
            step("b with a", **respond(401, refused())),
        ),
    ),
    Row(
        when="Two installations on one application, with prefixes of "
        "their own",
        before="does not start: `ServerError` on current Sanic",
        after="works",
        reason="S4",
        scenarios=("blueprint/twice-on-one-app",),
        changes=(works_now(), step("login", "again", **logged_in())),
    ),
    Row(
        when="`strict_slashes` with the endpoints of the package",
        before="only `class_views` are strict",
        after="every endpoint is",
        reason="reported by users of 1.8.0",
        scenarios=("blueprint/app-strict-slashes",),
        changes=(
            step(
                "login",
                status=404,
                body={
                    "description": "Not Found",
                    "status": 404,
                    "message": "Requested URL /auth not found",
                },
            ),
            step(
                "GET /auth/verify/",
                status=404,
                body={
                    "description": "Not Found",
                    "status": 404,
                    "message": "Requested URL /auth/verify not found",
                },
            ),
        ),
    ),
    Row(
        when="`class_views` that are no pairs",
        before="`ValueError`",
        after="`InvalidClassViewsFormat`",
        reason="wrong set-up names the way out",
        scenarios=("view/class-view-not-a-pair",),
        changes=(step("setup", raised="InvalidClassViewsFormat"),),
    ),
    Row(
        when="`extend_verify` for a good token",
        before="never given the payload",
        after="given the payload",
        reason="its parameter says so",
        scenarios=("view/responses-extend-verify",),
        changes=(
            step(
                "GET /auth/verify",
                body={
                    "valid": True,
                    "user": None,
                    "payload": {"user_id": 1, "exp": "now+1800"},
                    "path": "/auth/verify",
                },
            ),
        ),
    ),
    # What one request leaves to the next.
    Row(
        when="An expired token on a connection whose last refresh failed",
        before="accepted: `verify_exp=False` of `/refresh` is left behind",
        after="401",
        reason="S1",
        scenarios=("state/expired-token-after-failed-refresh",),
        changes=(
            step(
                "GET /protected",
                status=401,
                body=refused("Signature has expired."),
            ),
        ),
    ),
    Row(
        when="An expired token on a connection where a handler with "
        "settings of its own raised",
        before="accepted: the settings are left behind",
        after="401",
        reason="S1",
        scenarios=("state/expired-token-after-handler-raised",),
        changes=(
            step(
                "GET /protected",
                status=401,
                body=refused("Signature has expired."),
            ),
        ),
    ),
    Row(
        when="The block of `override()` raises",
        before="the override stays, for everybody",
        after="the override ends",
        reason="S2",
        scenarios=("state/override-undone-when-the-block-raises",),
        changes=(
            step("after", status=401, body=refused("Signature has expired.")),
        ),
    ),
    Row(
        when="`override()` and another task",
        before="the other task sees it",
        after="only the block does",
        reason="S2",
        scenarios=("api/override-seen-by-another-task",),
        changes=(step("GET /use", body=["access_token"]),),
    ),
    Row(
        when="`override()` of one setting inside another",
        before="the inner one takes the outer one away",
        after="the outer one is back after the inner block",
        reason="S2",
        scenarios=("api/override-nested-same-setting",),
        changes=(step("GET /use", body=["b", "a", "access_token"]),),
    ),
    Row(
        when="A claim is issued once under `override()`",
        before="every later log-in must have it: 500",
        after="nothing is left behind",
        reason="S3",
        scenarios=("state/token-without-iat-after-one-with",),
        changes=(step("login", status=200, body={"access_token": ADA}),),
    ),
    Row(
        when="A handler that requires more parameters than it is given",
        before="500 at log-in",
        after="`InvalidConfiguration` at install",
        reason="wrong set-up fails at install",
        scenarios=("setup/authenticate-requires-more",),
        changes=(refused_setup(),),
    ),
    Row(
        when="A handler that is not callable, such as `None`",
        before="500 at login; `AuthenticateNotImplemented` at install if it "
        "is `authenticate` of the class",
        after="`AuthenticateNotImplemented`, `RefreshTokenNotImplemented`, "
        "`ScopesNotImplemented` or `UserSecretNotImplemented` at install",
        reason="wrong set-up fails at install",
        scenarios=(
            "setup/authenticate-not-callable",
            "setup/none-as-*",
        ),
        changes=(
            refused_setup("AuthenticateNotImplemented", ("*authenticate*",)),
            refused_setup("RefreshTokenNotImplemented", ("*refresh_token",)),
            refused_setup("ScopesNotImplemented", ("*scopes*",)),
            refused_setup("UserSecretNotImplemented", ("*user_secret",)),
        ),
    ),
    Row(
        when="`None` for a setting that has a value or is on by default "
        "(`leeway`, `cookie_path`, `verify_exp`, ...)",
        before="off, or an error at install, at log-in or at every request",
        after="`InvalidConfiguration` at install; for one that is off, empty "
        "or 0 by default, `None` means not set, as before",
        reason="nothing that protects is off by omission",
        scenarios=("setup/none-for-needed-*",),
        changes=(refused_setup(),),
    ),
    Row(
        when="`Initialize(...).kwargs`",
        before="the settings that were passed",
        after="the same, without secrets and keys",
        reason="no secret is in a dump of the settings",
        scenarios=("setup/attributes",),
        changes=(
            step(
                "setup",
                value={
                    "kwargs": [
                        "custom_claims",
                        "extra_verifications",
                        "generate_refresh_token",
                        "leeway",
                        "refresh_token_enabled",
                        "scopes_enabled",
                        "url_prefix",
                    ],
                    "blueprint": ["auth_bp", None],
                    "prefix": "/in",
                },
            ),
        ),
    ),
    Row(
        when="The class of `Initialize(...).config`",
        before="`Configuration`",
        after="a view of the frozen settings, which reads the same",
        reason="settings are one frozen snapshot",
        scenarios=("setup/returns",),
        changes=(
            step(
                "setup",
                value={
                    "kind": "Initialize",
                    "app": True,
                    "instance": True,
                    "blueprint": "Blueprint",
                    "on blueprint": False,
                    "configuration": False,
                    "responses": True,
                    "auth": True,
                    "auth's config": True,
                    "auth's app": True,
                },
            ),
        ),
    ),
    Row(
        when="Iterating over `config`",
        before="`AttributeError` after the last setting",
        after="works; a secret among them is shown as `***`, and returned to "
        "code that names it, as in `config.secret()`",
        reason="no secret is in a dump of the settings",
        scenarios=("setting/configuration-iterated",),
        changes=(step("setup", value=[180, "***"]),),
    ),
    Row(
        when="`config.config_keys`",
        before="the settings of 1.8.0",
        after="those and what has come since",
        reason="there are more settings",
        scenarios=("setting/configuration-iterates",),
        changes=(step("setup", value=sorted(LegacyConfiguration.names())),),
    ),
)
