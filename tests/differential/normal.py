"""Responses without the parts that depend on clock and chance.

Access tokens are replaced by what they hold, the times in them by their
distance from now, and random refresh tokens by a word.
"""

import base64
import binascii
import json
import re
import time
from collections.abc import Iterable
from http.cookies import SimpleCookie
from typing import Any

TIMES = ("exp", "iat", "nbf")
NEAR = 100_000_000

_COMPACT = re.compile(r"^[\w-]+\.[\w-]+(\.[\w-]*)?$", re.ASCII)
_REFRESH_TOKEN = re.compile(r"^([0-9a-f]{48}|[\w-]{43})$", re.ASCII)


def normal(value: Any) -> Any:
    """``value`` with every token in it replaced by its meaning."""
    if isinstance(value, dict):
        return {
            key: _distance(member) if key in TIMES else normal(member)
            for key, member in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [normal(member) for member in value]
    if isinstance(value, str):
        return _text(value)
    return value


def _text(value: str) -> Any:
    if _REFRESH_TOKEN.match(value):
        return "<random>"
    if _COMPACT.match(value):
        return _token(value) or value
    return value


def _token(value: str) -> dict[str, Any] | None:
    parts = value.split(".")
    try:
        header = _segment(parts[0])
        payload = _segment(parts[1])
    except (ValueError, binascii.Error):
        return None
    if not isinstance(header, dict) or not isinstance(payload, dict):
        return None
    kind = "token" if len(parts) == 3 else "unsigned half"
    return {kind: {"header": header, "payload": normal(payload)}}


def _segment(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def _distance(value: Any) -> Any:
    """Seconds from now to the nearest five, for a whole number near it."""
    if type(value) is not int or abs(value - time.time()) > NEAR:
        return value
    return f"now{5 * round((value - time.time()) / 5):+d}"


def cookies_of(lines: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The values and attributes that ``Set-Cookie`` lines set, by name."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        for name, morsel in SimpleCookie(line).items():
            attributes = {
                key: _attribute(key, value)
                for key, value in morsel.items()
                if value
            }
            found[name] = {"value": _text(morsel.value), **attributes}
    return found


def _attribute(key: str, value: Any) -> Any:
    return value.lower() if key == "samesite" else value
