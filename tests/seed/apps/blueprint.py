from sanic import Blueprint, Sanic
from sanic.response import json
from sanic_jwt import Initialize
from sanic_jwt.decorators import protected, scoped


async def authenticate(request, *args, **kwargs):
    return {"user_id": 1}


def retrieve_user(request, payload, *args, **kwargs):
    return {"user_id": payload["user_id"]} if payload else None


def add_scopes_to_payload(user, *args, **kwargs):
    return ["news"]


app = Sanic("blueprint")
bp = Blueprint("my_blueprint", url_prefix="/members")

sanicjwt = Initialize(
    bp,
    app=app,
    authenticate=authenticate,
    retrieve_user=retrieve_user,
    add_scopes_to_payload=add_scopes_to_payload,
    access_token_name="mytoken",
)


@app.route("/")
async def home(request):
    return json({"open": True})


@bp.route("/protected")
@protected(bp)
async def test(request):
    return json({"protected": True})


@bp.route("/news")
@scoped("news", initialized_on=bp)
async def news(request):
    return json({"news": True})


@bp.route("/by-instance")
@sanicjwt.protected()
@sanicjwt.inject_user()
async def by_instance(request, user):
    return json(user)


@bp.route("/name")
async def name(request):
    return json({"name": bp.ctx.auth.config.access_token_name()})


app.blueprint(bp)
