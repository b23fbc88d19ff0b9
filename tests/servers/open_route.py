"""A shop with the guard above the route; it must not start."""

from __future__ import annotations

import sys

from sanic import Sanic
from sanic.response import text

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth):
    def authenticate(self, request):
        return {"user_id": 1}


app = Sanic("OpenShop")
app.config.MOTD = False
auth = Auth(secret="a secret that is long enough for HS256, truly so").install(
    app
)


@auth.protected()
@app.get("/orders")
async def orders(request):
    return text("orders")


if __name__ == "__main__":
    port, workers = map(int, sys.argv[1:])
    app.run("127.0.0.1", port, workers=workers, single_process=workers == 1)
