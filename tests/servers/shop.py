"""A shop that the tests in this folder run on real servers.

No secret is set: the worker processes must agree on a random one.
"""

from __future__ import annotations

import os
import sys

from sanic import Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class ShopAuth(JWTAuth):
    class Configuration:
        refresh_token_enabled = True

    stored: dict = {}

    def authenticate(self, request):
        return {"user_id": request.json.get("name")}

    def retrieve_user(self, payload):
        return {"user_id": payload["user_id"]}

    def store_refresh_token(self, user_id, refresh_token):
        self.stored[user_id] = refresh_token

    def retrieve_refresh_token(self, user_id):
        return self.stored.get(user_id)


app = Sanic("ShopOnASocket")
app.config.MOTD = False
auth = ShopAuth().install(app)


@app.get("/")
async def open_to_all(request):
    return json({"worker": os.getpid()})


@app.get("/orders")
@auth.protected()
@auth.inject_user()
async def orders(request, user):
    return json({"user": user, "worker": os.getpid()})


@app.get("/expired")
async def expired(request):
    token = await auth.generate_access_token(
        {"user_id": "joe"},
        extend_payload=lambda payload: {**payload, "exp": 1},
    )
    return json({"access_token": token})


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), workers=int(sys.argv[2]))
