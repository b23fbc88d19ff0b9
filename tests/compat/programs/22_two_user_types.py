"""Customers and staff in one installation, as objects of two classes."""

from sanic import Sanic
from sanic.response import json
from sanic_jwt import exceptions, initialize, inject_user, protected, scoped


class Person:
    kind = ""

    def __init__(self, user_id, name):
        self.user_id = user_id
        self.name = name

    def to_dict(self):
        return {"user_id": f"{self.kind}:{self.user_id}", "name": self.name}


class Customer(Person):
    kind = "customer"


class Employee(Person):
    kind = "employee"


PEOPLE = {
    "customer:1": Customer(1, "ada"),
    "employee:1": Employee(1, "bob"),
}


async def authenticate(request, *args, **kwargs):
    body = request.json or {}
    person = PEOPLE.get(f"{body.get('kind')}:{body.get('number')}")
    if person is None:
        raise exceptions.AuthenticationFailed("Nobody by that number.")
    return person


async def retrieve_user(request, payload, *args, **kwargs):
    return PEOPLE.get(payload.get("user_id")) if payload else None


async def add_scopes_to_payload(user, *args, **kwargs):
    return [user.kind]


app = Sanic("TwoUserTypes")
initialize(
    app,
    authenticate=authenticate,
    retrieve_user=retrieve_user,
    add_scopes_to_payload=add_scopes_to_payload,
    secret="4d7a8c0b5c2f4ad38e3f4b0a2d6e9c71",
)


@app.get("/discount")
@scoped("employee")
async def discount(request):
    return json({"discount": 20})


@app.get("/offers")
@scoped(["employee", "customer"], require_all=False)
async def offers(request):
    return json({"offers": []})


@app.get("/hello")
@inject_user()
@protected()
async def hello(request, user):
    return json({"hello": user.name, "kind": user.kind})


async def visit(client):
    await client.post("/auth", json={"kind": "robot", "number": 1})
    tokens = []
    for kind in ("customer", "employee"):
        body = {"kind": kind, "number": 1}
        login = await client.post("/auth", json=body)
        tokens.append(login.json()["access_token"])
    for path in ("/discount", "/offers", "/hello", "/auth/me"):
        await client.get(path)
        for token in tokens:
            await client.get(path, token=token)


DIFFERENCES = [("A scope is missing", [5], {"status": 403})]
