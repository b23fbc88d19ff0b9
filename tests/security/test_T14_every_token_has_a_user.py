"""T14: a token without a user id, or of a deleted user, is refused."""

import pytest

from sanic_jwt_oo.exceptions import SanicJWTException

from .forging import ADA, GHOST, token
from .shops import is_content, is_refused, new_shop, open_shop

pytestmark = pytest.mark.requirement("T14")


class Plain:
    """A user object without an id."""


class Nameless:
    user_id = None

    def to_dict(self):
        return {"user_id": None}


NOBODY = {
    "empty": {},
    "no id": {"name": "ada"},
    "null id": {"user_id": None},
    "object": Plain(),
    "null attribute": Nameless(),
    "true": True,
    "number": 1,
    "text": "ada",
    "list": [1],
}


@pytest.mark.parametrize("user", [*NOBODY])
async def test_a_user_without_an_id_cannot_log_in(front, user):
    shop = new_shop(
        front,
        authenticate=lambda: NOBODY[user],
        add_scopes_to_payload=lambda: [],
    )
    response = await shop.post("/auth", json={})
    assert is_refused(response)
    assert "access_token" not in response.text


@pytest.mark.parametrize("user", [*NOBODY])
async def test_generate_access_token_needs_a_user_id(front, user):
    shop = new_shop(front, add_scopes_to_payload=lambda: [])
    with pytest.raises(SanicJWTException):
        await shop.auth.generate_access_token(NOBODY[user])


@pytest.mark.parametrize("left", [{}, {"user_id": None}, None], ids=repr)
async def test_the_hook_extend_payload_cannot_drop_the_id(front, left):
    shop = new_shop(front, extend_payload=lambda payload: left)
    with pytest.raises(SanicJWTException):
        await shop.auth.generate_access_token(shop.users[ADA])
    response = await shop.post(
        "/auth", json={"username": "ada", "password": "lovelace"}
    )
    assert "access_token" not in response.text
    assert response.status >= 400


@pytest.mark.parametrize("user_id", [..., None], ids=["absent", "null"])
async def test_a_late_extension_cannot_drop_the_id(front, user_id):
    shop = open_shop(front)

    def drop(payload):
        del payload["user_id"]
        return payload if user_id is ... else {**payload, "user_id": user_id}

    with pytest.raises(SanicJWTException):
        await shop.auth.generate_access_token(
            shop.users[ADA], extend_payload=drop
        )


async def test_me_refuses_a_deleted_user(front):
    shop = open_shop(front)
    assert is_refused(await shop.get("/auth/me", token(user_id=GHOST)))


async def test_a_deleted_user_is_not_injected():
    shop = open_shop("class")
    assert is_refused(await shop.get("/user", token(user_id=GHOST)))


async def test_a_deleted_user_cannot_refresh(front):
    shop = open_shop(front, refresh_token_enabled=True)
    login = (await shop.log_in()).json
    del shop.users[ADA]
    response = await shop.post(
        "/auth/refresh",
        login["access_token"],
        json={"refresh_token": login["refresh_token"]},
    )
    assert is_refused(response)


async def test_the_refresh_token_of_a_deleted_user_is_not_looked_up(front):
    shop = open_shop(front, refresh_token_enabled=True)
    shop.stored.update({None: "x", GHOST: "x"})
    response = await shop.post(
        "/auth/refresh", token(user_id=GHOST), json={"refresh_token": "x"}
    )
    assert is_refused(response)
    assert "retrieve_refresh_token" not in dict(shop.asked)


async def test_a_user_with_an_id_can_log_in(front):
    shop = open_shop(front)
    made = (await shop.log_in()).json["access_token"]
    assert is_content(await shop.get("/user", made))
