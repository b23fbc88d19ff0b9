"""The seed's snippets about `Initialize`, completed.

Its `Sanic()` has a name here, and a route what the text leaves out.
"""

from typing import Any

import pytest
from sanic import Blueprint, Request, Sanic
from sanic.response import HTTPResponse, json

from sanic_jwt_oo import (
    Authentication,
    Configuration,
    Initialize,
    Responses,
    initialize,
    protected,
)

from .running import claims, serving

pytestmark = pytest.mark.filterwarnings(
    "ignore::sanic_jwt_oo.exceptions.InsecureSecretWarning"
)


async def authenticate(request: Request, *args: Any, **kwargs: Any) -> Any:
    return dict(user_id="some_id")


async def test(request: Request) -> HTTPResponse:
    return json({"protected": True})


test.__test__ = False  # type: ignore[attr-defined]


async def test_initialize_attaches_routes_to_the_application(
    app: Sanic,
) -> None:
    Initialize(app, authenticate=authenticate)
    async with serving(app) as client:
        token = await client.log_in()
        assert claims(token) == {"user_id": "some_id"}
        verdict = await client.get("/auth/verify", token)
        assert verdict == (200, {"valid": True})


async def test_create_your_app_and_then_tell_sanic_jwt(app: Sanic) -> None:
    Initialize(app, authenticate=lambda: True)
    app.add_route(protected()(test), "/")
    async with serving(app) as client:
        assert (await client.get("/")).status == 401


async def test_true_is_a_placeholder_and_not_a_user(app: Sanic) -> None:
    Initialize(app, authenticate=lambda: True)
    async with serving(app) as client:
        assert (await client.post("/auth")).status == 401


async def test_any_route_can_be_protected_on_a_blueprint_or_not(
    app: Sanic,
) -> None:
    bp = Blueprint("my_blueprint", url_prefix="/bp")
    Initialize(app, authenticate=authenticate)
    app.add_route(protected()(test), "/")
    bp.add_route(protected()(test), "/")
    app.blueprint(bp)
    async with serving(app) as client:
        token = await client.log_in()
        for path in ("/", "/bp"):
            assert (await client.get(path)).status == 401
            assert await client.get(path, token) == (200, {"protected": True})


@pytest.mark.parametrize("order", ["before", "after"])
async def test_initialize_on_a_blueprint_in_either_order(
    app: Sanic, order: str
) -> None:
    """The seed warns of the wrong order; now both orders work."""
    bp = Blueprint("my_blueprint")
    if order == "after":
        app.blueprint(bp)
    Initialize(bp, authenticate=authenticate)
    if order == "before":
        app.blueprint(bp)
    async with serving(app) as client:
        token = await client.log_in()
        verdict = await client.get("/auth/verify", token)
        assert verdict == (200, {"valid": True})


async def test_the_seeds_blueprint_starts_as_written(app: Sanic) -> None:
    bp = Blueprint("my_blueprint")
    Initialize(bp, authenticate=lambda: True)
    app.blueprint(bp)
    async with serving(app) as client:
        assert (await client.get("/auth/verify")).status == 401


def three_instances(app: Sanic, **secrets: str) -> Sanic:
    """The seed's three installations; the blueprints have prefixes."""
    bp1 = Blueprint("my_blueprint_1", url_prefix="/one")
    bp2 = Blueprint("my_blueprint_2", url_prefix="/two")

    def own(name: str) -> dict[str, Any]:
        return {"secret": secrets[name]} if name in secrets else {}

    Initialize(app, authenticate=authenticate)
    Initialize(
        bp1,
        authenticate=authenticate,
        access_token_name="mytoken",
        **own("bp1"),
    )
    Initialize(
        bp2,
        authenticate=authenticate,
        access_token_name="yourtoken",
        **own("bp2"),
    )
    app.blueprint(bp1)
    app.blueprint(bp2)
    return app


INSTANCES = [
    ("/auth", "access_token"),
    ("/one/auth", "mytoken"),
    ("/two/auth", "yourtoken"),
]


@pytest.mark.parametrize(("path", "name"), INSTANCES)
async def test_three_instances_each_have_their_settings(
    app: Sanic, path: str, name: str
) -> None:
    async with serving(three_instances(app)) as client:
        response = await client.post(path)
        assert [*response.body] == [name]


@pytest.mark.requirement("S4")
@pytest.mark.parametrize(("path", "name"), INSTANCES)
async def test_a_token_of_one_instance_is_accepted_by_all(
    app: Sanic, path: str, name: str
) -> None:
    async with serving(three_instances(app)) as client:
        token = await client.log_in(path, name)
        for other, _ in INSTANCES:
            verdict = await client.get(f"{other}/verify", token)
            assert verdict == (200, {"valid": True})


@pytest.mark.requirement("S4")
@pytest.mark.parametrize(("path", "name"), INSTANCES)
async def test_instances_with_different_secrets_refuse_each_others_tokens(
    app: Sanic, path: str, name: str
) -> None:
    three_instances(app, bp1="1" * 64, bp2="2" * 64)
    async with serving(app) as client:
        token = await client.log_in(path, name)
        for other, _ in INSTANCES:
            verdict = await client.get(f"{other}/verify", token)
            assert verdict.status == (200 if other == path else 401)


async def test_sanic_jwt_attaches_to_the_blueprint_it_was_given(
    app: Sanic,
) -> None:
    bp = Blueprint("mine", url_prefix="/mine")
    Initialize(bp, authenticate=authenticate)
    app.blueprint(bp)
    assert set(app.blueprints) == {"mine"}
    async with serving(app) as client:
        assert (await client.post("/mine/auth")).status == 200


async def test_configurations_are_passed_as_keywords(app: Sanic) -> None:
    Initialize(
        app,
        authenticate=authenticate,
        access_token_name="jwt",
        url_prefix="/api/authentication",
    )
    async with serving(app) as client:
        response = await client.post("/api/authentication")
        assert [*response.body] == ["jwt"]


async def test_components_are_imported_modified_and_attached(
    app: Sanic,
) -> None:
    class MyAuthentication(Authentication):
        pass

    class MyConfiguration(Configuration):
        pass

    class MyResponses(Responses):
        pass

    installed = Initialize(
        app,
        authenticate=authenticate,
        authentication_class=MyAuthentication,
        configuration_class=MyConfiguration,
        responses_class=MyResponses,
    )
    assert isinstance(app.ctx.auth, MyAuthentication)
    assert isinstance(installed.responses, MyResponses)
    async with serving(app) as client:
        assert (await client.post("/auth")).status == 200


async def test_the_initialize_method_is_a_wrapper(app: Sanic) -> None:
    assert isinstance(initialize(app, authenticate), Initialize)
    async with serving(app) as client:
        assert (await client.post("/auth")).status == 200
