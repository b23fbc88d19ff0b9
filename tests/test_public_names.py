"""Every public name, written out: nothing becomes public by accident.

`docs/reference/public-names.md` has the same list, and CONTRIBUTING.md says
what it promises. A name that fails here either gets an underscore, or is meant
for applications: then it is added to both lists, documented and tested.
"""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest
from sanic.constants import HTTP_METHODS
from sanic.views import HTTPMethodView

from sanic_jwt_oo import (
    BaseEndpoint,
    Configuration,
    JWTAuth,
    Responses,
    Tokens,
)
from sanic_jwt_oo.hooks import hooks_of, steps_of
from sanic_jwt_oo.hooks.checks import _INSTEAD
from sanic_jwt_oo.sessions import Sessions
from sanic_jwt_oo.steps import Steps

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sanic_jwt_oo"
PAGE = ROOT / "docs" / "reference" / "public-names.md"

HOOKS = """
    add_scopes_to_payload authenticate destructure_scopes extend_payload
    generate_refresh_token on_login on_login_failed on_logout on_refresh
    on_refresh_reused on_session_evicted on_socket_closed on_token_rejected
    override_scope_validator retrieve_refresh_token retrieve_user
    retrieve_user_secret session_label store_refresh_token
"""
STEPS = """
    add_claims build_payload check_log_in_body check_request find_user
    held_scopes issue_refresh_token login_account login_address now
    random_secret read_refresh_token read_token user_id_of verify_token
"""
CLASSES = {
    "JWTAuth": {
        "hook": HOOKS,
        "step": STEPS,
        "verb": """
            authorize cache_info check configure current_user delete_cookies
            end_all_sessions end_session extract_payload extract_scopes
            extract_user_id generate_access_token inject_user install
            is_authenticated issue_tokens log_in log_out log_out_everywhere
            override page_of_sessions protected renew scoped sessions_of
            settings token_response verify_request
        """,
        "attribute": """
            Configuration Responses app class_views config custom_claims
            extra_verifications instance login_body responses session_store
            sessions
        """,
    },
    "Responses": {
        "hook": """
            exception_response extend_authenticate extend_refresh
            extend_retrieve_user extend_verify get_access_token_output
            get_token_response
        """,
        "step": "challenge reasons",
        "attribute": "auth config instance",
    },
    "BaseEndpoint": {
        "step": "do_incoming do_output do_response",
        "verb": "admit issue",
        "attribute": "auth checks_origin config instance responses",
    },
    "Configuration": {"verb": "names"},
    "Sessions": {
        "verb": """
            get list page revoke revoke_all revoke_everyone revoke_token
        """,
    },
    "Tokens": {
        "attribute": """
            access_token expires_in output refresh_token session_id user
        """,
    },
}
MODULES = {
    "sanic_jwt_oo": """
        Authentication AuthenticationFailed BaseEndpoint Claim Claims
        Configuration Initialize JWTAuth Payload Responses SanicJWTException
        Tokens
        exceptions initialize inject_user protected scoped
    """,
    "sanic_jwt_oo.configuration": "ConfigItem Configuration",
    "sanic_jwt_oo.decorators": "inject_user protected scoped",
    "sanic_jwt_oo.endpoints": """
        AuthenticateEndpoint BaseEndpoint LogoutAllEndpoint LogoutEndpoint
        RefreshEndpoint RetrieveUserEndpoint SessionEndpoint SessionsEndpoint
        VerifyEndpoint
    """,
    "sanic_jwt_oo.events": """
        Event LoginEvent LoginFailedEvent LogoutEvent RefreshEvent
        RefreshReusedEvent SessionEvictedEvent SocketClosedEvent
        TokenRejectedEvent
    """,
    "sanic_jwt_oo.exceptions": """
        AuthenticateNotImplemented AuthenticationFailed CSRFFailed
        ConflictingCredentials CookieTooLarge ExpiredToken HookNotImplemented
        InitializationFailure InsecureSecretWarning
        InvalidAuthorizationHeader InvalidClassViewsFormat
        InvalidConfiguration InvalidCustomClaim InvalidCustomClaimError
        InvalidPayload InvalidRequest InvalidRequestBody
        InvalidRetrieveUserObject InvalidToken InvalidVerification
        InvalidVerificationError LoginLimitUnavailable LoopNotRunning
        MeEndpointNotSetup MissingAuthorizationCookie
        MissingAuthorizationHeader MissingAuthorizationQueryArg
        MissingCredentials MissingRegisteredClaim MissingUserId
        ProvidedPathNotFound RefreshTokenNotImplemented RequiredKeysNotFound
        RetryLater SanicJWTException ScopesNotImplemented SessionNotFound
        SessionStoreUnavailable TooManyAttempts Unauthorized
        UserSecretNotImplemented WeakSecret
    """,
    "sanic_jwt_oo.responses": "Responses",
    "sanic_jwt_oo.sessions": """
        Cursor MemorySessionStore Outcome Page RedisSessionStore
        RevocationFeed SQLSessionStore Session SessionStore Sessions Swap
        UserId
    """,
    "sanic_jwt_oo.types": """
        Claims Decorator Injector KeyMaterial MaybeAwaitable Payload
        RequiredScopes SameSite Settings UserT
    """,
}
INTERNAL = {
    "Configuration": "build changes declarations derive for_request",
    "Sessions": """
        close find follow is_revoked is_revoked_locally open run_to_completion
        start swap
    """,
}
"""Names without an underscore that other modules of the package call.

They are not on the page, and may change at any time.
"""
OBJECTS = {
    "JWTAuth": JWTAuth,
    "Responses": Responses,
    "BaseEndpoint": BaseEndpoint,
    "Configuration": Configuration,
    "Sessions": Sessions,
    "Tokens": Tokens,
}
OF_SANIC = {*dir(HTTPMethodView), *map(str.lower, HTTP_METHODS)}
"""Names of a view that have the meaning that Sanic gives them."""
VERBS = {*CLASSES["JWTAuth"]["verb"].split()}


def listed(kinds):
    """Return the names of a class, or module, by kind."""
    return {kind: sorted(names.split()) for kind, names in kinds.items()}


def public_names(cls):
    """Return the public names that the package gives to a class."""
    names = {
        name
        for kind in cls.__mro__
        if kind.__module__.startswith("sanic_jwt_oo")
        for name in vars(kind)
    }
    if cls is JWTAuth:
        names |= {*vars(JWTAuth())}
    if cls in (Responses, BaseEndpoint):
        names |= {*vars(cls(JWTAuth()))}
    if cls is BaseEndpoint:
        names -= OF_SANIC
    if cls is Configuration:
        names -= Configuration.names()
    if cls is Tokens:
        names |= {field.name for field in fields(Tokens)}
    return {name for name in names if not name.startswith("_")}


# --- the list ---------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_has_the_public_names_of_the_list(name):
    expected = {n for names in CLASSES[name].values() for n in names.split()}
    internal = {*INTERNAL.get(name, "").split()}

    assert not expected & internal
    assert public_names(OBJECTS[name]) == expected | internal


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_the_public_names_of_the_list(name):
    module = import_module(name)
    names = {*module.__all__, *getattr(module, "_EXTRAS", ())}

    assert names == {*MODULES[name].split()}
    assert all(hasattr(module, public) for public in names)


@pytest.mark.parametrize("name", ["JWTAuth", "Responses"])
def test_hooks_are_declared_hooks(name):
    assert sorted(hooks_of(OBJECTS[name])) == CLASSES[name]["hook"].split()


def test_steps_are_declared_steps():
    assert sorted(steps_of(JWTAuth)) == STEPS.split()


def test_steps_has_hooks_and_steps_only():
    assert public_names(Steps) == {*HOOKS.split(), *STEPS.split()}


def test_the_page_has_the_same_list():
    sections = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]
    shown = {
        section.splitlines()[0]: {
            kind: re.findall(r"`(\w+)`", names)
            for kind, names in re.findall(
                r"^\| (\w+) \| (.+) \|$", section, re.MULTILINE
            )
            if kind != "kind"
        }
        for section in sections
    }

    assert shown == {
        **{name: listed(kinds) for name, kinds in CLASSES.items()},
        **{name: listed({"name": names}) for name, names in MODULES.items()},
    }


@pytest.mark.parametrize(
    "name", ["sanic_jwt_oo", "sanic_jwt_oo.events", "sanic_jwt_oo.sessions"]
)
def test_every_name_has_an_entry_in_the_reference(name):
    pages = "".join(page.read_text() for page in PAGE.parent.glob("*.md"))
    entries = {
        word
        for line in re.findall(
            r"^(?:\.\. auto\w+::|   :members:|      )(.*)$",
            pages,
            re.MULTILINE,
        )
        for word in re.findall(r"\w+", line)
    }
    aliases = {"Payload", "UserId"}
    elsewhere = {"exceptions", "AuthenticationFailed"}

    assert {*MODULES[name].split()} - aliases - elsewhere <= entries


# --- verbs ------------------------------------------------------------------


def methods_of_jwtauth():
    """Return the public methods in the source of `JWTAuth`, by name."""
    tree = ast.parse((PACKAGE / "auth.py").read_text())
    (cls,) = (n for n in tree.body if isinstance(n, ast.ClassDef))
    return {
        node.name: [ast.unparse(d) for d in node.decorator_list]
        for node in cls.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and not node.name.startswith("_")
    }


def test_every_verb_is_final():
    methods = methods_of_jwtauth()

    assert methods.keys() == VERBS | {"config", "sessions"}
    assert [n for n, how in methods.items() if "final" not in how] == []


def test_no_verb_is_a_hook_or_step():
    assert not VERBS & {*hooks_of(JWTAuth), *steps_of(JWTAuth)}


def test_the_package_calls_no_verb_through_an_instance():
    """Or else a verb that is replaced would change what others do.

    `compat` is an application in this respect. The default of
    `get_access_token_output` calls what 1.8 calls.
    """
    calls = [
        (path.relative_to(PACKAGE).as_posix(), node.func.attr)
        for path in PACKAGE.rglob("*.py")
        if "compat" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in VERBS
        and re.search(r"\b_?auth$", ast.unparse(node.func.value))
    ]

    assert calls == [("responses.py", "generate_access_token")]


def test_an_error_about_a_verb_names_something_to_override():
    of_responses = {f"Responses.{name}" for name in hooks_of(Responses)}

    assert _INSTEAD.keys() <= VERBS
    assert {*_INSTEAD.values()} <= {
        *HOOKS.split(),
        *STEPS.split(),
        *of_responses,
    }


def test_verbs_and_steps_have_docstrings():
    names = {*VERBS, *STEPS.split(), *HOOKS.split()}
    bare = [n for n in names if not inspect.getdoc(getattr(JWTAuth, n))]

    assert bare == []
