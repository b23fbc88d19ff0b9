from sanic import Sanic
from sanic.response import json
from sanic_jwt import Initialize, protected


class Redis:
    def __init__(self):
        self.values = {}

    async def set(self, key, value):
        self.values[key] = value.encode()

    async def get(self, key):
        return self.values.get(key)


aredis = Redis()


def authenticate(request, *args, **kwargs):
    return {"user_id": request.json["id"]}


async def retrieve_user(request, payload, *args, **kwargs):
    if payload:
        return {"user_id": payload.get("user_id", None)}
    return None


async def store_refresh_token(user_id, refresh_token, *args, **kwargs):
    key = f"refresh_token_{user_id}"
    await aredis.set(key, refresh_token)


async def retrieve_refresh_token(user_id, *args, **kwargs):
    key = f"refresh_token_{user_id}"
    return await aredis.get(key)


app = Sanic("refresh")
sanicjwt = Initialize(
    app,
    authenticate=authenticate,
    retrieve_user=retrieve_user,
    store_refresh_token=store_refresh_token,
    retrieve_refresh_token=retrieve_refresh_token,
    leeway=0,
    expiration_delta=60,
)


@app.route("/protected")
@protected()
async def test(request):
    return json({"protected": True})


@app.route("/old", methods=["POST"])
async def old(request):
    """Issue a token that has expired already."""

    async def expire(payload, user):
        payload["exp"] = 1_500_000_000
        return payload

    token = await app.ctx.auth.generate_access_token(
        {"user_id": 1}, extend_payload=expire
    )
    return json({"access_token": token})
