"""The compact serialisation of a JWS (RFC 7515 section 7.1), read strictly.

Requirements T5 to T8 and T17. What is accepted here is a subset of what
PyJWT accepts: three canonical base64url segments without padding, a header
and payload that are JSON objects in UTF-8, no critical extensions.
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Any, NoReturn

from ..exceptions import InvalidToken
from ..types import Payload

MAXIMUM_LENGTH = 64 * 1024
"""Characters that a token may have."""

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_EQUALS = ord("=")
_TO_BASE64 = bytes(
    dict(zip(_LETTERS + b"-_.", _LETTERS + b"+/.", strict=True)).get(
        octet, _EQUALS
    )
    for octet in range(256)
)
"""Makes base64 of base64url, and `=` of all that is neither that nor a dot."""
_TO_BASE64URL = bytes.maketrans(b"+/", b"-_")
_PADDING = (b"", b"", b"==", b"=")
_CANONICAL_ENDINGS = (_LETTERS + b"+/", b"", b"AQgw", b"AEIMQUYcgkosw048")
"""How a segment ends, by its length modulo 4 (RFC 4648 section 3.5)."""
_TYPES = {"jwt", "at+jwt", "application/at+jwt", "application/jwt"}


_WHITE_SPACE = " \t\n\r"  # RFC 8259 section 2


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder: Any = json.JSONDecoder(parse_constant=_refuse_constant)
_scan: Callable[[str, int], tuple[Any, int]] = _decoder.scan_once
"""What `raw_decode` calls, with where to begin; ends in a `StopIteration`
where that has an error of its own."""


def json_writer() -> Callable[[Any], str]:
    """Return what writes JSON.

    `JSONEncoder.encode` makes the object that does the work anew for each
    value, which takes longer than the work; it is made once here, with what
    the encoder gives it. Nothing looks for a value that holds itself: such a
    one ends in a `RecursionError`.
    """
    encoder = json.JSONEncoder(
        separators=(",", ":"), allow_nan=False, check_circular=False
    )
    module: Any = json.encoder
    try:
        write = module.c_make_encoder(
            None,
            encoder.default,
            module.encode_basestring_ascii,
            None,
            encoder.key_separator,
            encoder.item_separator,
            encoder.sort_keys,
            encoder.skipkeys,
            encoder.allow_nan,
        )
    except (AttributeError, TypeError):  # not CPython, or one that differs
        return encoder.encode
    return lambda value: "".join(write(value, 0))


write_json: Callable[[Any], str] = json_writer()
"""Returns the text of a header or payload.

Raises:
    TypeError: It has a value that JSON cannot hold.
    ValueError: It has a number that JSON cannot hold.
    RecursionError: It holds itself.
"""


class CompactToken:
    """A token taken apart; nothing of it is believed yet.

    Args:
        token: The token as it came.

    Raises:
        InvalidToken: It is not three segments of base64url.

    Attributes:
        protected: The protected header, still encoded.
        encoded_payload: The payload, still encoded.
        signature: The octets of the signature.
        signing_input: What the signature is for.
    """

    __slots__ = (
        "encoded_payload",
        "protected",
        "signature",
        "signing_input",
    )

    def __init__(self, token: str) -> None:
        self.protected: bytes
        self.encoded_payload: bytes
        self.signature: bytes
        self.signing_input: bytes
        (
            self.protected,
            self.encoded_payload,
            self.signature,
            self.signing_input,
        ) = take_apart(token)

    def header(self) -> dict[str, Any]:
        """Read the protected header; see `read_header`."""
        return read_header(self.protected)

    def payload(self) -> Payload:
        """Read the payload; who believes it has verified the signature.

        Raises:
            InvalidToken: It is not a JSON object in UTF-8.
        """
        return parse_object(decode_text(self.encoded_payload))


def take_apart(token: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Return the attributes of a `CompactToken`, in their order.

    A new token costs less as a tuple than as an object.

    Raises:
        InvalidToken: It is not three segments of base64url.
    """
    if len(token) > MAXIMUM_LENGTH:
        raise InvalidToken(detail="The token is too long.")
    octets = token.encode("ascii", "replace")
    encoded = octets.translate(_TO_BASE64)
    segments = encoded.split(b".")
    if len(segments) != 3 or _EQUALS in encoded:
        raise InvalidToken(detail="Not three segments of base64url.")
    protected, payload, last = segments
    signature = _decode_segment(last)
    return protected, payload, signature, octets[: -len(last) - 1]


def read_header(protected: bytes) -> dict[str, Any]:
    """Read a protected header.

    Raises:
        InvalidToken: It is not a JSON object in UTF-8, or not that of an
            access token.
    """
    header = parse_object(decode_text(protected))
    _check_header(header)
    return header


def parse_object(text: str) -> dict[str, Any]:
    """Parse the text of a JSON object.

    Raises:
        InvalidToken: It is something else.
    """
    text = text.strip(_WHITE_SPACE)
    try:
        value, end = _scan(text, 0)
    except (StopIteration, ValueError, RecursionError):
        value, end = None, 0
    if not isinstance(value, dict) or end != len(text):
        raise InvalidToken(detail="Header or payload is not a JSON object.")
    return value


def encode_segment(octets: bytes) -> bytes:
    """Return octets in base64url without padding (RFC 7515 section 2)."""
    return b2a_base64(octets, newline=False).translate(_TO_BASE64URL, b"=")


def _decode_segment(segment: bytes) -> bytes:
    tail = len(segment) % 4
    if not segment or segment[-1] not in _CANONICAL_ENDINGS[tail]:
        raise InvalidToken(detail="A segment is not canonical base64url.")
    return a2b_base64(segment + _PADDING[tail])


def decode_text(segment: bytes) -> str:
    """Return the text that a segment holds.

    Raises:
        InvalidToken: It is not base64url, or what that holds is not UTF-8.
    """
    try:
        return _decode_segment(segment).decode()
    except UnicodeDecodeError as exc:
        raise InvalidToken(detail="A segment is not UTF-8.") from exc


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
