"""User ids other than text or number gave no token, or an unusable one."""

import json as plain_json
from uuid import UUID

import jwt
import pytest
from sanic.response import json

from sanic_jwt_oo import inject_user, protected

from ..security.forging import SECRET
from .apps import Shop, both_fronts, install, new_app

pytestmark = both_fronts

IDS = ["joe", "é", "7", 7, 0, -1, 10**20, 1.5, True, False]
IDS += [[1, "a"], [], {"tenant": 1, "name": "joe"}, {}]
A_UUID = UUID("12345678-1234-5678-1234-567812345678")


class User:
    """A user object."""

    def __init__(self, user_id):
        self.user_id = user_id

    def to_dict(self):
        return {"user_id": self.user_id, "name": "joe"}


def build(front, user_id, name="user_id", as_object=False):
    """An application with one user; records the calls of ``retrieve_user``."""
    app, asked = new_app(), []
    user = {name: user_id, "name": "joe"}
    if as_object:
        user = User(user_id)

    def retrieve_user(payload):
        if payload is None:
            return None
        asked.append(payload[name])
        return user

    auth = install(
        front,
        app,
        authenticate=lambda: user,
        retrieve_user=retrieve_user,
        add_scopes_to_payload=lambda user: [],
        user_id=name,
    )

    @app.get("/user")
    @protected(auth)
    @inject_user(auth)
    async def who(request, user):
        found = await auth.extract_user_id(request)
        return json({"found": found})

    return Shop(app, auth=auth), asked


async def round_trip(shop):
    """Log in, use every endpoint, and return the claims of the token."""
    login = await shop.post("/auth", json={})
    assert login.status == 200, login.text
    bearer = login.json["access_token"]
    for path in ("/auth/me", "/auth/verify", "/user"):
        response = await shop.get(path, bearer)
        assert response.status == 200, response.text
    refreshed = await shop.post(
        "/auth/refresh",
        bearer,
        json={"refresh_token": login.json["refresh_token"]},
    )
    assert refreshed.status == 200, refreshed.text
    options = {"verify_exp": False}
    return jwt.decode(bearer, SECRET, ["HS256"], options=options)


@pytest.mark.parametrize("user_id", IDS, ids=repr)
@pytest.mark.parametrize("as_object", [False, True])
async def test_an_id_of_any_json_type(front, user_id, as_object):
    shop, asked = build(front, user_id, as_object=as_object)
    claims = await round_trip(shop)
    assert plain_json.dumps(claims["user_id"]) == plain_json.dumps(user_id)
    assert asked
    assert all(one == user_id for one in asked)


@pytest.mark.parametrize("as_object", [False, True])
async def test_a_uuid_is_accepted(front, as_object):
    shop, asked = build(front, A_UUID, as_object=as_object)
    claims = await round_trip(shop)
    assert claims["user_id"] == str(A_UUID)
    assert set(asked) == {str(A_UUID)}


@pytest.mark.parametrize("user_id", ["joe", 7, 0, A_UUID, 1.5], ids=repr)
async def test_sub_is_always_text(front, user_id):
    shop, asked = build(front, user_id, "sub")
    claims = await round_trip(shop)
    assert claims["sub"] == str(user_id)
    assert set(asked) == {str(user_id)}


async def test_sub_that_is_not_text_is_refused(front):
    shop, asked = build(front, 7, "sub")
    claims = await round_trip(shop)
    foreign = jwt.api_jws.encode(
        plain_json.dumps({**claims, "sub": 7}).encode(), SECRET, "HS256"
    )
    asked.clear()
    assert (await shop.get("/auth/me", foreign)).status == 401
    assert asked == []


async def test_none_is_not_an_id(front):
    shop, _ = build(front, None)
    assert (await shop.post("/auth", json={})).status == 401
