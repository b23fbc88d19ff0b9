"""T18: no request of any kind gives a 5xx."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sanic.response import text

from sanic_jwt_oo import AuthenticationFailed, JWTAuth
from sanic_jwt_oo.sessions import MemorySessionStore, SQLSessionStore

from . import storm
from .forging import NOW, SECRET, sealed, token
from .shops import (
    PASSWORDS,
    Shop,
    class_front,
    hooks_of,
    new_app,
    new_shop,
)

pytestmark = pytest.mark.requirement("T18")


async def seed_style(request, *args, **kwargs):
    """The example from sanic-jwt's documentation, which checks no types."""
    username = request.json.get("username", None)
    password = request.json.get("password", None)

    if not username or not password:
        raise AuthenticationFailed("Missing username or password.")

    for name, right in PASSWORDS.items():
        if username == name and password == right:
            return {"user_id": 1, "scopes": []}
    raise AuthenticationFailed(f"Nobody is called {username}.")


async def form_style(request):
    """A login page, which reads only forms."""
    form = request.form
    if form and form.get("username") == "ada":
        return {"user_id": 1, "scopes": []}
    raise AuthenticationFailed()


COOKIE = {"cookie_set": True}
SHOPS = {
    "header": ("header", {}),
    "debug": ("header", {"debug": True}),
    "seed": ("header", {"authenticate": seed_style}),
    "form": ("header", {"authenticate": form_style}),
    "query": ("query", {"query_string_set": True}),
    "lax query": (
        "query",
        {"query_string_set": True, "query_string_strict": False},
    ),
    "cookie": ("cookie", COOKIE),
    "lax cookie": ("cookie", {**COOKIE, "cookie_strict": False}),
    "split": ("split", {**COOKIE, "cookie_split": True}),
    "user secret": ("header", {"user_secret_enabled": True}),
    "strict claims": (
        "header",
        {"claim_iss": "x", "claim_aud": ["x", "y"], "key_id": "x"},
    ),
    "sub": ("header", {"user_id": "sub"}),
}


def shop_of(front, name):
    place, changes = SHOPS[name]
    shop = new_shop(front, refresh_token_enabled=True, **changes)
    shop.stored[1] = "the refresh token"
    shop.secrets[1] = SECRET
    return place, shop


def assert_handled(response, *request):
    """Assert that a response is ours, and complete if it is a refusal."""
    where = str(request)[:400]
    assert response.status < 500, where
    if response.status == 401:
        challenge = response.headers["www-authenticate"]
        assert challenge.startswith('Bearer realm="'), where
    if response.status >= 400 and request[0] != "HEAD":
        kind = response.headers["content-type"]
        assert kind.startswith("application/json"), where
        assert all(isinstance(r, str) for r in response.json["reasons"]), where
        assert isinstance(response.json["exception"], str), where


@pytest.mark.parametrize("name", [*SHOPS])
async def test_no_hostile_request_is_a_5xx(front, name):
    place, shop = shop_of(front, name)
    prefix = "__Host-" if front == "class" else ""
    whole = (front, name) == ("class", "header")
    weather = storm.requests if whole else storm.drizzle
    statuses, broken = set(), []
    for method, path, headers, body in weather(place, prefix):
        response = await shop(method, path, headers=headers, body=body)
        statuses.add(response.status)
        try:
            assert_handled(response, method, path, headers, body)
        except (AssertionError, KeyError, ValueError) as exc:
            broken.append(f"{exc!s:.600}")
    assert not broken, "\n".join([f"{len(broken)} broke:", *broken[:20]])
    assert {200, 400, 401} <= statuses


STORES = {
    "memory": lambda place: MemorySessionStore(),
    "sqlite": lambda place: SQLSessionStore(f"sqlite:///{place}/sessions.db"),
}


@pytest.mark.parametrize(
    ("name", "store", "check"),
    [
        ("header", "memory", "feed"),
        ("header", "sqlite", "store"),
        ("lax cookie", "sqlite", "feed"),
        ("split", "memory", "store"),
        ("lax query", "memory", "never"),
    ],
)
async def test_no_hostile_request_is_a_5xx_with_sessions(
    name, store, check, tmp_path
):
    place, changes = SHOPS[name]
    shop = Shop(new_app())
    hooks = {"now": lambda: NOW, **hooks_of(shop)}
    for unused in ("store_refresh_token", "retrieve_refresh_token"):
        del hooks[unused]
    shop.auth = class_front(
        shop,
        hooks,
        secret=SECRET,
        session_store=STORES[store](tmp_path),
        session_endpoints_enabled=True,
        revocation_check=check,
        leeway=60.5,
        tokens_in_body=True,
        login_limit_per_account="1000/minute",
        **changes,
    )
    ended = (await shop.log_in()).json
    refresh_token = ended["refresh_token"]
    broken, statuses = [], set()
    weather = storm.session_requests(refresh_token, place, "__Host-")
    for method, path, headers, body in weather:
        response = await shop(method, path, headers=headers, body=body)
        statuses.add(response.status)
        try:
            assert_handled(response, method, path, headers, body)
        except (AssertionError, KeyError, ValueError) as exc:
            broken.append(f"{exc!s:.600}")
    await shop.auth.sessions.close()
    assert not broken, "\n".join([f"{len(broken)} broke:", *broken[:20]])
    assert {200, 204, 400, 401} <= statuses


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
fields = st.dictionaries(
    st.sampled_from([*storm.CLAIMS, *storm.FIELDS, "x"]),
    json_values,
    max_size=4,
)
odd_tokens = st.one_of(
    st.text(st.characters(max_codepoint=0x2FF), max_size=40),
    st.builds(lambda changes: token(**changes), fields),
    st.builds(lambda changes: token(changes), fields),
    st.builds(sealed, json_values, json_values),
    st.builds(sealed, st.binary(max_size=30), st.binary(max_size=30)),
    st.builds(
        lambda start, middle, cut: (
            storm.GOOD[:start] + middle + storm.GOOD[start + cut :]
        ),
        st.integers(0, len(storm.GOOD)),
        st.text('aZ0-_.= +/é"', max_size=3),
        st.integers(0, 5),
    ),
)
odd_bodies = st.one_of(
    st.binary(max_size=60),
    st.builds(storm.bytes_of, json_values),
    st.builds(
        storm.bytes_of,
        st.dictionaries(
            st.sampled_from(["username", "password", "refresh_token"]),
            json_values,
        ),
    ),
)
unbroken = st.binary(max_size=40).map(
    lambda octets: octets.translate(None, b"\r\n\0").strip()
)
odd_headers = st.lists(
    st.tuples(
        st.sampled_from(["authorization", "cookie", "content-type", "accept"]),
        unbroken,
    ),
    max_size=3,
)
odd_requests = st.tuples(
    st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT"]),
    st.sampled_from([*storm.GUARDED, *storm.POSTS]),
    odd_tokens,
    odd_headers,
    odd_bodies,
)


class World:
    """Started shops and their event loop."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.shops = {}

    def shop(self, front, name):
        key = front, name
        if key not in self.shops:
            self.shops[key] = shop_of(front, name)
        return self.shops[key]


@pytest.fixture(scope="module")
def world():
    world = World()
    yield world
    world.loop.close()


@pytest.mark.parametrize(
    ("front", "name"),
    [
        ("class", "seed"),
        ("class", "user secret"),
        ("legacy", "seed"),
        ("legacy", "lax query"),
    ],
)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[*HealthCheck],
)
@given(request=odd_requests)
def test_no_generated_request_is_a_5xx(world, front, name, request):
    place, shop = world.shop(front, name)
    prefix = "__Host-" if front == "class" else ""
    method, path, bearer, headers, body = request
    if place == "query":
        bearer = bearer.encode("ascii", "replace").decode()
        bearer = "".join(c for c in bearer if c not in "#\r\n\t \0\x7f")
    bearer = "".join(c for c in bearer if c not in "\r\n\0")
    query, carried = storm.carry(place, bearer, prefix)
    if not query.isprintable():
        return
    sent = [*carried, *headers]
    response = world.loop.run_until_complete(
        shop(method, path + query, headers=sent, body=body)
    )
    # Sanic itself refuses another method on a route of the application
    if path.startswith("/auth") or method == "GET":
        assert_handled(response, method, path, sent, body)


async def test_an_error_of_the_application_is_not_hidden(front):
    # an error from a hook is neither hidden nor turned into a refusal
    def authenticate(request):
        raise RuntimeError("a fault of the application")

    shop = new_shop(front, authenticate=authenticate)
    response = await shop.post("/auth", json={})
    assert response.status == 500
    assert "www-authenticate" not in response.headers


NO_TEXT = [b"\xff", b"\xed\xa0\x80", b"a\xfe.b.c"]
"""Bytes that Sanic decodes to strings which cannot be encoded."""


@pytest.mark.parametrize("value", NO_TEXT)
@pytest.mark.parametrize("place", ["header", "cookie", "own"])
async def test_a_token_that_is_no_text_reaches_no_step(place, value):
    """A step may hash it, or look it up in a database."""

    class Own(JWTAuth):
        def authenticate(self, request):
            return {"user_id": 1}

        def read_token(self, request):
            if place == "own":
                return request.headers["x-key"]
            return super().read_token(request)

        def verify_token(self, token, request=None):
            token.encode()
            return {"user_id": 1}

    shop = Shop(new_app())
    settings = {"cookie_set": place == "cookie", "cookie_host_prefix": False}
    shop.auth = Own(secret=SECRET, **settings).install(shop.app)

    @shop.app.get("/page")
    @shop.auth.protected()
    async def page(request):
        return text("page")

    headers = {
        "header": {"authorization": b"Bearer " + value},
        "cookie": {"cookie": b"access_token=" + value},
        "own": {"x-key": value},
    }.get(place, {})
    assert (await shop.get("/page", headers=headers)).status == 401


@pytest.mark.parametrize("value", NO_TEXT)
async def test_a_refresh_token_that_is_no_text_reaches_no_hook(value):
    class Own(JWTAuth):
        def authenticate(self, request):
            return {"user_id": 1}

        def retrieve_user(self, request, payload):
            return {"user_id": 1}

        def store_refresh_token(self, user_id, refresh_token):
            pass

        def read_refresh_token(self, request):
            return request.headers["x-refresh"]

        def retrieve_refresh_token(self, user_id, refresh_token):
            refresh_token.encode()

    shop = Shop(new_app())
    shop.auth = Own(secret=SECRET, refresh_token_enabled=True)
    shop.auth.install(shop.app)
    login = await shop.post("/auth", json={})
    headers = {
        "authorization": f"Bearer {login.json['access_token']}",
        "x-refresh": value,
    }
    response = await shop.post("/auth/refresh", headers=headers)
    assert response.status == 401
