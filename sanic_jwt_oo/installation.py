"""One installation: everything that the package keeps for a `JWTAuth` object.

It is the only private attribute of the object. `integration.installing`
settles it once; it cannot be used before.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping
from time import time
from typing import Any, TypeAlias

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException

from .access import Authorizer, EventSender, Gate, Policies, Users
from .exceptions import (
    InitializationFailure,
    InsecureSecretWarning,
    WeakSecret,
)
from .hooks import HookTable, StepTable, resolve
from .keys import Key, check_strength, run_secret
from .login import (
    Flows,
    Issuer,
    OwnSessions,
    Refreshing,
    Responder,
    Throttle,
    TokenCookies,
)
from .runtime.logs import warn_user
from .sessions import Sessions
from .tokens import make_claims

INSTALLED = "sanic_jwt_oo_installed"
"""The first `JWTAuth` object on an application or blueprint, on its `ctx`.

`auth` is the same one, unless the application uses that name for something
else."""
View: TypeAlias = tuple[str, str, Callable[..., Any]]
"""Name, path and handler of an endpoint."""


class Installation:
    """The collaborators of one `JWTAuth` object.

    Args:
        auth: The object.

    Attributes:
        auth: The object.
        given: The settings that were passed to it.
        app: The application, once it is settled.
        throttle: Counts login attempts, if they are limited.
        hooks: Its hooks.
        response_hooks: The hooks of its `Responses`.
        steps: Its overridden steps.
        events: Sends its events.
        sessions: Its sessions, if it has a session store.
        policies: The settings in force.
        gate: Admits requests.
        users: Finds the users of requests.
        authorizer: Decides about scopes.
        issuer: Issues access tokens.
        flows: Logs users in.
        refreshing: Refreshes access tokens.
        responder: Makes the responses with tokens.
        cookies: Writes and deletes cookies.
        views: Its endpoints.
        watches: The `SocketWatch` of each event loop with open sockets.
    """

    hooks: HookTable
    response_hooks: HookTable
    steps: StepTable
    events: EventSender
    policies: Policies
    gate: Gate
    users: Users
    authorizer: Authorizer
    issuer: Issuer
    flows: Flows
    refreshing: Refreshing
    responder: Responder
    cookies: TokenCookies
    views: list[View]

    def __init__(self, auth: Any) -> None:
        self.auth: Any = auth
        self.given: dict[str, Any] = {}
        self.app: Sanic[Any, Any] | None = None
        self.sessions: Sessions | None = None
        self.throttle: Throttle | None = None
        self.watches: dict[AbstractEventLoop, Any] = {}
        self._own_sessions: OwnSessions | None = None
        self._become(NotInstalled)

    def settled(self) -> None:
        """Allow the use of everything: the object is installed."""
        self._become(Installation)

    def _become(self, kind: Any) -> None:
        self.__class__ = kind

    def reset(self) -> None:
        """Forget everything that was settled, after a refused install."""
        auth, given = self.auth, self.given
        vars(self).clear()
        Installation.__init__(self, auth)
        self.given = given

    @property
    def is_settled(self) -> bool:
        """Whether settings, keys and hooks are settled."""
        return type(self) is Installation

    @property
    def own_sessions(self) -> OwnSessions:
        """The sessions of users who ask for them.

        Raises:
            InitializationFailure: There is no session store.
        """
        if self._own_sessions is not None:
            return self._own_sessions
        if not self.is_settled:
            raise self.not_installed()
        raise InitializationFailure(
            f"{type(self.auth).__name__} keeps no sessions: it has no "
            "session_store.",
            500,
        )

    @own_sessions.setter
    def own_sessions(self, own_sessions: OwnSessions) -> None:
        self._own_sessions = own_sessions

    def not_installed(self) -> InitializationFailure:
        """Return the error of an object that is not installed."""
        return InitializationFailure(
            f"{type(self.auth).__name__} is not installed: call its "
            ".install(app). One that was installed on a blueprint has no "
            "settings before that is registered.",
            500,
        )

    def settle_steps(self) -> None:
        """Find the steps and checks that the object has now."""
        self.steps.settle()
        claims = make_claims(self.auth.custom_claims)
        self.issuer.claims = claims
        self.gate.settle(claims, self.auth.extra_verifications)

    def changes(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return checked changes of settings; see `Configuration.changes`."""
        changes: dict[str, Any] = self.auth.Configuration.changes(settings)
        return changes

    def random_secret(self) -> str:
        """Return a secret for this run; see `Steps.random_secret`."""
        if not self.is_settled:  # not for the keys of one route
            warn_user(
                "No secret is set. Using a random one: all tokens become "
                "invalid when the server stops. Set secret=... before you "
                "deploy.",
                InsecureSecretWarning,
            )
        return run_secret(self.app.name if self.app else "")

    def check_strength(self, key: Key) -> None:
        """Refuse a key that is too weak, or warn about it.

        Raises:
            WeakSecret: It is, in the class form.
        """
        try:
            check_strength(key)
        except WeakSecret as exc:
            self.auth.Configuration._report_weak_secret(exc)

    @staticmethod
    def system_time() -> float:
        """Return the time; see `Steps.now`."""
        return time()

    async def exception_response(
        self, request: Request, exception: SanicException
    ) -> HTTPResponse:
        """Return the response for an error."""
        response: HTTPResponse = await resolve(
            self.response_hooks["exception_response"].direct(
                request, exception
            )
        )
        return response


class NotInstalled(Installation):
    """The class of an installation until everything is settled.

    One that is settled has no `__getattr__`: Python 3.11 and later cache
    where the attributes of such an object are.
    """

    responder: Any = None  # a view can be made before

    def __getattr__(self, name: str) -> Any:
        """Refuse to use an object that is not installed.

        Raises:
            InitializationFailure: Always.
        """
        if name.startswith("_"):
            raise AttributeError(name)
        raise self.not_installed()


def installation_of(auth: object) -> Installation | None:
    """Return the installation of a `JWTAuth` object, `None` of any other."""
    found = getattr(auth, "_sanic_jwt_oo", None)
    return found if isinstance(found, Installation) else None


def installation_on(target: Any) -> Installation | None:
    """Return the installation on an application or blueprint, if any."""
    context = getattr(target, "ctx", None)
    for name in ("auth", INSTALLED):
        found = installation_of(getattr(context, name, None))
        if found is not None:
            return found
    return None


def find_installation(initialized_on: Any, request: Request) -> Installation:
    """Return the installation that a decorator means.

    Args:
        initialized_on: The `JWTAuth` object, or what it was installed on;
            `None` is the application of the request.
        request: The request.

    Raises:
        InitializationFailure: There is none.
    """
    found = installation_of(initialized_on)
    if found is not None:
        return found
    found = installation_on(
        request.app if initialized_on is None else initialized_on
    )
    if found is not None:
        return found
    raise InitializationFailure(
        "No installation was found for this route: call .install(app) or "
        "Initialize(app, ...). One that was made on a blueprint is named in "
        "the decorator: @protected(blueprint).",
        500,
    )
