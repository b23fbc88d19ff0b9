"""``Authentication.__init__`` overridden; it reads the configuration."""

from datetime import timedelta

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions, protected


class Throttle:
    """Counts the attempts of a name."""

    def __init__(self, limit):
        self.limit = limit
        self.attempts = {}

    def count(self, name):
        self.attempts[name] = self.attempts.get(name, 0) + 1
        return self.attempts[name] <= self.limit


class CountingAuthentication(Authentication):
    def __init__(self, app, config):
        super().__init__(app, config)
        self.throttle = Throttle(app.config.get("MAX_ATTEMPTS", 2))
        self.lifetime = timedelta(seconds=config.expiration_delta())
        self.header = f"{config.authorization_header_prefix()} <token>"
        if config.secret() == "change me":
            raise RuntimeError("Set a secret.")

    async def authenticate(self, request, *args, **kwargs):
        name = request.json.get("name")
        if not self.throttle.count(name):
            raise exceptions.AuthenticationFailed("Too many attempts.")
        if request.json.get("password") != "swordfish":
            raise exceptions.AuthenticationFailed("Wrong password.")
        return {"user_id": name}

    async def extend_payload(self, payload, user=None, *args, **kwargs):
        payload["minutes"] = self.lifetime.total_seconds() / 60
        return payload


app = Sanic("InitReadsTheConfiguration")
app.config.MAX_ATTEMPTS = 3
Initialize(
    app,
    authentication_class=CountingAuthentication,
    expiration_delta=600,
    authorization_header_prefix="JWT",
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.get("/how")
async def how(request):
    auth = request.app.ctx.auth
    return json({"header": auth.header, "app": auth.app.name})


@app.get("/page")
@protected()
async def page(request):
    return json("page")


async def visit(client):
    await client.get("/how")
    bad = {"name": "ada", "password": "haddock"}
    good = {"name": "ada", "password": "swordfish"}
    await client.post("/auth", json=bad)
    login = await client.post("/auth", json=good)
    token = login.json()["access_token"]
    await client.post("/auth", json=bad)
    await client.post("/auth", json=good)
    await client.post("/auth", json={**good, "name": "bob"})
    await client.get("/page", token=token)
    await client.get("/page", headers={"authorization": f"JWT {token}"})


DIFFERENCES = []
