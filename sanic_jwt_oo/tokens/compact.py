"""The compact serialisation of a JWS (RFC 7515 section 7.1), read strictly.

Requirements T5 to T8 and T17. What is accepted here is a subset of what
PyJWT accepts: three canonical base64url segments without padding, a header
and payload that are JSON objects in UTF-8, no critical extensions.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NoReturn

from ..exceptions import InvalidToken
from ..types import Payload

MAXIMUM_LENGTH = 64 * 1024
"""Characters that a token may have."""

_SEGMENTS = re.compile(r"([\w-]+)\.([\w-]+)\.([\w-]+)", re.ASCII)
_CANONICAL_ENDINGS = {
    0: frozenset(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    ),
    2: frozenset("AQgw"),
    3: frozenset("AEIMQUYcgkosw048"),
}
_TYPES = {"jwt", "at+jwt", "application/at+jwt", "application/jwt"}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_parse_json = json.JSONDecoder(parse_constant=_refuse_constant).decode


class CompactToken:
    """A token taken apart: its header is read, its payload is not yet.

    Args:
        token: The token as it came.

    Raises:
        InvalidToken: It is not a compact JWS of a kind that is issued here.
    """

    __slots__ = ("_payload", "header", "signature", "signing_input")

    def __init__(self, token: object) -> None:
        if not isinstance(token, str) or len(token) > MAXIMUM_LENGTH:
            raise InvalidToken(detail="Not a token of an acceptable length.")
        segments = _SEGMENTS.fullmatch(token)
        if segments is None:
            raise InvalidToken(detail="Not three segments of base64url.")
        header, self._payload, signature = segments.groups()
        self.signature: bytes = _decode_segment(signature)
        self.signing_input: bytes = token[: segments.end(2)].encode()
        self.header: dict[str, Any] = _parse_object(
            _decode_segment(header), "header"
        )
        _check_header(self.header)

    def payload(self) -> Payload:
        """Read the payload; the caller has verified the signature.

        Raises:
            InvalidToken: It is not a JSON object in UTF-8.
        """
        return _parse_object(_decode_segment(self._payload), "payload")


def serialise(header: dict[str, Any], payload: Payload) -> bytes:
    """Return the signing input for a header and payload.

    Raises:
        TypeError: The payload has a value that JSON cannot hold.
        ValueError: It has a number that JSON cannot hold.
    """
    return b".".join(
        _encode_segment(
            json.dumps(part, separators=(",", ":"), allow_nan=False).encode()
        )
        for part in (header, payload)
    )


def join(signing_input: bytes, signature: bytes) -> str:
    """Return the token of a signing input and its signature."""
    return (signing_input + b"." + _encode_segment(signature)).decode()


def _encode_segment(octets: bytes) -> bytes:
    return urlsafe_b64encode(octets).rstrip(b"=")


def _decode_segment(segment: str) -> bytes:
    tail = len(segment) % 4
    if segment[-1] not in _CANONICAL_ENDINGS.get(tail, ()):
        raise InvalidToken(detail="A segment is not canonical base64url.")
    return urlsafe_b64decode(segment + "=" * (-tail % 4))


def _parse_object(octets: bytes, name: str) -> dict[str, Any]:
    try:
        value = _parse_json(octets.decode())
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidToken(detail=f"The {name} is not a JSON object.")
    return value


def _check_header(header: dict[str, Any]) -> None:
    """Refuse extensions; none is understood here (RFC 7515 4.1.11)."""
    for name in ("crit", "zip", "enc"):
        if name in header:
            raise InvalidToken(detail=f"{name} is not supported.")
    if header.get("b64", True) is not True:
        raise InvalidToken(detail="b64 is not supported.")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise InvalidToken(detail="typ is not that of an access token.")
