r"""`HEAD` is guarded like `GET`.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl --head localhost:8000/catalogue -H "Authorization: Bearer $TOKEN"
    curl --head localhost:8000/catalogue                              # 401
    curl localhost:8000/catalogue -H "Authorization: Bearer $TOKEN"
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.route("/catalogue", methods=["GET", "HEAD"])
@auth.protected()
async def catalogue(request: Request) -> HTTPResponse:
    return json({"pears": 3}, headers={"X-Edition": "November"})


if __name__ == "__main__":
    app.run(single_process=True)
