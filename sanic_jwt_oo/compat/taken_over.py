"""Methods of sanic-jwt 1.8 that applications override, as steps of the gate.

An application that overrides `_check_authentication`, `_verify` or `_decode`
has taken the check of requests over: its verdict counts as in 1.8. The checks
that do not depend on it still hold: cross-site, revocation of the tokens that
it has had verified, `custom_claims` and `extra_verifications`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from sanic import Request
from sanic.exceptions import SanicException

from ..access import TAKE_OVER, CustomToken, NotAccepted, state_of
from ..endpoints import VerifyEndpoint
from ..exceptions import (
    AuthenticationFailed,
    CSRFFailed,
    InvalidRequest,
    InvalidToken,
    MissingCredentials,
    Unauthorized,
)
from ..hooks import StandIn, is_overridden, resolve
from ..locations import check_csrf
from ..runtime.logs import logger
from ..runtime.sanic_internals import view_class_of
from ..types import Payload

_READ_TOKEN = "Override read_token(request) instead."
REPLACED: Mapping[str, str] = {
    "_custom_claims": "Pass custom_claims=[...] to Initialize.",
    "_extra_verifications": "Pass extra_verifications=[...] to Initialize.",
    "_get_algorithm": "Define get_algorithm(request) on the configuration "
    "class instead.",
    "_get_payload": "Override build_payload(user) or extend_payload(payload, "
    "user) instead.",
    "_get_refresh_token": "Override retrieve_refresh_token_from_request("
    "request) instead.",
    "_get_secret": "Define retrieve_user_secret(user_id), or "
    "get_secret(request) on the configuration class, instead.",
    "_get_token": _READ_TOKEN,
    "_get_token_from_cookies": _READ_TOKEN,
    "_get_token_from_headers": _READ_TOKEN,
    "_get_token_from_query_string": _READ_TOKEN,
    "_get_user_id": "Override user_id_of(user) instead.",
    "_is_asymmetric": "The setting algorithm decides it.",
    "_reasons": "Raise an error of sanic_jwt_oo.exceptions with the reasons.",
    "_verify_custom_claims": "Override verify(value) of the Claim instead.",
    "_verify_extras": "Pass extra_verifications=[...] to Initialize.",
    "claims": "Set required_claims, and claim_aud, claim_iat, claim_iss or "
    "claim_nbf.",
}
"""Names of 1.8 that have no effect here, and what to do instead."""


class MissingToken(list[str]):
    """The reasons of a verdict about a request that has no token.

    An application that refuses for reasons of its own has others.
    """


def is_taken_over(auth: Any) -> bool:
    """Return whether the application overrides the check of requests."""
    return TAKE_OVER in auth._sanic_jwt_oo.steps.own


async def ask(method: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what a method of the application returns.

    Raises:
        Unauthorized: The method has failed, which a token may have caused.
    """
    try:
        return await resolve(method(*args, **kwargs))
    except SanicException:
        raise
    except Exception as exc:
        name = getattr(method, "__name__", type(method).__name__)
        logger.warning(
            "%s() raised %s: the request is refused.",
            name,
            type(exc).__name__,
        )
        raise Unauthorized() from exc


async def verified_payload(
    auth: Any, request: Request, verify: bool
) -> Payload:
    """Return the payload of a request's token.

    Args:
        auth: The `Authentication` object.
        request: The request.
        verify: Passed to `_decode`.

    Raises:
        MissingCredentials: There is no token.
        InvalidToken: It is not valid.
        CSRFFailed: Another site may have caused the request.
        InvalidRequest: There is something else, or several.
        SessionStoreUnavailable: Revocation cannot be checked.
    """
    installation = auth._sanic_jwt_oo
    gate = installation.gate
    if not is_taken_over(auth):
        state = state_of(request, installation, True)
        state = await gate.examine(request, state)
        verified: Payload = state.token.payload()
        return verified
    token, ambient, _ = await gate.read_credential(request)
    try:
        payload = await resolve(auth._decode(token, verify=verify))
    except MissingCredentials as exc:  # the request has a token
        raise Unauthorized(exc.reasons) from exc
    if not (payload and isinstance(payload, dict)):
        raise InvalidToken(
            detail=f"_decode() returned {type(payload).__name__}."
        )
    if ambient:
        settings = auth.settings(request)
        check_csrf(request, settings, CustomToken(payload, None))
    await gate.check_outside(request, payload)
    return payload


def reasons_of(error: InvalidToken, debug: bool) -> str | list[str]:
    """Return the reasons in the form of 1.8."""
    reasons = error.public_reasons(debug)
    if reasons == [InvalidToken.default_message]:
        return reasons[0]
    return [one if one.endswith(".") else f"{one}." for one in reasons]


def unpack(verdict: Any) -> tuple[Any, Any, Any]:
    """Return a verdict in its three parts; anything else refuses."""
    if isinstance(verdict, (tuple, list)) and len(verdict) == 3:
        is_valid, status, reasons = verdict
        return is_valid, status, reasons
    return False, 401, Unauthorized.default_message


async def is_valid(auth: Any, request: Request) -> bool:
    """Return whether the application's `_verify` accepts a request."""
    try:
        verdict = await ask(auth._verify, request)
    except SanicException as exc:
        if exc.status_code >= 500:
            raise
        return False
    return isinstance(verdict, (tuple, list)) and bool(verdict and verdict[0])


# --- steps ------------------------------------------------------------------


async def take_over(auth: Any, request: Request) -> Payload | None:
    """Return the payload of a request that the application accepts.

    Raises:
        InvalidToken: It does not accept the request.
        MissingCredentials: There is no token.
        NotAccepted: There is none, and that is not why it is refused.
        Unauthorized: The application has chosen another status than 401.
    """
    arguments = {"request_args": (), "request_kwargs": request.match_info}
    try:
        if _is_reporting(auth, request):
            verdict = await ask(auth._verify, request, raise_missing=True)
            await _require_valid(auth, request, verdict, reporting=True)
        else:
            check = auth._check_authentication
            verdict = await ask(check, request, **arguments)
            await _require_valid(auth, request, verdict)
    except Unauthorized as exc:
        if exc.status_code != 401 or not await _has_no_token(auth, request):
            raise
        raise NotAccepted(exc.reasons) from exc
    try:
        payload = await ask(
            auth._verify, request, return_payload=True, **arguments
        )
    except InvalidRequest:  # of a token that it does not need
        return None
    return payload if payload and isinstance(payload, dict) else None


async def held_scopes(auth: Any, request: Request, payload: Payload) -> Any:
    """Return the scopes that `extract_scopes` returns."""
    return await ask(auth.extract_scopes, request)


async def read_refresh_token(auth: Any, request: Request) -> Any:
    """Return what `retrieve_refresh_token_from_request` returns."""
    return await ask(auth.retrieve_refresh_token_from_request, request)


async def let_refuse(auth: Any, request: Request) -> None:
    """Let the application refuse a request to a handler that is public.

    Raises:
        SanicException: An override has raised it.
    """
    if is_taken_over(auth) or is_overridden(auth, "extract_payload"):
        with suppress(CSRFFailed, InvalidRequest):  # of ours: then no user
            await ask(auth.extract_payload, request)


async def payload_for_user(
    auth: Any, request: Request, payload: Payload
) -> Payload | None:
    """Return the payload that `extract_payload` returns.

    Args:
        auth: The `Authentication` object.
        request: The request.
        payload: The payload of its token; empty if it needs none.

    Raises:
        AuthenticationFailed: It refuses the refresh of a session.
    """
    if payload and not is_overridden(auth, "extract_payload"):
        return payload
    renewing = state_of(request, auth._sanic_jwt_oo).session is not None
    if renewing and not await auth._sanic_jwt_oo.gate.admitted(request):
        return payload  # the refresh token is enough
    extracted = await ask(auth.extract_payload, request)
    if extracted and isinstance(extracted, dict):
        return extracted
    if renewing:
        raise AuthenticationFailed()
    return None


async def add_claims(auth: Any, payload: Payload, user: Any) -> Any:
    """Return the payload that `add_claims` returns, called as in 1.8."""
    return await resolve(auth.add_claims(payload, user, None))


STAND_INS = (
    StandIn(
        "add_claims",
        {"add_claims": "payload, user, inline_claims"},
        add_claims,
    ),
    StandIn(
        TAKE_OVER,
        {
            "_check_authentication": "request, *, request_args, "
            "request_kwargs",
            "_verify": "request, *, return_payload, verify, raise_missing, "
            "request_args, request_kwargs",
            "_decode": "token, *, verify",
        },
        take_over,
    ),
    StandIn(
        "held_scopes",
        {"extract_scopes": "request", "extract_payload": "request"},
        held_scopes,
    ),
    StandIn(
        "read_refresh_token",
        {"retrieve_refresh_token_from_request": "request"},
        read_refresh_token,
    ),
)


def _is_reporting(auth: Any, request: Request) -> bool:
    """Return whether `/verify` asks about the token, and no guard does."""
    handler: Any = request.route and request.route.handler
    installation = auth._sanic_jwt_oo
    return (
        view_class_of(handler) is VerifyEndpoint
        and getattr(handler, "installation", None) is installation
        and not state_of(request, installation).guarded
    )


async def _require_valid(
    auth: Any, request: Request, verdict: Any, *, reporting: bool = False
) -> None:
    """Refuse a request if the application's verdict says so.

    Args:
        auth: The `Authentication` object.
        request: The request.
        verdict: `(is_valid, status, reasons)`, or anything that an override
            returned; that refuses too.
        reporting: Whether `/verify` reports the reasons.
    """
    is_valid, status, reasons = unpack(verdict)
    if is_valid:
        return
    is_missing = isinstance(reasons, MissingToken)
    reasons = reasons or Unauthorized.default_message
    if not isinstance(status, int) or not 400 <= status < 600:
        status = 401
    if not isinstance(reasons, str):
        many = isinstance(reasons, (list, tuple))
        reasons = [str(one) for one in (reasons if many else [reasons])]
    if reporting:
        raise InvalidToken(reasons, status)
    if status != 401:
        raise Unauthorized(reasons, status)
    if await _has_no_token(auth, request):
        raise (MissingCredentials if is_missing else NotAccepted)(reasons)
    raise InvalidToken(reasons)


async def _has_no_token(auth: Any, request: Request) -> bool:
    """Return whether a request has no token, where the application reads it.

    Raises no error.
    """
    try:
        await auth._sanic_jwt_oo.gate.read_credential(request)
    except MissingCredentials:
        return True
    except SanicException:
        return False
    return False
