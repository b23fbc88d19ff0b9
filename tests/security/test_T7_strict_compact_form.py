"""T7: compact form only, base64url without padding, two dots."""

import json

import pytest

from .forging import b64, bytes_of, claims, hmac_of, sealed, token
from .shops import is_content, is_refused_everywhere, open_shop

pytestmark = pytest.mark.requirement("T7")

GOOD = token()
HEAD, BODY, SEAL = GOOD.split(".")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def resealed(head: str, body: str) -> str:
    """Sign these two segments unchanged."""
    message = f"{head}.{body}"
    return f"{message}.{b64(hmac_of(message))}"


def loose(segment: str) -> str:
    """Change the unused bits of the last character."""
    assert len(segment) % 4 in (2, 3)
    return segment[:-1] + ALPHABET[ALPHABET.index(segment[-1]) + 1]


def padded(segment: str) -> str:
    return segment + "=" * (-len(segment) % 4)


def uneven(part) -> str:
    """Encode a part, with spaces so that its encoding needs padding."""
    octets = bytes_of(part)
    return b64(octets + b" " * (1 if len(octets) % 3 == 0 else 0))


HEAD_2 = uneven({"alg": "HS256", "typ": "JWT"})
BODY_2 = uneven(claims())
JWE_HEADER = {"alg": "dir", "enc": "A256GCM"}
PLUS = sealed({"alg": "HS256"}, json.dumps(claims(x="~~~???>>>")))

FORMS = {
    "two segments": f"{HEAD}.{BODY}",
    "no signature": f"{HEAD}.{BODY}.",
    "no payload": resealed(HEAD, ""),
    "no header": resealed("", BODY),
    "one segment": HEAD,
    "only dots": "..",
    "four segments": f"{GOOD}.x",
    "dot at the end": f"{GOOD}.",
    "dot at the start": f".{GOOD}",
    "five segments": f"{HEAD}..{BODY}.{SEAL}.{SEAL}",
    "padded signature": f"{HEAD}.{BODY}.{padded(SEAL)}",
    "padded header": resealed(padded(HEAD_2), BODY),
    "padded payload": resealed(HEAD, padded(BODY_2)),
    "padding alone": f"{GOOD}====",
    "loose bits in the signature": f"{HEAD}.{BODY}.{loose(SEAL)}",
    "loose bits in the header": resealed(loose(HEAD_2), BODY),
    "loose bits in the payload": resealed(HEAD, loose(BODY_2)),
    "a length that cannot be": f"{HEAD}.{BODY}.{SEAL}AA",
    "standard alphabet": f"{HEAD}.{BODY}.{SEAL[:-2]}+/",
    "line end inside": f"{HEAD}.{BODY}.{SEAL[:9]}%0A{SEAL[9:]}",
    "tab inside": f"{HEAD}.{BODY[:9]}\t{BODY[9:]}.{SEAL}",
    "blank inside": f"{HEAD}. {BODY}.{SEAL}",
    "quoted": f'"{GOOD}"',
    "comma list": f"{GOOD},{GOOD}",
    "flattened JSON": json.dumps(
        {"protected": HEAD, "payload": BODY, "signature": SEAL},
        separators=(",", ":"),
    ),
    "general JSON": json.dumps(
        {
            "payload": BODY,
            "signatures": [{"protected": HEAD, "signature": SEAL}],
        },
        separators=(",", ":"),
    ),
    "JWE": f"{b64(bytes_of(JWE_HEADER))}..{SEAL}.{BODY}.{SEAL}",
    "nested": sealed({"alg": "HS256", "cty": "JWT"}, GOOD),
    "nested as a JSON string": sealed({"alg": "HS256"}, json.dumps(GOOD)),
    "payload is a list": sealed({"alg": "HS256"}, [claims()]),
    "payload is null": sealed({"alg": "HS256"}, None),
    "payload is empty": sealed({"alg": "HS256"}, b""),
    "payload has something after it": sealed(
        {"alg": "HS256"}, bytes_of(claims()) + b"{}"
    ),
    "header is a list": sealed([["alg", "HS256"]], claims()),
    "header is a string": sealed('"HS256"', claims()),
    "header has something after it": sealed(b'{"alg":"HS256"}x', claims()),
    "not base64": "a!.b!.c!",
    "not ASCII": f"{HEAD}.{BODY}é.{SEAL}".encode(),
    "Latin-1": f"{HEAD}.{BODY}é.{SEAL}".encode("latin-1"),
    "not UTF-8": GOOD.encode() + b"\xff\xfe",
    "full-width dots": GOOD.replace(".", "\uff0e").encode(),
    "full-width digits": (GOOD + "\uff11").encode(),
    "null character": GOOD.encode() + b"%00",
}


@pytest.mark.parametrize("form", [*FORMS])
async def test_any_other_form_is_refused(front, form):
    shop = open_shop(front)
    assert await is_refused_everywhere(shop, FORMS[form])


@pytest.mark.parametrize(
    "good", [GOOD, PLUS, resealed(HEAD_2, BODY_2)], ids=["plain", "-_", "  "]
)
async def test_the_strict_compact_form_is_accepted(front, good):
    shop = open_shop(front)
    assert is_content(await shop.get("/protected", good))


@pytest.mark.parametrize(
    "thing", [None, b"", GOOD.encode(), 1, [GOOD], {}, "", "\ud800.x.y"]
)
async def test_verify_token_refuses_any_other_form(thing):
    from sanic_jwt_oo.exceptions import InvalidToken

    shop = open_shop()
    with pytest.raises(InvalidToken):
        await shop.auth.verify_token(thing)
