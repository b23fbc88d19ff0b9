"""An overridden ``extract_payload`` that forgets users who are locked."""

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

LOCKED = set()
USERS = {1: {"user_id": 1, "name": "ada"}, 2: {"user_id": 2, "name": "bob"}}


class LockingAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        for user in USERS.values():
            if user["name"] == request.json.get("name"):
                return user
        raise exceptions.AuthenticationFailed("No such user.")

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return USERS.get(payload["user_id"]) if payload else None

    async def add_scopes_to_payload(self, user, *args, **kwargs):
        return ["user"]

    async def extract_payload(self, request, verify=True, *args, **kwargs):
        payload = await super().extract_payload(
            request, *args, verify=verify, **kwargs
        )
        if payload and payload.get("user_id") in LOCKED:
            return None
        return payload


app = Sanic("DenyListInExtractPayload")
Initialize(
    app,
    authentication_class=LockingAuthentication,
    scopes_enabled=True,
    secret="correct horse battery staple, and more of it",
)


@app.get("/scoped")
@scoped("user")
async def for_users(request):
    return json({"scoped": True})


@app.get("/user")
@inject_user()
@protected()
async def page(request, user):
    return json({"user": user})


@app.post("/lock/<user_id:int>")
async def lock(request, user_id):
    LOCKED.add(user_id)
    return json({"locked": sorted(LOCKED)})


async def visit(client):
    await client.post("/auth", json={"name": "eve"})
    tokens = [
        (await client.post("/auth", json={"name": name})).json()[
            "access_token"
        ]
        for name in ("ada", "bob")
    ]
    pages = ("/scoped", "/user", "/auth/me", "/auth/verify")
    for path in pages:
        await client.get(path)
        await client.get(path, token=tokens[0])
    await client.post("/lock/1")
    for path in pages:
        for token in tokens:
            await client.get(path, token=token)


DIFFERENCES = [
    ("A scope is missing", [13], {"status": 403}),
    (
        "The same at a protected handler with `inject_user`",
        [15],
        {
            "status": 401,
            "body": {
                "reasons": ["Authentication failed."],
                "exception": "AuthenticationFailed",
            },
        },
    ),
    (
        "The user of a token no longer exists (`retrieve_user` returns "
        "nothing), at `/me`",
        [17],
        {
            "status": 401,
            "body": {
                "reasons": ["Authentication failed."],
                "exception": "AuthenticationFailed",
            },
        },
    ),
]
