from sanic import Sanic
from sanic.response import json
from sanic_jwt import Claim, Initialize, protected


class User:
    def __init__(self, id, username):
        self.id = id
        self.username = username

    def to_dict(self):
        return {"id": self.id, "username": self.username}


class Department(Claim):
    key = "department"

    def setup(self, payload, user):
        return "sales"

    def verify(self, value):
        return value == "sales"


def check_blocked(payload):
    return payload["id"] not in blocked


async def my_extender(payload, user):
    username = user.to_dict().get("username")
    payload.update({"username": username})
    return payload


blocked = set()
app = Sanic("payload")
Initialize(
    app,
    authenticate=lambda request, *args, **kwargs: User(3, "joe"),
    extend_payload=my_extender,
    custom_claims=[Department],
    extra_verifications=[check_blocked],
    user_id="id",
)


@app.route("/protected")
@protected()
async def test(request):
    return json({"protected": True})


@app.route("/block", methods=["POST"])
@protected()
async def block(request):
    blocked.add(await request.app.ctx.auth.extract_user_id(request))
    return json({"blocked": sorted(blocked)})


@app.route("/moved", methods=["POST"])
async def moved(request):
    def move(payload, user):
        payload["department"] = "stock"
        return payload

    token = await app.ctx.auth.generate_access_token(
        User(4, "jim"), extend_payload=move
    )
    return json({"access_token": token})
