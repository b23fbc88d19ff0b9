"""Permanent API keys through an overridden ``_check_authentication``."""

from sanic import Sanic
from sanic.response import json, text
from sanic_jwt import Authentication, exceptions, initialize, protected

KEYS = ("3f1d7c", "9b22aa")


class MachineAuthentication(Authentication):
    async def _check_authentication(
        self, request, request_args, request_kwargs
    ):
        header = request.headers.get("authorization", "")
        if header.startswith("Machine "):
            if header.split(" ")[1] in KEYS:
                return True, 200, None
            return False, 401, ["Unknown machine."]
        return await super()._check_authentication(
            request, request_args, request_kwargs
        )


async def authenticate(request, *args, **kwargs):
    if request.json and request.json.get("code") == "4711":
        return {"user_id": "operator"}
    raise exceptions.AuthenticationFailed("Wrong code.")


app = Sanic("ApiKeysInCheckAuthentication")
initialize(
    app,
    authenticate,
    authentication_class=MachineAuthentication,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.post("/readings/<sensor>")
@protected()
async def add_reading(request, sensor):
    return text(f"reading of {sensor} stored", status=201)


@app.get("/readings")
@protected()
def readings(request):
    return json([20.5, 21.0])


def machine(key):
    return {"authorization": f"Machine {key}"}


async def visit(client):
    await client.post("/auth", json={"code": "4712"})
    login = await client.post("/auth", json={"code": "4711"})
    token = login.json()["access_token"]
    for method, path in (("POST", "/readings/door"), ("GET", "/readings")):
        await client.send(method, path)
        await client.send(method, path, token=token)
        await client.send(method, path, token=token[:-2])
        await client.send(method, path, headers=machine("9b22aa"))
        await client.send(method, path, headers=machine("000000"))
        await client.send(method, path, headers=machine(""))


DIFFERENCES = []
