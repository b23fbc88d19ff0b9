"""A token in a cookie."""

import httpx
import pytest

KEY = {"X-API-Key": "ada-key"}


def csrf(client: httpx.AsyncClient) -> dict[str, str]:
    """The header in which the scripts of the page send the value back."""
    return {"X-CSRF-Token": client.cookies["__Host-csrf_token"]}


@pytest.mark.requirement("C2")
async def test_the_cookie_has_secure_attributes(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/auth", headers=KEY)
    (line,) = (
        line
        for line in response.headers.get_list("Set-Cookie")
        if line.startswith("__Host-shop=")
    )
    _, _, rest = line.partition("=")
    attributes = {part.strip() for part in rest.split(";")[1:]}
    assert attributes == {
        "HttpOnly",
        "Max-Age=1800",
        "Path=/",
        "SameSite=Lax",
        "Secure",
    }


@pytest.mark.requirement("C1")
async def test_the_token_is_not_in_the_body(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.post("/auth", headers=KEY)).json() == {}


async def test_the_cookie_is_accepted(client: httpx.AsyncClient) -> None:
    await client.post("/auth", headers=KEY)
    assert (await client.get("/orders")).json() == {"orders": []}


@pytest.mark.requirement("H5")
async def test_no_header_is_read(client: httpx.AsyncClient) -> None:
    await client.post("/auth", headers=KEY)
    token = client.cookies["__Host-shop"]
    client.cookies.clear()
    response = await client.get(
        "/orders", headers={"Authorization": f"Bearer {token}"}
    )
    assert response.status_code == 401


async def test_logging_out_removes_the_cookie(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/auth", headers=KEY)
    response = await client.post("/log-out", headers=csrf(client))
    assert response.status_code == 200
    assert not client.cookies


@pytest.mark.requirement("C3")
@pytest.mark.parametrize("path", ["/orders", "/log-out"])
async def test_unsafe_requests_need_the_header(
    client: httpx.AsyncClient, path: str
) -> None:
    await client.post("/auth", headers=KEY)
    assert (await client.post(path)).status_code == 403
    planted = {"X-CSRF-Token": "planted"}
    client.cookies.set("csrf_token", "planted")
    assert (await client.post(path, headers=planted)).status_code == 403
    response = await client.post(path, headers=csrf(client))
    assert response.status_code == 200
