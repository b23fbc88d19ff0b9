"""Cookies, configured by the older names of the settings.

1.8.0 sets cookies in a way that current Sanic no longer supports: its logins
are a 500. Reading cookies can still be compared.
"""

from http.cookies import SimpleCookie

from .running import Client


async def halves(client: Client) -> tuple[str, str]:
    token = (await client.get("/token")).body["access_token"]
    readable, _, signature = token.rpartition(".")
    return readable, signature


async def test_a_login_sets_both_cookies(client: Client) -> None:
    response = await client.post("/auth")
    assert response.status == client.either(oracle=500, ours=200)
    cookies = SimpleCookie()
    for line in response.response.headers.get_list("set-cookie"):
        cookies.load(line)
    found = {name: bool(c["httponly"]) for name, c in cookies.items()}
    assert found == client.either(
        oracle={},
        ours={"my_token": False, "access_token_signature": True},
    )


async def test_both_cookies_are_accepted(client: Client) -> None:
    readable, signature = await halves(client)
    cookie = f"my_token={readable}; access_token_signature={signature}"
    response = await client.get("/protected", headers={"Cookie": cookie})
    assert response == (200, {"protected": True})


async def test_one_cookie_is_not_enough(client: Client) -> None:
    readable, _ = await halves(client)
    response = await client.get(
        "/protected", headers={"Cookie": f"my_token={readable}"}
    )
    assert response.status == 401


async def test_the_header_is_read_without_a_cookie(client: Client) -> None:
    token = ".".join(await halves(client))
    response = await client.get("/protected", token)
    assert response == (200, {"protected": True})


async def test_settings_are_read_by_their_older_names(client: Client) -> None:
    assert await client.get("/names") == (
        200,
        {"alias": "my_token", "split": True, "get": True},
    )
