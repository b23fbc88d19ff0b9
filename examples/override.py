r"""Settings for one block of code: `with auth.override(...)`.

Other requests and tasks are not affected. The settings end with the block,
even if it raises.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    INVITATION=$(curl -s -X POST localhost:8000/invitations \
        -H "Authorization: Bearer $TOKEN" | jq -r .invitation)
    curl localhost:8000/party -H "Authorization: Bearer $INVITATION"
    curl localhost:8000/orders -H "Authorization: Bearer $INVITATION"  # 401
    curl localhost:8000/party -H "Authorization: Bearer $TOKEN"       # 401
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        claim_aud = "shop"

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.post("/invitations")
@auth.protected()
async def invite(request: Request) -> HTTPResponse:
    guest = {"user_id": "guest"}
    with auth.override(claim_aud="party", expiration_delta=7 * 24 * 3600):
        invitation = await auth.generate_access_token(guest)
    return json({"invitation": invitation})


@app.get("/party")
async def party(request: Request) -> HTTPResponse:
    with auth.override(claim_aud="party"):
        payload = await auth.check(request)
    return json({"welcome": payload["user_id"]})


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


if __name__ == "__main__":
    app.run(single_process=True)
