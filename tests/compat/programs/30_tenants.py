"""Several tenants on one application, each with a secret of its own."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Configuration, Initialize, exceptions, protected
from sanic_jwt.decorators import instant_config

SECRETS = {
    "north.shop.test": "the secret of the northern shop, long enough",
    "south.shop.test": "the secret of the southern shop, long enough",
}
NO_TENANT = "the secret of requests without a tenant, long enough"


class TenantConfiguration(Configuration):
    secret = NO_TENANT

    def get_secret(self, request=None):
        tenant = request.headers.get("x-tenant") if request else None
        return SECRETS.get(tenant, NO_TENANT)


async def authenticate(request, *args, **kwargs):
    raise exceptions.AuthenticationFailed("Use /login.")


async def retrieve_user(request, payload, *args, **kwargs):
    return {"user_id": payload["user_id"]} if payload else None


app = Sanic("Tenants")
Initialize(
    app,
    authenticate=authenticate,
    retrieve_user=retrieve_user,
    configuration_class=TenantConfiguration,
)


@app.post("/login")
async def login(request):
    tenant = request.headers.get("x-tenant")
    if tenant not in SECRETS or request.json.get("password") != tenant:
        raise exceptions.AuthenticationFailed("Wrong password.")
    with instant_config(app, request=request):
        token = await app.ctx.auth.generate_access_token({"user_id": 1})
    return json({"access_token": token})


@app.get("/page")
@protected()
async def page(request):
    return json({"tenant": request.headers.get("x-tenant")})


async def visit(client):
    tokens = []
    for tenant in SECRETS:
        headers = {"x-tenant": tenant}
        await client.post("/auth", json={}, headers=headers)
        await client.post("/login", json={}, headers=headers)
        body = {"password": tenant}
        response = await client.post("/login", json=body, headers=headers)
        tokens.append(response.json()["access_token"])
    for path in ("/page", "/auth/me", "/auth/verify"):
        for token in tokens:
            await client.get(path, token=token)
            for tenant in SECRETS:
                headers = {"x-tenant": tenant}
                await client.get(path, headers=headers, token=token)


DIFFERENCES = [
    (
        "A `get_*` method at the endpoints of the package",
        [20, 24],
        {"status": 200, "body": {"valid": True}},
    )
]
