"""A second installation did not start on current Sanic."""

from sanic import Blueprint
from sanic.response import text

from sanic_jwt_oo import AuthenticationFailed

from ..security.forging import OTHER_SECRET
from .apps import Shop, both_fronts, install, new_app, walk_through

pytestmark = both_fronts


def refuse(request):
    raise AuthenticationFailed()


def shout(request, exception):
    return text("NO", exception.status_code)


async def test_an_application_and_two_blueprints(front):
    app = new_app()
    bp1 = Blueprint(f"one-{app.name}", url_prefix="/one")
    bp2 = Blueprint(f"two-{app.name}", url_prefix="/two")
    install(front, app)
    install(front, bp1, access_token_name="mytoken")
    install(front, bp2, access_token_name="yourtoken")
    app.blueprint(bp1)
    app.blueprint(bp2)
    shop = Shop(app)
    await walk_through(shop, "/auth")
    await walk_through(shop, "/one/auth", "mytoken")
    await walk_through(shop, "/two/auth", "yourtoken")


async def test_blueprints_of_the_seed_without_a_prefix(front):
    app = new_app()
    blueprints = [Blueprint(f"bp{n}-{app.name}") for n in (1, 2)]
    install(front, app)
    names = ["mytoken", "yourtoken"]
    for bp, name in zip(blueprints, names, strict=True):
        install(front, bp, access_token_name=name)
        app.blueprint(bp)
    shop = Shop(app)
    await walk_through(shop, "/auth")
    for bp, name in zip(blueprints, names, strict=True):
        await walk_through(shop, f"/{bp.name}/auth", name)


async def test_three_on_one_application(front):
    app = new_app()
    for prefix in ("/auth", "/staff", "/machines"):
        install(front, app, url_prefix=prefix)
    shop = Shop(app)
    for prefix in ("/auth", "/staff", "/machines"):
        await walk_through(shop, prefix)


async def test_installations_are_isolated(front):
    app = new_app()
    install(front, app)
    install(front, app, url_prefix="/staff", secret=OTHER_SECRET)
    shop = Shop(app)
    mine = await walk_through(shop, "/auth")
    theirs = await walk_through(shop, "/staff")
    assert (await shop.get("/staff/me", mine)).status == 401
    assert (await shop.get("/auth/me", theirs)).status == 401


async def test_an_endpoint_uses_its_own_installation(front):
    app = new_app()

    async def asks_the_other(request):
        await two.check(request)

    install(front, app, url_prefix="/one", authenticate=asks_the_other)
    two = install(front, app, url_prefix="/two", authenticate=refuse)
    two.responses.exception_response = shout

    @app.on_request
    async def ask(request):
        await two.is_authenticated(request)

    app.add_route(refuse, "/refusing")
    shop = Shop(app)
    for path, shouts in (("/one", False), ("/two", True)):
        response = await shop.post(path, json={})
        assert response.status == 401
        assert (response.text == "NO") is shouts
    assert (await shop.get("/refusing")).text == "NO"


async def test_one_class_can_be_installed_several_times(front):
    app = new_app()
    one = install(front, app, url_prefix="/one", leeway=1)
    two = install(front, app, url_prefix="/two", leeway=2)
    assert (one.settings().leeway, two.settings().leeway) == (1, 2)
