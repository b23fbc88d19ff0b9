from sanic import Sanic
from sanic.response import json
from sanic_jwt import Initialize, protected
from sanic_jwt.authentication import Authentication
from sanic_jwt.configuration import Configuration
from sanic_jwt.exceptions import AuthenticationFailed
from sanic_jwt.responses import Responses

tokens = {}


class MyAuthentication(Authentication):
    async def authenticate(self, request, *args, **kwargs):
        if request.json.get("key") != "open":
            raise AuthenticationFailed("No.")
        return {"user_id": 7, "name": "Joe"}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        return {"user_id": 7, "name": "Joe"} if payload else None

    async def store_refresh_token(
        self, user_id, refresh_token, *args, **kwargs
    ):
        tokens[user_id] = refresh_token

    async def retrieve_refresh_token(self, user_id, *args, **kwargs):
        return tokens[user_id]

    async def extend_payload(self, payload, user, *args, **kwargs):
        payload.update({"name": user["name"]})
        return payload


class MyConfiguration(Configuration):
    access_token_name = "jwt"
    refresh_token_enabled = True
    path_to_retrieve_user = "/myself"

    def set_refresh_token_name(self):
        return "again"

    def get_authorization_header(self, request):
        if "x-authorization" in request.headers:
            return "x-authorization"
        return "authorization"


class MyResponses(Responses):
    @staticmethod
    def extend_authenticate(
        request, user=None, access_token=None, refresh_token=None
    ):
        return {"hello": user["name"]}

    @staticmethod
    def extend_retrieve_user(request, user=None, payload=None):
        return {"claims": sorted(payload)}

    @staticmethod
    def extend_verify(request, user=None, payload=None):
        return {"checked": True}

    @staticmethod
    def extend_refresh(
        request,
        user=None,
        access_token=None,
        refresh_token=None,
        purported_token=None,
        payload=None,
    ):
        return {"matched": refresh_token == purported_token}

    @staticmethod
    def exception_response(request, exception):
        reasons = exception.args[0]
        if not isinstance(reasons, list):
            reasons = [reasons]
        return json({"errors": reasons}, status=exception.status_code)


app = Sanic("components")
Initialize(
    app,
    authentication_class=MyAuthentication,
    configuration_class=MyConfiguration,
    responses_class=MyResponses,
)


@app.route("/protected")
@protected()
async def test(request):
    return json({"protected": True})
