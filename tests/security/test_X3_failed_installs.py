"""X3: nothing is half settled: an install that failed, a late change."""

import pytest
from sanic import Blueprint
from sanic.exceptions import SanicException
from sanic.response import text

from sanic_jwt_oo.exceptions import (
    InitializationFailure,
    InvalidClassViewsFormat,
    WeakSecret,
)
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.security.shops import Shop, new_app
from tests.steps.world import Member

pytestmark = pytest.mark.requirement("X3")


async def test_a_server_with_its_guards_does_not_start():
    shop, auth = Shop(new_app()), Member(secret="short")
    Member().install(shop.app)
    with pytest.raises(WeakSecret):
        auth.install(shop.app)

    @shop.app.get("/guarded")
    @auth.protected()
    async def guarded(request):
        return text("open")

    with pytest.raises(InitializationFailure, match="not installed"):
        await shop.get("/guarded")


@pytest.mark.requirement("H6")
async def test_it_can_be_installed_again_with_other_settings():
    shop, auth = Shop(new_app()), Member(blueprint_name="no name")
    with pytest.raises(SanicException, match="no name"):
        auth.install(shop.app)
    auth.configure(blueprint_name="name", query_string_set=True)
    auth.install(shop.app)

    @shop.app.get("/guarded")
    @auth.protected()
    async def guarded(request):
        return text("members")

    token = (await shop.post("/auth", json={})).json["access_token"]
    response = await shop.get(f"/guarded?access_token={token}")
    assert (response.status, response.text) == (200, "members")
    assert response.headers["cache-control"] == "no-store"


def test_a_blueprint_that_was_refused_says_why_again():
    class Wrong(Member):
        class_views = (("/more", int),)

    bp, auth = Blueprint("shop"), Wrong()
    auth.install(bp)
    for _ in range(2):
        with pytest.raises(InvalidClassViewsFormat):
            new_app().blueprint(bp)
        with pytest.raises(InitializationFailure, match="not installed"):
            auth.settings()
    auth.class_views = ()
    new_app().blueprint(bp)
    assert auth.settings().auth_mode


@pytest.mark.parametrize(
    "late",
    [
        {"session_store": MemorySessionStore()},
        {"extra_verifications": [bool]},
        {"class_views": [("/more", int)]},
    ],
    ids=lambda late: next(iter(late)),
)
def test_what_is_settled_at_install_cannot_be_configured_later(late):
    auth = Member().install(new_app())
    with pytest.raises(InitializationFailure, match="installed already"):
        auth.configure(**late)
