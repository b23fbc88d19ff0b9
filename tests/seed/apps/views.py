from sanic import Sanic
from sanic.response import json, text
from sanic.views import HTTPMethodView
from sanic_jwt import Initialize, inject_user, protected, scoped


def authenticate(request, *args, **kwargs):
    return {"user_id": 1}


def retrieve_user(request, payload, *args, **kwargs):
    return {"user_id": payload["user_id"]} if payload else None


app = Sanic("views")
Initialize(
    app,
    authenticate=authenticate,
    retrieve_user=retrieve_user,
    add_scopes_to_payload=lambda user, *args, **kwargs: ["write"],
    query_string_set=True,
    query_string_strict=False,
)


class Whole(HTTPMethodView):
    decorators = [protected()]

    async def get(self, request):
        return text("I am get method")

    def post(self, request):
        return text("I am post method")


class Parts(HTTPMethodView):
    def get(self, request):
        return text("I am get method")

    @protected()
    async def post(self, request):
        return text("I am post method")

    @inject_user()
    @protected()
    async def put(self, request, user):
        return json({"user": user})

    @scoped("write")
    async def patch(self, request):
        return text("I am patch method")

    @scoped("delete")
    async def delete(self, request):
        return text("I am delete method")


app.add_route(Whole.as_view(), "/whole")
app.add_route(Parts.as_view(), "/parts")
