"""The way of a refresh: exchange a refresh token for a new access token."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any, NamedTuple

from ..access import (
    EventSender,
    Gate,
    NotAccepted,
    NoToken,
    Policies,
    Users,
    overriding,
    state_of,
)
from ..configuration import Configuration
from ..events import RefreshEvent, RefreshReusedEvent
from ..exceptions import (
    AuthenticationFailed,
    CSRFFailed,
    MissingCredentials,
    Unauthorized,
)
from ..hooks import HookTable, StepTable, resolve
from ..locations import is_forgeable, is_same_site, is_text, may_be_ambient
from ..sessions import Outcome, Session, Sessions
from ..types import Payload, Request
from .flows import Flows
from .grants import Grant, Tokens
from .issuing import Issuer


class Refreshed(NamedTuple):
    """The result of a refresh.

    Attributes:
        tokens: The new tokens; with a session store there is a new refresh
            token as well.
        presented: The refresh token of the request.
        payload: The payload of the old access token; with a session store,
            the id of the user and `sid`.
    """

    tokens: Tokens
    presented: str
    payload: Payload


class Refreshing:
    """Refreshes the access tokens of one installation.

    Args:
        owner: The installation.
        policies: Its policies.
        gate: Admits its requests.
        users: Finds its users.
        hooks: Its hooks.
        steps: Its overridden steps.
        events: Sends its events.
        issuer: Issues its access tokens.
        flows: Logs its users in.
        sessions: Its sessions, if it has a session store.
    """

    def __init__(
        self,
        owner: object,
        policies: Policies,
        gate: Gate,
        users: Users,
        hooks: HookTable,
        steps: StepTable,
        events: EventSender,
        issuer: Issuer,
        flows: Flows,
        sessions: Sessions | None,
    ) -> None:
        self._owner = owner
        self._policies = policies
        self._gate = gate
        self._users = users
        self._hooks = hooks
        self._steps = steps
        self._events = events
        self._issuer = issuer
        self._flows = flows
        self._sessions = sessions

    async def refresh(self, request: Request) -> Refreshed:
        """Issue a new access token for the refresh token of a request.

        Raises:
            Unauthorized: The access token is not valid, apart from its age.
            CSRFFailed: Another site may have caused the request.
            AuthenticationFailed: The refresh token is not valid, or was used
                before, which ends the session; or its user does not exist.
            SessionStoreUnavailable: It cannot be checked.
        """
        policy = self._policies.in_force(request)
        settings = policy.settings
        session: Session | None = None
        if self._sessions is None:
            user, presented, payload = await self._check_pair(request)
            grant = Grant(user, policy, request)
        else:
            session, presented = await self._find_session(request)
            payload = {settings.user_id: session.user_id, "sid": session.id}
            user = await resolve(self._users.named_by(request, payload))
            if not user:
                await self._sessions.revoke(session.id)
                raise AuthenticationFailed()
            grant = Grant(user, policy, request, session=session)
        successor = None
        access_token, output, in_body = await self._flows.issue_access_token(
            grant
        )
        grant.ended = True
        if session is not None:
            outcome, successor = await self.present(
                request, presented, session, grant.access_until
            )
            if outcome is Outcome.REFUSED:
                raise AuthenticationFailed()
            if in_body:
                output[settings.refresh_token_name] = successor
        sent = self._events.send(
            RefreshEvent, request, user, grant.session_id or None
        )
        if sent is not None:
            await sent
        tokens = self._flows.tokens(grant, access_token, successor, output)
        return Refreshed(tokens, presented, payload)

    async def _check_pair(self, request: Request) -> tuple[Any, str, Payload]:
        """Return user, refresh token and payload, without a session store."""
        with overriding(self._owner, {"verify_exp": False}):
            state = await self._gate.require_token(request)
            payload = state.claims()
            user = await resolve(self._users.named_by(request, payload))
        if not user:
            raise AuthenticationFailed()
        presented = await self.presented(request)
        stored = await self._hooks["retrieve_refresh_token"](
            user_id=await self._issuer.id_of(user),
            request=request,
            refresh_token=presented,
        )
        if not _same_secret(stored, presented):
            raise AuthenticationFailed()
        return user, presented, payload

    async def _find_session(self, request: Request) -> tuple[Session, str]:
        """Return the session of a refresh token, and the token."""
        policy = self._policies.in_force(request)
        presented = await self.presented(request)
        beside = await self.access_token_beside(request, presented)
        session = await self.find(presented)
        if session is None:
            raise AuthenticationFailed()
        check_same_session(beside, session, policy.settings)
        state_of(request, self._owner).session = session
        return session, presented

    def read_token(self, request: Request) -> str:
        """Return a refresh token; see `Steps.read_refresh_token`."""
        policy = self._policies.in_force(request)
        token, _, _ = policy.refresh.read(request)
        return token

    async def presented(self, request: Request) -> str:
        """Return the refresh token that a request presents.

        Raises:
            MissingCredentials: There is none.
            InvalidRequest: There is something else, or several that differ.
        """
        own = self._steps.own.get("read_refresh_token")
        if own is None:
            return self.read_token(request)
        token = await resolve(own(request))
        if not isinstance(token, str) or not token:
            raise MissingCredentials()
        if not is_text(token):
            raise AuthenticationFailed()
        return token

    async def find(self, presented: str) -> Session | None:
        """Return the session that a presented refresh token belongs to."""
        if self._sessions is None:
            return None
        return await self._sessions.find(presented)

    async def present(
        self,
        request: Request,
        presented: str,
        session: Session,
        access_until: float,
    ) -> tuple[Outcome, str]:
        """Use a refresh token, and detect if it was used before.

        Returns:
            The result, and the next refresh token.

        Raises:
            AuthenticationFailed: It was used before: the session has ended.
        """
        if self._sessions is None:
            raise AuthenticationFailed()
        settings = self._policies.in_force(request).settings
        outcome, successor = await self._sessions.swap(
            presented, session, access_until, settings
        )
        if outcome is Outcome.REUSED:
            await resolve(
                self._events.send(RefreshReusedEvent, request, session)
            )
            raise AuthenticationFailed()
        return outcome, successor

    async def access_token_beside(
        self, request: Request, presented: str, *, ending: bool = False
    ) -> Payload | None:
        """Return the payload of the access token beside a refresh token.

        It may have expired, and is not required, unless the request has a
        cookie: then the CSRF value of the access token proves who sent it. To
        end a session, what the browser says about the page is enough, because
        it may no longer have the access token.

        Raises:
            Unauthorized: The access token is needed, and not valid.
            CSRFFailed: Its CSRF value is in no header.
        """
        changes = {"verify_exp": False, "revocation_check": "never"}
        with overriding(self._owner, changes):
            try:
                state = await self._gate.require_token(request)
            except CSRFFailed:
                raise  # whichever credential the refresh token came in
            except Unauthorized as exc:
                cause = exc.__cause__
                missing = isinstance(
                    cause, MissingCredentials
                ) and not isinstance(cause, NotAccepted)
                if self._gate.takes_own_steps and not (
                    missing and self._gate.has_no_token(request)
                ):
                    raise  # it may be the application that refuses
                refusal = exc
            else:
                if not isinstance(state.token, NoToken):
                    return state.claims()
                refusal = Unauthorized()
            settings = self._policies.in_force(request).settings
            if self._is_forgeable(request, presented) and not (
                ending and is_same_site(request, settings)
            ):
                raise refusal
        return None

    def _is_forgeable(self, request: Request, presented: str) -> bool:
        """Return whether another site could have caused a request."""
        policy = self._policies.in_force(request)
        if (
            "read_refresh_token" in self._steps.own
            and is_forgeable(request, policy.settings)
            and may_be_ambient(request, policy.settings, presented)
        ):
            return True
        return policy.access.is_forgeable(
            request
        ) or policy.refresh.is_forgeable(request)


def check_same_session(
    payload: Payload | None, session: Session, settings: Configuration
) -> None:
    """Refuse an access token of another session or user (R7).

    Raises:
        AuthenticationFailed: It is.
    """
    if payload is not None and (
        payload.get(settings.user_id) != session.user_id
        or payload.get("sid") not in (None, session.id)
    ):
        raise AuthenticationFailed()


def _same_secret(stored: Any, given: str) -> bool:
    """Compare a stored secret with a given one in constant time."""
    if isinstance(stored, str):
        stored = stored.encode("utf-8", "surrogatepass")
    if not isinstance(stored, bytes) or not stored:
        return False
    return compare_digest(stored, given.encode("utf-8", "surrogatepass"))
