"""The body: where a refresh token comes from when cookies do not carry it.

`read_fields` is also the check that a log-in body passes before the
application's hook sees it (requirement R8).
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

    A request without a body has none, and `request.json` is an empty object
    from then on, so that a hook may look for members right away.

    Raises:
        InvalidRequestBody: The body is something else.
    """
    if not request.body:
        set_empty_json(request)
        return {}
    if request.content_type.lower().startswith(_FORMS):
        _refuse_other_json(request)
        form: Any = request.form or {}
        if not is_text(form):  # the client has chosen the charset
            raise InvalidRequestBody()
        return {name: form.get(name) for name in form}
    try:
        fields = request.load_json()
    except Exception as exc:  # whichever JSON parser the application chose
        raise InvalidRequestBody() from exc
    if not isinstance(fields, dict):
        raise InvalidRequestBody()
    # only an escape can name half of a character
    if request.body.find(b"\\u") >= 0 and not is_text(fields):
        raise InvalidRequestBody()
    return fields


def read_both_ways(request: Request) -> list[Mapping[str, Any]]:
    """Return the fields of a body as a JSON object, and as a form.

    A hook may read it either way, whatever the content type says. What the
    body cannot be read as is left out; nothing is refused.
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
    """Tell whether all strings in a value are Unicode.

    No database takes half of a character, and many a hook asks one. What is
    nested too deeply to be looked through counts as none.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError):
        return False
    return True


def _refuse_other_json(request: Request) -> None:
    """Refuse a form that is JSON too, but no object: `request.json` is."""
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

        The body is read as either, whatever its content type says, like that
        of a login; one that is both holds two tokens.
        """
        name = self._settings.refresh_token_name
        read_fields(request)  # refuses what is neither
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
        """Return an error with the way out; its name is sanic-jwt's."""
        name = self._settings.refresh_token_name
        return MissingAuthorizationHeader(
            missing_refresh_token(
                f"`{name}` in the body, as JSON or as a form"
            ),
            missing_status(self._kind),
        )
