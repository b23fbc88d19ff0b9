"""A strict parser of the compact serialization of a JWS.

RFC 7515 section 7.1. It accepts a subset of what PyJWT accepts: three
canonical base64url segments without padding, a header and a payload that are
JSON objects in UTF-8, and no critical extensions.
"""
# Requirements T5 to T8 and T17.

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Any, NoReturn

from ..exceptions import InvalidToken
from ..types import Payload

MAXIMUM_LENGTH = 64 * 1024
"""The maximum length of a token, in characters."""

_ALPHANUMERIC = (
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)
_EQUALS = ord("=")
_TO_BASE64 = bytes(
    dict(zip(_ALPHANUMERIC + b"-_.", _ALPHANUMERIC + b"+/.", strict=True)).get(
        byte, _EQUALS
    )
    for byte in range(256)
)
"""Translates base64url to base64, and every other byte but a dot to `=`."""
_TO_BASE64URL = bytes.maketrans(b"+/", b"-_")
_PADDING = (b"", b"", b"==", b"=")
_CANONICAL_ENDINGS = (_ALPHANUMERIC + b"+/", b"", b"AQgw", b"AEIMQUYcgkosw048")
"""The valid last bytes of a segment, by its length modulo 4.

See RFC 4648 section 3.5.
"""
_TYPES = {"jwt", "at+jwt", "application/at+jwt", "application/jwt"}
_WHITESPACE = " \t\n\r"  # RFC 8259 section 2


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)


def json_writer() -> Callable[[Any], str]:
    """Return a function that serializes a value as JSON.

    `JSONEncoder.encode` makes a C encoder for each value, which takes longer
    than encoding does: 4 % of a login. This one is made once.
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
    except (AttributeError, TypeError):  # not CPython, or another release
        return encoder.encode
    return lambda value: "".join(write(value, 0))


write_json: Callable[[Any], str] = json_writer()
"""Serialize a header or payload as JSON.

Raises:
    TypeError: A value is not valid in JSON.
    ValueError: A number is not valid in JSON.
    RecursionError: It contains itself.
"""


class CompactToken:
    """The parts of a token, none of them verified.

    Args:
        token: The token as received.

    Raises:
        InvalidToken: It is not three segments of base64url.

    Attributes:
        protected: The protected header, encoded.
        encoded_payload: The payload, encoded.
        signature: The signature.
        signing_input: The bytes that were signed.
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
        ) = split_token(token)

    def header(self) -> dict[str, Any]:
        """Parse the protected header; see `read_header`."""
        return read_header(self.protected)

    def payload(self) -> Payload:
        """Parse the payload. Do not trust it before verifying the signature.

        Raises:
            InvalidToken: It is not a JSON object in UTF-8.
        """
        return parse_object(decode_text(self.encoded_payload))


def split_token(token: str) -> tuple[bytes, bytes, bytes, bytes]:
    """Split a token into the attributes of a `CompactToken`, in their order.

    A tuple is cheaper than an object.

    Raises:
        InvalidToken: It is not three segments of base64url.
    """
    if len(token) > MAXIMUM_LENGTH:
        raise InvalidToken(detail="The token is too long.")
    data = token.encode("ascii", "replace")
    encoded = data.translate(_TO_BASE64)
    segments = encoded.split(b".")
    if len(segments) != 3 or _EQUALS in encoded:
        raise InvalidToken(detail="Not three segments of base64url.")
    protected, payload, last = segments
    signature = _decode_segment(last)
    return protected, payload, signature, data[: -len(last) - 1]


def read_header(protected: bytes) -> dict[str, Any]:
    """Parse and check a protected header.

    Raises:
        InvalidToken: It is not a JSON object in UTF-8, or not the header of
            an access token.
    """
    header = parse_object(decode_text(protected))
    _check_header(header)
    return header


def parse_object(text: str) -> dict[str, Any]:
    """Parse a JSON object.

    Raises:
        InvalidToken: The text is not a JSON object.
    """
    text = text.strip(_WHITESPACE)
    try:
        value, end = _decoder.raw_decode(text)
    except (ValueError, RecursionError):
        value, end = None, 0
    if not isinstance(value, dict) or end != len(text):
        raise InvalidToken(detail="Header or payload is not a JSON object.")
    return value


def encode_segment(data: bytes) -> bytes:
    """Encode bytes as base64url without padding (RFC 7515 section 2)."""
    return b2a_base64(data, newline=False).translate(_TO_BASE64URL, b"=")


def _decode_segment(segment: bytes) -> bytes:
    tail = len(segment) % 4
    if not segment or segment[-1] not in _CANONICAL_ENDINGS[tail]:
        raise InvalidToken(detail="A segment is not canonical base64url.")
    return a2b_base64(segment + _PADDING[tail])


def decode_text(segment: bytes) -> str:
    """Decode a segment to text.

    Raises:
        InvalidToken: It is not base64url, or its content is not UTF-8.
    """
    try:
        return _decode_segment(segment).decode()
    except UnicodeDecodeError as exc:
        raise InvalidToken(detail="A segment is not UTF-8.") from exc


def _check_header(header: dict[str, Any]) -> None:
    """Refuse extensions: none is supported (RFC 7515 section 4.1.11)."""
    for name in ("crit", "zip", "enc"):
        if name in header:
            raise InvalidToken(detail=f"{name} is not supported.")
    if header.get("b64", True) is not True:
        raise InvalidToken(detail="b64 is not supported.")
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise InvalidToken(detail="typ is not that of an access token.")
