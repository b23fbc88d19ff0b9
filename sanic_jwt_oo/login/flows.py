"""The way of a login: find the user, then issue tokens.

The order is `log_in`, `issue_tokens`. A refresh uses `issue_access_token` too.
`responding` makes the responses.
"""

from __future__ import annotations

from math import ceil
from typing import Any
from uuid import UUID

from ..access import EventSender, Policies
from ..events import LoginEvent, LoginFailedEvent, SessionEvictedEvent
from ..exceptions import (
    AuthenticationFailed,
    InvalidRetrieveUserObject,
    MissingUserId,
)
from ..hooks import HookTable, StepTable, is_awaitable, resolve
from ..locations import read_fields
from ..runtime.logs import log_refusal, logger
from ..sessions import Sessions
from ..types import Request, SanicException
from .accounts import usual_accounts
from .grants import Grant, Tokens, granting
from .issuing import Issuer
from .throttling import Hit, Throttle

_LABEL_LENGTH = 255


class Flows:
    """Logs users in to one installation.

    Args:
        owner: The installation.
        auth: The object of the application's class.
        policies: The policies of the installation.
        hooks: Its hooks.
        response_hooks: The hooks of its `Responses`.
        steps: Its overridden steps.
        events: Sends its events.
        issuer: Issues its access tokens.
        sessions: Its sessions, if it has a session store.
        throttle: Counts its logins, if they are limited.
    """

    def __init__(
        self,
        owner: object,
        auth: Any,
        policies: Policies,
        hooks: HookTable,
        response_hooks: HookTable,
        steps: StepTable,
        events: EventSender,
        issuer: Issuer,
        sessions: Sessions | None,
        throttle: Throttle | None,
    ) -> None:
        self._owner = owner
        self._auth = auth
        self._policies = policies
        self._hooks = hooks
        self._response_hooks = response_hooks
        self._steps = steps
        self._events = events
        self._issuer = issuer
        self._sessions = sessions
        self._throttle = throttle
        self._falsy_user_logged = False

    async def log_in(self, request: Request, **route_parameters: Any) -> Any:
        """Return the user whose credentials a request has.

        Raises:
            AuthenticationFailed: The credentials are wrong.
            InvalidRequestBody: The body is neither a JSON object nor a form.
            TooManyAttempts: A `login_limit_...` is reached.
            LoginLimitUnavailable: Attempts cannot be counted.
        """
        check_body = self._steps.own.get("check_log_in_body")
        if check_body is None:
            read_fields(request)
        else:
            await resolve(check_body(request))
        hits: list[Hit] = []
        try:
            if self._throttle is not None:
                hits = await self._count(request, self._throttle)
            hook = self._hooks["authenticate"]
            user = (
                hook.call({**route_parameters, "request": request})
                if route_parameters
                else hook.direct(request)
            )
            if is_awaitable(user):
                user = await user
            if not user:
                self._log_falsy_user(user)
                raise AuthenticationFailed()
        except SanicException as exc:
            log_refusal(request, exc)
            if exc.status_code < 500:
                await resolve(
                    self._events.send(LoginFailedEvent, request, exc)
                )
            raise
        if self._throttle is not None:
            await self._throttle.refund(hits)
        return user

    async def issue_tokens(
        self, user: Any, request: Request | None = None
    ) -> Tokens:
        """Start a session for a user, if there is a store, and issue tokens.

        Raises:
            AuthenticationFailed: The user has no id.
            SessionStoreUnavailable: The session cannot be stored.
        """
        policy = self._policies.in_force(request)
        sessions, settings = self._sessions, policy.settings
        grant = Grant(
            user, policy, request, starts_session=sessions is not None
        )
        access_token, output, in_body = await self.issue_access_token(grant)
        refresh_token = None
        if sessions is not None:
            refresh_token = await self._start_session(grant, sessions)
        elif settings.refresh_token_enabled:
            issue = self._steps.own.get("issue_refresh_token")
            refresh_token = await resolve(
                (issue or self.issue_refresh_token)(request, user)
            )
        if not settings.refresh_token_enabled:
            refresh_token = None
        elif in_body:
            output[settings.refresh_token_name] = refresh_token
        session_id = grant.session_id or None
        sent = self._events.send(LoginEvent, request, user, session_id)
        if sent is not None:
            await sent
        return self.tokens(grant, access_token, refresh_token, output)

    async def issue_access_token(
        self, grant: Grant
    ) -> tuple[str, dict[str, Any], bool]:
        """Return an access token, and the body that contains it.

        Returns:
            The token, the body, and whether tokens are in bodies.

        Raises:
            AuthenticationFailed: The user has no id.
        """
        hooks, auth, request = self._response_hooks, self._auth, grant.request
        settings = grant.policy.settings
        in_body = grant.policy.tokens_in_body
        own_steps = self._steps.own
        try:
            if hooks.is_overridden("get_access_token_output") and request:
                with granting(self._owner, grant):
                    token, output = await resolve(
                        hooks["get_access_token_output"].direct(
                            request, grant.user, auth.config, auth.instance
                        )
                    )
                return token, output, in_body
            if "generate_access_token" in own_steps:
                with granting(self._owner, grant):
                    token = await resolve(
                        own_steps["generate_access_token"](grant.user)
                    )
            else:
                token = await self._issuer.access_token(grant)
        except (InvalidRetrieveUserObject, MissingUserId) as exc:
            logger.error("No token was issued: %s", exc)
            raise AuthenticationFailed() from exc
        output = {settings.access_token_name: token} if in_body else {}
        return token, output, in_body

    def tokens(
        self,
        grant: Grant,
        access_token: str,
        refresh_token: str | None,
        output: dict[str, Any],
    ) -> Tokens:
        """Return what was issued for a grant."""
        if grant.expires is None:
            expires_in = int(grant.policy.settings.expiration_delta)
        else:
            expires_in = ceil(grant.expires - self._steps.now())
        return Tokens(
            access_token,
            refresh_token,
            grant.session_id or None,
            expires_in if expires_in > 0 else 0,
            grant.user,
            output,
        )

    async def issue_refresh_token(
        self, request: Request | None, user: Any
    ) -> str:
        """Return a refresh token; see `Steps.issue_refresh_token`."""
        token: str = await self._hooks["generate_refresh_token"](
            request=request, user=user
        )
        await self._hooks["store_refresh_token"](
            user_id=await self._issuer.id_of(user),
            refresh_token=token,
            request=request,
        )
        return token

    async def _start_session(self, grant: Grant, sessions: Sessions) -> str:
        """Start the session of a grant; return its first refresh token.

        If the user has `max_sessions` already, the least recently used one
        ends, and `on_session_evicted` is called.
        """
        request = grant.request
        if self._hooks.is_overridden("session_label"):
            hook = self._hooks["session_label"]
            label = await resolve(hook.direct(request, grant.user))
        else:
            label = request and request.headers.get("user-agent")
        printable = filter(str.isprintable, str(label or ""))
        if not grant.session_id:
            user_id = await self._issuer.id_of(grant.user)
            grant.name_session(
                str(user_id) if isinstance(user_id, UUID) else user_id
            )
        return await sessions.start(
            grant.session_id,
            grant.user_id,
            "".join(printable)[:_LABEL_LENGTH],
            grant.access_until,
            grant.policy.settings,
            lambda evicted: self._events.send(
                SessionEvictedEvent, request, evicted
            ),
        )

    async def _count(self, request: Request, throttle: Throttle) -> list[Hit]:
        """Count an attempt to log in, or refuse it."""
        account = self._steps.own.get("login_account")
        address = self._steps.own.get("login_address")
        return await throttle.count(
            await resolve((account or usual_accounts)(request)),
            await resolve(address(request))
            if address
            else request.remote_addr or request.ip,
        )

    def _log_falsy_user(self, user: Any) -> None:
        """Log, once, that `authenticate` returned an empty user.

        `None` and `False` are its ways to refuse a login.
        """
        if user is None or user is False or self._falsy_user_logged:
            return
        self._falsy_user_logged = True
        logger.warning(
            "authenticate() returned a falsy user, of class %s: the login "
            "was refused. Return a user with a %r, or None to refuse.",
            type(user).__name__,
            self._policies.in_force().settings.user_id,
        )
