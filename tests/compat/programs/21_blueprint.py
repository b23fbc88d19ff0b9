"""Everything on a blueprint with settings of its own."""

from sanic import Blueprint, Sanic
from sanic.response import json
from sanic_jwt import (
    Authentication,
    Configuration,
    Initialize,
    exceptions,
    inject_user,
    protected,
)


class CustomerAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if request.json.get("card") != "1234":
            raise exceptions.AuthenticationFailed("Unknown card.")
        return {"customer_id": 5}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"customer_id": payload["customer_id"]} if payload else None

    async def _verify(self, request, return_payload=False, *args, **kwargs):
        if request.headers.get("x-closed"):
            return None if return_payload else (False, 401, "We are closed.")
        return await super()._verify(
            request, *args, return_payload=return_payload, **kwargs
        )


class CustomerConfiguration(Configuration):
    user_id = "customer_id"
    secret = "the secret of the customers, long enough for HS256"
    claim_aud = "customers"


app = Sanic("BlueprintInstallation")
customers = Blueprint("customers", url_prefix="/customers")
customer_jwt = Initialize(
    customers,
    app=app,
    authentication_class=CustomerAuthentication,
    configuration_class=CustomerConfiguration,
)


@customers.get("/basket")
@customer_jwt.protected()
async def basket(request):
    return json({"basket": []})


@customers.get("/me-too")
@inject_user(customers)
@protected(customers)
async def me_too(request, user):
    return json(user)


@app.get("/till")
@protected(customers)
async def till(request):
    payload = await customers.ctx.auth.extract_payload(request)
    return json({"till": payload["customer_id"]})


app.blueprint(customers)


async def visit(client):
    await client.post("/customers/auth", json={"card": "4321"})
    card = await client.post("/customers/auth", json={"card": "1234"})
    token = card.json()["access_token"]
    for path in (
        "/customers/basket",
        "/customers/me-too",
        "/customers/auth/me",
        "/customers/auth/verify",
        "/till",
    ):
        await client.get(path)
        await client.get(path, token=token)
        await client.get(path, token=token, headers={"x-closed": "1"})
        await client.get(path, token=token[:-4] + "AAAA")


DIFFERENCES = []
