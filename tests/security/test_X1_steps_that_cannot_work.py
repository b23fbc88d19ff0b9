"""X1: a step that could not be taken is refused at install.

It stands behind the package's own, or cannot be called as it will be.
"""

import logging
from dataclasses import dataclass

import pytest
from sanic.response import json

from sanic_jwt_oo import Authentication, Initialize
from sanic_jwt_oo.exceptions import (
    InitializationFailure,
    InvalidConfiguration,
    Unauthorized,
)
from tests.security.forging import SECRET
from tests.security.shops import Shop, new_app
from tests.steps.world import Member, is_closed, visit

pytestmark = [pytest.mark.requirement("X1"), pytest.mark.requirement("X3")]


class Refuses:
    def check_request(self, request, payload):
        raise Unauthorized("no")


class Hears:
    def on_login(self, event):
        pass


@pytest.mark.parametrize("mixin", [Refuses, Hears])
def test_a_mixin_behind_the_base_is_refused(mixin):
    app = type("App", (Member, mixin), {})
    with pytest.raises(InvalidConfiguration, match=f"Name {mixin.__name__} "):
        app().install(new_app())


async def test_a_mixin_in_front_is_taken():
    visitor = await visit(type("App", (Refuses, Member), {})())
    assert is_closed(await visitor.enter("protected"))


async def test_a_mixin_behind_that_the_class_calls_is_accepted():
    class App(Member, Refuses):
        def check_request(self, request, payload):
            return Refuses.check_request(self, request, payload)

    assert is_closed(await (await visit(App())).enter("protected"))


def test_a_mixin_behind_is_a_warning_in_the_legacy_form(caplog):
    class Legacy(Authentication, Hears):
        def authenticate(self, request):
            return None

    with caplog.at_level(logging.WARNING, "sanic_jwt_oo"):
        Initialize(new_app(), authentication_class=Legacy, secret=SECRET)
    assert "Name Hears first among the bases of Legacy." in caplog.text


@pytest.mark.parametrize("value", [None, "check", 5])
@pytest.mark.parametrize("step", ["check_request", "verify_token", "now"])
def test_a_step_that_cannot_be_called_is_refused(step, value):
    with pytest.raises(InvalidConfiguration, match=f"{step} is {value!r}"):
        type("App", (Member,), {step: value})().install(new_app())


async def test_on_an_installed_instance_it_changes_nothing():
    visitor = await visit(type("App", (Refuses, Member), {})())
    with pytest.raises(InvalidConfiguration, match="check_request is None"):
        visitor.auth.check_request = None
    assert is_closed(await visitor.enter("protected"))


@pytest.mark.parametrize(
    ("step", "function"),
    [
        ("check_request", lambda self, request: None),
        ("verify_token", lambda self, token: {}),
        ("read_token", lambda self: ""),
        ("now", lambda self, request: 0),
    ],
)
def test_a_step_with_other_parameters_is_refused(step, function):
    app = type("App", (Member,), {step: function})
    with pytest.raises(InvalidConfiguration, match="which it does not accept"):
        app().install(new_app())


async def test_a_helper_of_that_name_is_not_taken_in_the_legacy_form(caplog):
    class Legacy(Authentication):
        def find_user(self, name):
            return {"user_id": 1, "name": name}

        def authenticate(self, request):
            return self.find_user("ada")

        def retrieve_user(self, request, payload):
            return self.find_user("ada") if payload else None

    shop = Shop(new_app())
    with caplog.at_level(logging.WARNING, "sanic_jwt_oo"):
        legacy = Initialize(
            shop.app, authentication_class=Legacy, secret=SECRET
        )
    assert "find_user() is called with (request, payload)" in caplog.text

    @shop.app.get("/user")
    @legacy.inject_user()
    async def user(request, user):
        return json(user)

    token = (await shop.post("/auth", json={})).json["access_token"]
    assert (await shop.get("/auth/me", token)).json["me"]["name"] == "ada"
    assert (await shop.get("/user", token)).json["name"] == "ada"
    assert (await shop.get("/user")).json is None


@pytest.mark.parametrize("name", ["check_request", "read_token"])
def test_a_check_of_requests_is_never_left_out(name):
    kind = type("Legacy", (Authentication,), {name: lambda self, a, b, c: ""})
    with pytest.raises(InvalidConfiguration, match=f"{name}\\(\\) is called"):
        Initialize(
            new_app(),
            authentication_class=kind,
            authenticate=lambda request: None,
            secret=SECRET,
        )


def test_an_instance_that_was_not_initialized_is_refused():
    @dataclass
    class App(Member):
        name: str = "shop"

    with pytest.raises(InitializationFailure, match="super"):
        App().install(new_app())
