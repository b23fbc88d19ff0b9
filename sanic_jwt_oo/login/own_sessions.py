"""Ends and lists the sessions of the user of a request."""

from __future__ import annotations

from typing import NamedTuple

from ..access import EventSender, Gate, Policies, overriding
from ..configuration import Configuration
from ..events import LogoutEvent
from ..exceptions import (
    AuthenticationFailed,
    MissingCredentials,
    SessionNotFound,
    Unauthorized,
)
from ..hooks import StepTable, resolve
from ..sessions import Cursor, Page, Session, Sessions, UserId
from ..sessions.model import is_session_id
from ..types import Payload, Request
from .refreshing import Refreshing, check_same_session


class _Ending(NamedTuple):
    """The session or token that a logout ends.

    Attributes:
        user_id: The user.
        session_id: The session, if the token belongs to one.
        payload: The payload of the access token, if it names them.
    """

    user_id: UserId
    session_id: str | None
    payload: Payload | None


class OwnSessions:
    """Ends and lists sessions of users, who present their own tokens.

    Args:
        owner: The installation.
        policies: Its policies.
        gate: Admits its requests.
        steps: Its overridden steps.
        events: Sends its events.
        refreshing: Refreshes its access tokens.
        sessions: Its sessions.
    """

    def __init__(
        self,
        owner: object,
        policies: Policies,
        gate: Gate,
        steps: StepTable,
        events: EventSender,
        refreshing: Refreshing,
        sessions: Sessions,
    ) -> None:
        self._owner = owner
        self._policies = policies
        self._gate = gate
        self._steps = steps
        self._events = events
        self._refreshing = refreshing
        self._sessions = sessions

    async def log_out(self, request: Request) -> None:
        """End the session of a request; see `JWTAuth.log_out`."""
        ending = await self._named_in(request)

        async def work() -> None:
            await self._end(ending)
            await self._send(request, ending.user_id, ending.session_id)

        await self._sessions.run_to_completion(work())

    async def log_out_everywhere(self, request: Request) -> None:
        """End every session of the user of a request."""
        ending = await self._named_in(request)

        async def work() -> None:
            await self._sessions.revoke_all(ending.user_id)
            await self._end(ending)
            await self._send(request, ending.user_id, None)

        await self._sessions.run_to_completion(work())

    async def current(self, request: Request) -> Session:
        """Return the session of a request.

        Raises:
            Unauthorized: There is no valid token.
            AuthenticationFailed: It belongs to no session, or that has ended.
        """
        state = await self._gate.require_token(request)
        session_id = state.claims().get("sid")
        if isinstance(session_id, str) and is_session_id(session_id):
            session = await self._sessions.get(session_id)
            if session is not None:
                return session
        raise AuthenticationFailed()

    async def list(self, request: Request) -> list[Session]:
        """Return the sessions of the user of a request."""
        return await self._sessions.list(await self._user_id(request))

    async def page(
        self, request: Request, *, limit: int, after: Cursor | None
    ) -> Page:
        """Return some sessions of the user of a request."""
        user_id = await self._user_id(request)
        return await self._sessions.page(user_id, limit=limit, after=after)

    async def end(self, request: Request, session_id: str) -> None:
        """End a session of the user of a request.

        Raises:
            SessionNotFound: The user has no such session.
        """
        user_id = await self._user_id(request)
        # an id of another form cannot be looked up in every store
        known = is_session_id(session_id)
        session = await self._sessions.get(session_id) if known else None
        if session is None or session.user_id != user_id:
            raise SessionNotFound()

        async def work() -> None:
            await self._sessions.revoke(session_id)
            await self._send(request, user_id, session_id)

        await self._sessions.run_to_completion(work())

    async def _end(self, ending: _Ending) -> None:
        """End one session, or revoke the access token if that is not possible.

        A session that has expired cannot be revoked, but its last access token
        may still be valid.
        """
        if ending.session_id is not None and await self._sessions.revoke(
            ending.session_id
        ):
            return
        if ending.payload is None:  # a refresh token named the session
            return
        try:
            await self._sessions.revoke_token(ending.payload)
        except ValueError as exc:
            raise AuthenticationFailed() from exc

    async def _send(
        self, request: Request, user_id: UserId, session_id: str | None
    ) -> None:
        await resolve(
            self._events.send(LogoutEvent, request, user_id, session_id)
        )

    async def _user_id(self, request: Request) -> UserId:
        state = await self._gate.require_token(request)
        settings = self._policies.in_force(request).settings
        return _user_in(state.claims(), settings)

    async def _named_in(self, request: Request) -> _Ending:
        """Return the session that the refresh token of a logout names."""
        policy = self._policies.in_force(request)
        try:
            presented = await self._refreshing.presented(request)
        except MissingCredentials:
            return await self._named_by_access_token(request)
        beside = await self._refreshing.access_token_beside(
            request, presented, ending=True
        )
        session = await self._refreshing.find(presented)
        if session is None:
            return await self._named_by_access_token(request)
        check_same_session(beside, session, policy.settings)
        await self._refreshing.present(
            request, presented, session, session.access_until
        )
        return _Ending(session.user_id, session.id, None)

    async def _named_by_access_token(self, request: Request) -> _Ending:
        settings = self._policies.in_force(request).settings
        gate = self._gate
        try:
            with overriding(self._owner, {"verify_exp": False}):
                state = await gate.require_token(request)
                if (
                    settings.revocation_check == "never"
                    and state.token.expires <= self._steps.now()
                ):
                    # an expired token is valid here while its session lasts
                    changes = {"revocation_check": "store"}
                    with overriding(self._owner, changes):
                        state = await gate.admit(request)
        except Unauthorized as exc:
            if not isinstance(exc.__cause__, MissingCredentials):
                raise
            raise Unauthorized(
                "There is no token: send the access token, or "
                f"`{settings.refresh_token_name}`."
            ) from None
        payload = state.token.payload()
        session_id = payload.get("sid")
        if not (session_id is None or isinstance(session_id, str)):
            raise AuthenticationFailed()
        return _Ending(_user_in(payload, settings), session_id, payload)


def _user_in(payload: Payload, settings: Configuration) -> UserId:
    """Return the user id in a payload; it may be missing or invalid.

    Raises:
        AuthenticationFailed: It is.
    """
    user_id = payload.get(settings.user_id)
    if not isinstance(user_id, (str, int)) or isinstance(user_id, bool):
        raise AuthenticationFailed()
    return user_id
