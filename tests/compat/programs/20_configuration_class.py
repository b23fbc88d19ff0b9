"""A ``Configuration`` with values, ``set_`` and ``get_`` methods."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Configuration, Initialize, exceptions, protected
from sanic_jwt.configuration import ConfigItem


class ShopConfiguration(Configuration):
    access_token_name = "jwt"
    url_prefix = "/session"
    leeway = 0

    def set_expiration_delta(self):
        return 60 * 5

    def set_path_to_verify(self):
        return ConfigItem("/check", item_name="path_to_verify", config=self)

    def get_authorization_header_prefix(self, request=None):
        if request is None or "x-old-client" not in request.headers:
            return "Bearer"
        return "JWT"


async def authenticate(request, *args, **kwargs):
    if request.json.get("password") != "swordfish":
        raise exceptions.AuthenticationFailed("Wrong password.")
    return {"user_id": 1}


app = Sanic("ConfigurationClass")
app.config.SANIC_JWT_SECRET = "4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71"
Initialize(
    app,
    authenticate=authenticate,
    configuration_class=ShopConfiguration,
    claim_iss="shop.test",
)


@app.get("/page")
@protected()
async def page(request):
    config = request.app.ctx.auth.config
    return json(
        {
            "minutes": config.expiration_delta() / 60,
            "issuer": config.claim_iss(),
            "known": "leeway" in config and "lee_way" not in config,
            "keys": "cookie_set" in config.all_config_keys,
            "alias": config.config_aliases_keys and "public_key" in config,
        }
    )


async def visit(client):
    await client.post("/session", json={"password": "haddock"})
    login = await client.post("/session", json={"password": "swordfish"})
    token = login.json()["jwt"]
    for path in ("/page", "/session/check"):
        await client.get(path)
        for prefix in ("Bearer", "JWT"):
            headers = {"authorization": f"{prefix} {token}"}
            await client.get(path, headers=headers)
            headers["x-old-client"] = "1"
            await client.get(path, headers=headers)


DIFFERENCES = [
    (
        "A `get_*` method at the endpoints of the package",
        [10],
        {
            "status": 400,
            "body": {
                "reasons": ["Authorization header is invalid."],
                "exception": "InvalidAuthorizationHeader",
            },
        },
    ),
    (
        "A `get_*` method at the endpoints of the package",
        [12],
        {"status": 200, "body": {"valid": True}},
    ),
]
