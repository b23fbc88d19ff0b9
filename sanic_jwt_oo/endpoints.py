"""The endpoints, a view each, and the base class of custom views.

A view parses the request, calls the installation, and turns the result into
a response.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sanic import Request
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse, empty, json
from sanic.views import HTTPMethodView

from .access import state_of
from .configuration import Configuration
from .decorators import passes_preflight
from .exceptions import (
    AuthenticationFailed,
    InvalidRequest,
    InvalidToken,
)
from .hooks import resolve
from .installation import Installation
from .locations import check_origin, is_same_site
from .login import NO_STORE, Grant, Responder, serialize_user
from .responses import Responses
from .runtime.logs import log_refusal
from .sessions import Cursor

if TYPE_CHECKING:
    from .auth import JWTAuth

__all__ = [
    "AuthenticateEndpoint",
    "BaseEndpoint",
    "LogoutAllEndpoint",
    "LogoutEndpoint",
    "RefreshEndpoint",
    "RetrieveUserEndpoint",
    "SessionEndpoint",
    "SessionsEndpoint",
    "VerifyEndpoint",
]

_PAGE = 100
_LIMIT = re.compile("[1-9][0-9]?|100")


class BaseEndpoint(HTTPMethodView):
    """Base class of every view under the prefix of the endpoints.

    List a subclass in `class_views`. It has the `JWTAuth` object as
    `self.auth`, its settings as `self.config`, the application or blueprint
    it was installed on as `self.instance`, and its responses as
    `self.responses`.

    Args:
        auth: The `JWTAuth` object, or its responses as in sanic-jwt.
        config: The settings, which sanic-jwt passes; no effect.
        instance: What was installed on, which sanic-jwt passes; no effect.
        responses: In place of `auth`, as in sanic-jwt.

    Attributes:
        checks_origin: Whether requests from pages of other sites are refused
            if cookies are on. Set it if the view logs users in or out.
    """

    checks_origin: bool = False

    def __init_subclass__(cls, *args: Any, **kwargs: Any) -> None:
        get, head = getattr(cls, "get", None), getattr(cls, "head", None)
        inherited = getattr(super(cls, cls), "get", None)
        if get is not None and head in (None, inherited):
            # sanic-ext needs a method for each method of a route
            setattr(cls, "head", get)  # noqa: B010
        super().__init_subclass__(*args, **kwargs)

    def __init__(
        self,
        auth: JWTAuth[Any] | Responses | None = None,
        config: Any = None,
        instance: Any = None,
        responses: Responses | None = None,
    ) -> None:
        found: Any = auth if responses is None else responses
        self._responses: Responses | None = None
        if isinstance(found, Responses):
            self._responses, found = found, found.auth
        self.auth: JWTAuth[Any] = found
        self._installation: Installation = found._sanic_jwt_oo
        self._responder: Responder = self._installation.responder
        own = self._responses
        if own is not None and own is not found.responses:
            self._responder = self._responder.with_hooks_of(own)

    @property
    def config(self) -> Configuration:
        """The settings; with `Initialize`, their callable view."""
        return self.auth.config

    @property
    def instance(self) -> Any:
        """The application, blueprint or group that was installed on."""
        return self.auth.instance

    @property
    def responses(self) -> Responses:
        """The responses of the installation."""
        return self._responses or self.auth.responses

    @passes_preflight
    async def options(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Respond to a preflight request, even if `decorators` guard a view.

        They also guard this method if a subclass overrides it.
        """
        return empty()

    def dispatch_request(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> Any:
        """Call the method of the view for a request.

        Raises:
            CSRFFailed: `checks_origin` is on, and a page of another site sent
                the request.
        """
        installation = self._installation
        if request.app is not installation.gate.app:
            installation.gate.prepare(request.app)
        if self.checks_origin:
            policy = installation.policies.in_force(request)
            if policy.settings.cookie_set:
                check_origin(request, policy.settings)
        return super().dispatch_request(request, *args, **kwargs)

    async def do_incoming(
        self, request: Request, args: Any, kwargs: Any
    ) -> tuple[Request, Any, Any]:
        """Return the request and its arguments. Override to change them."""
        return request, args, kwargs

    async def do_output(self, output: dict[str, Any]) -> dict[str, Any]:
        """Return the body of the response. Override to change it."""
        return output

    async def do_response(self, response: HTTPResponse) -> HTTPResponse:
        """Return the response. Override to change it."""
        return response

    async def issue(
        self, request: Request, user: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return an access token for a user, and the body that contains it.

        Raises:
            AuthenticationFailed: The user has no id.
        """
        installation = self._installation
        policy = installation.policies.in_force(request)
        grant = Grant(user, policy, request)
        token, output, _ = await installation.flows.issue_access_token(grant)
        return token, output

    async def admit(self, request: Request, user: Any) -> HTTPResponse:
        """Log a user in: issue tokens, start a session, and respond.

        A view that authenticates users by itself, without the hook
        `authenticate`, returns this.

        Raises:
            AuthenticationFailed: The user has no id.
            SessionStoreUnavailable: The session cannot be stored.
        """
        installation = self._installation
        tokens = await installation.flows.issue_tokens(user, request)
        return await self.do_response(
            await self._responder.after_login(request, tokens, self.do_output)
        )


class AuthenticateEndpoint(BaseEndpoint):
    """`POST /`: log in."""

    checks_origin = True

    async def post(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Return tokens for the user that `authenticate` returns."""
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        user = await self._installation.flows.log_in(request, **kwargs)
        return await self.admit(request, user)


class RetrieveUserEndpoint(BaseEndpoint):
    """`GET /me`: the user of the token."""

    async def get(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Return the user that `retrieve_user` returns."""
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        installation = self._installation
        state = await installation.gate.require_token(request)
        payload = state.claims()
        user = await resolve(installation.users.named_by(request, payload))
        if not user:
            raise AuthenticationFailed()
        output = {
            "me": await serialize_user(user),
            **await self._responder.extension(
                "extend_retrieve_user", request, user, payload
            ),
        }
        response = json(await self.do_output(output), headers=NO_STORE)
        return await self.do_response(response)


class VerifyEndpoint(BaseEndpoint):
    """`GET /verify`: whether the token is valid."""

    async def get(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Return `{"valid": ...}`, with the reasons if it is not valid."""
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        status, headers, payload = 200, {**NO_STORE}, None
        try:
            gate = self._installation.gate
            state = state_of(request, self._installation)
            state = await gate.examine(request, state)
            payload = state.claims()
            output: dict[str, Any] = {"valid": True}
        except InvalidToken as exc:
            log_refusal(request, exc)
            status = exc.status_code
            headers["WWW-Authenticate"] = self.responses.challenge(
                request, exc
            )
            output = {
                "valid": False,
                "reasons": self.responses.reasons(request, exc),
                "exception": InvalidToken.__name__,
            }
        output.update(
            await self._responder.extension(
                "extend_verify", request, None, payload
            )
        )
        response = json(
            await self.do_output(output), status=status, headers=headers
        )
        return await self.do_response(response)


class RefreshEndpoint(BaseEndpoint):
    """`POST /refresh`: a new access token for a refresh token."""

    checks_origin = True

    async def post(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Return a new access token; the old one may have expired.

        With a session store, the response also has a new refresh token, and
        the old one becomes invalid.
        """
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        installation = self._installation
        refreshed = await installation.refreshing.refresh(request)
        return await self.do_response(
            await self._responder.after_refresh(
                request, refreshed, self.do_output
            )
        )


class LogoutEndpoint(BaseEndpoint):
    """`POST /logout`: end the session of the request."""

    checks_origin = True

    async def post(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Respond with 204 when the session and its tokens are revoked.

        A response with 401 deletes the cookies too, because they are useless.
        """
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        try:
            await self.end(request)
        except SanicException as exc:
            policy = self._installation.policies.in_force(request)
            same_site = is_same_site(request, policy.settings)
            if exc.status_code != 401 or same_site is False:
                raise
            handlers: Any = request.app.error_handler
            refusal: HTTPResponse
            refusal = await resolve(handlers.response(request, exc))
            self._installation.cookies.delete(refusal, request)
            return refusal
        response = empty(headers=NO_STORE)
        self._installation.cookies.delete(response, request)
        return await self.do_response(response)

    async def end(self, request: Request) -> None:
        """End the session of the request."""
        await self._installation.own_sessions.log_out(request)


class LogoutAllEndpoint(LogoutEndpoint):
    """`POST /logout/all`: end every session of the user."""

    async def end(self, request: Request) -> None:
        """End every session of the user."""
        await self._installation.own_sessions.log_out_everywhere(request)


class SessionsEndpoint(BaseEndpoint):
    """`GET /sessions`: the sessions of the user."""

    async def get(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Return a page of sessions, the most recently used first."""
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        state = await self._installation.gate.require_token(request)
        limit, after = self.read_page(request)
        page = await self._installation.own_sessions.page(
            request, limit=limit, after=after
        )
        sessions = [
            {
                "id": session.id,
                "label": session.label,
                "created": session.created,
                "last_used": session.last_used,
                "expires": session.expires,
                "current": session.id == state.claims().get("sid"),
            }
            for session in page.sessions
        ]
        following = page.following and str(page.following)
        output = await self.do_output(
            {"sessions": sessions, "next": following}
        )
        return await self.do_response(json(output, headers=NO_STORE))

    def read_page(self, request: Request) -> tuple[int, Cursor | None]:
        """Return the `limit` and `after` of the query string.

        Raises:
            InvalidRequest: `limit` is not a number from 1 to 100, or `after`
                is not the `next` of another page.
        """
        limits = request.args.getlist("limit") or [str(_PAGE)]
        cursors = request.args.getlist("after") or [None]
        try:
            [limit], [after] = limits, cursors
            if not _LIMIT.fullmatch(limit):
                raise ValueError("The limit is out of bounds.")
            return int(limit), None if after is None else Cursor.parse(after)
        except ValueError as exc:
            raise InvalidRequest(
                f"limit must be a number from 1 to {_PAGE}, and after must be "
                "the next of another page."
            ) from exc


class SessionEndpoint(BaseEndpoint):
    """`DELETE /sessions/<id>`: end one of the user's sessions."""

    async def delete(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Respond with 204 when it has ended, 404 if the user has no such one.

        If it is the session of the request, the cookies are deleted.
        """
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        state = await self._installation.gate.require_token(request)
        session_id = kwargs["session_id"]
        await self._installation.own_sessions.end(request, session_id)
        response = empty(headers=NO_STORE)
        if state.claims().get("sid") == session_id:
            self._installation.cookies.delete(response, request)
        return await self.do_response(response)
