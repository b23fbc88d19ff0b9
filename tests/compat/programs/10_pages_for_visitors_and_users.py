"""Pages that ask ``is_authenticated`` and show more to users."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import Authentication, Initialize, exceptions

NAMES = {1: "ada", 2: "bob"}


class SiteAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        for user_id, name in NAMES.items():
            if request.json.get("name") == name:
                return {"user_id": user_id}
        raise exceptions.AuthenticationFailed()

    async def retrieve_user(self, request, payload, *args, **kwargs):
        if not payload:
            return None
        return {"user_id": payload["user_id"]}


app = Sanic("PagesForVisitorsAndUsers")
Initialize(
    app,
    authentication_class=SiteAuthentication,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.middleware("request")
async def add_user(request):
    request.ctx.user_id = None
    auth = request.app.ctx.auth
    try:
        if await auth.is_authenticated(request):
            request.ctx.user_id = await auth.extract_user_id(request)
    except exceptions.SanicJWTException:
        request.ctx.user_id = None


@app.get("/")
async def home(request):
    if request.ctx.user_id is None:
        return json({"hello": "visitor"})
    return json({"hello": NAMES[request.ctx.user_id]})


@app.get("/account")
async def account(request):
    if request.ctx.user_id is None:
        raise exceptions.Unauthorized("Log in first.")
    payload = await request.app.ctx.auth.extract_payload(request)
    return json({"claims": sorted(payload), "id": payload["user_id"]})


async def visit(client):
    await client.post("/auth", json={"name": "eve"})
    tokens = [
        (await client.post("/auth", json={"name": name})).json()[
            "access_token"
        ]
        for name in ("ada", "bob")
    ]
    for path in ("/", "/account"):
        await client.get(path)
        await client.get(path, headers={"authorization": "Basic YTpi"})
        await client.get(path, headers={"authorization": "Bearer"})
        await client.get(path, token="eyJh.eyJh.x")
        for token in tokens:
            await client.get(path, token=token)


DIFFERENCES = []
