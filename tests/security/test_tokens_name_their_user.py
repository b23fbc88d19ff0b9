"""A signed token without the claim that names its user is refused."""

import pytest
from sanic.response import json, text

from sanic_jwt_oo import JWTAuth

from .forging import ADA, NOW, SECRET, token
from .shops import CONTENT, is_content, is_refused, new_app, open_shop
from .wire import send, start

pytestmark = pytest.mark.requirement("T14")


class Auth(JWTAuth):
    class Configuration:
        auth_mode = False

    def now(self):
        return NOW


def service(**settings):
    app = new_app()
    auth = Auth(secret=SECRET, **settings).install(app)

    async def content(request):
        return text(CONTENT)

    app.add_route(auth.protected()(content), "/protected", name="protected")
    app.add_route(auth.scoped("a")(content), "/scoped", name="scoped")
    off = auth.protected(user_id_required=False)
    app.add_route(off(content), "/off", name="off")
    named = auth.protected(user_id="client_id")
    app.add_route(named(content), "/named", name="named")

    @app.get("/id")
    async def user_id(request):
        return json(await auth.extract_user_id(request))

    return app


async def get(app, path, **claims):
    if not hasattr(app.ctx, "started"):
        app.ctx.started = True
        await start(app)
    bearer = f"Bearer {token(scopes=['a'], **claims)}".encode()
    return await send(app, "GET", path, [(b"authorization", bearer)])


@pytest.mark.parametrize("name", ["user_id", "sub", "client_id"])
async def test_the_user_claim_is_required_under_any_name(name):
    app = service(user_id=name)
    for claims in ({name: ...}, {name: None}):
        if name == "sub" and claims == {name: None}:
            continue  # refused for its type, T10 and RFC 7519
        for path in ("/protected", "/scoped"):
            response = await get(app, path, **claims)
            assert is_refused(response)
            reason = f'Token is missing the "{name}" claim.'
            assert response.json["reasons"] == [reason]
            assert (
                'error="invalid_token"' in response.headers["www-authenticate"]
            )
        assert (await get(app, "/id", **claims)).json is None


@pytest.mark.parametrize("user_id", [0, "", ADA, "ada", 1.5])
async def test_a_falsy_user_id_is_accepted(user_id):
    app = service()
    for _ in "cold", "warm":
        assert is_content(await get(app, "/protected", user_id=user_id))


async def test_a_verify_only_service_can_switch_the_check_off():
    app = service(user_id_required=False)
    for path in ("/protected", "/scoped"):
        assert is_content(await get(app, path, user_id=...))


async def test_a_route_can_have_its_own_user_claim():
    app = service()
    for _ in "cold", "warm":
        assert is_content(await get(app, "/off", user_id=...))
        assert is_refused(await get(app, "/protected", user_id=...))
        assert is_refused(await get(app, "/named"))
        assert is_content(await get(app, "/named", client_id="x"))


async def test_a_token_without_a_user_is_refused_on_every_route():
    shop = open_shop("class")
    for path in ("/protected", "/scoped", "/user", "/auth/me"):
        response = await shop.get(path, token(user_id=..., scopes=["orders"]))
        assert is_refused(response)
    verdict = await shop.get("/auth/verify", token(user_id=...))
    assert (verdict.status, verdict.json["valid"]) == (401, False)
    assert shop.asked == []


async def test_the_legacy_form_does_not_require_the_claim():
    shop = open_shop("legacy")
    assert is_content(await shop.get("/protected", token(user_id=...)))
