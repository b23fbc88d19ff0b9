r"""The function form of sanic-jwt: pass handlers to `Initialize`.

An application moves here by changing its import lines. `initialize` is the
older form, with `authenticate` as its second argument. Here it installs on a
blueprint, which has its own endpoints, settings and tokens.

    TOKEN=$(curl -s localhost:8000/auth -H 'Content-Type: application/json' \
        -d '{"username": "ada", "password": "lovelace"}' \
        | jq -r .access_token)
    curl localhost:8000/orders -H "Authorization: Bearer $TOKEN"
    curl -X DELETE localhost:8000/orders/1 -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/auth/me -H "Authorization: Bearer $TOKEN"
    curl localhost:8000/admin/stock -H "Authorization: Bearer $TOKEN"  # 401
    STAFF=$(curl -s localhost:8000/admin/auth \
        -H 'Content-Type: application/json' \
        -d '{"username": "ada", "password": "lovelace"}' | jq -r .jwt)
    curl localhost:8000/admin/stock -H "Authorization: Bearer $STAFF"
"""

import asyncio
import os
from secrets import token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sanic import Blueprint, HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import (
    Initialize,
    exceptions,
    initialize,
    inject_user,
    protected,
    scoped,
)

hasher = PasswordHasher()
nobodys_hash = hasher.hash(token_urlsafe())
password_hashes = {"ada": hasher.hash("lovelace")}


async def authenticate(request: Request) -> dict[str, str]:
    name = request.json.get("username")
    password = request.json.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        raise exceptions.AuthenticationFailed("Username or password missing.")
    # an unknown name takes as long as a wrong password
    known = password_hashes.get(name, nobodys_hash)
    octets = password.encode(errors="surrogatepass")
    try:
        await asyncio.to_thread(hasher.verify, known, octets)
    except VerifyMismatchError:
        raise exceptions.AuthenticationFailed(
            "Wrong username or password."
        ) from None
    return {"user_id": name}


def retrieve_user(request: Request, payload: Any) -> dict[str, str] | None:
    return {"user_id": payload["user_id"]} if payload else None


def add_scopes_to_payload(user: dict[str, str]) -> list[str]:
    return ["orders:delete"]


app = Sanic("Shop")
admin = Blueprint("admin", url_prefix="/admin")

Initialize(
    app,
    authenticate=authenticate,
    retrieve_user=retrieve_user,
    add_scopes_to_payload=add_scopes_to_payload,
    secret=os.environ.get("SHOP_SECRET"),
)
initialize(
    admin,
    authenticate,
    access_token_name="jwt",
    secret=os.environ.get("ADMIN_SECRET") or token_urlsafe(48),
)


@app.get("/orders")
@protected()
@inject_user()
async def orders(request: Request, user: dict[str, str]) -> HTTPResponse:
    return json({"orders_of": user["user_id"]})


@app.delete("/orders/<number:int>")
@scoped("orders:delete")
async def delete_order(request: Request, number: int) -> HTTPResponse:
    return json({"deleted": number})


@admin.get("/stock")
@protected(admin)
async def stock(request: Request) -> HTTPResponse:
    return json({"pears": 3})


app.blueprint(admin)

if __name__ == "__main__":
    app.run(single_process=True)
