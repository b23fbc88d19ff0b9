import os

from sanic import Sanic
from users import User, find_user

from sanic_jwt_oo import AuthenticationFailed, JWTAuth


class ShopAuth(JWTAuth[User]):
    async def authenticate(self, request):
        fields = request.json
        user = await find_user(fields.get("name"), fields.get("password"))
        if user is None:
            raise AuthenticationFailed("Wrong name or password.")
        return user


app = Sanic("Shop")
auth = ShopAuth(secret=os.environ["SHOP_SECRET"]).install(app)
