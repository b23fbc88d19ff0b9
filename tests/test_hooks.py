"""Hooks are called with the parameters they name."""

from __future__ import annotations

import asyncio
import types
from functools import partial

import pytest
from sanic import Request
from sanic.compat import Header

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.access import EventSender
from sanic_jwt_oo.events import Event
from sanic_jwt_oo.hooks import (
    Callback,
    HookTable,
    hooks_of,
    is_awaitable,
    is_overridden,
    resolve,
)
from sanic_jwt_oo.steps import Steps
from tests.conftest import SECRET

pytestmark = pytest.mark.asyncio
REQUEST, USER = object(), {"user_id": 1}


async def call(function, *names, by_position=0, **values):
    callback = Callback(function, names, by_position)
    response = await callback(**values)
    if values.keys() == {*names}:
        in_order = [values[name] for name in names]
        assert await resolve(callback.direct(*in_order)) == response
    return response


async def test_a_parameter_receives_the_value_of_its_name():
    def hook(user, request):
        return user, request

    response = await call(hook, "request", "user", request=REQUEST, user=USER)
    assert response == (USER, REQUEST)


async def test_a_hook_without_parameters_receives_nothing():
    assert await call(lambda: True, "request", request=REQUEST) is True


async def test_a_required_parameter_of_another_name_takes_the_next_value():
    def hook(req, payload):
        return req, payload

    response = await call(hook, "request", "payload", request=1, payload=2)
    assert response == (1, 2)


async def test_a_default_is_left_alone_and_what_follows_goes_by_name():
    def hook(retries=3, user=None):
        return retries, user

    assert await call(hook, "request", "user", request=1, user=2) == (3, 2)


async def test_keyword_only_parameters_receive_their_values():
    def hook(*, refresh_token, user_id):
        return user_id, refresh_token

    names = ("user_id", "refresh_token", "request")
    response = await call(hook, *names, user_id=1, refresh_token=2, request=3)
    assert response == (1, 2)


async def test_keywords_collect_the_remaining_values():
    def hook(user_id, *args, **kwargs):
        return user_id, args, kwargs

    response = await call(hook, "user_id", "request", user_id=1, request=2)
    assert response == (1, (), {"request": 2})


async def test_variadic_positions_collect_the_positional_values():
    def hook(*args, **kwargs):
        return args, kwargs

    response = await call(
        hook, "request", "payload", by_position=1, request=1, payload=2
    )
    assert response == ((1,), {"payload": 2})


async def test_extra_values_reach_parameters_that_name_them():
    def hook(request, tenant):
        return request, tenant

    response = await call(hook, "request", request=1, tenant="north", page=2)
    assert response == (1, "north")


async def test_extra_values_are_collected_by_keywords():
    def hook(request, **kwargs):
        return kwargs

    response = await call(hook, "request", request=1, tenant="north")
    assert response == {"tenant": "north"}


async def test_async_partials_and_callables_are_awaited():
    async def waits(prefix, user):
        return prefix, user

    class Callable:
        async def __call__(self, user):
            return user

    assert await call(partial(waits, "x"), "user", user=2) == ("x", 2)
    assert await call(Callable(), "user", user=2) == 2
    assert await call(lambda user: waits("y", user), "user", user=2) == (
        "y",
        2,
    )


async def test_a_builtin_without_signature_receives_all_by_position():
    assert await call(dict, "user", user=[("a", 1)]) == {"a": 1}


async def test_the_base_hooks_have_their_base_behaviour():
    hooks: Steps = Steps()
    assert hooks.override_scope_validator(True, (), [], True) is True
    assert hooks.override_scope_validator(is_valid=False) is False
    assert hooks.destructure_scopes("a:b") == "a:b"
    assert hooks.destructure_scopes(scopes="a:b") == "a:b"
    assert hooks.extend_payload({"a": 1}) == {"a": 1}
    assert hooks.extend_payload(payload={"a": 1}) == {"a": 1}


def required_hooks():
    optional = {
        "destructure_scopes",
        "extend_payload",
        "generate_refresh_token",
        "override_scope_validator",
        "session_label",
        *(name for name in hooks_of(Steps) if name.startswith("on_")),
    }
    return sorted(hooks_of(Steps).keys() - optional)


@pytest.mark.parametrize("name", required_hooks())
async def test_a_missing_hook_raises_with_its_name(name):
    hooks: Steps = Steps()
    assert not is_overridden(hooks, name)
    with pytest.raises(Exception, match=r"\w+\(\)|users"):
        getattr(hooks, name)()


async def test_a_hook_can_be_set_on_the_instance():
    hooks: Steps = Steps()
    hooks.authenticate = lambda: True  # type: ignore[method-assign]
    assert is_overridden(hooks, "authenticate")


async def test_a_response_can_be_set_on_the_instance(app):
    auth: JWTAuth = JWTAuth(auth_mode=False, secret=SECRET).install(app)
    assert not is_overridden(auth.responses, "extend_authenticate")
    auth.responses.extend_authenticate = dict
    assert is_overridden(auth.responses, "extend_authenticate")


class Obliging(dict):
    """Has every attribute, and raises for some."""

    def __getattr__(self, name):
        return self[name]


class Refusing:
    """Claims that it cannot be awaited."""

    __await__ = None


class Waiting:
    def __await__(self):
        return iter(())


@types.coroutine
def old_coroutine():
    yield


async def test_a_value_is_awaited_by_its_type():
    coroutine = call(dict)
    future = asyncio.get_running_loop().create_future()
    for value in (coroutine, old_coroutine(), future, Waiting()):
        assert is_awaitable(value)
    coroutine.close()
    generator = (number for number in ())
    others = [{}, None, 1, Obliging(), Refusing(), Waiting, generator]
    for value in others:
        assert not is_awaitable(value)


async def test_an_event_without_listeners_is_not_created(app):
    auth: JWTAuth = JWTAuth(auth_mode=False, secret=SECRET).install(app)
    request = Request(b"/", Header(), "1.1", "POST", None, app)
    events = EventSender(HookTable(auth), app)
    assert events.send(UnheardEvent, request) is None


class UnheardEvent(Event):
    name = "login"

    def __init__(self, request):
        raise AssertionError("it was made")
