"""The endpoints, a view each, and the base of the application's own.

Each view is a few named steps around what `JWTAuth` does, and turns nothing
but the outcome into a response.
"""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from sanic import Request
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse, empty, json
from sanic.views import HTTPMethodView

from .decorators import passes_preflight
from .events import LoginEvent, RefreshEvent
from .exceptions import (
    AuthenticationFailed,
    InvalidRequest,
    InvalidRetrieveUserObject,
    InvalidToken,
    MissingUserId,
)
from .hooks import is_awaitable, resolve
from .locations import check_origin, is_same_site
from .logs import log_refusal
from .responses import NO_STORE
from .sessions import Cursor
from .state import Issuing
from .users import serialize_user

if TYPE_CHECKING:
    from .auth import JWTAuth

_PAGE = 100
_LIMIT = re.compile("[1-9][0-9]?|100")

_logger = logging.getLogger("sanic_jwt_oo")


class BaseEndpoint(HTTPMethodView):
    """Base of every view that hangs under the endpoints' prefix.

    A subclass goes into `class_views` and finds the installation in
    `self.auth`, its settings in `self.config`, what it was made on in
    `self.instance`, and its answers in `self.responses`.

    Attributes:
        checks_origin: Whether requests from pages of other sites are refused,
            with cookies on. Set it where a view logs users in or out.
    """

    checks_origin: bool = False

    def __init__(self, auth: JWTAuth[Any]) -> None:
        self.auth = auth
        self.config: Any = auth.config
        self.instance: Any = auth.instance
        self.responses: Any = auth.responses

    @passes_preflight
    async def options(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Answer a preflight request, also where `decorators` guard a view.

        A view that writes its own is guarded as a whole (requirement H7).
        """
        return empty()

    def dispatch_request(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> Any:
        """Have errors answered, and answer with the method's.

        Raises:
            CSRFFailed: A page of another site has sent the request, and
                `checks_origin` is on.
        """
        if request.app is not self.auth.answering_app:
            self.auth.answer_errors_of(request.app)
        if self.checks_origin:
            check_origin(request, self.auth.settings(request))
        return super().dispatch_request(request, *args, **kwargs)

    async def do_incoming(
        self, request: Request, args: Any, kwargs: Any
    ) -> tuple[Request, Any, Any]:
        """Look at, or replace, what came in; made to be overridden."""
        return request, args, kwargs

    async def do_output(self, output: dict[str, Any]) -> dict[str, Any]:
        """Look at, or replace, the body; made to be overridden."""
        return output

    async def do_response(self, response: HTTPResponse) -> HTTPResponse:
        """Look at, or replace, the response; made to be overridden."""
        return response

    async def issue(
        self, request: Request, user: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return an access token for `user`, and the body that carries it.

        Raises:
            AuthenticationFailed: The user has no id (requirement T14).
        """
        try:
            answer = self.auth.response_hooks[
                "get_access_token_output"
            ].direct(
                request,
                user,
                self.config,
                self.instance,
            )
            if is_awaitable(answer):
                answer = await answer
            token, output = answer
        except (InvalidRetrieveUserObject, MissingUserId) as exc:
            _logger.error("No token was issued: %s", exc)
            raise AuthenticationFailed() from exc
        return token, output

    async def admit(self, request: Request, user: Any) -> HTTPResponse:
        """Log a user in: issue tokens, start a session, and answer.

        A view that logs users in by other means than `authenticate` ends
        with this.

        Raises:
            AuthenticationFailed: The user has no id.
            SessionStoreUnavailable: The session cannot be kept.
        """
        auth = self.auth
        settings = auth.settings(request)
        refresh_token = session_id = None
        if auth.keeps_sessions:
            with Issuing(auth, user) as issued:
                access_token, output = await self.issue(request, user)
                refresh_token = await auth.start_session(request, user, issued)
                session_id = issued.session_id
        else:
            access_token, output = await self.issue(request, user)
            if settings.refresh_token_enabled:
                refresh_token = await auth.issue_refresh_token(request, user)
        if not settings.refresh_token_enabled:
            refresh_token = None
        elif self.responses.tokens_in_body(request):
            output[settings.refresh_token_name] = refresh_token
        told = auth.emit(LoginEvent, request, user, session_id)
        if told is not None:
            await told
        if auth.has_written("extend_authenticate"):
            output.update(
                await resolve(
                    auth.response_hooks["extend_authenticate"].direct(
                        request,
                        user,
                        access_token,
                        refresh_token,
                    )
                )
            )
        return await self._hand_over(
            request, output, access_token, refresh_token
        )

    async def _hand_over(
        self,
        request: Request,
        output: dict[str, Any],
        access_token: str,
        refresh_token: str | None,
    ) -> HTTPResponse:
        """Answer with tokens, in the body or in cookies."""
        response = self.auth.response_hooks["get_token_response"].direct(
            request,
            access_token,
            await self.do_output(output),
            self.config,
            refresh_token,
        )
        if not isinstance(response, HTTPResponse):
            response = await resolve(response)
        return await self.do_response(response)


class AuthenticateEndpoint(BaseEndpoint):
    """`POST /`: log in."""

    checks_origin = True

    async def post(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Answer with tokens for the user that `authenticate` returns."""
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        user = await self.auth.log_in(request, **kwargs)
        return await self.admit(request, user)


class RetrieveUserEndpoint(BaseEndpoint):
    """`GET /me`: the user of the token."""

    async def get(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Answer with the user that `retrieve_user` returns."""
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        payload = await self.auth.check(request)
        user = await self.auth.user_of(request, payload)
        if not user:
            raise AuthenticationFailed()
        output = {"me": await serialize_user(user)}
        if self.auth.has_written("extend_retrieve_user"):
            output.update(
                await resolve(
                    self.auth.response_hooks["extend_retrieve_user"].direct(
                        request, user, payload
                    )
                )
            )
        response = json(await self.do_output(output), headers=NO_STORE)
        return await self.do_response(response)


class VerifyEndpoint(BaseEndpoint):
    """`GET /verify`: whether the token is good."""

    async def get(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Answer `{"valid": ...}`, with the reasons if it is not."""
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        status, headers, payload = 200, {**NO_STORE}, None
        try:
            payload = await self.auth.verify_request(request)
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
        if self.auth.has_written("extend_verify"):
            output.update(
                await resolve(
                    self.auth.response_hooks["extend_verify"].direct(
                        request, None, payload
                    )
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
        """Answer with an access token, the old one may have expired.

        With a session store there is a new refresh token too, and the old
        one is used up.
        """
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        auth = self.auth
        user, presented, payload = await auth.refresh(request)
        successor = None
        with Issuing(auth, user, auth.session_of(request)) as issued:
            access_token, output = await self.issue(request, user)
            if auth.keeps_sessions:
                successor = await auth.renew_refresh_token(
                    request, presented, issued
                )
        if successor and self.responses.tokens_in_body(request):
            name = auth.settings(request).refresh_token_name
            output[name] = successor
        told = auth.emit(
            RefreshEvent, request, user, issued.session_id or None
        )
        if told is not None:
            await told
        if auth.has_written("extend_refresh"):
            output.update(
                await resolve(
                    auth.response_hooks["extend_refresh"].direct(
                        request,
                        user,
                        access_token,
                        successor or presented,
                        presented,
                        payload,
                    )
                )
            )
        return await self._hand_over(request, output, access_token, successor)


class LogoutEndpoint(BaseEndpoint):
    """`POST /logout`: end the session of the request."""

    checks_origin = True

    async def post(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Answer 204 once the session and its tokens are not valid any more.

        A refusal with 401 deletes the cookies as well: they are of no use.
        """
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        try:
            await self.end(request)
        except SanicException as exc:
            same_site = is_same_site(request, self.auth.settings(request))
            if exc.status_code != 401 or same_site is False:
                raise
            handlers: Any = request.app.error_handler
            refusal: HTTPResponse
            refusal = await resolve(handlers.response(request, exc))
            self.auth.delete_cookies(refusal, request)
            return refusal
        response = empty(headers=NO_STORE)
        self.auth.delete_cookies(response, request)
        return await self.do_response(response)

    async def end(self, request: Request) -> None:
        """End the one session."""
        await self.auth.log_out(request)


class LogoutAllEndpoint(LogoutEndpoint):
    """`POST /logout/all`: end every session of the user."""

    async def end(self, request: Request) -> None:
        """End them all."""
        await self.auth.log_out_everywhere(request)


class SessionsEndpoint(BaseEndpoint):
    """`GET /sessions`: the sessions of the user."""

    async def get(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Respond with a page of sessions, the most recently used first."""
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        payload = await self.auth.check(request)
        limit, after = self.read_page(request)
        page = await self.auth.page_of_sessions(
            request, limit=limit, after=after
        )
        shown = [
            {
                "id": session.id,
                "label": session.label,
                "created": session.created,
                "last_used": session.last_used,
                "expires": session.expires,
                "current": session.id == payload.get("sid"),
            }
            for session in page.sessions
        ]
        following = page.following and str(page.following)
        output = await self.do_output({"sessions": shown, "next": following})
        return await self.do_response(json(output, headers=NO_STORE))

    def read_page(self, request: Request) -> tuple[int, Cursor | None]:
        """Return the `limit` and `after` of the query string.

        Raises:
            InvalidRequest: They are not a number from 1 to 100, or not the
                `next` of another page.
        """
        limits = request.args.getlist("limit") or [str(_PAGE)]
        places = request.args.getlist("after") or []
        try:
            [limit], [after] = limits, places or [None]
            if not _LIMIT.fullmatch(limit):
                raise ValueError("The limit is out of bounds.")
            return int(limit), None if after is None else Cursor.parse(after)
        except ValueError as exc:
            raise InvalidRequest(
                f"limit is a number from 1 to {_PAGE}, and after the next of "
                "another page."
            ) from exc


class SessionEndpoint(BaseEndpoint):
    """`DELETE /sessions/<id>`: end one of the user's sessions."""

    async def delete(
        self, request: Request, *args: Any, **kwargs: Any
    ) -> HTTPResponse:
        """Answer 204 once it has ended, and 404 if it is not the user's.

        To end the session of the request is a log-out: cookies are deleted.
        """
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        payload = await self.auth.check(request)
        await self.auth.end_session(request, kwargs["session_id"])
        response = empty(headers=NO_STORE)
        if payload.get("sid") == kwargs["session_id"]:
            self.auth.delete_cookies(response, request)
        return await self.do_response(response)
