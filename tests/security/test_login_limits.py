"""Login limits, from the attacker's side."""

import asyncio
import json
from itertools import product

import pytest

from sanic_jwt_oo import AuthenticationFailed

from ..limits_redis import redis_server
from .shops import is_refused, new_shop

__all__ = ["redis_server"]  # a fixture of this module

ADA = {"username": "ada", "password": "lovelace"}
WRONG = {"username": "ada", "password": "wrong"}
VALUES = [
    None,
    True,
    1,
    -1e308,
    "",
    " ",
    "\x00",
    "\ud800",
    "\ufdfa" * 50_000,
    "a\u0300" * 50_000,
    [],
    ["ada"],
    {"$gt": ""},
]
BODIES = [b"null", b"[]", b"17", b"{", b"\xff\xfe", b"[" * 5_000, b"a=%ff&=&&"]
ADDRESSES = [
    b"",
    b",",
    b",,,,",
    b"unknown",
    b"_hidden",
    b"::",
    b"[::1",
    b"::1]:x",
    b"fe80::1%eth0",
    b"1.2.3.4:99999",
    b"999.999.999.999",
    b"1" * 5_000,
    b":" * 5_000,
    b"\xff\xfe",
    b"/run/socket",
    b'for="[2001:db8::1]:4711"',
    "\u0661.2.3.4".encode(),
]


def throttled(front, **settings):
    limits = {
        "login_limit_per_account": "3/minute",
        "login_limit_per_address": "1000/minute",
    }
    return new_shop(front, **{**limits, **settings})


def visible_part(response):
    """What a client can see of a response, except for the seconds."""
    headers = {*response.headers} - {"retry-after"}
    return response.status, response.body, headers


async def test_above_the_limit_a_right_password_looks_like_a_wrong_one(front):
    shop = throttled(front)
    for _ in range(3):
        assert is_refused(await shop.post("/auth", json=WRONG))

    right = await shop.post("/auth", json=ADA)
    wrong = await shop.post("/auth", json=WRONG)

    assert is_refused(right, 429)
    assert visible_part(right) == visible_part(wrong)
    assert "access_token" not in right.text


async def test_the_limit_does_not_reveal_which_users_exist(front):
    responses = []
    for name in ("ada", "nobody"):
        shop = throttled(front)
        body = {**WRONG, "username": name}
        responses.append(
            [await shop.post("/auth", json=body) for _ in "12345"]
        )

    assert [*map(visible_part, responses[0])] == [
        *map(visible_part, responses[1])
    ]
    assert [a.status for a in responses[0]] == [401] * 3 + [429] * 2


async def test_concurrent_guesses_cannot_exceed_the_limit(front):
    tried = []

    async def authenticate(request):
        tried.append(request.json)
        await asyncio.sleep(0)

    shop = throttled(front, authenticate=authenticate)
    await shop.get("/public")

    responses = await asyncio.gather(
        *[shop.post("/auth", json=WRONG) for _ in range(50)]
    )

    assert len(tried) == 3
    assert sorted(a.status for a in responses) == [401] * 3 + [429] * 47


async def test_spellings_of_an_account_share_one_limit(front):
    shop = throttled(front)
    spellings = ["ada", "ADA", " ada", "\uff41da", "ad\u200ba", "a\u0308da"]

    responses = [
        await shop.post("/auth", json={**WRONG, "username": spelling})
        for spelling in spellings
    ]

    assert [a.status for a in responses] == [401] * 3 + [429] * 3


async def test_invisible_padding_is_the_same_account(front):
    shop = throttled(front)
    spellings = ["ada", *("\u200b" * 50 * n + "ada" for n in range(4, 9))]

    responses = [
        await shop.post("/auth", json={**WRONG, "username": spelling})
        for spelling in spellings
    ]

    assert [a.status for a in responses] == [401] * 3 + [429] * 3


async def test_very_long_padding_is_the_same_account(front):
    shop = throttled(front)

    responses = [
        await shop.post(
            "/auth", json={**WRONG, "username": "\u200b" * (5000 + n) + "ada"}
        )
        for n in range(6)
    ]

    assert [a.status for a in responses] == [401] * 3 + [429] * 3


async def test_values_that_a_driver_treats_alike_are_the_same_account(front):
    # SQLite and MySQL compare numbers with text, PyMySQL writes lists as ('x')
    shop = throttled(front)
    spellings = ["17", 17, 17.0, ["17"], [[17]], "\u0661\u0667"]

    responses = [
        await shop.post("/auth", json={**WRONG, "username": spelling})
        for spelling in spellings
    ]

    assert [a.status for a in responses] == [401] * 3 + [429] * 3


async def test_an_own_login_does_not_reset_the_count_of_an_address(front):
    shop = throttled(front, login_limit_per_address="3/minute")
    guesses = []
    for number in range(6):
        guess = {**WRONG, "username": f"user {number}"}
        guesses.append((await shop.post("/auth", json=guess)).status)
        await shop.post(
            "/auth", json={"username": "bob", "password": "builder"}
        )

    assert guesses == [401] * 3 + [429] * 3


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:12])
async def test_no_body_field_is_a_5xx(front, value):
    shop = throttled(front)
    for fields in (
        {**ADA, "username": value},
        {**ADA, "email": value, "login": value},
        dict.fromkeys(("username", "password", "email", "name"), value),
    ):
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            response = await shop.post(
                "/auth",
                headers={"content-type": kind},
                body=json.dumps(fields),
            )
            assert response.status < 500


@pytest.mark.requirement("T18")
async def test_no_body_is_a_5xx(front):
    shop = throttled(front)
    kinds = [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "",
    ]
    for body, kind in product(BODIES, kinds):
        response = await shop.post(
            "/auth", headers={"content-type": kind}, body=body
        )
        assert 400 <= response.status < 500, (body, kind)


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("value", ADDRESSES, ids=lambda value: repr(value[:9]))
async def test_no_client_address_is_a_5xx(front, value):
    shop = throttled(front)
    shop.app.config.PROXIES_COUNT = 1
    shop.app.config.REAL_IP_HEADER = "x-real-ip"
    shop.app.config.FORWARDED_SECRET = "secret"
    for name, sent in (
        (b"x-forwarded-for", value),
        (b"x-real-ip", value),
        (b"forwarded", b"secret=secret;for=" + value),
        (b"forwarded", b'secret=secret;for="' + value + b'"'),
    ):
        response = await shop.post("/auth", headers=[(name, sent)], json=ADA)
        assert response.status == 200, (name, response.text)


@pytest.mark.requirement("I9")
async def test_without_the_counting_storage_a_login_is_a_503(
    front, redis_server
):
    shop = throttled(front, login_limit_storage=redis_server.url)
    redis_server.stop()

    response = await shop.post("/auth", json=ADA)

    assert is_refused(response, 503)
    assert int(response.headers["retry-after"]) >= 1
    assert shop.asked == []


@pytest.mark.requirement("I6")
async def test_the_password_of_the_storage_does_not_leak(
    front, redis_server, caplog
):
    shop = throttled(front, login_limit_storage=redis_server.url)
    await shop.post("/auth", json=ADA)
    redis_server.stop()
    response = await shop.post("/auth", json=ADA)
    throttle = shop.auth._sanic_jwt_oo.throttle

    for shown in (
        response.text,
        caplog.text,
        repr(shop.auth),
        repr(shop.auth.settings()),
        repr(throttle),
    ):
        assert redis_server.password not in shown
    await throttle.close()


# --- what refused, right and crowded log-ins use up -------------------------


@pytest.mark.requirement("B1")
@pytest.mark.parametrize("kind", ["memory", "redis"])
@pytest.mark.parametrize("per", ["account", "address"])
async def test_concurrent_correct_logins_do_not_lock_the_account(
    front, kind, per, request
):
    settings = {f"login_limit_per_{per}": "5/minute"}
    if kind == "redis":
        server = request.getfixturevalue("redis_server")
        settings["login_limit_storage"] = server.url
    inside, released = [], asyncio.Event()

    async def authenticate(request):
        inside.append(request)
        await released.wait()
        return {"user_id": 1, "scopes": []}

    shop = new_shop(front, authenticate=authenticate, **settings)
    await shop.get("/public")
    crowd = [
        asyncio.ensure_future(shop.post("/auth", json=ADA)) for _ in range(12)
    ]

    async def settled():
        while len(inside) < 5 or sum(task.done() for task in crowd) < 7:
            await asyncio.sleep(0)

    await asyncio.wait_for(settled(), 60)
    released.set()
    responses = await asyncio.gather(*crowd)
    again = [(await shop.post("/auth", json=ADA)).status for _ in range(9)]
    await shop.auth._sanic_jwt_oo.throttle.close()

    assert sorted(a.status for a in responses) == [200] * 5 + [429] * 7
    assert again == [200] * 9
    assert len(inside) == 5 + 9


@pytest.mark.requirement("B1")
async def test_refused_attempts_are_returned_under_every_limit(front):
    shop = new_shop(
        front,
        login_limit_per_account="2/minute;100/hour",
        login_limit_per_address="9/minute;100/hour",
    )
    for _ in range(30):
        await shop.post("/auth", json=WRONG)

    storage = shop.auth._sanic_jwt_oo.throttle._limiter.storage.storage

    # the two failures are counted, nothing else
    assert sorted(storage.values()) == [2, 2, 2, 2]


@pytest.mark.requirement("B1")
async def test_wrong_guesses_count_between_correct_ones(front):
    shop = throttled(front)
    responses = []
    for body in (WRONG, ADA, WRONG, ADA, WRONG, ADA, WRONG):
        responses.append((await shop.post("/auth", json=body)).status)

    assert responses == [401, 200, 401, 200, 401, 429, 429]


FIELDS = ("username", "email", "name", "login")
FOUR = dict(zip(FIELDS, "abcd", strict=True))


@pytest.mark.requirement("B1")
async def test_a_failed_login_counts_against_one_account(front):
    shop = throttled(front, login_limit_per_account="1/minute")
    assert (await shop.post("/auth", json=FOUR)).status == 401

    for account in "bcd":
        response = await shop.post("/auth", json={"username": account})
        assert response.status == 401, account
    for field in FIELDS:
        assert is_refused(await shop.post("/auth", json={field: "a"}), 429)
    assert is_refused(await shop.post("/auth", json=FOUR), 429)


@pytest.mark.requirement("B1")
@pytest.mark.parametrize("read", FIELDS)
async def test_decoy_fields_do_not_bypass_the_limit(front, read):
    tried = []

    def authenticate(request):
        tried.append(request.json[read])
        raise AuthenticationFailed()

    shop = throttled(front, authenticate=authenticate)
    others = [field for field in FIELDS if field != read]
    for number in range(40):
        # in none, in one, in some and in all of the other fields
        decoys = {f: f"{f}{number}" for f in others[: number % 4]}
        await shop.post("/auth", json={**decoys, read: "ada"})

    # the limit, once for each position of the field
    assert len(tried) == (3 if read == "username" else 6)


@pytest.mark.requirement("B1")
async def test_an_application_can_name_the_account_field(front):
    tried = []

    def authenticate(request):
        tried.append(request.json["email"])

    shop = throttled(front, authenticate=authenticate)
    shop.auth.login_account = lambda request: request.json["email"]
    for number in range(20):
        decoys = {"username": f"user{number}"} if number % 2 else {}
        await shop.post("/auth", json={**decoys, "email": "ada@example.com"})

    assert len(tried) == 3
