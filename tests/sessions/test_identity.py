"""The identity of a request is that of its accepted token only."""

import pytest
from sanic.response import json

from .shop import Device, Shop, app_of, served


class SlowShop(Shop):
    """Has a custom verification, and so takes the slower path."""

    extra_verifications = (lambda payload: True,)


@pytest.mark.requirement("S2")
@pytest.mark.parametrize("shop", [Shop, SlowShop])
@pytest.mark.parametrize("check", ["feed", "store"])
@pytest.mark.parametrize("revoked", [True, False])
async def test_a_refused_token_does_not_affect_the_identity(
    shop, check, revoked
):
    auth = shop(revocation_check=check)
    app = app_of(auth)

    @app.post("/who")
    @auth.protected()
    async def who(request):
        with auth.override(
            cookie_set=True,
            single_credential=False,
            csrf_protect=not revoked,
        ):
            other = await auth.is_authenticated(request)
        payload = await auth.check(request)
        user = await auth.current_user(request)
        return json([other, payload["user_id"], user["user_id"]])

    async with served(app) as client:
        ada, bob = Device(client), Device(client)
        await ada.log_in("ada")
        await bob.log_in("bob")
        if revoked:
            await auth.sessions.revoke(bob.claims["sid"])
        cookie = {"Cookie": f"__Host-access_token={bob.access}"}
        response = await client.post("/who", headers={**ada.headers, **cookie})
    assert response.json() == [False, "ada", "ada"]
