"""A shop that runs on several machines, with sessions in a shared Redis.

Each response names its worker. The header `x-busy` keeps a worker busy for a
moment, so that other workers take new requests. With the header `x-late`, the
grace window is over.
"""

from __future__ import annotations

import os
import time

from sanic import Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.sessions import RedisSessionStore

STALENESS = float(os.environ["SHOP_STALENESS"])


class Auth(JWTAuth):
    session_store = RedisSessionStore(
        os.environ["SHOP_SESSIONS"], timeout=3, feed_interval=STALENESS / 3
    )

    class Configuration:
        def get_refresh_token_grace(self, request):
            return 0 if "x-late" in request.headers else 60

    def authenticate(self, request):
        return {"user_id": request.json.get("username")}

    def retrieve_user(self, payload):
        return {"user_id": payload["user_id"]}


app = Sanic("SeveralMachines")
auth = Auth(secret=os.environ["SHOP_SECRET"]).install(app)


@app.on_request
async def be_busy(request):
    if "x-busy" in request.headers:
        time.sleep(0.01)


@app.on_response
async def sign(request, response):
    response.headers["x-worker"] = str(os.getpid())


@app.get("/")
async def open_to_all(request):
    return json("open")


for check in ("never", "feed", "store"):

    @app.get(f"/{check}", name=check)
    @auth.protected(revocation_check=check)
    async def orders(request):
        return json([17, 23])
