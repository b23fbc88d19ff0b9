r"""Static files for users who are logged in.

Sanic serves the files; a middleware of their blueprint checks each request.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/files/prices.txt -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/files/prices.txt                              # 401
    curl localhost:8000/files/absent.txt                              # 401
    curl localhost:8000/files/absent.txt \
        -H "Authorization: Bearer $TOKEN"                             # 404
"""

import os
from hmac import compare_digest
from pathlib import Path

from sanic import Blueprint, Request, Sanic

from sanic_jwt_oo import JWTAuth


class Auth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)

files = Blueprint("files", url_prefix="/files")
files.static("/", Path(__file__).parent / "files")


@files.on_request
async def only_for_users(request: Request) -> None:
    await auth.check(request)


app.blueprint(files)

if __name__ == "__main__":
    app.run(single_process=True)
