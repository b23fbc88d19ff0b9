import os

from sanic import Sanic
from sanic.response import json
from users import User, find_user, get_user

from sanic_jwt_oo import AuthenticationFailed, JWTAuth

REFRESH_TOKENS = {}


class ShopAuth(JWTAuth[User]):
    class Configuration:
        expiration_delta = 15 * 60
        refresh_token_enabled = True

    async def authenticate(self, request):
        fields = request.json
        user = await find_user(fields.get("name"), fields.get("password"))
        if user is None:
            raise AuthenticationFailed("Wrong name or password.")
        return user

    async def retrieve_user(self, request, payload):
        return await get_user(payload["user_id"])

    def add_scopes_to_payload(self, user):
        return user.scopes

    # the refresh tokens
    async def store_refresh_token(self, user_id, refresh_token):
        REFRESH_TOKENS[user_id] = refresh_token

    async def retrieve_refresh_token(self, user_id):
        return REFRESH_TOKENS.get(user_id)


# the application
app = Sanic("Shop")
auth = ShopAuth(secret=os.environ["SHOP_SECRET"]).install(app)


@app.get("/orders")
@auth.scoped("orders:read")
@auth.inject_user()
async def orders(request, user: User):
    return json({"orders": [17, 23], "of": user.name})


@app.delete("/orders/<number:int>")
@auth.scoped("orders:delete")
async def delete_order(request, number):
    return json({"deleted": number})
