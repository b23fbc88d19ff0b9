"""`verify_token` that code calls while an override of it runs.

The default leaves revocation to the admission that called the override, and
to no other: a call of the application's own checks it.
"""

import asyncio

import pytest
from sanic.response import json

from sanic_jwt_oo.exceptions import InvalidToken

from .world import Member, visit

pytestmark = [pytest.mark.requirement("R1"), pytest.mark.requirement("X1")]


class Waiting(Member):
    """Waits in `verify_token`, the first time."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.entered, self.go_on = asyncio.Event(), asyncio.Event()
        self.tasks = []

    async def verify_token(self, token, request=None):
        if not self.entered.is_set():
            self.entered.set()
            await self.go_on.wait()
        return await super().verify_token(token, request)


async def revoked_and_valid(auth):
    """Return a visitor with a valid token, and a token that is revoked."""
    visitor = await visit(auth)
    revoked = visitor.access
    await auth.sessions.revoke(visitor.session)
    await visitor.log_in()
    return visitor, revoked


async def test_another_task_of_the_same_request():
    auth = Waiting()
    visitor, revoked = await revoked_and_valid(auth)

    @visitor.shop.app.get("/meanwhile")
    async def meanwhile(request):
        admission = asyncio.create_task(auth.check(request))
        await auth.entered.wait()
        with pytest.raises(InvalidToken):
            await auth.verify_token(revoked, request)
        auth.go_on.set()
        return json((await admission)["user_id"])

    response = await visitor("GET", "/meanwhile")
    assert (response.status, response.json) == (200, 1)


async def test_a_task_that_outlives_the_override():
    class Starting(Waiting):
        async def verify_token(self, token, request=None):
            if request is not None and not self.tasks:
                self.tasks.append(asyncio.create_task(self.later(request)))
            return await super(Waiting, self).verify_token(token, request)

        async def later(self, request):
            await self.go_on.wait()
            with pytest.raises(InvalidToken):
                await self.verify_token(self.revoked, request)

    auth = Starting()
    visitor, auth.revoked = await revoked_and_valid(auth)
    assert (await visitor.enter("protected")).status == 200
    auth.go_on.set()
    await auth.tasks[0]


async def test_tasks_of_the_override_itself_are_part_of_it():
    class Gathering(Member):
        async def verify_token(self, token, request=None):
            verify = super().verify_token
            payload, _ = await asyncio.gather(
                verify(token, request), verify(self.also, request)
            )
            return {"user_id": payload["user_id"]}

    auth = Gathering()
    visitor, revoked = await revoked_and_valid(auth)
    auth.also = visitor.access
    assert (await visitor.enter("protected")).status == 200
    auth.also = revoked
    assert (await visitor.enter("protected")).status == 401


async def test_an_override_that_raises_leaves_nothing_behind():
    class Raising(Member):
        async def verify_token(self, token, request=None):
            await super().verify_token(token, request)
            raise InvalidToken("no")

    auth = Raising()
    visitor = await visit(auth)
    revoked = visitor.access
    await auth.sessions.revoke(visitor.session)

    @visitor.shop.app.get("/after")
    async def after(request):
        assert not await auth.is_authenticated(request)
        with pytest.raises(InvalidToken):
            await super(Raising, auth).verify_token(revoked, request)
        return json(1)

    assert (await visitor("GET", "/after")).status == 200
