"""S2: an override applies only to its own block or request."""

import asyncio

import pytest
from sanic.response import text

from sanic_jwt_oo import protected
from sanic_jwt_oo.exceptions import InvalidConfiguration, InvalidToken

from .forging import NOW, token
from .shops import CONTENT, is_content, is_refused, new_shop, open_shop

pytestmark = [
    pytest.mark.requirement("S2"),
    pytest.mark.requirement("I2"),
]

EXPIRED = token(exp=NOW - 10**6)


async def test_a_block_sees_its_override(front):
    auth = open_shop(front).auth
    with auth.override(verify_exp=False):
        assert await auth.verify_token(EXPIRED)


async def test_the_end_of_a_block_ends_its_override(front):
    auth = open_shop(front).auth
    with auth.override(verify_exp=False):
        pass
    with pytest.raises(InvalidToken):
        await auth.verify_token(EXPIRED)


async def test_an_error_in_a_block_ends_its_override(front):
    auth = open_shop(front).auth
    with pytest.raises(ZeroDivisionError), auth.override(verify_exp=False):
        raise ZeroDivisionError
    with pytest.raises(InvalidToken):
        await auth.verify_token(EXPIRED)


async def test_nested_blocks_end_one_by_one(front):
    auth = open_shop(front).auth
    with auth.override(access_token_name="outer", leeway=1):
        with auth.override(access_token_name="inner"):
            assert auth.settings().access_token_name == "inner"
            assert auth.settings().leeway == 1
        assert auth.settings().access_token_name == "outer"
    assert auth.settings().access_token_name == "access_token"


async def test_concurrent_tasks_do_not_see_each_others_override(front):
    auth = open_shop(front).auth
    entered, looked = asyncio.Event(), asyncio.Event()
    seen = {}

    async def overriding():
        with auth.override(leeway=10**7):
            entered.set()
            await looked.wait()
            seen["overriding"] = bool(await auth.verify_token(EXPIRED))

    async def other():
        await entered.wait()
        try:
            seen["other"] = bool(await auth.verify_token(EXPIRED))
        except InvalidToken:
            seen["other"] = False
        looked.set()

    await asyncio.gather(overriding(), other())
    assert seen == {"overriding": True, "other": False}


async def test_concurrent_requests_do_not_see_each_others_settings(front):
    shop = new_shop(front)
    inside, go_on = asyncio.Event(), asyncio.Event()

    @shop.app.get("/loose")
    @protected(shop.auth, verify_exp=False)
    async def loose(request):
        inside.set()
        await go_on.wait()
        return text(CONTENT)

    async def strict():
        await inside.wait()
        responses = [
            await shop.get("/protected", EXPIRED),
            await shop.get("/auth/me", EXPIRED),
        ]
        go_on.set()
        return responses

    await shop.get("/protected")
    response, others = await asyncio.gather(
        shop.get("/loose", EXPIRED), strict()
    )
    assert is_content(response)
    assert all(is_refused(other) for other in others)


async def test_concurrent_refreshes_and_reads_do_not_mix(front):
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def retrieve_user(payload):
        inside.set()
        await go_on.wait()
        return {"user_id": 1, "scopes": []}

    shop = new_shop(
        front, refresh_token_enabled=True, retrieve_user=retrieve_user
    )
    shop.stored[1] = "x"
    await shop.get("/protected")

    async def read():
        await inside.wait()
        response = await shop.get("/protected", EXPIRED)
        go_on.set()
        return response

    refreshed, response = await asyncio.gather(
        shop.post("/auth/refresh", EXPIRED, json={"refresh_token": "x"}),
        read(),
    )
    assert refreshed.status == 200
    assert is_refused(response)


async def test_concurrent_logins_keep_their_own_settings(front):
    shop = open_shop(front)
    barrier = [asyncio.Event() for _ in range(20)]

    async def issue(number):
        with shop.auth.override(expiration_delta=number + 1):
            barrier[number].set()
            for event in barrier:
                await event.wait()
            return await shop.auth.generate_access_token(shop.users[1])

    import jwt

    made = await asyncio.gather(*map(issue, range(20)))
    ends = [jwt.decode(m, options={"verify_signature": False}) for m in made]
    assert [end["exp"] - NOW for end in ends] == [n + 1 for n in range(20)]


async def test_an_override_affects_only_its_installation(front):
    one, two = new_shop(front), new_shop(front)
    with one.auth.override(verify_exp=False):
        assert await one.auth.verify_token(EXPIRED)
        with pytest.raises(InvalidToken):
            await two.auth.verify_token(EXPIRED)


@pytest.mark.parametrize(
    "changes",
    [{"url_prefix": "/x"}, {"auth_mode": False}, {"leeway": "60"}],
    ids=str,
)
async def test_an_invalid_override_changes_nothing(front, changes):
    auth = open_shop(front).auth
    with pytest.raises(InvalidConfiguration), auth.override(**changes):
        pass
    assert auth.settings().leeway in (60, 180)


async def test_settings_are_frozen():
    settings = open_shop().auth.config
    with pytest.raises(AttributeError):
        settings.verify_exp = False


async def test_a_getter_applies_only_to_its_request():
    from sanic import Sanic

    from sanic_jwt_oo import JWTAuth

    from .forging import SECRET
    from .shops import Shop, add_routes, new_app

    class Auth(JWTAuth):
        class Configuration:
            def get_verify_exp(self, request):
                return "x-loose" not in request.headers

        def authenticate(self):
            return {"user_id": 1}

        def retrieve_user(self):
            return {"user_id": 1}

        def now(self):
            return NOW

    app: Sanic = new_app()
    shop = Shop(app, auth=Auth(secret=SECRET).install(app))
    add_routes(app, shop.auth)
    loose = await shop.get("/protected", EXPIRED, headers={"x-loose": "1"})
    assert is_content(loose)
    assert is_refused(await shop.get("/protected", EXPIRED))


async def test_a_task_that_outlives_a_block_loses_its_override(front):
    auth = open_shop(front).auth
    begun, ended = asyncio.Event(), asyncio.Event()

    async def later():
        begun.set()
        await ended.wait()
        return await auth.verify_token(EXPIRED)

    with auth.override(verify_exp=False):
        task = asyncio.create_task(later())
        await begun.wait()
    ended.set()
    with pytest.raises(InvalidToken):
        await task


async def test_a_task_that_outlives_a_request_loses_its_settings(front):
    shop, tasks, ended = new_shop(front), [], asyncio.Event()

    async def later():
        await ended.wait()
        return await shop.auth.verify_token(EXPIRED)

    @shop.app.get("/loose")
    @protected(shop.auth, verify_exp=False)
    async def loose(request):
        tasks.append(asyncio.create_task(later()))
        return text(CONTENT)

    assert is_content(await shop.get("/loose", EXPIRED))
    ended.set()
    with pytest.raises(InvalidToken):
        await tasks[0]
