"""Streams, in both directions."""

import httpx

from .conftest import Login


async def test_the_report_arrives_in_full(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/report", headers=await login())
    assert response.text == "October,100\nNovember,100\n"


async def test_not_a_byte_is_sent_without_a_token(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/report")
    assert response.status_code == 401
    assert "October" not in response.text


async def test_an_upload_is_read_as_a_stream(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.post(
        "/photos", headers=await login(), content=b"x" * 100_000
    )
    assert response.json() == {"bytes": 100_000}


async def test_an_upload_without_a_token_is_refused(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/photos", content=b"x" * 100_000)
    assert response.status_code == 401
