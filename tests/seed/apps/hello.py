from sanic import Sanic
from sanic.response import json
from sanic_jwt import Initialize, protected


async def authenticate(request, *args, **kwargs):
    return dict(user_id="some_id")


app = Sanic("hello")
Initialize(app, authenticate=authenticate)


@app.route("/")
async def home(request):
    return json({"protected": False})


@app.route("/protected")
@protected()
async def test(request):
    return json({"protected": True})
