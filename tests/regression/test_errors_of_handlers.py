"""A guard swallowed what a handler raised, or gave it another name."""

import traceback

import pytest
from sanic.exceptions import NotFound
from sanic.response import text

from sanic_jwt_oo import inject_user, protected, scoped

from .apps import Shop, both_fronts, install, new_app, walk_through

pytestmark = both_fronts

FAULTS = [AttributeError, KeyError, TypeError, RuntimeError, NotFound]


def guards(auth):
    return {
        "protected": [protected(auth)],
        "protected, with settings": [protected(auth, leeway=1)],
        "protected or redirected": [protected(auth, redirect_on_fail=True)],
        "scoped": [scoped("fruit", initialized_on=auth)],
        "injected": [inject_user(auth)],
        "all of them": [
            inject_user(auth),
            scoped("fruit", initialized_on=auth),
            protected(auth),
        ],
    }


def faulty_handler(request, **parameters):
    """Raise from a nested call, as handlers do."""
    raise request.app.ctx.fault("the handler's own")


@pytest.fixture
def caught():
    return []


@pytest.mark.parametrize("guard", [*guards(None)])
@pytest.mark.parametrize("fault", FAULTS)
async def test_an_error_keeps_its_type_and_traceback(
    front, guard, fault, caught
):
    app = new_app()
    app.ctx.fault = fault
    handler = faulty_handler
    for decorator in guards(install(front, app))[guard]:
        handler = decorator(handler)
    app.add_route(handler, "/faulty")

    @app.exception(fault)
    async def on_fault(request, exception):
        caught.append(exception)
        return text("seen by the application", 500)

    shop = Shop(app)
    response = await shop.get("/faulty", await walk_through(shop, "/auth"))
    assert response.text == "seen by the application"
    [error] = caught
    assert type(error) is fault
    assert "the handler's own" in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None
    frames = traceback.extract_tb(error.__traceback__)
    assert frames[-1].name == "faulty_handler"


HOOKS = ["authenticate", "retrieve_user", "retrieve_refresh_token"]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("fault", FAULTS[:-1])
async def test_an_error_of_a_hook_keeps_its_type(front, hook, fault, caught):
    def broken(*args, **kwargs):
        raise fault("the hook's own")

    app = new_app()
    good = Shop(new_app())
    install(front, good.app)
    login = (await good.post("/auth", json={})).json
    install(front, app, **{hook: broken})

    @app.exception(fault)
    async def on_fault(request, exception):
        caught.append(exception)
        return text("seen by the application", 500)

    path = "/auth" if hook == "authenticate" else "/auth/refresh"
    response = await Shop(app).post(
        path,
        login["access_token"],
        json={"refresh_token": login["refresh_token"]},
    )
    assert response.text == "seen by the application"
    assert type(caught[0]) is fault
