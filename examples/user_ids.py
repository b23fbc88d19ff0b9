r"""Users with a UUID as their id, in the registered claim `sub`.

    TOKEN=$(curl -s -X POST localhost:8000/auth -H 'X-API-Key: ada-key' \
        | jq -r .access_token)
    curl localhost:8000/auth/me -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
"""

import os
from dataclasses import asdict, dataclass
from hmac import compare_digest
from typing import Any
from uuid import UUID

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth, Payload


@dataclass
class User:
    id: UUID
    name: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


ada = User(UUID("0192f0c1-7d3e-7c55-9a3b-6d1f0e2b4a90"), "Ada")
users = {ada.id: ada}


class Auth(JWTAuth[User]):
    class Configuration:
        user_id = "sub"

    async def user_id_of(self, user: User) -> UUID:
        return user.id

    def authenticate(self, request: Request) -> User | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return ada if compare_digest(key, b"ada-key") else None

    def retrieve_user(self, request: Request, payload: Payload) -> User | None:
        return users.get(UUID(payload["sub"]))


app = Sanic("Shop")
auth = Auth(secret=os.environ.get("SHOP_SECRET")).install(app)


@app.get("/orders")
@auth.protected()
@auth.inject_user()
async def orders(request: Request, user: User) -> HTTPResponse:
    return json({"orders_of": user.name})


if __name__ == "__main__":
    app.run(single_process=True)
