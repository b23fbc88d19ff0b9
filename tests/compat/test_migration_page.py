"""What the migration page shows does what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sanic.response import json

from sanic_jwt_oo import Authentication, JWTAuth
from tests.security.forging import SECRET
from tests.security.shops import Shop, new_app

PAGE = Path(__file__).parents[2] / "docs" / "migration.md"
KEY = "key-of-the-warehouse"


def classes_of(heading: str) -> dict[str, Any]:
    """Run the code blocks under a heading."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n### {heading}\n")[1]
    found: dict[str, Any] = {
        "Authentication": Authentication,
        "JWTAuth": JWTAuth,
        "User": dict,
    }
    section = text.split("\n#")[0]
    for code in re.findall(r"^```python\n(.*?)^```$", section, re.S | re.M):
        exec(code, found)
    return found


def shop_of(kind: Any) -> Shop:
    class Complete(kind):
        async def authenticate(self, request):
            return {"user_id": 1}

        async def retrieve_user(self, request, payload):
            return {"user_id": payload["user_id"]}

        async def add_scopes_to_payload(self, user):
            return ["users"]

    shop = Shop(new_app())
    shop.auth = Complete(secret=SECRET).install(shop.app)

    @shop.app.get("/stock")
    @shop.auth.scoped("stock:read")
    async def stock(request):
        return json({})

    @shop.app.get("/user")
    @shop.auth.protected()
    @shop.auth.inject_user()
    async def user(request, user):
        return json(user)

    return shop


async def check_keys(shop: Shop) -> None:
    login = await shop.post("/auth", json={})
    token = {"authorization": f"Bearer {login.json['access_token']}"}
    key, unknown = {"x-api-key": KEY}, {"x-api-key": "guess"}

    assert (await shop.get("/user", headers=token)).json == {"user_id": 1}
    assert (await shop.get("/user", headers=key)).json == {"user_id": 100}
    assert (await shop.get("/stock", headers=key)).status == 200
    assert (await shop.get("/stock", headers=token)).status == 403
    for headers in ({}, unknown, {**token, **unknown}):
        assert (await shop.get("/user", headers=headers)).status == 401


@pytest.mark.parametrize("name", ["ShopAuth", "Keys"])
async def test_permanent_keys_beside_tokens(name):
    shown = classes_of("Permanent keys beside tokens")
    await check_keys(shop_of(shown[name]))
