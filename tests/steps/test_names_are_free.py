"""An application may call its attributes what it likes.

Its class and instances share a namespace with `JWTAuth`: whatever it sets
under a private name of its own is left alone, and switches nothing on or off.
"""

from __future__ import annotations

import pytest
from sanic.response import json

import sanic_jwt_oo
from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.security.forging import SECRET
from tests.security.shops import Shop, new_app

NAMES = (
    "_sessions",
    "_settings",
    "_hooks",
    "_claims",
    "_views",
    "_verify",
    "_state",
    "_app",
    "_codec",
    "_written",
    "_throttle",
)
PRIVATE_NAMES = 5
"""How many private names of the package an application may see."""


class App(JWTAuth):
    class Configuration:
        secret = SECRET
        session_endpoints_enabled = False

    def authenticate(self, request):
        return {"user_id": 1}

    def retrieve_user(self, request, payload):
        return {"user_id": payload["user_id"]}


def on_the_class(names, mine):
    return type("Own", (App,), dict.fromkeys(names, mine))


def before_init(names, mine):
    class Own(App):
        def __init__(self, **settings):
            for name in names:
                setattr(self, name, mine)
            super().__init__(**settings)

    return Own


def after_init(names, mine):
    class Own(App):
        def __init__(self, **settings):
            super().__init__(**settings)
            for name in names:
                setattr(self, name, mine)

    return Own


WAYS = {
    "on the class": on_the_class,
    "before __init__": before_init,
    "after __init__": after_init,
}


def cases():
    """Each name alone and all of them, in each way."""
    for way in WAYS:
        for names in (*((name,) for name in NAMES), NAMES):
            label = names[0] if len(names) == 1 else "all"
            yield pytest.param(way, names, id=f"{label}, {way}")


@pytest.mark.parametrize("keeps_sessions", [False, True])
@pytest.mark.parametrize(("way", "names"), [*cases()])
async def test_an_attribute_is_the_applications(way, names, keeps_sessions):
    mine = {"mine": object()}
    store = MemorySessionStore() if keeps_sessions else None
    auth = WAYS[way](names, mine)(session_store=store)
    shop = Shop(new_app())
    auth.install(shop.app)

    @shop.app.get("/protected")
    @auth.protected()
    async def protected(request):
        return json(await auth.extract_payload(request))

    logged_in = await shop.post("/auth", json={})
    assert logged_in.status == 200
    token = logged_in.json["access_token"]
    assert ("refresh_token" in logged_in.json) is keeps_sessions
    assert (await shop.get("/protected")).status == 401
    assert (await shop.get("/protected", token)).json["user_id"] == 1
    assert (await shop.get("/auth/me", token)).json == {"me": {"user_id": 1}}
    assert (await shop.get("/auth/verify", token)).json == {"valid": True}
    made_up = {"refresh_token": "made up"}
    renewed = await shop.post("/auth/refresh", token, json=made_up)
    assert renewed.status == (401 if keeps_sessions else 404)
    log_out = await shop.post("/auth/logout", token)
    assert log_out.status == (204 if keeps_sessions else 404)
    assert [getattr(auth, name) for name in names] == [mine] * len(names)


# --- what an application sees ------------------------------------------------


@pytest.mark.parametrize("base", [JWTAuth, JWTAuth[dict]])
def test_one_class_holds_all_that_may_be_overridden(base):
    class App(base):
        pass

    names = [kind.__name__ for kind in App.__mro__]
    assert names == ["App", "JWTAuth", "Steps", "Generic", "object"]


def test_an_application_sees_few_private_names():
    installed = App(session_store=MemorySessionStore()).install(new_app())
    for auth in (App(), installed):
        ours = {
            name
            for kind in type(auth).__mro__
            if kind.__module__.partition(".")[0] == sanic_jwt_oo.__name__
            for name in vars(kind)
        }
        seen = {
            name
            for name in (*ours, *vars(auth))
            if name.startswith("_") and not name.startswith("__")
        }
        assert len(seen) <= PRIVATE_NAMES, sorted(seen)


def test_an_attribute_of_the_application_settles_nothing_anew(monkeypatch):
    auth = App().install(new_app())
    settled = []
    installation = auth._sanic_jwt_oo
    monkeypatch.setattr(
        installation, "settle_steps", lambda: settled.append(True)
    )
    auth.requests = 1
    assert not settled
    auth.check_request = None
    assert settled
