"""Sessions in a file: they outlive the application."""

from .serving import bearer, loaded, served
from .sessions import log_in, renew


async def test_sessions_and_logouts_survive_a_restart(name: str) -> None:
    with loaded(name) as example:
        async with served(example.app) as client:
            phone, laptop = await log_in(client), await log_in(client)
            headers = bearer(phone["access_token"])
            await client.post("/auth/logout", headers=headers)
    with loaded(name) as example:
        async with served(example.app) as client:
            assert (
                await client.get("/orders", headers=headers)
            ).status_code == 401
            gone = await renew(client, phone["refresh_token"])
            assert gone.status_code == 401
            renewed = await renew(client, laptop["refresh_token"])
            assert renewed.status_code == 200
