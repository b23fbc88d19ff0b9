"""Tokens in cookies, with a header as the other place."""

from sanic import Sanic
from sanic.response import json, redirect
from sanic_jwt import (
    Authentication,
    Initialize,
    Responses,
    exceptions,
    protected,
)


class CookieAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if request.json.get("password") != "swordfish":
            raise exceptions.AuthenticationFailed("Wrong password.")
        return {"user_id": 1}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": payload["user_id"]} if payload else None


class CookieResponses(Responses):
    @staticmethod
    def get_token_response(
        request, access_token, output, config, refresh_token=None
    ):
        response = json(output)
        name = config.cookie_access_token_name()
        signature_name = config.cookie_split_signature_name()
        rest, signature = access_token.rsplit(".", maxsplit=1)
        response.add_cookie(name, rest, httponly=False, secure=False)
        response.add_cookie(
            signature_name, signature, httponly=True, secure=False
        )
        return response


app = Sanic("Cookies")
jwt = Initialize(
    app,
    authentication_class=CookieAuthentication,
    responses_class=CookieResponses,
    cookie_set=True,
    cookie_split=True,
    cookie_strict=False,
    cookie_domain=None,
    cookie_max_age=None,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.get("/page")
@protected()
async def page(request):
    return json("page")


@app.get("/home")
@jwt.protected(redirect_on_fail=True, redirect_url="/login")
async def home(request):
    return json("home")


@app.post("/buy")
@protected()
async def buy(request):
    return json("bought")


@app.post("/logout")
async def logout(request):
    response = redirect("/")
    for name in ("access_token", "access_token_signature"):
        response.delete_cookie(name)
    return response


async def visit(client):
    await client.post("/auth", json={"password": "haddock"})
    login = await client.post("/auth", json={"password": "swordfish"})
    cookies = dict(login.cookies)
    unsigned = {"access_token": cookies["access_token"]}
    token = login.json()["access_token"]
    for path in ("/page", "/home", "/auth/me", "/auth/verify"):
        await client.get(path)
        await client.get(path, cookies=cookies)
        await client.get(path, cookies=unsigned)
        await client.get(path, token=token)
    await client.post("/buy", cookies=cookies)
    await client.post("/logout", cookies=cookies)


DIFFERENCES = []
