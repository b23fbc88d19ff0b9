"""A verb is called, and not overridden: to define one is an error.

The error comes when the class is made, or at install where that comes later,
and names the step to override instead. An application in the legacy form may
have methods of these names, where sanic-jwt had none: they are its own.
"""

from __future__ import annotations

import pytest
from sanic.response import json

from sanic_jwt_oo import Authentication, Initialize, JWTAuth
from sanic_jwt_oo.exceptions import InvalidConfiguration
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.security.forging import SECRET
from tests.security.shops import Shop, new_app

pytestmark = [pytest.mark.requirement("X1"), pytest.mark.requirement("I12")]

GATE = "check_request|verify_token"
VERBS = {
    "check": GATE,
    "extract_payload": GATE,
    "is_authenticated": GATE,
    "current_user": f"retrieve_user|{GATE}",
    "issue_tokens": "",
    "protected": "",
    "install": "",
}
each_verb = pytest.mark.parametrize("verb", VERBS)
# an install that was replaced looks at nothing
later_verbs = pytest.mark.parametrize("verb", sorted({*VERBS} - {"install"}))


async def later(self, *args, **kwargs):
    return None


def at_once(self, *args, **kwargs):
    return None


FORMS = {
    "async": later,
    "sync": at_once,
    "staticmethod": staticmethod(at_once),
    "classmethod": classmethod(at_once),
    "property": property(at_once),
    "attribute": None,
}


def refused(verb, instead=""):
    """Expect an error that names the verb, and what to do."""
    return pytest.raises(
        InvalidConfiguration, match=rf"(?s)\b{verb}\b.*({instead})"
    )


@each_verb
@pytest.mark.parametrize("form", FORMS)
def test_a_class_that_defines_one_cannot_be_made(form, verb):
    with refused(verb, VERBS[verb]):
        type("App", (JWTAuth,), {verb: FORMS[form]})


@each_verb
def test_a_subclass_of_an_application_class_cannot_define_one(verb):
    class App(JWTAuth):
        async def check_request(self, request, payload):
            pass

    with refused(verb, VERBS[verb]):
        type("Further", (App,), {verb: later})


@each_verb
def test_a_mixin_in_front_cannot_define_one(verb):
    mixin = type("Mixin", (), {verb: later})
    further = type("Further", (mixin,), {})
    for bases in ((mixin, JWTAuth), (further, JWTAuth)):
        with refused(verb, VERBS[verb]):
            type("App", bases, {})


class App(JWTAuth):
    def authenticate(self, request):
        return {"user_id": 1}


@later_verbs
def test_one_that_is_set_on_the_class_is_found_at_install(verb):
    own = type("Own", (App,), {})
    setattr(own, verb, later)
    with refused(verb, VERBS[verb]):
        own(secret=SECRET).install(new_app())


@later_verbs
def test_one_that_is_set_on_an_instance_is_refused(verb):
    auth = App(secret=SECRET)
    with refused(verb, VERBS[verb]):
        setattr(auth, verb, later)


def test_hooks_and_steps_may_be_defined():
    class Own(App):
        async def read_token(self, request):
            return ""

        async def verify_token(self, token, request=None):
            return {}

        async def check_request(self, request, payload):
            pass

    Own(secret=SECRET).install(new_app())


# --- the legacy form ---------------------------------------------------------

HELPERS = (
    "refresh",
    "log_in",
    "log_out",
    "sessions",
    "check",
    "issue_tokens",
)


class Legacy(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        return {"user_id": 1}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": 1} if payload else None


class Pair(Legacy):
    stored = None

    async def store_refresh_token(self, user_id, refresh_token, **kwargs):
        self.stored = refresh_token

    async def retrieve_refresh_token(self, user_id, **kwargs):
        return self.stored


def legacy_shop(base, helpers, **options):
    """Return a shop in the legacy form, with helpers of its own."""

    def helper(self, *args):
        raise AssertionError("A helper of the application was called.")

    kind = type("Own", (base,), dict.fromkeys(helpers, helper))
    shop = Shop(new_app())
    initialized = Initialize(
        shop.app,
        authentication_class=kind,
        secret=SECRET,
        refresh_token_enabled=True,
        **options,
    )

    @shop.app.get("/protected")
    @initialized.protected()
    @initialized.inject_user()
    async def protected(request, user):
        return json(user)

    return shop


@pytest.mark.parametrize(
    ("helpers", "keeps_sessions"),
    [
        pytest.param(
            names,
            keeps_sessions,
            id=f"{label}, {'sessions' if keeps_sessions else 'a pair'}",
        )
        for label, names in {
            **{n: (n,) for n in HELPERS},
            "all": HELPERS,
        }.items()
        for keeps_sessions in (False, True)
    ],
)
async def test_helpers_of_the_application_are_its_own(helpers, keeps_sessions):
    shop = (
        legacy_shop(Legacy, helpers, session_store=MemorySessionStore())
        if keeps_sessions
        else legacy_shop(Pair, helpers)
    )
    logged_in = await shop.post("/auth", json={})
    assert logged_in.status == 200
    token = logged_in.json["access_token"]
    assert (await shop.get("/protected", token)).json == {"user_id": 1}
    assert (await shop.get("/protected")).status == 401
    assert (await shop.get("/auth/me", token)).status == 200
    assert (await shop.get("/auth/verify", token)).status == 200
    body = {"refresh_token": logged_in.json["refresh_token"]}
    renewed = await shop.post("/auth/refresh", token, json=body)
    assert renewed.status == 200
    if keeps_sessions:
        assert (await shop.post("/auth/logout", token)).status == 204
