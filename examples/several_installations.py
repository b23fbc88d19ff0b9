r"""Customers and staff: two independent installations.

Each has its own endpoints, settings and secret, so a token of one is not valid
for the other.

    CUSTOMER=$(curl -s -X POST localhost:8000/auth \
        -H 'X-API-Key: ada-key' | jq -r .access_token)
    STAFF=$(curl -s -X POST localhost:8000/staff/auth \
        -H 'X-API-Key: bob-key' | jq -r .staff_token)
    curl localhost:8000/cart -H "Authorization: Bearer $CUSTOMER"
    curl localhost:8000/staff/stock -H "Authorization: Bearer $STAFF"
    curl localhost:8000/cart -H "Authorization: Bearer $STAFF"        # 401
    curl localhost:8000/staff/stock \
        -H "Authorization: Bearer $CUSTOMER"                          # 401
    curl -X POST localhost:8000/staff/auth -H 'X-API-Key: ada-key'    # 401
"""

import os
from hmac import compare_digest
from secrets import token_urlsafe

from sanic import Blueprint, HTTPResponse, Request, Sanic
from sanic.response import json

from sanic_jwt_oo import JWTAuth


class CustomerAuth(JWTAuth[dict[str, str]]):
    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "ada"} if compare_digest(key, b"ada-key") else None


class StaffAuth(JWTAuth[dict[str, str]]):
    class Configuration:
        access_token_name = "staff_token"
        expiration_delta = 5 * 60

    def authenticate(self, request: Request) -> dict[str, str] | None:
        key = request.headers.get("x-api-key", "").encode(errors="replace")
        return {"user_id": "bob"} if compare_digest(key, b"bob-key") else None


app = Sanic("Shop")
staff = Blueprint("staff", url_prefix="/staff")
staff_secret = os.environ.get("STAFF_SECRET") or token_urlsafe(48)
customers = CustomerAuth(secret=os.environ.get("SHOP_SECRET")).install(app)
employees = StaffAuth(secret=staff_secret).install(staff)


@app.get("/cart")
@customers.protected()
async def cart(request: Request) -> HTTPResponse:
    return json({"cart_of": await customers.extract_user_id(request)})


@staff.get("/stock")
@employees.protected()
async def stock(request: Request) -> HTTPResponse:
    return json({"asked_by": await employees.extract_user_id(request)})


app.blueprint(staff)

if __name__ == "__main__":
    app.run(single_process=True)
