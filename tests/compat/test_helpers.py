"""The functions that applications import from modules of sanic-jwt."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sanic import Sanic
from sanic.response import json, text

pytest.importorskip("sanic_jwt", reason="the oracle is not installed")

from sanic_jwt_oo import Claim, Initialize, exceptions, protected
from tests.conftest import SECRET, Client

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def both(module: str) -> list[ModuleType]:
    """Return a module of sanic-jwt, and ours."""
    return [import_module(f"{p}.{module}") for p in PACKAGES]


PACKAGES = ["sanic_jwt", "sanic_jwt_oo"]


def install(app: Sanic, **options: Any) -> Initialize:
    options.setdefault("authenticate", lambda request: {"user_id": 1})
    options.setdefault("secret", SECRET)
    return Initialize(app, **options)


# --- utils ------------------------------------------------------------------


@pytest.mark.parametrize("utils", both("utils"), ids=PACKAGES)
async def test_call_waits_for_what_is_async(utils: Any) -> None:
    async def add(one: int, two: int) -> int:
        return one + two

    assert await utils.call(add, 1, two=2) == 3
    assert await utils.call(lambda one, two: one + two, 1, two=2) == 3
    assert await utils.call("no function") == "no function"
    assert await utils.call(None) is None


async def test_call_waits_for_a_function_that_returns_a_coroutine() -> None:
    async def three() -> int:
        return 3

    utils = both("utils")[1]
    assert await utils.call(lambda: three()) == 3
    assert await utils.call(three()) == 3


@pytest.mark.parametrize("utils", both("utils"), ids=PACKAGES)
def test_a_file_or_a_text_is_loaded(utils: Any, tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text("a key")
    load = utils.load_file_or_str

    assert load(file) == load(str(file)) == "a key"
    assert load("a secret") == "a secret"
    assert load(b"a secret") == b"a secret"
    assert load(None) is None
    package = utils.__name__.partition(".")[0]
    errors = import_module(f"{package}.exceptions")
    with pytest.raises(errors.ProvidedPathNotFound):
        load(tmp_path / "nothing.pem")


@pytest.mark.parametrize("odd", ["x" * 5000, "a\0b"])
def test_a_text_that_cannot_be_a_path_is_a_text(odd: str) -> None:
    assert both("utils")[1].load_file_or_str(odd) == odd


@pytest.mark.parametrize("utils", both("utils"), ids=PACKAGES)
def test_a_token_has_the_bytes_that_are_asked_for(utils: Any) -> None:
    assert len(utils.generate_token()) == 48
    assert len(utils.generate_token(8, request=None)) == 16
    assert utils.generate_token() != utils.generate_token()


class Config:
    """Settings in their callable form."""

    def leeway(self) -> int:
        return 5

    def claim_nbf_delta(self) -> int:
        return 10


@pytest.mark.parametrize("utils", both("utils"), ids=PACKAGES)
def test_claims_are_built(utils: Any) -> None:
    now = datetime.now(timezone.utc).replace(tzinfo=None)

    assert utils.build_claim_iss("us", Config()) == "us"
    assert utils.build_claim_aud(["them"], Config()) == ["them"]
    assert utils.build_claim_iat(False) is None
    assert utils.build_claim_nbf(False, Config()) is None
    issued = utils.build_claim_iat(True, Config())
    valid_from = utils.build_claim_nbf(True, Config())
    assert now <= issued <= now + timedelta(minutes=1)
    assert timedelta(seconds=15) <= valid_from - now < timedelta(minutes=1)


@pytest.mark.parametrize(
    "algorithm", ["HS256", "RS256", "ES384", "PS512", "rs256", "none"]
)
def test_asymmetric_algorithms_are_known(algorithm: str) -> None:
    theirs, ours = (
        u.algorithm_is_asymmetric(algorithm) for u in both("utils")
    )

    assert ours == theirs


# --- validators -------------------------------------------------------------

REQUIRED = ["a", "a:r", "a:r:w", ":r", "b"]
HELD: list[Any] = [
    None,
    [],
    [None],
    ["a"],
    ["a:r"],
    ["a:r:w", None],
    ["b:r", "a"],
    ("a:w",),
]


@pytest.mark.parametrize("held", HELD, ids=str)
@pytest.mark.parametrize("required", REQUIRED)
def test_one_scope_is_validated_alike(required: str, held: Any) -> None:
    theirs, ours = both("validators")

    for every in (True, False):
        assert ours.validate_single_scope(
            required, held, every
        ) is theirs.validate_single_scope(required, held, every)
    assert ours.normalize(required) == theirs.normalize(required)


@pytest.mark.parametrize("module", both("validators"), ids=PACKAGES)
def test_an_override_is_given_what_it_decides_about(module: Any) -> None:
    given = []

    def override(*values: Any) -> str:
        given.append(values)
        return "yes"

    assert module.validate_single_scope("a:r", ["b"], False, override)
    assert given == [(False, ("a", ["r"]), [("b", [])], False)]
    assert not module.validate_single_scope("a:r", [], override=override)
    assert len(given) == 1


@pytest.mark.parametrize("held", [{"a"}, "a", 7, [7], [["a"]], {"a": 1}])
def test_scopes_of_another_type_are_none(held: Any) -> None:
    assert both("validators")[1].validate_single_scope("a", held) is False


def test_a_required_scope_that_is_no_text_is_refused() -> None:
    assert both("validators")[1].validate_single_scope(None, ["a"]) is False


def test_an_async_override_is_refused_where_nothing_waits_for_it() -> None:
    async def override(*values: Any) -> bool:
        return False

    with pytest.raises(exceptions.InvalidConfiguration, match="await"):
        both("validators")[1].validate_single_scope("a", ["a"], True, override)


@pytest.mark.parametrize("module", both("validators"), ids=PACKAGES)
async def test_scopes_are_validated_alike(module: Any) -> None:
    async def required(request: Any, *args: Any, **kwargs: Any) -> Any:
        return [request, *args, *kwargs.values()]

    def plain(scopes: Any) -> Any:
        return scopes

    async def destructured(scopes: Any) -> Any:
        return ["a"] if scopes == "all" else scopes

    async def granted(*args: Any, **kwargs: Any) -> Any:
        return await module.validate_scopes(*args, **kwargs)

    assert await granted("q", "a", ["a"], None, plain)
    assert await granted("q", ["a", "b"], ["a"], None, plain) is False
    assert await granted("q", ["a", "b"], ["a"], None, plain, False)
    assert await granted("q", ("a:r:w",), ["a:r"], None, plain, True, False)
    assert await granted("q", "all", ["a"], None, destructured)
    assert await granted(
        *("a", required, ["a", "b", "c"], None, plain),
        request_args=["b"],
        request_kwargs={"one": "c"},
    )
    assert not await granted(
        "a", required, ["a", "b"], None, plain, request_args=["c"]
    )


async def test_an_async_override_counts() -> None:
    async def refuse(*values: Any) -> bool:
        return False

    validate = both("validators")[1].validate_scopes
    assert not await validate("q", "a", ["a"], refuse, lambda s: s)


# --- cache ------------------------------------------------------------------


async def test_a_value_is_kept_for_a_request_alone(
    app: Sanic, client: Client
) -> None:
    cache = both("cache")[1]
    install(app)

    @app.get("/<name>")
    @protected(do_protection=False)
    async def page(request: Any, name: str) -> Any:
        before = cache.get_cached("name")
        assert not cache.is_cached("name")
        cache.to_cache("name", name)
        await asyncio.sleep(0)
        assert cache.is_cached("name")
        assert cache.get_cached("_request") is request
        kept = cache.get_cached("name")
        cache.clear_cache()
        return json([before, kept, cache.get_cached("name")])

    for name in ("one", "two"):
        response = await client.get(f"/{name}")
        assert response.json == [None, name, None]
    both_at_once = await asyncio.gather(client.get("/a"), client.get("/b"))
    assert [a.json[1] for a in both_at_once] == ["a", "b"]


async def test_a_setting_cannot_be_changed_in_the_cache(
    app: Sanic, client: Client
) -> None:
    cache = both("cache")[1]
    install(app)

    @app.get("/")
    async def page(request: Any) -> Any:
        with pytest.raises(exceptions.InvalidConfiguration, match="override"):
            cache.to_cache("verify_exp", False)
        with pytest.raises(exceptions.InvalidConfiguration, match="override"):
            cache.to_cache("public_key", "x")  # an alias
        return text("refused")

    assert (await client.get("/")).text == "refused"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_cached", ["a"]),
        ("is_cached", ["a"]),
        ("to_cache", ["a", 1]),
        ("clear_cache", []),
    ],
)
def test_there_is_no_cache_without_a_request(
    name: str, arguments: list[Any]
) -> None:
    with pytest.raises(exceptions.LoopNotRunning):
        getattr(both("cache")[1], name)(*arguments)


# --- decorators and responses -----------------------------------------------


async def test_settings_are_changed_in_a_block(
    app: Sanic, client: Client
) -> None:
    from sanic_jwt_oo.decorators import instant_config

    config = install(app).config

    @app.get("/")
    async def page(request: Any) -> Any:
        with instant_config(app, request=request, leeway=1, nothing=2):
            inside = config.leeway()
        with instant_config(app, request=request, leeway=lambda: 3):
            called = config.leeway()
        return json([inside, called, config.leeway()])

    assert (await client.get("/")).json == [1, 3, 180]


def test_a_block_on_an_application_without_installation_runs(
    app: Sanic,
) -> None:
    from sanic_jwt_oo.decorators import instant_config

    with instant_config(app, leeway=1):
        pass


@pytest.mark.parametrize(
    ("settings", "attributes"),
    [
        ({}, "Path=/; SameSite=Lax; HttpOnly"),
        (
            {"cookie_domain": "shop.example", "cookie_secure": True},
            "Path=/; Domain=shop.example; SameSite=Lax; Secure; HttpOnly",
        ),
        (
            {"cookie_max_age": 60, "cookie_samesite": "strict"},
            "Path=/; Max-Age=60; SameSite=Strict; HttpOnly",
        ),
        ({"cookie_samesite": None, "cookie_httponly": False}, "Path=/"),
        ({"cookie_path": "/shop"}, "Path=/shop; SameSite=Lax; HttpOnly"),
    ],
)
@pytest.mark.parametrize("forced", [None, True, False])
def test_a_cookie_is_set_as_the_settings_say(
    settings: dict[str, Any], attributes: str, forced: bool | None, app: Sanic
) -> None:
    from sanic_jwt_oo.responses import _set_cookie

    response = text("")
    _set_cookie(response, "one", "x", install(app, **settings).config, forced)

    expected = {"one=x", *attributes.split("; ")}
    if forced is not None:
        expected -= {"HttpOnly"}
        expected |= {"HttpOnly"} if forced else set()
    (cookie,) = response.cookies.cookies
    assert {*str(cookie).split("; ")} == expected


def test_the_tables_are_those_of_1_8() -> None:
    for module, name in (
        ("responses", "COOKIE_OPTIONS"),
        ("authentication", "claim_label"),
    ):
        theirs, ours = (getattr(m, name) for m in both(module))
        assert ours == theirs


def test_a_derivative_keeps_what_it_is_given() -> None:
    for module in both("base"):
        made = module.BaseDerivative("config", "instance", 1, other=2)
        assert (made.config, made.instance) == ("config", "instance")


# --- claims -----------------------------------------------------------------


def claim_of(package: str, value: Any = True) -> Any:
    base = import_module(f"{package}.claim").Claim

    class Shop(base):  # type: ignore[misc]
        key = "shop"

        def setup(self, payload: Any, user: Any) -> str:
            return "north"

        def verify(self, value: Any) -> Any:
            return value == "north" if self.answers is True else self.answers

    Shop.answers = value
    return Shop


@pytest.mark.parametrize("package", PACKAGES)
def test_a_claim_verifies_a_payload(package: str) -> None:
    errors = import_module(f"{package}.exceptions")
    claim = claim_of(package)()

    claim._verify({"shop": "north"})
    for payload in ({"shop": "south"}, {}):
        with pytest.raises(errors.InvalidCustomClaimError):
            claim._verify(payload)
    with pytest.raises(errors.InvalidCustomClaim):
        claim_of(package, "yes")()._verify({"shop": "north"})


async def test_a_claim_with_an_async_check_is_awaited() -> None:
    class Shop(Claim):
        key = "shop"

        def setup(self, payload: Any, user: Any) -> str:
            return "north"

        async def verify(self, value: Any) -> bool:
            return bool(value == "north")

    await Shop()._verify({"shop": "north"})
    with pytest.raises(exceptions.InvalidCustomClaimError):
        await Shop()._verify({"shop": "south"})


async def refused(name: str, make_app: Any, verify: Any) -> int:
    """Return the status of a page of a package, with an own `_verify`."""
    app = make_app()
    package = import_module(name)
    kind = type("Own", (claim_of(name),), {"_verify": verify})
    package.Initialize(
        app,
        authenticate=lambda request: {"user_id": 1},
        secret=SECRET,
        custom_claims=[kind],
    )

    @app.get("/page")
    @package.protected()
    async def page(request: Any) -> Any:
        return text("shown")

    client = Client(app)
    token = await client.log_in(json={})
    return int((await client.get("/page", token)).status)


@pytest.mark.parametrize("package", PACKAGES)
async def test_an_own_verify_of_a_claim_decides(
    package: str, make_app: Any
) -> None:
    errors = import_module(f"{package}.exceptions")

    def refuse(self: Any, payload: Any) -> None:
        raise errors.InvalidCustomClaimError()

    def accept(self: Any, payload: Any) -> None:
        return None

    def ask(self: Any, payload: Any) -> None:
        type(self).__mro__[1]._verify(self, {"shop": "south"})

    def fail(self: Any, payload: Any) -> None:
        raise KeyError("shop")

    assert await refused(package, make_app, refuse) == 401
    assert await refused(package, make_app, ask) == 401
    assert await refused(package, make_app, fail) == 401
    assert await refused(package, make_app, accept) == 200


@pytest.mark.parametrize("package", PACKAGES)
async def test_a_claim_can_be_registered_later(
    package: str, make_app: Any
) -> None:
    app = make_app()
    installed = import_module(package).Initialize(
        app, authenticate=lambda request: {"user_id": 1}, secret=SECRET
    )
    auth = app.ctx.auth
    before = await auth.generate_access_token({"user_id": 1})
    claim_of(package)._register(installed)
    after = await auth.generate_access_token({"user_id": 1})

    payload = await auth.verify_token(after, return_payload=True)
    assert payload["shop"] == "north"
    errors = import_module(f"{package}.exceptions")
    with pytest.raises(errors.InvalidCustomClaimError):
        await auth.verify_token(before)


def test_a_claim_that_registers_itself_is_refused() -> None:
    with pytest.raises(exceptions.InvalidCustomClaim, match="custom_claims"):

        class Own(Claim):
            @classmethod
            def _register(cls, sanicjwt: Any) -> None:
                """Never called."""
