"""A decorator of the application that calls ``_check_authentication``."""

from functools import wraps

from sanic import Sanic
from sanic.response import json
from sanic.views import HTTPMethodView
from sanic_jwt import exceptions, initialize


def login_required(*roles):
    def decorator(handler):
        @wraps(handler)
        async def wrapper(request, *args, **kwargs):
            auth = request.app.ctx.auth
            try:
                valid, status, reasons = await auth._check_authentication(
                    request, request_args=args, request_kwargs=kwargs
                )
            except exceptions.SanicJWTException as error:
                valid, status, reasons = False, error.status_code, error.args
            if not valid:
                return json(
                    {"error": "login required", "why": reasons}, status=status
                )
            payload = await auth.extract_payload(request, verify=False)
            if roles and payload.get("role") not in roles:
                return json({"error": "role required"}, status=403)
            return await handler(request, *args, **kwargs)

        return wrapper

    return decorator


async def authenticate(request, *args, **kwargs):
    role = {"a": "admin", "b": "clerk"}.get(request.json.get("key"))
    if role is None:
        raise exceptions.AuthenticationFailed()
    return {"user_id": role, "role": role}


async def extend_payload(payload, user):
    payload["role"] = user["role"]
    return payload


app = Sanic("OwnDecorator")
initialize(
    app,
    authenticate=authenticate,
    extend_payload=extend_payload,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
    expiration_delta=300,
)


@app.get("/till")
@login_required()
async def till(request):
    return json({"till": 10})


class Staff(HTTPMethodView):
    decorators = [login_required("admin")]

    async def get(self, request, name):
        return json({"staff": name})


app.add_route(Staff.as_view(), "/staff/<name>")


async def visit(client):
    tokens = [
        (await client.post("/auth", json={"key": key})).json()["access_token"]
        for key in "ab"
    ]
    await client.post("/auth", json={"key": "c"})
    for path in ("/till", "/staff/zoe"):
        await client.get(path)
        await client.get(path, headers={"authorization": "Basic YTpi"})
        await client.get(path, token="not.a.token")
        for token in tokens:
            await client.get(path, token=token)
            await client.get(path, token=token[:-3] + "abc")


DIFFERENCES = []
