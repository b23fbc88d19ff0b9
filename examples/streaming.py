r"""Handlers that stream, in both directions.

The token is checked before the first byte is sent or read.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/report -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/report                                        # 401
    curl localhost:8000/photos -H "Authorization: Bearer $TOKEN" -d 'pixels'
    curl localhost:8000/photos -d 'pixels'                            # 401
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


@app.get("/report")
@auth.protected()
async def report(request: Request) -> None:
    response = await request.respond(content_type="text/csv")
    for month in ("October", "November"):
        await response.send(f"{month},100\n")
    await response.eof()


@app.post("/photos", stream=True)
@auth.protected()
async def photos(request: Request) -> HTTPResponse:
    size = 0
    async for chunk in request.stream:
        size += len(chunk)
    return json({"bytes": size})


if __name__ == "__main__":
    app.run(single_process=True)
