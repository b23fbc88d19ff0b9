"""S3: memory does not grow with the number of logins, tokens or requests."""

import sys
from collections import deque
from types import FunctionType, MappingProxyType, ModuleType

import pytest

from sanic_jwt_oo import Claim, JWTAuth

from .forging import ADA, NOW, OTHER_SECRET, SECRET, token
from .shops import Shop, add_routes, is_content, new_app, new_shop

pytestmark = [
    pytest.mark.requirement("S3"),
    pytest.mark.requirement("I3"),
]

PACKAGE = "sanic_jwt_oo"
CONTAINERS = (dict, list, set, frozenset, tuple, deque, MappingProxyType)


class Shopkeeper(Claim):
    key = "shop"

    def setup(self, payload, user):
        return "north"

    def verify(self, value):
        return value in ("north", None)


def parts(thing):
    """The objects that an object of this package holds."""
    if isinstance(thing, (dict, MappingProxyType)):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, CONTAINERS):
        return list(thing)
    slots = getattr(type(thing), "__slots__", ())
    held = [getattr(thing, s, None) for s in slots if isinstance(s, str)]
    return [*held, *getattr(thing, "__dict__", {}).values()]


def is_ours(thing):
    if isinstance(thing, CONTAINERS):
        return True
    if isinstance(thing, (ModuleType, FunctionType)):
        return (getattr(thing, "__module__", None) or "").startswith(PACKAGE)
    return type(thing).__module__.startswith((PACKAGE, __name__))


def size(*roots):
    """Count what is reachable through containers and objects of ours."""
    seen, queue, total = set(), deque(roots), 0
    while queue:
        thing = queue.popleft()
        if id(thing) in seen or not is_ours(thing):
            continue
        seen.add(id(thing))
        held = parts(thing)
        total += 1 + len(held)
        queue.extend(held)
    return total


def package():
    """The globals of every module of the package."""
    return [
        vars(module)
        for name, module in [*sys.modules.items()]
        if name.startswith(PACKAGE)
    ]


async def live(shop, number):
    """All requests of users and attackers, different each time."""
    extra = {"extend_payload": lambda payload: {**payload, f"c{number}": 1}}
    await shop.auth.generate_access_token(shop.users[ADA], **extra)
    login = (await shop.log_in()).json
    bearer = login["access_token"]
    for path in ("/protected", "/scoped", "/user", "/auth/me", "/auth/verify"):
        await shop.get(path, bearer)
        await shop.get(path, token(secret=OTHER_SECRET, jti=str(number)))
        await shop.get(path, token({"kid": str(number)}))
        await shop.get(f"{path}?access_token{number}={number}")
    refresh = {"refresh_token": login["refresh_token"]}
    await shop.post("/auth/refresh", bearer, json=refresh)
    await shop.post("/auth/refresh", bearer, json={"refresh_token": "x"})
    with shop.auth.override(access_token_name=f"name{number}"):
        await shop.auth.verify_token(bearer)


async def test_no_object_of_the_package_accumulates(front):
    shop = new_shop(
        front,
        refresh_token_enabled=True,
        query_string_set=True,
        query_string_strict=False,
        custom_claims=[Shopkeeper],
    )
    for number in range(3):
        await live(shop, number)
    before = size(shop.auth, vars(shop.app.ctx), *package())
    for number in range(3, 60):
        await live(shop, number)
    after = size(shop.auth, vars(shop.app.ctx), *package())
    assert after == before


async def test_verification_is_the_same_after_thousands_of_tokens(front):
    shop = new_shop(front, custom_claims=[Shopkeeper])
    bearer = await shop.auth.generate_access_token(shop.users[ADA])

    async def calls():
        """Count the functions that one verification calls."""
        counted = [0]

        def count(frame, event, argument):
            counted[0] += event == "call"

        profiler = sys.getprofile()
        sys.setprofile(count)
        try:
            await shop.auth.verify_token(bearer)
        finally:
            sys.setprofile(profiler)
        return counted[0]

    for _ in range(2):  # the second one reads the payload, to copy it later
        await calls()
    before = await calls()
    for number in range(2000):
        await shop.auth.generate_access_token(
            shop.users[ADA],
            extend_payload=lambda payload, n=number: {**payload, f"c{n}": n},
        )
    assert await calls() == before


async def test_what_is_accepted_does_not_grow(front):
    shop = new_shop(front)
    await shop.auth.generate_access_token(
        shop.users[ADA], custom_claims=[Shopkeeper]
    )
    plain = token()
    assert await shop.auth.verify_token(plain)
    wrong = token(shop="south")
    assert await shop.auth.verify_token(wrong)


async def test_a_custom_claim_of_one_token_is_not_required_of_the_next(front):
    class Strict(Shopkeeper):
        def verify(self, value):
            return value == "north"

    shop = new_shop(front)
    made = await shop.auth.generate_access_token(
        shop.users[ADA], custom_claims=[Strict]
    )
    if front == "legacy":
        assert await shop.auth.verify_token(made, custom_claims=[Strict])
    assert await shop.auth.verify_token(made)
    assert await shop.auth.verify_token(token(exp=NOW + 1))


async def test_overridden_settings_do_not_accumulate(front):
    # a getter may read the name of the argument from the request
    shop = new_shop(front)
    for _ in range(2):  # the second one reads the payload, to copy it later
        with shop.auth.override(query_string_set=True):
            await shop.auth.verify_token(token())
    before = size(shop.auth, *package())
    for number in range(50):
        names = {"query_string_access_token_name": f"name{number}"}
        with shop.auth.override(query_string_set=True, **names):
            await shop.auth.verify_token(token())
    assert size(shop.auth, *package()) == before


async def test_names_chosen_by_requests_do_not_accumulate():
    class Auth(JWTAuth):
        class Configuration:
            query_string_set = True

            def get_query_string_access_token_name(self, request):
                return request.headers["x-name"]

        def authenticate(self):
            return {"user_id": 1}

        def now(self):
            return NOW

    shop = Shop(new_app())
    shop.auth = Auth(secret=SECRET).install(shop.app)
    add_routes(shop.app, shop.auth)

    async def ask(name):
        headers = {"x-name": name}
        path = f"/protected?{name}={token()}"
        assert is_content(await shop.get(path, headers=headers))

    await ask("first")
    before = size(shop.auth, *package())
    for number in range(50):
        await ask(f"name{number}")
    assert size(shop.auth, *package()) == before
