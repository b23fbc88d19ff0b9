"""The request body, which carries the refresh token if no cookie does.

`read_fields` also checks the body of a login before the application's hook
sees it (R8).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..exceptions import (
    InvalidRequestBody,
    MissingAuthorizationHeader,
    SanicJWTException,
)
from ..runtime.sanic_internals import set_empty_json
from ..types import Request
from .base import (
    TokenLocation,
    missing_refresh_token,
    missing_status,
)

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def read_fields(request: Request) -> Mapping[str, Any]:
    """Return the members of a JSON object or the fields of a form.

    Without a body there are none, and `request.json` becomes an empty object,
    so that a hook may read members without a check.

    Raises:
        InvalidRequestBody: The body is neither, or not Unicode.
    """
    if not request.body:
        set_empty_json(request)
        return {}
    if request.content_type.lower().startswith(_FORMS):
        _refuse_other_json(request)
        form: Any = request.form or {}
        if not is_text(form):  # the client chooses the charset
            raise InvalidRequestBody()
        return {name: form.get(name) for name in form}
    try:
        fields = request.load_json()
    except Exception as exc:  # whichever JSON parser the application chose
        raise InvalidRequestBody() from exc
    if not isinstance(fields, dict):
        raise InvalidRequestBody()
    # only an escape can produce a lone surrogate
    if request.body.find(b"\\u") >= 0 and not is_text(fields):
        raise InvalidRequestBody()
    return fields


def read_both_ways(request: Request) -> list[Mapping[str, Any]]:
    """Return the fields of a body read as a JSON object and as a form.

    A hook may read it either way, whatever the content type says. A body that
    cannot be read one way has no fields that way; nothing is refused.
    """
    try:
        members = request.json
    except Exception:  # whichever JSON parser the application chose
        members = None
    form: Any = request.form or {}
    return [
        members if isinstance(members, dict) else {},
        {name: form.get(name) for name in form},
    ]


def is_text(value: Any) -> bool:
    """Return whether all strings in a value are Unicode.

    Databases refuse a lone surrogate, and hooks pass strings to databases.
    A value that is nested too deeply is not checked: `False`.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError):
        return False
    return True


def _refuse_other_json(request: Request) -> None:
    """Refuse a form that is also JSON, but not an object."""
    try:
        value = request.load_json()
    except Exception:  # whichever JSON parser the application chose
        return
    if not isinstance(value, dict):
        raise InvalidRequestBody()


class BodyLocation(TokenLocation):
    """A member of the body, whose name is a setting."""

    def read(self, request: Request) -> list[str]:
        """Return the member of a JSON object, and the field of a form.

        Both are read, whatever the content type says, as in a login. A body
        that is both has two tokens.
        """
        name = self._settings.refresh_token_name
        read_fields(request)  # refuses a body that is neither
        tokens = []
        for fields in read_both_ways(request) if request.body else ():
            token = fields.get(name)
            if token is None or token == "":
                continue
            if not isinstance(token, str) or not is_text(token):
                raise InvalidRequestBody(f"{name} must be a string.")
            tokens.append(token)
        return tokens

    def missing(self, request: Request) -> SanicJWTException:
        """Return the error for a request without the field.

        The name of its class is the one that sanic-jwt uses.
        """
        name = self._settings.refresh_token_name
        return MissingAuthorizationHeader(
            missing_refresh_token(
                f"`{name}` in the body, as JSON or as a form"
            ),
            missing_status(self._kind),
        )
