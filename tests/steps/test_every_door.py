"""An overridden step is taken on every way into an application.

Whichever of `read_token`, `verify_token` and `check_request` refuses closes
every door, wherever the token is, sync or async. Nothing that a subclass
overrides is silently ignored.
"""

from __future__ import annotations

import pytest

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.exceptions import (
    InvalidToken,
    MissingCredentials,
    Unauthorized,
)

from .world import (
    DOORS,
    PLACES,
    STEPS,
    Member,
    Pair,
    Visit,
    is_closed,
    is_open,
    member_with,
    visit,
)

pytestmark = [pytest.mark.requirement("X1"), pytest.mark.requirement("I12")]

each_step = pytest.mark.parametrize("step", STEPS)
each_place = pytest.mark.parametrize("place", PLACES)


async def entrant(step, place, **settings):
    """Return a visitor of an application that overrides a step."""
    auth = member_with(STEPS[step])(**PLACES[place], **settings)
    return await visit(auth, place)


async def assert_closed(visitor, doors=tuple(DOORS)):
    opened = [d for d in doors if not is_closed(await visitor.enter(d))]
    assert opened == []


@each_place
@each_step
async def test_a_step_that_passes_leaves_every_door_open(step, place):
    visitor = await entrant(step, place)
    for door in DOORS:
        await visitor.log_in()
        assert is_open(await visitor.enter(door)), door


@each_place
@each_step
async def test_a_step_that_refuses_closes_every_door(step, place):
    visitor = await entrant(step, place)
    visitor.auth.closed = True
    await assert_closed(visitor)
    (session,) = await visitor.auth.sessions.list(1)
    assert session.id == visitor.session


@each_place
@each_step
async def test_a_token_that_was_accepted_before_is_refused_too(step, place):
    visitor = await entrant(step, place)
    for _ in range(2):
        assert is_open(await visitor.enter("protected"))
    visitor.auth.closed = True
    await assert_closed(visitor)
    visitor.auth.closed = False
    assert is_open(await visitor.enter("protected"))


@each_place
@each_step
async def test_without_a_session_store_it_is_the_same(step, place):
    class App(STEPS[step], Member):
        class Configuration:
            session_endpoints_enabled = False

    auth = App(session_store=None, **PLACES[place])
    visitor = await visit(auth, place)
    assert is_open(await visitor.enter("protected"))
    auth.closed = True
    doors = [d for d in DOORS if "logout" not in d and "sessions" not in d]
    await assert_closed(visitor, doors)


# --- refresh -----------------------------------------------------------------


@each_place
@each_step
async def test_a_refresh_that_needs_the_access_token_is_refused(step, place):
    auth = type("App", (STEPS[step], Pair), {})(**PLACES[place])
    visitor = await visit(auth, place)
    assert (await visitor.renew()).status == 200
    auth.closed = True
    assert is_closed(await visitor.renew())


@each_place
@each_step
async def test_a_refresh_of_a_session_is_refused(step, place):
    """An access token that is sent along is checked in every place.

    One that the default refuses is passed over where no browser has sent it
    by itself, for it may have been revoked. What an application refuses is
    not.
    """
    visitor = await entrant(step, place)
    visitor.keep(await visitor.renew())
    visitor.auth.closed = True
    assert is_closed(await visitor.renew())
    visitor.auth.closed = False
    assert (await visitor.renew()).status == 200


# --- other ways to override --------------------------------------------------

REFUSALS = {
    "read_token": MissingCredentials("no"),
    "verify_token": InvalidToken("no"),
    "check_request": Unauthorized("no"),
}


def refusal(step, is_async):
    def refuse(*args):
        raise REFUSALS[step]

    async def refuse_later(*args):
        raise REFUSALS[step]

    return refuse_later if is_async else refuse


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("step", REFUSALS)
@pytest.mark.parametrize("place", ["header", "cookie"])
async def test_a_step_on_the_class_itself(place, step, is_async):
    auth = type("App", (Member,), {step: refusal(step, is_async)})
    await assert_closed(await visit(auth(**PLACES[place]), place))


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("step", REFUSALS)
@pytest.mark.parametrize("place", ["header", "cookie"])
async def test_a_step_set_on_an_instance(place, step, is_async):
    auth = Member(**PLACES[place])
    setattr(auth, step, refusal(step, is_async))
    await assert_closed(await visit(auth, place))


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("step", REFUSALS)
@pytest.mark.parametrize("place", ["header", "cookie"])
async def test_a_step_set_on_an_installed_instance(place, step, is_async):
    visitor = await visit(Member(**PLACES[place]), place)
    for _ in range(2):
        assert is_open(await visitor.enter("protected"))
    setattr(visitor.auth, step, refusal(step, is_async))
    await assert_closed(visitor)
    delattr(visitor.auth, step)
    assert is_open(await visitor.enter("protected"))


@pytest.mark.parametrize("step", REFUSALS)
async def test_a_step_that_a_test_replaces_is_put_back(step, monkeypatch):
    """`monkeypatch` puts the bound method of the class on the instance."""
    visitor = await visit(Member())
    with monkeypatch.context() as patch:
        patch.setattr(visitor.auth, step, refusal(step, True))
        await assert_closed(visitor)
    for door in DOORS:
        await visitor.log_in()
        assert is_open(await visitor.enter(door)), door


@pytest.mark.requirement("X1")
@pytest.mark.parametrize("step", REFUSALS)
async def test_a_step_set_on_the_class_before_the_server_starts(step):
    class App(Member):
        pass

    visitor = Visit(App(), "header")
    setattr(App, step, refusal(step, True))
    await visitor.log_in()
    await assert_closed(visitor)


@pytest.mark.parametrize("step", REFUSALS)
async def test_several_mixins_are_all_taken(step):
    class Passes:
        async def read_token(self, request):
            return await super().read_token(request)

        async def verify_token(self, token, request=None):
            return await super().verify_token(token, request)

        async def check_request(self, request, payload):
            await super().check_request(request, payload)

    class App(Passes, STEPS[step], Member):
        pass

    visitor = await visit(App())
    assert is_open(await visitor.enter("protected"))
    visitor.auth.closed = True
    await assert_closed(visitor)


def test_the_steps_are_there_to_be_overridden():
    assert {*REFUSALS} <= {*dir(JWTAuth)}
