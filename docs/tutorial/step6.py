import os
from html import escape

from sanic import Sanic
from sanic.response import html, json
from users import User, find_user, get_user

from sanic_jwt_oo import AuthenticationFailed, JWTAuth

REFRESH_TOKENS = {}


class ShopAuth(JWTAuth[User]):
    class Configuration:
        expiration_delta = 15 * 60
        refresh_token_enabled = True
        cookie_set = True
        login_redirect_url = "/"

        def set_cookie_secure(self):
            return "SHOP_OVER_PLAIN_HTTP" not in os.environ

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

    async def store_refresh_token(self, user_id, refresh_token):
        REFRESH_TOKENS[user_id] = refresh_token

    async def retrieve_refresh_token(self, user_id):
        return REFRESH_TOKENS.get(user_id)


app = Sanic("Shop")
auth = ShopAuth(secret=os.environ["SHOP_SECRET"]).install(app)


# the pages
LOG_IN_PAGE = """<!doctype html><title>Shop</title>
<form><input name="name"><input name="password" type="password">
<button>Log in</button></form>
<script>
document.forms[0].onsubmit = async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target));
  const answer = await fetch("/auth", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify(fields),
  });
  if (answer.ok) location = "/account";
};
</script>"""


@app.get("/")
async def log_in_page(request):
    return html(LOG_IN_PAGE)


@app.get("/account")
@auth.protected(redirect_on_fail=True)
@auth.inject_user()
async def account(request, user: User):
    return html(
        f"<!doctype html><title>Shop</title><p>Hello {escape(user.name)}."
    )


# the routes
@app.get("/orders")
@auth.scoped("orders:read")
@auth.inject_user()
async def orders(request, user: User):
    return json({"orders": [17, 23], "of": user.name})


@app.delete("/orders/<number:int>")
@auth.scoped("orders:delete")
async def delete_order(request, number):
    return json({"deleted": number})
