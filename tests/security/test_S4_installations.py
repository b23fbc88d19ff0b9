"""S4: an installation accepts another's tokens only if all settings agree."""

import pytest
from sanic import Blueprint
from sanic.response import text

from sanic_jwt_oo import Authentication, Initialize, JWTAuth, protected

from .forging import ADA, NOW, OTHER_SECRET, SECRET
from .shops import CONTENT, Shop, is_content, is_refused, new_app

pytestmark = [
    pytest.mark.requirement("S4"),
    pytest.mark.requirement("I8"),
]


def authenticate(request):
    return {"user_id": ADA, "name": "ada"}


def retrieve_user(request, payload):
    return {"user_id": ADA} if payload else None


class Auth(JWTAuth):
    authenticate = staticmethod(authenticate)
    retrieve_user = staticmethod(retrieve_user)

    def now(self):
        return NOW


class Legacy(Authentication):
    def now(self):
        return NOW


def install(front, target, **settings):
    settings.setdefault("secret", SECRET)
    if front == "class":
        return Auth(**settings).install(target)
    return Initialize(
        target,
        authenticate=authenticate,
        retrieve_user=retrieve_user,
        authentication_class=Legacy,
        **settings,
    ).auth


def guard(target, auth, path):
    @target.get(path, name=f"route{path.replace('/', '_')}")
    @protected(auth)
    async def handler(request):
        return text(CONTENT)


async def log_in(shop, path, name="access_token"):
    response = await shop.post(path, json={})
    assert response.status == 200, response.text
    return response.json[name]


@pytest.fixture
def pair(front):
    """Install on an application and on a blueprint of it."""

    async def build(**settings):
        app = new_app()
        bp = Blueprint(f"bp-{app.name}", url_prefix="/bp")
        one = install(front, app)
        two = install(front, bp, **settings)
        guard(app, one, "/one")
        guard(bp, two, "/two")
        app.blueprint(bp)
        shop = Shop(app)
        return (
            shop,
            await log_in(shop, "/auth"),
            await log_in(shop, "/bp/auth"),
        )

    return build


async def test_equal_installations_accept_each_others_tokens(pair):
    shop, ones, twos = await pair()
    for path in ("/one", "/bp/two"):
        for bearer in (ones, twos):
            assert is_content(await shop.get(path, bearer))


@pytest.mark.parametrize(
    "settings",
    [
        {"secret": OTHER_SECRET},
        {"claim_iss": "https://two.example"},
        {"claim_aud": "two"},
        {"algorithm": "HS512"},
    ],
    ids=str,
)
async def test_different_installations_refuse_each_others_tokens(
    pair, settings
):
    shop, ones, twos = await pair(**settings)
    assert is_content(await shop.get("/one", ones))
    assert is_content(await shop.get("/bp/two", twos))
    assert is_refused(await shop.get("/bp/two", ones))
    assert is_refused(await shop.get("/bp/auth/me", ones))
    if "claim_iss" not in settings:  # one does not check the issuer
        assert is_refused(await shop.get("/one", twos))
        assert is_refused(await shop.get("/auth/me", twos))


async def test_ten_installations_are_isolated(front):
    app = new_app()
    shop, tokens = Shop(app), {}
    for number in range(10):
        bp = Blueprint(f"b{number}-{app.name}", url_prefix=f"/b{number}")
        auth = install(
            front,
            bp,
            secret=f"{number}" * 64,
            access_token_name=f"token{number}",
        )
        guard(bp, auth, "/route")
        app.blueprint(bp)
    for number in range(10):
        tokens[number] = await log_in(
            shop, f"/b{number}/auth", f"token{number}"
        )
    for number in range(10):
        for owner, bearer in tokens.items():
            response = await shop.get(f"/b{number}/route", bearer)
            assert response.status == (200 if owner == number else 401)


async def test_three_installations_on_one_application(front):
    app, shop = new_app(), None
    prefixes = ["/auth", "/staff", "/machines"]
    for number, prefix in enumerate(prefixes):
        auth = install(front, app, url_prefix=prefix, secret=f"{number}" * 64)
        guard(app, auth, f"/route{number}")
    shop = Shop(app)
    for number, prefix in enumerate(prefixes):
        bearer = await log_in(shop, prefix)
        for other in range(3):
            response = await shop.get(f"/route{other}", bearer)
            assert response.status == (200 if other == number else 401)


async def test_each_installation_has_its_own_settings(front):
    app = new_app()
    auths = [
        install(front, app, url_prefix=f"/a{n}", leeway=n) for n in range(3)
    ]
    assert [auth.settings().leeway for auth in auths] == [0, 1, 2]


async def test_each_installation_has_its_own_responses():
    class Loud(Auth):
        class Responses:
            def exception_response(self, request, exception):
                return text("LOUD", status=exception.status_code)

    app = new_app()
    Auth(secret=SECRET).install(app)
    loud = Loud(secret=SECRET, url_prefix="/loud").install(app)
    guard(app, loud, "/route")
    shop = Shop(app)
    for method, path in (
        ("GET", "/route"),
        ("GET", "/loud/me"),
        ("PUT", "/loud/me"),
        ("POST", "/loud/verify"),
    ):
        assert (await shop(method, path)).text == "LOUD"
    for method, path in (("GET", "/auth/me"), ("PUT", "/auth/me")):
        assert is_refused(
            await shop(method, path), 401 if method == "GET" else 405
        )


async def test_each_installation_has_its_own_hooks():
    class Other(Auth):
        def authenticate(self):
            return {"user_id": "other"}

    app = new_app()
    Auth(secret=SECRET).install(app)
    Other(secret=OTHER_SECRET, url_prefix="/other").install(app)
    shop = Shop(app)
    one = (await shop.post("/auth", json={})).json["access_token"]
    other = (await shop.post("/other", json={})).json["access_token"]
    verdicts = {
        (path, bearer): (await shop.get(path, bearer)).status
        for path in ("/auth/verify", "/other/verify")
        for bearer in (one, other)
    }
    assert [*verdicts.values()] == [200, 401, 401, 200]


async def test_two_applications_are_isolated(front):
    one, two = new_app(), new_app()
    install(front, one)
    install(front, two, secret=OTHER_SECRET)
    bearer = await log_in(Shop(one), "/auth")
    assert is_refused(await Shop(two).get("/auth/me", bearer))


async def test_a_check_by_one_installation_does_not_count_for_another(front):
    app = new_app()
    one = install(front, app)
    two = install(front, app, url_prefix="/two", secret=OTHER_SECRET)

    @app.get("/both")
    @protected(one)
    @protected(two)
    async def both(request):
        return text(CONTENT)

    shop = Shop(app)
    for prefix in ("/auth", "/two"):
        bearer = await log_in(shop, prefix)
        assert is_refused(await shop.get("/both", bearer))
