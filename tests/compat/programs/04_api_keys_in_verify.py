"""Permanent API keys beside tokens, through an overridden ``_verify``."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import (
    Authentication,
    Initialize,
    exceptions,
    inject_user,
    protected,
    scoped,
)

API_KEYS = {
    "key-of-the-warehouse": {"user_id": 100, "scopes": ["stock:read"]},
    "key-of-the-printer": {"user_id": 101, "scopes": ["labels:print"]},
}


class ApiKeyAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if request.json.get("password") != "secret":
            raise exceptions.AuthenticationFailed()
        return {"user_id": 1}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": payload["user_id"]} if payload else None

    async def add_scopes_to_payload(self, user, *args, **kwargs):
        return ["stock:read:write"]

    async def _verify(
        self,
        request,
        return_payload=False,
        verify=True,
        raise_missing=False,
        request_args=None,
        request_kwargs=None,
        *args,
        **kwargs,
    ):
        key = request.headers.get("x-api-key")
        if key is None:
            return await super()._verify(
                request=request,
                return_payload=return_payload,
                verify=verify,
                raise_missing=raise_missing,
                request_args=request_args,
                request_kwargs=request_kwargs,
                *args,
                **kwargs,
            )
        payload = API_KEYS.get(key)
        if return_payload:
            return payload
        if payload is None:
            return False, 401, ["Unknown API key."]
        return True, 200, None


app = Sanic("ApiKeysInVerify")
Initialize(
    app,
    authentication_class=ApiKeyAuthentication,
    scopes_enabled=True,
    secret="correct horse battery staple, and more of it",
)


@app.get("/stock")
@scoped("stock:read")
async def stock(request):
    return json({"stock": 5})


@app.get("/status")
@protected()
async def status(request):
    return json({"ok": True})


@app.get("/whoami")
@inject_user()
@protected()
async def whoami(request, user):
    return json(user)


async def visit(client):
    token = (await client.post("/auth", json={"password": "secret"})).json()[
        "access_token"
    ]
    for path in ("/stock", "/status", "/whoami", "/auth/me", "/auth/verify"):
        await client.get(path)
        await client.get(path, token=token)
        for key in (*API_KEYS, "guess", ""):
            await client.get(path, headers={"x-api-key": key})
        await client.get(path, headers={"x-api-key": "guess"}, token=token)


DIFFERENCES = [("A scope is missing", [5], {"status": 403})]
