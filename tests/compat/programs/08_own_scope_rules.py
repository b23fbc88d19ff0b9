"""``override_scope_validator`` and ``destructure_scopes`` as functions."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import exceptions, initialize, scoped

LEVELS = ["guest", "member", "editor", "admin"]
ACCOUNTS = {
    "gus": {"user_id": 1, "level": "guest"},
    "mia": {"user_id": 2, "level": "member"},
    "eva": {"user_id": 3, "level": "editor"},
    "ann": {"user_id": 4, "level": "admin"},
}


async def authenticate(request, *args, **kwargs):
    account = ACCOUNTS.get(request.json.get("name"))
    if account is None:
        raise exceptions.AuthenticationFailed("Unknown account.")
    return account


async def my_scopes(user, *args, **kwargs):
    return user["level"]


def my_override(
    is_valid, required, user_scopes, require_all_actions, *args, **kwargs
):
    """A level includes those below it."""
    wanted, _ = required
    held = [name for name, _ in user_scopes]
    if wanted not in LEVELS:
        return is_valid
    return any(LEVELS.index(name) >= LEVELS.index(wanted) for name in held)


async def my_destructure(scopes, *args, **kwargs):
    return scopes["level"] if isinstance(scopes, dict) else scopes


app = Sanic("OwnScopeRules")
initialize(
    app,
    authenticate=authenticate,
    add_scopes_to_payload=my_scopes,
    override_scope_validator=my_override,
    destructure_scopes=my_destructure,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.get("/read")
@scoped("guest")
async def read(request):
    return json("read")


@app.get("/write")
@scoped({"level": "editor"})
async def write(request):
    return json("written")


async def level_of_section(request, *args, **kwargs):
    return "admin" if kwargs.get("section") == "settings" else "member"


@app.get("/section/<section>")
@scoped(level_of_section)
async def section(request, section):
    return json(section)


async def visit(client):
    await client.post("/auth", json={"name": "eve"})
    for name in ACCOUNTS:
        login = await client.post("/auth", json={"name": name})
        token = login.json()["access_token"]
        for path in ("/read", "/write", "/section/news", "/section/settings"):
            await client.get(path, token=token)
    await client.get("/read")


DIFFERENCES = [("A scope is missing", [4, 5, 6, 9, 11, 16], {"status": 403})]
