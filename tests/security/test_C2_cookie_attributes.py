"""C2: ``Secure``, ``HttpOnly``, ``SameSite=Lax`` and ``__Host-``."""

import json
import time

import pytest

from sanic_jwt_oo.exceptions import InvalidConfiguration

from .forging import token
from .server import served
from .shops import CONTENT, is_content, is_refused, new_shop, open_shop

pytestmark = pytest.mark.requirement("C2")

SETTINGS = {"cookie_set": True, "refresh_token_enabled": True}


def attributes(cookie):
    _, *parts = map(str.strip, cookie.split(";"))  # as browsers do
    named = dict(part.partition("=")[::2] for part in parts)
    return {name.lower(): text for name, text in named.items()}


async def cookies_of(**settings):
    shop = open_shop(**SETTINGS, **settings)
    response = await shop.log_in()
    return {n: attributes(c) for n, c in response.set_cookies.items()}


@pytest.mark.parametrize("split", [False, True])
async def test_every_cookie_is_secure(split):
    cookies = await cookies_of(cookie_split=split)
    assert len(cookies) == 3 + split
    for found in cookies.values():
        assert "secure" in found
        assert found["samesite"] in ("Lax", "Strict")


async def test_token_cookies_are_http_only():
    cookies = await cookies_of()
    assert "httponly" not in cookies.pop("__Host-csrf_token")
    for found in cookies.values():
        assert "httponly" in found


async def test_only_the_signature_of_a_split_token_is_http_only():
    cookies = await cookies_of(cookie_split=True)
    assert "httponly" not in cookies["__Host-access_token"]
    assert "httponly" in cookies["__Host-access_token_signature"]
    assert "httponly" in cookies["refresh_token"]


async def test_no_setting_makes_the_signature_readable():
    cookies = await cookies_of(cookie_split=True, cookie_httponly=False)
    assert "httponly" in cookies["__Host-access_token_signature"]


async def test_the_access_token_has_the_host_prefix():
    found = (await cookies_of())["__Host-access_token"]
    assert found["path"] == "/"
    assert "domain" not in found


@pytest.mark.parametrize(
    "settings",
    [
        {"cookie_domain": "shop.example"},
        {"cookie_path": "/shop"},
        {"cookie_secure": False},
        {"cookie_host_prefix": False},
    ],
    ids=str,
)
async def test_the_prefix_is_left_out_where_it_is_not_allowed(settings):
    cookies = await cookies_of(**settings)
    assert not any(name.startswith("__Host-") for name in cookies)
    assert "access_token" in cookies


async def test_the_lifetime_of_a_cookie_follows_its_settings():
    found = (await cookies_of(cookie_max_age=60))["__Host-access_token"]
    assert found["max-age"] == "60"
    assert "max-age" not in (await cookies_of())["__Host-access_token"]


@pytest.mark.parametrize("samesite", ["Strict", "strict", "Lax", "lax"])
async def test_same_site_is_a_setting(samesite):
    found = await cookies_of(cookie_samesite=samesite)
    same = found["__Host-access_token"]["samesite"]
    assert same == samesite.capitalize()


@pytest.mark.parametrize("samesite", ["", "no", "None; Domain=x", 1])
async def test_an_unknown_value_of_same_site_is_refused(samesite):
    with pytest.raises(InvalidConfiguration, match="samesite"):
        open_shop(cookie_set=True, cookie_samesite=samesite)


@pytest.mark.parametrize(
    "name", ["a b", "a;b", "a=b", "a,b", "a\r\nb", "é", 'a"', "a\0"]
)
async def test_an_invalid_cookie_name_is_refused_at_install(name):
    with pytest.raises(InvalidConfiguration, match="cookie"):
        open_shop(cookie_set=True, cookie_access_token_name=name)


# other hosts of a domain can set these: a browser sees no prefix at the
# beginning of the name
DISGUISES = ["\u2000", "\u3000", "\xa0", "\x85", "\u2028", "\t\u2003", "\x1f"]


@pytest.mark.parametrize("space", DISGUISES, ids=ascii)
@pytest.mark.parametrize("split", [False, True])
async def test_a_name_padded_with_white_space_is_another_name(split, space):
    shop = open_shop(**SETTINGS, cookie_split=split)
    readable, _, signature = token(csrf="value").rpartition(".")
    whole = f"{readable}.{signature}"
    disguised = [
        f"{space}__Host-access_token={readable if split else whole}",
        f"__Host-access_token_signature{space}={signature}",
    ]
    for pairs in (disguised, [f"{p}{space}" for p in disguised]):
        cookie = ("cookie", "; ".join(pairs))
        response = await shop.get("/protected", headers=[cookie])
        assert is_refused(response)


@pytest.mark.parametrize("space", DISGUISES, ids=ascii)
async def test_a_planted_cookie_does_not_conflict_with_the_real_one(space):
    shop = open_shop(**SETTINGS)
    right = f"__Host-access_token={token(csrf='value')}"
    planted = f"{space}__Host-access_token={token(csrf='other', user_id=2)}"
    other = "name=\u20ac; without; =\u2000; \u2000=; ;"
    for pairs in ((right, planted, other), (other, planted, "a=b", right)):
        cookie = ("cookie", "; ".join(pairs))
        response = await shop.get("/user", headers=[cookie])
        assert is_content(response)
        assert response.json == {"content": CONTENT, "user": shop.users[1]}


# characters that Sanic's server strips from the start of a header value
STRIPPED = ["\xa0", "\u2000", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"]
STRIPPED += ["\x1f", "\u2028", "\u3000", "\t\xa0", "\xa0\t ", " \x1f"]


async def ask_with_cookies(connection, before, pairs):
    """Send `Cookie` with exactly these bytes after its colon."""
    lines = f"GET /user HTTP/1.1\r\nHost: shop.example\r\nCookie:{before}"
    cookies = "; ".join(f"{name}={value}" for name, value in pairs)
    status, _, body = await connection.send(
        f"{lines}{cookies}\r\n\r\n".encode()
    )
    return status, body


@pytest.mark.requirement("C10")
@pytest.mark.parametrize("split", [False, True])
async def test_the_first_cookie_name_is_compared_before_it_is_stripped(split):
    """Sanic's own server strips the value of a header, and with it the name of
    the first cookie; for a browser that name has no prefix."""
    shop = new_shop(**SETTINGS, cookie_split=split, now=time.time)
    made = await shop.auth.generate_access_token(shop.users[1])
    readable, _, signature = made.rpartition(".")
    pairs = [("__Host-access_token", readable if split else made)]
    if split:
        pairs.append(("__Host-access_token_signature", signature))
    async with served(shop.app) as server:
        connection = await server.connect()
        for order in (pairs, pairs[::-1]):
            for space in STRIPPED:
                for before in (space, f" {space}"):
                    status, body = await ask_with_cookies(
                        connection, before, order
                    )
                    assert (status, CONTENT in str(body)) == (401, False)
            for before in ("", " ", "\t", " \t ", " a=b;", "\xa0a=b; "):
                status, body = await ask_with_cookies(
                    connection, before, order
                )
                assert (status, CONTENT in str(body)) == (200, True), before


@pytest.mark.requirement("C10")
async def test_a_planted_first_cookie_is_not_used():
    shop = new_shop(**SETTINGS, now=time.time)
    ada, bob = [
        await shop.auth.generate_access_token(shop.users[n]) for n in (1, 2)
    ]
    name = "__Host-access_token"
    async with served(shop.app) as server:
        connection = await server.connect()
        for space in STRIPPED:
            status, body = await ask_with_cookies(
                connection, f" {space}", [(name, bob), (name, ada)]
            )
            assert status == 200
            assert json.loads(body)["user"] == shop.users[1]


@pytest.mark.requirement("C10")
async def test_a_planted_cookie_after_one_with_the_same_prefix_is_not_used():
    shop = new_shop(**SETTINGS, now=time.time)
    ada, bob = [
        await shop.auth.generate_access_token(shop.users[n]) for n in (1, 2)
    ]
    name = "__Host-access_token"
    async with served(shop.app) as server:
        connection = await server.connect()
        for space in DISGUISES:
            planted = (f"{space}{name}", bob)
            status, body = await ask_with_cookies(
                connection, " ", [(f"{name}_of_another", "x"), planted]
            )
            assert (status, CONTENT in str(body)) == (401, False)
            status, body = await ask_with_cookies(
                connection, " ", [(name, ada), planted]
            )
            assert status == 200
            assert json.loads(body)["user"] == shop.users[1]


@pytest.mark.requirement("C10")
@pytest.mark.parametrize(
    "disguise",
    [
        "Last-Event-ID: cookie: {}",
        "Last-Event-ID: Cookie: {}",
        "X:Cookie: {}\r\na:",
        "Xookie : ookie: {}\r\nab:",
    ],
)
@pytest.mark.parametrize("name", ["Cookie", "cookie", "COOKIE"])
async def test_another_header_does_not_validate_a_planted_cookie(
    disguise, name
):
    """A browser sends `Last-Event-ID`, which any site can choose, to wherever
    that site redirects the request."""
    shop = new_shop(**SETTINGS, now=time.time)
    made = await shop.auth.generate_access_token(shop.users[1])
    cookie = f"__Host-access_token={made}"
    other = disguise.format(cookie)
    planted = f"{name}: \x0b{cookie}"
    async with served(shop.app) as server:
        for lines in ([other, planted], [planted, other]):
            connection = await server.connect()
            head = "\r\n".join(["GET /user HTTP/1.1", "Host: a", *lines])
            status, _, body = await connection.send(f"{head}\r\n\r\n".encode())
            assert (status, CONTENT in str(body)) == (401, False)


@pytest.mark.requirement("C10")
async def test_a_cookie_header_replaced_by_the_application_is_refused():
    """The headers that arrived differ from what the application has set."""
    shop = new_shop(**SETTINGS, now=time.time)
    made = await shop.auth.generate_access_token(shop.users[1])

    @shop.app.on_request
    async def replace(request):
        request.headers["cookie"] = f"__Host-access_token={made}"

    async with served(shop.app) as server:
        connection = await server.connect()
        status, _ = await ask_with_cookies(connection, " ", [("a", "b")])
        assert status == 401
