from sanic import Sanic
from sanic.response import json
from sanic_jwt import Initialize, scoped


class User:
    def __init__(self, id, scopes):
        self.user_id = id
        self.scopes = scopes

    def to_dict(self):
        return {"user_id": self.user_id, "scopes": self.scopes}

    async def get_scopes(self):
        return self.scopes


users = {
    "all": User("all", ["user"]),
    "read": User("read", ["user:read"]),
    "both": User("both", ["user:read:write", "fruit:oranges"]),
    "none": User("none", []),
}


def authenticate(request, *args, **kwargs):
    return users[request.json["name"]]


async def add_scopes_to_payload(user, *args, **kwargs):
    return await user.get_scopes()


def my_scope_override(is_valid, required, user_scopes, require_all_actions):
    if required[0] == "fruit":
        return any(scope[0] == "fruit" for scope in user_scopes)
    return is_valid


async def my_destructure_scopes(scopes, *args, **kwargs):
    if isinstance(scopes, str):
        return scopes.replace("|", ":")
    return scopes


app = Sanic("scopes")
Initialize(
    app,
    authenticate=authenticate,
    add_scopes_to_payload=add_scopes_to_payload,
    override_scope_validator=my_scope_override,
    destructure_scopes=my_destructure_scopes,
)


@app.route("/user")
@scoped("user")
async def whole(request):
    return json({"scoped": True})


@app.route("/read")
@scoped("user:read")
async def read(request):
    return json({"scoped": True})


@app.route("/write")
@scoped(["user:read", "user:write"])
def write(request):
    return json({"scoped": True})


@app.route("/any")
@scoped(["user:read", "user:write"], require_all=False)
def any_of(request):
    return json({"scoped": True})


@app.route("/action")
@scoped("user:read:write", require_all_actions=False)
def any_action(request):
    return json({"scoped": True})


@app.route("/apples")
@scoped("fruit:apples")
async def apples(request):
    return json({"scoped": True})


@app.route("/nonstandard")
@scoped("user|read")
def scoped_sync_route(request):
    return json({"nonstandardscopes": True})


@app.route("/of/<name>")
@scoped(lambda request, *args, **kwargs: "user:" + kwargs["name"])
async def of(request, name):
    return json({"scoped": True})
