"""Static files behind a middleware of their blueprint."""

import httpx
import pytest

from .conftest import Login


async def test_a_file_is_served_with_a_token(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/files/prices.txt", headers=await login())
    assert response.text == "pear 120\n"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_file_is_refused_without_a_token(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, "/files/prices.txt")
    assert response.status_code == 401
    assert "pear" not in response.text


async def test_without_a_token_no_response_reveals_which_files_exist(
    client: httpx.AsyncClient,
) -> None:
    here = await client.get("/files/prices.txt")
    absent = await client.get("/files/absent.txt")
    assert here.status_code == absent.status_code == 401


@pytest.mark.requirement("H8")
@pytest.mark.parametrize(
    "path",
    [
        "/files//prices.txt",
        "/files/./prices.txt",
        "/files/%2e/prices.txt",
        "/files/x/../prices.txt",
        "/files/prices%2etxt",
        "//files/prices.txt",
        "/files/prices.txt/",
    ],
)
async def test_no_spelling_of_the_path_bypasses_the_check(
    client: httpx.AsyncClient, path: str
) -> None:
    response = await client.get(f"https://localhost{path}")
    assert response.status_code in (401, 404)
    assert "pear" not in response.text


@pytest.mark.requirement("H8")
async def test_nothing_outside_the_directory_is_served(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get(
        "/files/%2e%2e/static_files.py", headers=await login()
    )
    assert response.status_code == 404
