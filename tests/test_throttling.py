"""Login attempts are counted, and refused above a limit."""

from __future__ import annotations

import asyncio
import builtins
import gc
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sanic import Blueprint, Sanic

from sanic_jwt_oo import AuthenticationFailed, JWTAuth, initialize
from sanic_jwt_oo.exceptions import InvalidConfiguration, TooManyAttempts
from sanic_jwt_oo.login import throttling
from sanic_jwt_oo.login.accounts import normalize_account, normalize_address

from .conftest import SECRET, Client
from .effort import PATIENCE
from .examples.serving import served
from .limits_redis import RedisServer, redis_server

__all__ = ["redis_server"]  # a fixture of this module

RIGHT = {"username": "ada", "password": "lovelace"}
WRONG = {"username": "ada", "password": "wrong"}


def throttle_of(auth: Any) -> Any:
    """Return what counts the logins of an installation."""
    return auth._sanic_jwt_oo.throttle


class Auth(JWTAuth[dict[str, Any]]):
    """Checks Ada's password and counts the checks."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(secret=SECRET, **settings)
        self.asked: list[Any] = []

    async def authenticate(self, request: Any) -> dict[str, Any]:
        fields = request.json
        self.asked.append(fields)
        await asyncio.sleep(0)
        if fields.get("password") == "fault":
            raise ZeroDivisionError
        if (fields.get("username"), fields.get("password")) not in (
            ("ada", "lovelace"),
            ("eve", "dropper"),
        ):
            raise AuthenticationFailed()
        return {"user_id": fields["username"]}


@pytest.fixture
async def install(app: Sanic) -> AsyncIterator[Callable[..., Any]]:
    """Install on an application, and close all connections at the end."""
    opened = []

    def install(kind: type[Auth] = Auth, app: Any = app, **s: Any) -> Any:
        opened.append(kind(**s).install(app))
        return opened[-1]

    yield install
    for auth in opened:
        if auth._sanic_jwt_oo.throttle:
            await auth._sanic_jwt_oo.throttle.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, as a list of one number."""
    now = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


async def statuses(client: Client, *bodies: Any, **options: Any) -> list[int]:
    """Log in with each body in turn, and return the statuses."""
    responses = [
        await client.post("/auth", json=body, **options) for body in bodies
    ]
    return [response.status for response in responses]


# --- what is counted --------------------------------------------------------


async def test_nothing_is_counted_by_default(
    install: Any, client: Client
) -> None:
    auth = install()

    assert await statuses(client, *[WRONG] * 20) == [401] * 20
    assert auth._sanic_jwt_oo.throttle is None


async def test_attempts_per_account_are_limited(
    install: Any, client: Client
) -> None:
    auth = install(login_limit_per_account="3/minute")

    assert await statuses(client, *[WRONG] * 5) == [401] * 3 + [429] * 2
    assert len(auth.asked) == 3


async def test_attempts_per_address_are_limited(
    install: Any, client: Client
) -> None:
    auth = install(login_limit_per_address="3/minute")
    bodies = [{**WRONG, "username": f"user {n}"} for n in range(5)]

    assert await statuses(client, *bodies) == [401] * 3 + [429] * 2
    assert len(auth.asked) == 3


async def test_the_response_has_retry_after(
    install: Any, client: Client, clock: list[float]
) -> None:
    install(login_limit_per_account="1/minute")
    await statuses(client, WRONG)
    clock[0] += 12.4

    response = await client.post("/auth", json=WRONG)

    assert response.status == 429
    assert response.json == {
        "reasons": ["Too many attempts; try again later."],
        "exception": "TooManyAttempts",
    }
    assert response.headers["retry-after"] == "49"
    assert response.headers["cache-control"] == "no-store"
    assert "www-authenticate" not in response.headers


async def test_a_retry_after_the_stated_time_is_accepted(
    install: Any, client: Client, clock: list[float]
) -> None:
    install(login_limit_per_account="1/minute")
    await statuses(client, WRONG)
    response = await client.post("/auth", json=RIGHT)
    clock[0] += int(response.headers["retry-after"])

    assert await statuses(client, RIGHT) == [200]


@pytest.mark.parametrize(
    ("left", "longest", "seconds"),
    [(-3, 60, 1), (0, 60, 1), (0.1, 60, 1), (11.6, 60, 13), (60, 60, 60)],
)
def test_retry_after_is_rounded_up_to_whole_seconds(
    left: float, longest: int, seconds: int
) -> None:
    assert throttling._retry_after(left, longest) == seconds


async def test_refused_attempts_do_not_extend_the_wait(
    install: Any, client: Client, clock: list[float]
) -> None:
    install(login_limit_per_account="1/minute")
    await statuses(client, WRONG)
    clock[0] += 59
    await statuses(client, *[WRONG] * 50)
    clock[0] += 2

    assert await statuses(client, RIGHT) == [200]


@pytest.mark.parametrize("per", ["account", "address"])
async def test_correct_passwords_are_not_counted(
    install: Any, client: Client, per: str
) -> None:
    install(**{f"login_limit_per_{per}": "2/minute"})

    assert await statuses(client, *[RIGHT] * 5) == [200] * 5
    assert await statuses(client, WRONG, RIGHT) == [401, 200]
    # earlier failures still count
    assert await statuses(client, WRONG, RIGHT) == [401, 429]


@pytest.mark.parametrize("kind", ["memory", "redis"])
async def test_an_attempt_returned_late_gives_no_credit(
    install: Any, clock: list[float], kind: str, request: Any
) -> None:
    settings = {}
    if kind == "redis":
        server = request.getfixturevalue("redis_server")
        settings["login_limit_storage"] = server.url
    throttle = install(
        login_limit_per_account="3/minute", **settings
    )._sanic_jwt_oo.throttle
    early = [await throttle.count("ada", None) for _ in range(3)]
    if kind == "redis":
        server.stop()
        server.start()
    clock[0] += 61
    for hits in early:  # they took longer than their window
        await throttle.refund(hits)
    for _ in range(3):
        await throttle.count("ada", None)

    with pytest.raises(TooManyAttempts):
        await throttle.count("ada", None)


async def test_an_attempt_refused_as_a_window_ends_gives_no_credit(
    install: Any, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    throttle = install(
        login_limit_per_account="2/minute"
    )._sanic_jwt_oo.throttle
    limiter = throttle._limiter
    look = limiter.get_window_stats

    async def look_late(*window: Any) -> Any:
        """Read the count after another attempt has begun the next window."""
        seen = await look(*window)
        clock[0] += 2
        monkeypatch.setattr(limiter, "get_window_stats", look)
        await throttle.count("ada", None)
        return seen

    for _ in range(2):
        await throttle.count("ada", None)
    clock[0] += 59
    monkeypatch.setattr(limiter, "get_window_stats", look_late)
    with pytest.raises(TooManyAttempts):
        await throttle.count("ada", None)
    await throttle.count("ada", None)
    with pytest.raises(TooManyAttempts):
        await throttle.count("ada", None)


async def test_logging_in_to_an_own_account_does_not_reset_the_address(
    install: Any, client: Client
) -> None:
    install(login_limit_per_address="3/minute")
    own = {"username": "eve", "password": "dropper"}

    assert await statuses(client, *[WRONG, own] * 4) == [
        *[401, 200] * 2,
        *[401, 429],
        *[429, 429],
    ]


async def test_an_error_of_the_application_counts_as_an_attempt(
    install: Any, client: Client
) -> None:
    install(login_limit_per_account="2/minute")
    fault = {**WRONG, "password": "fault"}

    assert await statuses(client, *[fault] * 3) == [500, 500, 429]


async def test_concurrent_guesses_cannot_exceed_the_limit(
    install: Any, client: Client
) -> None:
    auth = install(login_limit_per_account="3/minute")
    await client.get("/")

    responses = await asyncio.gather(
        *[client.post("/auth", json=WRONG) for _ in range(30)]
    )

    assert sorted(a.status for a in responses) == [401] * 3 + [429] * 27
    assert len(auth.asked) == 3


async def test_accounts_do_not_share_a_count(
    install: Any, client: Client
) -> None:
    install(login_limit_per_account="1/minute")
    other = {**WRONG, "username": "bob"}

    assert await statuses(client, WRONG, other, WRONG) == [401, 401, 429]


async def test_each_of_several_limits_applies(
    install: Any, client: Client, clock: list[float]
) -> None:
    install(login_limit_per_account="3/hour; 2/minute")

    assert await statuses(client, *[WRONG] * 3) == [401, 401, 429]
    clock[0] += 61
    # the one refused by the shorter limit is not counted by the longer one
    assert await statuses(client, *[WRONG] * 2) == [401, 429]
    clock[0] += 61
    assert await statuses(client, RIGHT) == [429]
    clock[0] += 3600
    assert await statuses(client, RIGHT) == [200]


async def test_an_attempt_refused_by_address_is_not_counted_for_the_account(
    install: Any, app: Sanic, client: Client
) -> None:
    app.config.PROXIES_COUNT = 1
    install(login_limit_per_account="3/hour", login_limit_per_address="1/hour")
    there = {"X-Forwarded-For": "192.0.2.1"}
    here = {"X-Forwarded-For": "192.0.2.2"}

    assert await statuses(client, *[WRONG] * 9, headers=there) == [
        401,
        *[429] * 8,
    ]
    assert await statuses(client, RIGHT, headers=here) == [200]


async def test_the_legacy_form_has_limits_too(
    app: Sanic, client: Client
) -> None:
    def authenticate(request: Any) -> None:
        raise AuthenticationFailed()

    initialize(
        app, authenticate, secret=SECRET, login_limit_per_account="1/minute"
    )

    assert await statuses(client, WRONG, WRONG) == [401, 429]


async def test_a_limit_in_app_config_applies(
    app: Sanic, install: Any, client: Client
) -> None:
    app.config.SANIC_JWT_LOGIN_LIMIT_PER_ACCOUNT = "1/minute"
    install()

    assert await statuses(client, WRONG, WRONG) == [401, 429]


async def test_installations_count_separately(
    app: Sanic, install: Any, client: Client, redis_server: RedisServer
) -> None:
    settings = {
        "login_limit_per_account": "1/minute",
        "login_limit_storage": redis_server.url,
    }
    staff = Blueprint("staff", url_prefix="/staff")
    app.blueprint(staff)
    install(**settings)
    install(app=staff, **settings)

    assert await statuses(client, WRONG, WRONG) == [401, 429]
    assert (await client.post("/staff/auth", json=WRONG)).status == 401


# --- which account ----------------------------------------------------------


@pytest.mark.parametrize(
    "spelling",
    [
        "Ada",
        " ada ",
        "ADA\t",
        "\uff21da",  # a wide A
        "a\u0300da",
        "\u00e0da",
        "ad\u200ba",
        "ada\0",
        "\u200b" * 300 + "ada",
        "\u200b" * 254 + "ada",
        "ad\ufe0fa",  # variation selectors, and other marks
        "ad\u034fa",
        "\U000e0101ada",
        "a\U0001f173a",  # a character in a square
        "a\u0111a",  # with a stroke
        "\u00c5\u00d0\u00c5",
        "a\u0640da",
    ],
    ids=ascii,
)
def test_spellings_of_an_account_share_one_limit(spelling: str) -> None:
    assert normalize_account(spelling) == normalize_account("ada")


@pytest.mark.parametrize(
    ("spelling", "account"),
    [
        ("\u0141ukasz S\u00f8rli", "lukaszsorli"),
        ("\u00c6gir \u0152uvre", "aegiroeuvre"),
        ("\u0131\u017f\u212a\u00df", "iskss"),
        ("7\u0661\u096a\u2460\u2779\u3027", "714147"),
        ("\u01c6\U0001f197", "dzok"),
    ],
    ids=ascii,
)
def test_characters_that_a_database_treats_alike_share_one_limit(
    spelling: str, account: str
) -> None:
    assert normalize_account(spelling) == account


@pytest.mark.parametrize(
    ("number", "account"),
    [
        (12345, "12345"),
        (12345.0, "12345"),
        (-1, "-1"),
        (1.5, "1.5"),
        (True, "1"),
        (0, "0"),
    ],
)
def test_a_number_counts_as_its_text(number: Any, account: str) -> None:
    # SQLite and MySQL find the account 12345 for the number as well
    assert normalize_account(number) == account


@pytest.mark.parametrize(
    "huge", [10**5000, -(10**5000), 1e400, -1e400], ids="abcd"
)
def test_no_number_is_a_5xx(huge: Any) -> None:
    assert len(normalize_account(huge)) < 10


def test_accounts_in_other_scripts_are_different() -> None:
    accounts = "\u738b\u4e00 \u738b\u4e8c \u0438\u0432\u0430\u043d"
    accounts += " \u0434\u0438\u0430\u043d\u0430 \u05d3\u05df \u05d2\u05df"
    accounts += " \ue000 \ue001"  # which is private use
    names = accounts.split()

    assert len({*map(normalize_account, names)} - {""}) == len(names)


def test_all_overlong_names_share_one_limit() -> None:
    ways = ["\u200b" * 2000 + "ada", "\u200b" * 2001 + "ada", "x" * 2000]
    ways += ["\ufdfa" * 400 + "ada"]

    assert len({*map(normalize_account, ways)}) == 1
    assert normalize_account(ways[0]) not in {"", normalize_account("ada")}


@pytest.mark.parametrize("nobody", [None, "", "  ", "\u200b", "\u0301"])
def test_a_missing_account_is_none(nobody: str | None) -> None:
    assert normalize_account(nobody) == ""


def test_an_account_is_bounded() -> None:
    assert len(normalize_account("\ufdfa" * 1_000_000)) < 10_000


@pytest.mark.parametrize("field", ["username", "email", "name", "login"])
async def test_the_account_is_read_from_the_usual_fields(
    install: Any, client: Client, field: str
) -> None:
    install(login_limit_per_account="1/minute")

    assert await statuses(client, {field: "x"}, {field: " X"}) == [401, 429]


async def test_a_decoy_field_does_not_bypass_the_limit(
    install: Any, client: Client
) -> None:
    install(login_limit_per_account="1/minute")
    decoys = [{**WRONG, "email": f"{n}@example.com"} for n in range(2)]

    assert await statuses(client, *decoys) == [401, 429]


async def test_extra_list_items_do_not_bypass_the_limit(
    install: Any, client: Client
) -> None:
    """A hook that reads a form as `dict(request.form)` uses the first item of
    a list."""
    install(login_limit_per_account="1/minute")
    lists = [{**WRONG, "username": ["ada", f"{n}", []]} for n in range(2)]

    assert await statuses(client, *lists) == [401, 429]


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        " Application/X-WWW-Form-urlencoded; x=y",
        "multipart/form-data; boundary=x",
        "text/plain",
    ],
)
async def test_a_body_that_is_json_and_a_form_does_not_bypass_the_limit(
    install: Any, client: Client, kind: str
) -> None:
    auth = install(login_limit_per_account="1/minute")
    responses = [
        await client.post(
            "/auth",
            content=b'{"username": "ada", "x": "&username=%d&"}' % number,
            headers={"content-type": kind},
        )
        for number in range(3)
    ]

    assert [a.status for a in responses] in ([401, 429, 429], [400] * 3)
    assert len(auth.asked) <= 1


async def test_a_form_is_counted(install: Any, client: Client) -> None:
    class Form(Auth):
        async def authenticate(self, request: Any) -> Any:
            assert request.form.get("username") == "ada"

    install(Form, login_limit_per_account="1/minute")

    responses = [await client.post("/auth", data=WRONG) for _ in range(2)]

    assert [a.status for a in responses] == [401, 429]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": None},
        {"username": []},
        {"username": [None, "ada"]},
        {"username": {"ada": 1}},
    ],
)
async def test_without_an_account_the_address_is_counted(
    install: Any, client: Client, body: Any
) -> None:
    install(
        login_limit_per_account="1/minute", login_limit_per_address="3/minute"
    )

    assert await statuses(client, *[body] * 4) == [401] * 3 + [429]


async def test_an_application_can_name_the_account(
    install: Any, client: Client
) -> None:
    class ByKey(Auth):
        async def login_account(self, request: Any) -> str | None:
            key: str | None = request.headers.get("x-key")
            return key

    install(ByKey, login_limit_per_account="1/minute")

    assert await statuses(client, WRONG, WRONG) == [401, 401]
    key = {"x-key": "k"}
    assert await statuses(client, WRONG, WRONG, headers=key) == [401, 429]


async def test_an_error_in_finding_the_account_is_raised(
    install: Any, client: Client
) -> None:
    class Broken(Auth):
        def login_account(self, request: Any) -> str:
            raise ZeroDivisionError

    auth = install(Broken, login_limit_per_account="1/minute")

    assert await statuses(client, RIGHT) == [500]
    assert auth.asked == []


async def test_a_login_without_an_account_is_logged(
    install: Any, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    class Elsewhere(Auth):
        def login_account(self, request: Any) -> None:
            return None

    install(Elsewhere, login_limit_per_account="1/minute")
    await statuses(client, WRONG)
    assert "counts nothing" not in caplog.text
    await statuses(client, RIGHT, RIGHT)

    assert caplog.text.count("login_limit_per_account counts nothing") == 1


async def test_it_is_logged_with_a_limit_per_address_too(
    install: Any, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    class Elsewhere(Auth):
        def login_account(self, request: Any) -> str | None:
            return request.headers.get("x-account")

    install(
        Elsewhere,
        login_limit_per_account="1/minute",
        login_limit_per_address="9/minute",
    )
    account = {"x-account": "ada"}
    assert await statuses(client, RIGHT, headers=account) == [200]
    assert "counts nothing" not in caplog.text
    assert await statuses(client, RIGHT) == [200]
    assert "counts nothing" in caplog.text


# --- which address ----------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.2.1:4711"),
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("2001:db8::1", "[2001:db8::2]"),
        ("2001:db8::1", "[2001:db8:0:0:ffff::]:4711"),
        ("2001:db8::1", "2001:DB8::1%eth0"),
        ("_hidden", " _Hidden"),
    ],
)
def test_addresses_of_one_network_share_one_limit(
    one: str, other: str
) -> None:
    assert normalize_address(one) == normalize_address(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.2.2"),
        ("2001:db8::1", "2001:db8:0:1::1"),
        ("unknown", "_hidden"),
    ],
)
def test_other_addresses_are_counted_separately(one: str, other: str) -> None:
    assert normalize_address(one) != normalize_address(other)


@pytest.mark.parametrize("absent", [None, "", " "])
def test_a_missing_address_is_none(absent: str | None) -> None:
    assert normalize_address(absent) == ""


async def test_a_forwarded_header_is_used_only_if_sanic_trusts_it(
    app: Sanic, install: Any, client: Client
) -> None:
    install(login_limit_per_address="1/minute")

    for number in range(2):
        response = await client.post(
            "/auth",
            json=WRONG,
            headers={"X-Forwarded-For": f"192.0.2.{number}"},
        )

    assert response.status == 429


async def test_clients_behind_a_proxy_are_counted_separately(
    app: Sanic, install: Any, client: Client
) -> None:
    app.config.PROXIES_COUNT = 1
    install(login_limit_per_address="1/minute")
    told = ["192.0.2.1", "evil, 192.0.2.2", "evil2, 192.0.2.2"]

    responses = [
        await client.post("/auth", json=WRONG, headers={"X-Forwarded-For": h})
        for h in told
    ]

    assert [a.status for a in responses] == [401, 401, 429]


async def test_without_an_address_the_account_is_counted(
    install: Any, client: Client
) -> None:
    class OnSocket(Auth):
        async def login_address(self, request: Any) -> None:
            return None

    install(
        OnSocket,
        login_limit_per_account="2/minute",
        login_limit_per_address="1/minute",
    )

    assert await statuses(client, *[WRONG] * 3) == [401, 401, 429]


# --- what cannot work -------------------------------------------------------


@pytest.mark.parametrize(
    "setting", ["login_limit_per_account", "login_limit_per_address"]
)
@pytest.mark.parametrize(
    "limit", ["", "ten", "10", "10/m", "0/minute", "5/hour;0/day", "-1/day"]
)
def test_an_invalid_limit_is_refused(
    install: Any, setting: str, limit: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=f"'{setting}'.*10/minute"):
        install(**{setting: limit})


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "nowhere",
        "memcached://:hush@localhost:1",
        "mongodb://:hush@localhost:1",
        "redis://:hush@localhost:hush/0",
        "redis://:hush@localhost:1/0?socket_timeout=hush",
    ],
)
def test_an_invalid_storage_is_refused_without_its_password(
    install: Any, uri: str
) -> None:
    with pytest.raises(
        InvalidConfiguration, match=r"'login_limit_storage'.*redis://host"
    ) as caught:
        install(login_limit_per_account="1/minute", login_limit_storage=uri)

    assert "hush" not in str(caught.value)
    assert caught.value.__context__ is None


def test_the_storage_is_not_in_a_repr(install: Any) -> None:
    uri = "redis://:hush@localhost:1/0"
    auth = install(login_limit_storage=uri)

    assert "hush" not in repr(auth.config)


def test_a_limit_without_the_package_is_refused(
    install: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "limits":
            raise ImportError(name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)

    with pytest.raises(
        InvalidConfiguration,
        match=r"'login_limit_per_account' requires .*'\.\[limits\]'",
    ):
        install(login_limit_per_account="1/minute")


def test_redis_without_its_package_is_refused(
    install: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(InvalidConfiguration, match=r"\[limits,redis\]"):
        install(
            login_limit_per_account="1/minute",
            login_limit_storage="redis://localhost:6379/0",
        )


def test_limits_are_fixed_at_install(install: Any) -> None:
    auth = install()

    with pytest.raises(InvalidConfiguration, match="settled at install"):
        auth.override(login_limit_per_account="1/minute")


def test_the_package_is_not_imported_without_a_limit() -> None:
    program = (
        "import sys; from sanic import Sanic; from sanic_jwt_oo import JWTAuth"
        "\nclass Auth(JWTAuth):\n    def authenticate(self): return {}\n"
        f"Auth(secret={SECRET!r}).install(Sanic('app'))\n"
        "assert 'limits' not in sys.modules and 'redis' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", program], check=True)


# --- storages ---------------------------------------------------------------


async def test_counts_in_memory_end_with_their_window(
    install: Any, client: Client, clock: list[float]
) -> None:
    auth = install(login_limit_per_account="9/minute;99/hour")
    storage = auth._sanic_jwt_oo.throttle._limiter.storage
    for number in range(300):
        await statuses(client, {**WRONG, "username": f"user {number}"})
    assert len(storage.storage) == 600
    clock[0] += 3601
    await statuses(client, WRONG)
    await asyncio.sleep(0)

    held = [storage.storage, storage.expirations, storage.locks]
    assert [len(kept) for kept in held] == [2, 2, 2]


def test_counts_in_memory_outlive_an_event_loop(install: Any) -> None:
    throttle = install(
        login_limit_per_account="1/minute"
    )._sanic_jwt_oo.throttle

    async def once() -> None:
        await throttle.count("ada", None)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(once())
    loop.close()

    with pytest.raises(Exception, match="Too many attempts"):
        asyncio.run(once())
    asyncio.run(throttle.close())


def test_counts_in_redis_outlive_an_event_loop(
    install: Any, redis_server: RedisServer
) -> None:
    throttle = install(
        login_limit_per_account="2/minute",
        login_limit_storage=redis_server.url,
    )._sanic_jwt_oo.throttle

    async def once() -> None:
        try:
            await throttle.count("ada", None)
        finally:
            await throttle.close()

    asyncio.run(once())
    asyncio.run(once())
    with pytest.raises(Exception, match="Too many attempts"):
        asyncio.run(once())


@pytest.mark.requirement("R11")
@pytest.mark.parametrize("in_redis", [False, True])
def test_loops_in_several_threads_have_separate_limiters(
    install: Any, redis_server: RedisServer, in_redis: bool
) -> None:
    storage = redis_server.url if in_redis else "memory://"
    throttle = install(
        login_limit_per_account="9/minute", login_limit_storage=storage
    )._sanic_jwt_oo.throttle
    both = threading.Barrier(2)

    async def often(number: int) -> None:
        for _ in range(9):
            both.wait(30)
            await throttle.count(f"user {number}", None)
        with pytest.raises(Exception, match="Too many attempts"):
            await throttle.count(f"user {number}", None)

    with ThreadPoolExecutor(2) as threads:
        runs = [
            threads.submit(lambda n=n: asyncio.run(often(n))) for n in range(2)
        ]
        for run in runs:
            run.result()
    asyncio.run(throttle.close())
    gc.collect()


@pytest.mark.long
@pytest.mark.requirement("R11")
def test_connections_of_a_closed_loop_are_dropped(
    install: Any, redis_server: RedisServer
) -> None:
    throttle = install(
        login_limit_per_account="9/minute",
        login_limit_storage=redis_server.url,
    )._sanic_jwt_oo.throttle
    for _ in range(3):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(throttle.count("ada", None))
        loop.close()
        gc.collect()
    assert len(throttle._limiters._entries) == 1
    asyncio.run(throttle.close())
    gc.collect()


def test_a_loop_that_ends_without_closing_does_not_affect_the_next(
    install: Any, redis_server: RedisServer
) -> None:
    throttle = install(
        login_limit_per_account="2/minute",
        login_limit_storage=redis_server.url,
    )._sanic_jwt_oo.throttle
    limiters = []

    async def once(close: bool = False) -> None:
        try:
            await throttle.count("ada", None)
        finally:
            limiters.append(throttle._limiter)
            if close:
                await throttle.close()
            else:  # as `close` does, without notice to the throttle
                await throttle._limiter.storage.bridge.storage.aclose()

    asyncio.run(once())
    asyncio.run(once())
    with pytest.raises(TooManyAttempts):
        asyncio.run(once(close=True))
    assert len({*map(id, limiters)}) == 3


async def test_connections_are_closed_with_the_server(
    app: Sanic, install: Any, redis_server: RedisServer
) -> None:
    auth = install(
        login_limit_per_account="3/minute",
        login_limit_storage=redis_server.url,
    )
    async with served(app) as client:
        assert (await client.post("/auth", json=RIGHT)).status_code == 200
        store = throttle_of(auth)._limiter.storage.bridge.storage
        pool = store.connection_pool
        connections = [*pool._available_connections]
        assert connections[0].is_connected

    assert not any(connection.is_connected for connection in connections)


@pytest.fixture
async def machines(
    redis_server: RedisServer, install: Any
) -> list[tuple[Auth, Client]]:
    """Two applications with the same name and Redis."""
    found = []
    for _ in range(2):
        app = Sanic("a-shop-on-two-machines")
        auth = install(
            app=app,
            login_limit_per_account="3/hour",
            login_limit_storage=redis_server.url,
        )
        found.append((auth, Client(app)))
    return found


async def test_machines_share_one_count(
    machines: list[tuple[Auth, Client]],
) -> None:
    (_, one), (_, other) = machines
    begun = time.monotonic()

    assert await statuses(one, WRONG, WRONG) == [401, 401]
    assert await statuses(other, RIGHT, WRONG, WRONG) == [200, 401, 429]
    assert await statuses(one, RIGHT) == [429]
    response = await one.post("/auth", json=RIGHT)
    since = time.monotonic() - begun
    assert 3600 - since - 1 <= int(response.headers["retry-after"]) <= 3600


async def test_concurrent_guesses_on_two_machines_cannot_exceed_the_limit(
    machines: list[tuple[Auth, Client]],
) -> None:
    for _, client in machines:
        await client.get("/")

    responses = await asyncio.gather(
        *[
            client.post("/auth", json=WRONG)
            for _ in range(20)
            for _, client in machines
        ]
    )

    assert sorted(a.status for a in responses) == [401] * 3 + [429] * 37
    assert sum(len(auth.asked) for auth, _ in machines) == 3


async def test_an_unavailable_storage_is_a_503_until_it_returns(
    machines: list[tuple[Auth, Client]],
    redis_server: RedisServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    auth, client = machines[0]
    assert await statuses(client, RIGHT) == [200]
    redis_server.stop()

    responses = [await client.post("/auth", json=RIGHT) for _ in range(2)]

    for response in responses:
        assert response.status == 503
        assert response.json == {
            "reasons": ["Logins cannot be checked at the moment."],
            "exception": "LoginLimitUnavailable",
        }
        assert response.headers["retry-after"] == "5"
        assert response.headers["cache-control"] == "no-store"
    assert len(auth.asked) == 1
    assert redis_server.password not in caplog.text

    redis_server.start()
    assert await statuses(client, *[RIGHT] * 2) == [200, 200]


async def test_a_closed_connection_is_replaced(
    machines: list[tuple[Auth, Client]], redis_server: RedisServer
) -> None:
    _, client = machines[0]
    assert await statuses(client, RIGHT) == [200]
    redis_server.stop()
    redis_server.start()

    assert await statuses(client, RIGHT) == [200]


async def test_waiting_for_the_storage_is_limited(
    install: Any,
    client: Client,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    auth = install(
        login_limit_per_account="3/minute",
        login_limit_storage=redis_server.url,
    )
    assert await statuses(client, RIGHT) == [200]
    redis_server.freeze()
    monkeypatch.setattr(throttling, "STORAGE_TIMEOUT", 0.1)
    begun = time.monotonic()

    assert await statuses(client, RIGHT) == [503]
    assert time.monotonic() - begun < PATIENCE / 2
    assert len(auth.asked) == 1


async def test_a_correct_login_succeeds_though_the_count_cannot_be_returned(
    install: Any,
    client: Client,
    redis_server: RedisServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Unlucky(Auth):
        async def authenticate(self, request: Any) -> dict[str, Any]:
            redis_server.stop()
            return await super().authenticate(request)

    install(
        Unlucky,
        login_limit_per_account="3/minute",
        login_limit_storage=redis_server.url,
    )

    assert await statuses(client, RIGHT) == [200]
    assert "stays counted: ConnectionError" in caplog.text


async def test_keys_do_not_reveal_accounts(
    machines: list[tuple[Auth, Client]], redis_server: RedisServer
) -> None:
    from redis.asyncio import Redis

    _, client = machines[0]
    body = {**WRONG, "username": "Ada.Lovelace@example.com" + "x" * 100_000}
    assert await statuses(client, body) == [401]

    async with Redis.from_url(redis_server.url) as redis:
        keys = await redis.keys("*")
        lives = [await redis.ttl(key) for key in keys]
    assert len(keys) == 1
    assert keys[0].startswith(b"sanic_jwt_oo:")
    assert b"ada" not in keys[0].lower()
    assert len(keys[0]) < 200
    assert 0 < lives[0] <= 3600
