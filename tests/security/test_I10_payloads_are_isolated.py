"""I10: changing a payload does not affect any other request."""

import pytest
from sanic.response import json

from sanic_jwt_oo import Authentication

from .forging import ADA, token
from .shops import is_refused, new_shop

pytestmark = pytest.mark.requirement("I10")

BEARER = token(user_id=ADA, scopes=["users"], nested={"role": "guest"})


def corrupt(payload):
    """Add claims to a payload that its token does not have."""
    payload["user_id"] = 2
    payload["scopes"].append("orders:read")
    payload["nested"]["role"] = "admin"
    return payload


async def test_changing_a_payload_does_not_affect_the_next_request(front):
    shop = new_shop(front)

    @shop.app.get("/corrupt")
    async def corrupting(request):
        return json(corrupt(await shop.auth.extract_payload(request)))

    @shop.app.get("/read")
    async def read(request):
        return json(await shop.auth.extract_payload(request))

    before = (await shop.get("/read", BEARER)).json
    for _ in range(2):
        await shop.get("/corrupt", BEARER)
        assert (await shop.get("/read", BEARER)).json == before
        assert is_refused(await shop.get("/scoped", BEARER), 403)


async def test_a_hook_changes_only_the_payload_of_its_request(front):
    def retrieve_user(payload):
        corrupt(payload)
        return {"user_id": ADA}

    shop = new_shop(front, retrieve_user=retrieve_user)
    assert (await shop.get("/auth/me", BEARER)).status == 200
    assert is_refused(await shop.get("/scoped", BEARER), 403)


async def test_verify_token_returns_a_new_payload_to_each_caller():
    shop = new_shop("class")
    first = await shop.auth.verify_token(BEARER)
    before = {**first, "scopes": [*first["scopes"]]}
    corrupt(first)
    second = await shop.auth.verify_token(BEARER)
    assert second["scopes"] == before["scopes"]
    assert second["nested"] == {"role": "guest"}


async def test_a_login_does_not_change_the_user(front):
    shop = new_shop(
        front,
        extend_payload=lambda payload: {**payload, "extra": 1},
    )
    before = {key: dict(user) for key, user in shop.users.items()}
    await shop.log_in()
    await shop.log_in()
    assert shop.users == before


async def test_extending_a_payload_in_place_affects_no_other_token(front):
    def extend_payload(payload, user):
        payload["scopes"] = user["scopes"]
        payload.setdefault("visits", []).append(1)
        return payload

    shop = new_shop(front, extend_payload=extend_payload)
    tokens = [(await shop.log_in()).json["access_token"] for _ in range(2)]
    payloads = [await read_payload(shop, made) for made in tokens]
    assert [payload["visits"] for payload in payloads] == [[1], [1]]


async def read_payload(shop, made):
    if isinstance(
        shop.auth, Authentication
    ):  # the legacy form returns a boolean
        return await shop.auth.verify_token(made, return_payload=True)
    return await shop.auth.verify_token(made)
