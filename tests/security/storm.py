"""Hostile requests of every kind, as a table.

``requests`` puts the tokens where a shop reads them; the tests check the
responses.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from .forging import (
    GHOST,
    NOW,
    OTHER_SECRET,
    b64,
    bytes_of,
    claims,
    sealed,
    token,
    unsigned,
)

Request = tuple[str, str, list[tuple[str, Any]], bytes]

HEADER = {"alg": "HS256", "typ": "JWT"}
GOOD = token(scopes=["orders:read"])
_HEAD, _BODY, _SEAL = GOOD.split(".")

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    1e300,
    10**400,
    "",
    "x",
    "1",
    "\0",
    "\ud800",
    "é" * 50,
    "../../etc/passwd",
    "' OR 1=1 --",
    [],
    [1],
    [None],
    [[]],
    ["x", 1],
    {},
    {"x": 1},
    {"$ne": None},
    [[[[[[]]]]]],
]
CLAIMS = ["user_id", "exp", "nbf", "iat", "iss", "aud", "sub", "jti"]
CLAIMS += ["scopes"]
FIELDS = ["alg", "kid", "typ", "cty", "crit", "b64", "zip", "enc", "jwk"]
FIELDS += ["jku", "x5u", "x5c"]


def tokens() -> Iterator[str]:
    """Tokens: valid, invalid, and valid ones with odd claims."""
    yield from ("", " ", "x", ".", "..", "...", "a.b.c", "=.=.=", "null")
    yield from (GOOD, token(), token(user_id=GHOST), GOOD + ".", "." + GOOD)
    yield from (GOOD + "=", GOOD[:-1], GOOD[1:], f"{_HEAD}.{_BODY}.")
    yield from (f"{_HEAD}..{_SEAL}", f".{_BODY}.{_SEAL}", GOOD * 2)
    yield token(secret=OTHER_SECRET)
    yield token(algorithm="HS512")
    yield token(exp=NOW - 10**6)
    for claim in CLAIMS:
        for value in VALUES:
            yield token(**{claim: value})
    for field in FIELDS:
        for value in VALUES:
            yield token({field: value})
    for payload in (b"", b"{", b"\xff", b"[]", b"null", b"NaN", b"{}", b"1"):
        yield sealed(HEADER, payload)
        yield sealed(payload, claims())
    for text in ('{"exp":1e999}', '{"exp":-Infinity}', '{"exp":NaN}'):
        yield sealed(HEADER, text)
    yield sealed(HEADER, '{"user_id":1,"exp":' + "9" * 5000 + "}")
    yield sealed(HEADER, "[" * 30_000)
    yield sealed(HEADER, bytes_of(claims()).decode().encode("utf-16"))
    yield unsigned({"alg": "none"}, claims())
    yield unsigned(HEADER, claims(), b64(bytes(31)))
    yield json.dumps({"payload": _BODY, "signatures": []})
    yield ".".join([_HEAD, _BODY, _SEAL, _SEAL, _SEAL])
    yield "x" * 100_000
    yield token(pad="x" * 60_000)


AUTHORIZATION: list[Any] = [
    "",
    " ",
    "Bearer",
    "Bearer ",
    "Bearer  ",
    "bearer x",
    "Bearer x y",
    "Bearer\tx",
    "Bearer, Bearer",
    "Basic YTpi",
    "Basic",
    "Digest username=x",
    "Negotiate " + "A" * 5000,
    b"Bearer \xff\xfe",
    b"\xff",
    b"B\xc3\xa9arer x",
    "Bearer " + "." * 5000,
    "Bearer " + "a" * 100_000,
    "%42earer x",
    "null",
    "undefined",
    "Bearer undefined",
    'Bearer "x"',
    "Bearer {}",
]
COOKIES: list[Any] = [
    "",
    ";",
    "=",
    "==",
    "x",
    "access_token",
    "access_token=",
    'access_token="',
    'access_token="\\',
    'access_token="\\400"',
    'access_token="\\"',
    "access_token=;access_token=",
    "=access_token",
    "access_token =x",
    "access_token=x; access_token=y",
    "access_token=x.y; access_token_signature=z",
    "__Host-access_token=x.y; __Host-access_token_signature=z",
    "__Host-access_token=",
    "$Version=1; access_token=x; $Path=/",
    b"access_token=\xff\xfe",
    b"\xff=\xff",
    "access_token=" + "x" * 50_000,
    "a=b; " * 2000,
    "access_token=%00; refresh_token=%ff",
]
QUERIES = [
    "",
    "=",
    "&",
    "&&&",
    "access_token",
    "access_token=",
    "access_token=&access_token=",
    "access_token=x&access_token=y",
    "access_token[]=x",
    "access_token[a]=x",
    "access_token=%00",
    "access_token=%ff",
    "access_token=%",
    "access_token=%zz",
    "access_token=%ed%a0%80",
    "refresh_token=%ff",
    "access_token=" + "x" * 50_000,
    "a=b&" * 2000,
    "%ff=%ff",
    "access_token=+",
    ";access_token=x",
]
_FIELDS_OF_BODIES = ("username", "password", "refresh_token")


def bodies() -> Iterator[bytes]:
    """Bodies: JSON, nearly JSON, forms, and others."""
    yield from (b"", b" ", b"\0", b"\xff\xfe", b"x", b"{", b"}", b"[", b'"')
    yield from (b"null", b"true", b"0", b"1e999", b"NaN", b'""', b"[]", b"{}")
    yield from (b"[[]]", b"[null]", b'{"a"}', b"{1: 2}", b"{'a': 1}")
    yield b"\xef\xbb\xbf{}"
    yield "{}".encode("utf-16")
    yield b'{"username":"ada","username":[]}'
    yield b'{"username":"\\ud800","password":"\\ud800"}'
    yield b'{"username":' + b"1" * 5000 + b',"password":1}'
    yield b'{"username":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    yield b'{"a":' * 20_000
    yield b'{"username":1e999,"password":-1e999}'
    for value in VALUES:
        yield json.dumps(dict.fromkeys(_FIELDS_OF_BODIES, value)).encode()
        yield json.dumps(value).encode()
    yield b"username=ada&password=x"
    yield b"username=%ff&password=%00&refresh_token=%ed%a0%80"
    yield b"username&password&&=&"
    yield b"username=a&username=b&refresh_token=a&refresh_token=b"
    yield b"&" * 5000
    yield b"--x\r\n"
    yield (
        b"--x\r\nContent-Disposition: form-data; name=refresh_token\r\n\r\n"
        b"\xff\r\n--x--\r\n"
    )
    yield b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--"
    yield (
        b'--x\r\nContent-Disposition: form-data; name="refresh_token"; '
        b'filename="x"\r\nContent-Type: x; charset=nope\r\n\r\nx\r\n--x--\r\n'
    )


KINDS = [
    "",
    "application/json",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=nope",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=\xff",
    "application/json; charset=utf-16",
    "APPLICATION/X-WWW-FORM-URLENCODED",
    ";",
    "/",
    "x" * 5000,
]

GUARDED = ["/protected", "/scoped", "/user", "/public", "/auth/me"]
GUARDED += ["/auth/verify"]
POSTS = ["/auth", "/auth/refresh"]


def carry(place: str, bearer: str, prefix: str) -> tuple[str, list[Any]]:
    """Return the query and headers that carry a token to a place."""
    if place == "query":
        return f"?access_token={bearer.replace(' ', '+')}", []
    if place == "cookie":
        return "", [("cookie", f"{prefix}access_token={bearer}")]
    if place == "split":
        head, _, seal = bearer.rpartition(".")
        name = f"{prefix}access_token"
        return "", [("cookie", f"{name}={head}; {name}_signature={seal}")]
    return "", [("authorization", f"Bearer {bearer}")]


def _fits_a_url(text: str) -> bool:
    """Whether a server would take it for part of a request line."""
    printable = all(0x20 <= ord(letter) < 0x7F for letter in text)
    return printable and len(text) < 60_000


def requests(place: str = "header", prefix: str = "") -> Iterator[Request]:
    """Yield the storm, its tokens where a shop reads them."""
    for number, bearer in enumerate(tokens()):
        if place == "query" and not _fits_a_url(bearer):
            continue
        query, headers = carry(place, bearer, prefix)
        yield "GET", GUARDED[number % 3] + query, headers, b""
        yield "GET", GUARDED[3 + number % 3] + query, headers, b""
        if number % 4 == 0:
            yield "POST", f"/auth/refresh{query}", headers, b""
    for path in GUARDED:
        for value in AUTHORIZATION:
            yield "GET", path, [("authorization", value)], b""
        for value in COOKIES:
            yield "GET", path, [("cookie", value)], b""
        for value in QUERIES:
            yield "GET", f"{path}?{value}", [], b""
        yield "HEAD", path, [], b""
    for number, value in enumerate(bodies()):
        query, headers = carry(place, GOOD, prefix)
        for kind in (KINDS[number % len(KINDS)], *KINDS[:6]):
            given = [("content-type", kind.encode("latin-1"))] if kind else []
            for path in POSTS:
                yield "POST", path + query, [*headers, *given], value
    for path in (*POSTS, *GUARDED[4:]):
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"):
            yield method, path, [("content-type", "application/json")], b"{"


def drizzle(place: str = "header", prefix: str = "") -> Iterator[Request]:
    """Yield every seventeenth request, which covers each kind and path."""
    return islice(requests(place, prefix), 0, None, 17)


SESSIONS = ["/auth/sessions", "/auth/sessions/", "/auth/sessions/x"]
SESSIONS += [f"/auth/sessions/{odd}" for odd in ("%00", "%ff", "%2f", "..")]
SESSIONS += ["/auth/sessions/" + "x" * 5000, "/auth/sessions/%ed%a0%80"]
ENDS = ["/auth/logout", "/auth/logout/all", "/auth/refresh"]


def session_requests(
    refresh_token: str, place: str = "header", prefix: str = ""
) -> Iterator[Request]:
    """Yield hostile requests to the session endpoints.

    Args:
        refresh_token: A valid token that the requests may use up.
        place: Where tokens are read.
        prefix: The prefix of the cookie names.
    """
    session, secret = refresh_token[:34], refresh_token[34:]
    ids = [*VALUES, session, session[:2], "}{", "\0", 10**400, -(10**400)]
    times = [*ids, 1e300, -1e300, 2**63, 10**18]
    odd = [{"sid": value} for value in ids]
    odd += [{"jti": value, "sid": session} for value in ids]
    odd += [{"user_id": value, "jti": "x"} for value in ids]
    odd += [{"exp": value, "jti": "x"} for value in times]
    odd += [{"csrf": value, "sid": session} for value in ids]
    bearers = [*tokens(), refresh_token, *(token(**claims) for claims in odd)]
    for number, bearer in enumerate(bearers):
        if place == "query" and not _fits_a_url(bearer):
            continue
        query, headers = carry(place, bearer, prefix)
        headers = [*headers, ("x-csrf-token", "value")]
        given = json.dumps({"refresh_token": refresh_token}).encode()
        yield "GET", SESSIONS[number % 2] + query, headers, b""
        yield "DELETE", SESSIONS[number % len(SESSIONS)] + query, headers, b""
        for path in ENDS:
            yield "POST", path + query, headers, (b"", given)[number % 2]
    for value in (
        *("", "x", session, secret, refresh_token[:-1], refresh_token + "x"),
        *(session + "A" * 65, session + "\ud800" * 65, "é" * 99, "\0" * 99),
        *(GOOD, "x" * 100_000, refresh_token.upper(), f" {refresh_token}"),
    ):
        body = json.dumps({"refresh_token": value}).encode()
        raw = value.encode("utf-8", "surrogatepass")
        cookie = [(b"cookie", b"refresh_token=" + raw)]
        for path in ENDS:
            yield "POST", path, [], body
            yield "POST", path, cookie, b""
    for body in bodies():
        for path in ENDS:
            yield "POST", path, [], body
    for path in (*SESSIONS, *ENDS):
        for method in ("GET", "PUT", "POST", "PATCH", "OPTIONS", "HEAD"):
            yield method, path, [("user-agent", b"\xff\x01" * 200)], b"{"
