"""Endpoints of the application's own beside those of the package."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import BaseEndpoint, Initialize, exceptions, protected

USERS = {}


class Register(BaseEndpoint):
    async def do_incoming(self, request, args, kwargs):
        kwargs["source"] = request.headers.get("x-source", "web")
        return request, args, kwargs

    async def do_output(self, output):
        return {"version": 2, **output}

    async def do_response(self, response):
        response.headers["x-registered"] = "yes"
        return response

    async def post(self, request, *args, **kwargs):
        request, args, kwargs = await self.do_incoming(request, args, kwargs)
        name = request.json.get("name")
        if not name or name in USERS:
            raise exceptions.AuthenticationFailed("Choose another name.")
        USERS[name] = {"user_id": len(USERS) + 1, "name": name}
        (
            access_token,
            output,
        ) = await self.responses.get_access_token_output(
            request, USERS[name], self.config, self.instance
        )
        output["source"] = kwargs["source"]
        output = await self.do_output(output)
        response = self.responses.get_token_response(
            request, access_token, output, config=self.config
        )
        return await self.do_response(response)


class Settings(BaseEndpoint):
    decorators = [protected()]

    async def get(self, request, *args, **kwargs):
        names = ("algorithm", "access_token_name", "url_prefix")
        found = {name: self.config.get(name) for name in names}
        payload = await self.instance.ctx.auth.extract_payload(request)
        return json({**found, "user": payload["user_id"]})


async def authenticate(request, *args, **kwargs):
    user = USERS.get(request.json.get("name"))
    if user is None:
        raise exceptions.AuthenticationFailed("User not found.")
    return user


app = Sanic("ClassViews")
Initialize(
    app,
    authenticate=authenticate,
    class_views=[("/register", Register), ("/settings", Settings)],
    access_token_name="jwt",
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


async def visit(client):
    body = {"name": "ada"}
    await client.post("/auth", json=body)
    made = await client.post(
        "/auth/register", json=body, headers={"x-source": "app"}
    )
    await client.post("/auth/register", json=body)
    await client.post("/auth", json=body)
    await client.get("/auth/settings")
    await client.get("/auth/settings", token=made.json()["jwt"])
    await client.options("/auth/register")


DIFFERENCES = []
