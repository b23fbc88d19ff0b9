"""A server whose sessions are in Redis, run in several processes."""

import os

from sanic import Sanic

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.sessions import RedisSessionStore
from tests.conftest import SECRET

from .living import ADA, echo


class Auth(JWTAuth):
    session_store = RedisSessionStore(os.environ["SESSIONS"])

    def authenticate(self, request):
        return ADA

    def retrieve_user(self, payload):
        return payload


app = Sanic("program")
auth = Auth(secret=SECRET).install(app)
app.add_websocket_route(auth.protected()(echo), "/feed")
