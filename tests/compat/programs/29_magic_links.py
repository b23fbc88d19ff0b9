"""Links in mails, with tokens made and verified by the application."""

from sanic import Sanic
from sanic.response import json, redirect
from sanic_jwt import Authentication, Claim, Initialize, exceptions, protected

OUTBOX = []
USERS = {"ada@shop.test": {"user_id": 1, "mail": "ada@shop.test"}}


class Purpose(Claim):
    key = "purpose"

    def setup(self, payload, user):
        return "login"

    def verify(self, value):
        return value == "login"


class LinkAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        raise exceptions.AuthenticationFailed("Ask for a link.")

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return USERS["ada@shop.test"] if payload else None


app = Sanic("MagicLinks")
Initialize(
    app,
    authentication_class=LinkAuthentication,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


def with_mail(payload, user):
    payload["mail"] = user["mail"]
    return payload


@app.post("/links")
async def send_link(request):
    user = USERS.get(request.json.get("mail"))
    if user is not None:
        token = await request.app.ctx.auth.generate_access_token(
            user, extend_payload=with_mail, custom_claims=[Purpose]
        )
        OUTBOX.append(token)
    return json({"sent": True}, status=202)


@app.get("/links/<token>")
async def follow(request, token):
    auth = request.app.ctx.auth
    try:
        payload = await auth.verify_token(
            token, return_payload=True, custom_claims=[Purpose]
        )
    except Exception:
        return json({"error": "The link is not valid."}, status=401)
    user = USERS[payload["mail"]]
    access_token = await auth.generate_access_token(user)
    response = redirect("/page")
    response.add_cookie("token", access_token, secure=False)
    return response


@app.get("/valid/<token>")
async def valid(request, token):
    return json(await request.app.ctx.auth.verify_token(token))


@app.get("/page")
@protected()
async def page(request):
    return json("page")


async def visit(client):
    await client.post("/auth", json={})
    await client.post("/links", json={"mail": "eve@shop.test"})
    await client.post("/links", json={"mail": "ada@shop.test"})
    (link,) = OUTBOX
    response = await client.get(f"/links/{link}")
    token = response.cookies["token"]
    await client.get("/page")
    await client.get("/page", token=token)
    await client.get("/auth/me", token=token)
    await client.get(f"/valid/{token}")
    for bad in (token, link[:-4] + "AAAA", "nothing"):
        await client.get(f"/links/{bad}")


DIFFERENCES = []
