r"""A token in the URL, for clients that cannot send headers.

URLs are stored in histories and logs. Give such tokens a short lifetime and
read them on the one route that needs them. Sanic's access log masks them.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl "localhost:8000/calendar?token=$TOKEN"
    curl localhost:8000/calendar -H "Authorization: Bearer $TOKEN"    # 401
    curl "localhost:8000/orders?token=$TOKEN"                         # 401
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
"""

import os
from hmac import compare_digest

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json, text

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    class Configuration:
        expiration_delta = 60
        query_string_access_token_name = "token"

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/calendar")
@auth.protected(query_string_set=True)
async def calendar(request: Request) -> HTTPResponse:
    return text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")


@app.get("/orders")
@auth.protected()
async def orders(request: Request) -> HTTPResponse:
    return json({"orders": []})


if __name__ == "__main__":
    app.run(single_process=True)
