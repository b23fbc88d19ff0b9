from sanic import Sanic
from sanic.response import json
from sanic_jwt import Initialize, protected


async def authenticate(request, *args, **kwargs):
    return {"user_id": 1}


app = Sanic("cookies")
Initialize(
    app,
    authenticate=authenticate,
    cookie_set=True,
    cookie_token_name="my_token",
    split_cookie=True,
    cookie_strict=False,
)


@app.route("/protected")
@protected()
async def test(request):
    return json({"protected": True})


@app.route("/token")
async def token(request):
    token = await request.app.ctx.auth.generate_access_token({"user_id": 1})
    return json({"access_token": token})


@app.route("/names")
async def names(request):
    config = request.app.ctx.auth.config
    return json(
        {
            "alias": config.cookie_token_name(),
            "split": config.split_cookie(),
            "get": config.get("cookie_set"),
        }
    )
