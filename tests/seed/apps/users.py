from sanic import Sanic
from sanic.response import json
from sanic_jwt import Initialize, exceptions, inject_user, protected


class User:
    def __init__(self, user_id, username, password, email="", verified=True):
        self.user_id = user_id
        self.username = username
        self.password = password
        self.email = email
        self.verified = verified

    def to_dict(self):
        properties = ["user_id", "username", "email", "verified"]
        return {prop: getattr(self, prop, None) for prop in properties}

    @classmethod
    async def get(cls, **wanted):
        for user in users:
            if all(getattr(user, k) == v for k, v in wanted.items()):
                return user
        return None


users = [User("4", "joe", "secret"), User("5", "jane", "hidden")]


async def authenticate(request, *args, **kwargs):
    username = request.json.get("username", None)
    password = request.json.get("password", None)

    if not username or not password:
        raise exceptions.AuthenticationFailed("Missing username or password.")

    user = await User.get(username=username)
    if user is None:
        raise exceptions.AuthenticationFailed("User not found.")

    if password != user.password:
        raise exceptions.AuthenticationFailed("Password is incorrect.")

    return user


async def retrieve_user(request, payload, *args, **kwargs):
    if payload:
        user_id = payload.get("user_id", None)
        user = await User.get(user_id=user_id)
        return user
    else:
        return None


app = Sanic("users")
Initialize(app, authenticate=authenticate, retrieve_user=retrieve_user)


@app.route("/profile")
@inject_user()
@protected()
async def profile(request, user):
    return json({"username": user.username})


@app.route("/protected/user")
@protected()
@inject_user()
async def protected_user(request, user):
    return json({"username": user.username, "mine": user is users[0]})


@app.route("/leave", methods=["POST"])
@protected()
@inject_user()
async def leave(request, user):
    users.remove(user)
    return json({"left": True})
