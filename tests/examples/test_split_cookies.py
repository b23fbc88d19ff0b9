"""A token in two cookies: one to read, one to trust."""

import base64
import json
from http.cookies import SimpleCookie

import httpx
import pytest

KEY = {"X-API-Key": "ada-key"}


@pytest.mark.requirement("C5")
async def test_only_the_signature_is_http_only(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/auth", headers=KEY)
    cookies = SimpleCookie()
    for line in response.headers.get_list("Set-Cookie"):
        cookies.load(line)
    assert {name: bool(c["httponly"]) for name, c in cookies.items()} == {
        "__Host-who": False,
        "__Host-seal": True,
        "__Host-csrf_token": False,
    }


async def test_scripts_can_read_who_is_logged_in(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/auth", headers=KEY)
    payload = client.cookies["__Host-who"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert claims["name"] == "Ada"


async def test_both_cookies_are_accepted(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/auth", headers=KEY)
    assert (await client.get("/orders")).status_code == 200


@pytest.mark.requirement("C5")
@pytest.mark.parametrize("missing", ["__Host-who", "__Host-seal"])
async def test_one_cookie_is_not_enough(
    client: httpx.AsyncClient, missing: str
) -> None:
    await client.post("/auth", headers=KEY)
    client.cookies.delete(missing)
    assert (await client.get("/orders")).status_code == 401
