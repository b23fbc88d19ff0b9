"""Sessions that several machines share."""

from .serving import bearer, loaded, served
from .sessions import is_refused_in_time, log_in, renew


async def test_a_logout_on_one_machine_reaches_the_other(
    name: str,
) -> None:
    with loaded(name) as here, loaded(name) as there:
        async with served(here.app) as client, served(there.app) as other:
            tokens = await log_in(client)
            renewed = (await renew(other, tokens["refresh_token"])).json()
            headers = bearer(renewed["access_token"])
            response = await client.get("/orders", headers=headers)
            assert response.status_code == 200
            await client.post("/auth/logout", headers=headers)
            staleness = there.auth.sessions.store.staleness
            assert await is_refused_in_time(other, headers, staleness)
            gone = await renew(other, renewed["refresh_token"])
            assert gone.status_code == 401
