"""Hooks are offered the request, and used wherever they are set.

A test of an application replaces a hook on an instance that is installed, or
on the class: what was replaced is called no more.
"""

from __future__ import annotations

from functools import wraps

import pytest

from sanic_jwt_oo.exceptions import AuthenticationFailed

from .world import Member, Pair, Visit, visit

# --- the request -------------------------------------------------------------


class SyncRequest(Member):
    def extend_payload(self, payload, user, request):
        return {**payload, "path": request.path, "of": user["user_id"]}

    def add_scopes_to_payload(self, user, request):
        return ["fruit:read", f"from:{request.path.rpartition('/')[2]}"]


class AsyncRequest(Member):
    async def extend_payload(self, payload, user, request):
        return {**payload, "path": request.path, "of": user["user_id"]}

    async def add_scopes_to_payload(self, user, request):
        return ["fruit:read", f"from:{request.path.rpartition('/')[2]}"]


class NamesItFirst(Member):
    def extend_payload(self, request, payload):
        return {**payload, "path": request.path, "of": 1}

    def add_scopes_to_payload(self, request):
        return ["fruit:read", f"from:{request.path.rpartition('/')[2]}"]


class PairRequest(SyncRequest, Pair):
    pass


async def claims(visitor):
    return (await visitor("GET", "/code/extract_payload")).json["found"]


@pytest.mark.parametrize(
    "kind", [SyncRequest, AsyncRequest, NamesItFirst, PairRequest]
)
async def test_hooks_of_the_payload_are_offered_the_request(kind):
    visitor = await visit(kind())
    payload = await claims(visitor)
    assert (payload["path"], payload["of"]) == ("/auth", 1)
    assert payload["scopes"] == ["fruit:read", "from:auth"]
    response = await visitor.renew()
    visitor.access = response.json["access_token"]
    payload = await claims(visitor)
    assert (payload["path"], payload["of"]) == ("/auth/refresh", 1)
    assert payload["scopes"] == ["fruit:read", "from:refresh"]


class Without(Member):
    def extend_payload(self, payload, user):
        return {**payload, "of": user["user_id"]}

    def add_scopes_to_payload(self, user):
        return [f"fruit:{user['user_id']}"]


class WithoutUser(Member):
    def extend_payload(self, payload):
        return {**payload, "of": 1}

    def add_scopes_to_payload(self):
        return ["fruit:1"]


class Collecting(Member):
    async def extend_payload(self, payload, *args, **kwargs):
        return {**payload, "of": 1}

    async def add_scopes_to_payload(self, *args, **kwargs):
        return ["fruit:1"]


@pytest.mark.parametrize("kind", [Without, WithoutUser, Collecting])
async def test_hooks_need_not_name_the_request(kind):
    visitor = await visit(kind())
    payload = await claims(visitor)
    assert payload["of"] == 1
    assert payload["scopes"] == ["fruit:1"]


# --- set on an instance, patched on the class --------------------------------


def authenticate(request):
    return {"user_id": 2}


def refuse(request):
    raise AuthenticationFailed()


def retrieve_user(request, payload):
    return {"user_id": payload["user_id"], "name": "fake"}


def extend_payload(payload):
    return {**payload, "by": "fake"}


def add_scopes_to_payload(user):
    return ["fake"]


async def logs_in_another(visitor):
    visitor.access = await token_of(visitor)
    return (await claims(visitor))["user_id"] == 2


async def logs_in_no_one(visitor):
    return (await visitor.shop.post("/auth", json={})).status == 401


async def finds_another(visitor):
    me = (await visitor("GET", "/auth/me")).json["me"]
    injected = (await visitor("GET", "/user")).json["found"]
    current = (await visitor("GET", "/code/current_user")).json["found"]
    return me == injected == current and me.get("name") == "fake"


async def extends(visitor):
    visitor.access = await token_of(visitor)
    return (await claims(visitor)).get("by") == "fake"


async def grants_other_scopes(visitor):
    visitor.access = await token_of(visitor)
    return (await claims(visitor))["scopes"] == ["fake"]


async def token_of(visitor):
    """Log in, as whoever that is, and return the access token."""
    response = await visitor.shop.post("/auth", json={"username": "ada"})
    assert response.status == 200, response.text
    return response.json["access_token"]


FAKES = {
    "authenticate": (authenticate, logs_in_another),
    "authenticate, refusing": (refuse, logs_in_no_one),
    "retrieve_user": (retrieve_user, finds_another),
    "extend_payload": (extend_payload, extends),
    "add_scopes_to_payload": (add_scopes_to_payload, grants_other_scopes),
}


def later(hook):
    """Return an async hook that takes the same parameters."""

    @wraps(hook)
    async def wait(*args, **kwargs):
        return hook(*args, **kwargs)

    return wait


each_fake = pytest.mark.parametrize("fake", FAKES)
each_form = pytest.mark.parametrize("is_async", [False, True])


def fake_of(fake, is_async):
    hook, is_used = FAKES[fake]
    return fake.partition(",")[0], later(hook) if is_async else hook, is_used


@each_form
@each_fake
async def test_a_hook_set_on_an_instance_is_used(fake, is_async):
    name, hook, is_used = fake_of(fake, is_async)
    auth = Member()
    setattr(auth, name, hook)
    visitor = Visit(auth, "header")
    if name == "retrieve_user":
        await visitor.log_in()
    assert await is_used(visitor)


@each_form
@each_fake
async def test_a_hook_set_on_an_installed_instance_is_used(fake, is_async):
    name, hook, is_used = fake_of(fake, is_async)
    visitor = await visit(Member())
    assert not await is_used(visitor)
    setattr(visitor.auth, name, hook)
    assert await is_used(visitor)
    delattr(visitor.auth, name)
    assert not await is_used(visitor)


@each_form
@each_fake
async def test_a_hook_patched_on_the_class_is_used(
    fake, is_async, monkeypatch
):
    name, hook, is_used = fake_of(fake, is_async)

    class App(Member):
        pass

    visitor = await visit(App())
    assert not await is_used(visitor)
    with monkeypatch.context() as patch:
        patch.setattr(App, name, staticmethod(hook), raising=False)
        assert await is_used(visitor)
    assert not await is_used(visitor)


async def test_a_hook_patched_on_a_base_is_used(monkeypatch):
    class Base(Member):
        def authenticate(self, request):
            return {"user_id": 1}

    class App(Base):
        pass

    visitor = await visit(App())
    assert not await logs_in_another(visitor)
    with monkeypatch.context() as patch:
        patch.setattr(Base, "authenticate", staticmethod(authenticate))
        assert await logs_in_another(visitor)
    assert not await logs_in_another(visitor)


async def test_an_event_hook_may_be_set_at_any_time():
    visitor = await visit(Member())
    heard = []
    visitor.auth.on_login = heard.append
    await visitor.log_in()
    (event,) = heard
    assert event.user == {"user_id": 1}
    del visitor.auth.on_login
    await visitor.log_in()
    assert len(heard) == 1


async def test_a_bound_method_of_something_else_may_be_set():
    class Directory:
        def find(self, request):
            return {"user_id": 2}

    visitor = await visit(Member())
    visitor.auth.authenticate = Directory().find
    assert await logs_in_another(visitor)


async def test_two_installations_do_not_share_what_is_set_on_one():
    one, other = await visit(Member()), await visit(Member())
    one.auth.authenticate = authenticate
    assert await logs_in_another(one)
    assert not await logs_in_another(other)
