from sanic import Sanic, response
from sanic_jwt import BaseEndpoint, Initialize, exceptions
from sanic_jwt.endpoints import AuthenticateEndpoint


class Redis(dict):
    async def set(self, key, value):
        self[key] = value

    async def get(self, key):
        return super().get(key)


class MyCustomUserAuthHelper:
    def __init__(self, app, request):
        self.uuid = request.json["email"]

    def get_make_me_a_magic_token(self):
        return f"magic-of-{self.uuid}"


class MagicLoginHandler(BaseEndpoint):
    async def options(self, request):
        return response.text("", status=204)

    async def post(self, request):
        helper = MyCustomUserAuthHelper(app, request)
        token = helper.get_make_me_a_magic_token()

        # Persist the token
        key = f"magic-token-{token}"
        await app.ctx.redis.set(key, helper.uuid)

        return response.json({"magic-token": token})


class Describe(BaseEndpoint):
    async def get(self, request):
        name = self.config.access_token_name()
        user_id = await request.app.ctx.auth.extract_user_id(request)
        same = self.instance.ctx.auth is request.app.ctx.auth
        return response.json({"name": name, "id": user_id, "same": same})


class AlsoHere(AuthenticateEndpoint):
    async def do_output(self, output):
        output["also"] = True
        return output


async def check_magic_token(request):
    token = request.json.get("magic_token", "")
    key = f"magic-token-{token}"

    retrieval = await request.app.ctx.redis.get(key)
    if retrieval is None:
        raise exceptions.AuthenticationFailed("Token expired or invalid")
    retrieval = str(retrieval)

    return {"user_id": retrieval}


app = Sanic("magic")
app.ctx.redis = Redis()
Initialize(
    app,
    authenticate=check_magic_token,
    class_views=[
        # The path will be relative to the url prefix (default: /auth)
        ("/magic-login", MagicLoginHandler),
        ("/describe", Describe),
        ("/also", AlsoHere),
    ],
)
