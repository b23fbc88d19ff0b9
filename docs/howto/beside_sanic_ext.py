"""A shop with CORS, injection and an OpenAPI description by sanic-ext."""

import os

from sanic import Request, Sanic
from sanic.response import json
from sanic_ext import openapi

from sanic_jwt_oo import AuthenticationFailed, JWTAuth

USERS = {1: {"user_id": 1, "name": "ada", "key": "ada-key"}}


class Orders:
    """What the application keeps orders in, made once."""

    def of(self, user):
        return [17, 23] if user["name"] == "ada" else []


class Customer(dict):
    """The user of the token, as a type that can be injected."""


class ShopAuth(JWTAuth):
    def authenticate(self, request):
        for user in USERS.values():
            if user["key"] == request.headers.get("X-API-Key"):
                return user
        raise AuthenticationFailed()

    def retrieve_user(self, payload):
        return USERS.get(payload["user_id"])


app = Sanic("Shop")
app.config.CORS_ORIGINS = "https://shop.example"
app.config.CORS_ALLOW_HEADERS = "authorization,content-type,x-api-key"
auth = ShopAuth(secret=os.environ.get("SHOP_SECRET")).install(app)
app.ext.dependency(Orders())


@app.get("/orders")
@auth.protected()
@auth.inject_user()
@openapi.summary("The orders of a user")
async def list_orders(request: Request, user, orders: Orders):
    return json(orders.of(user))


async def customer(request: Request) -> Customer:
    await auth.check(request)
    user = await auth.current_user(request)
    if not user:
        raise AuthenticationFailed()
    return Customer(user)


app.ext.add_dependency(Customer, customer)


@app.get("/name")
async def show_name(request: Request, customer: Customer):
    return json(customer["name"])


if __name__ == "__main__":
    app.run()
