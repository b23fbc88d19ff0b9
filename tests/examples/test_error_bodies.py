"""Problem details for every error of the package, and no other."""

import httpx
import pytest


@pytest.mark.parametrize(
    ("method", "path", "title"),
    [
        ("GET", "/orders", "Unauthorized"),
        ("POST", "/auth", "AuthenticationFailed"),
        ("DELETE", "/auth", "MethodNotAllowed"),
    ],
)
async def test_errors_are_problem_details(
    client: httpx.AsyncClient, method: str, path: str, title: str
) -> None:
    response = await client.request(method, path)
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["title"] == title
    assert problem["status"] == response.status_code
    assert problem["instance"] == path


@pytest.mark.requirement("H1")
async def test_the_challenge_is_kept(client: httpx.AsyncClient) -> None:
    response = await client.get("/orders")
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


async def test_errors_of_the_application_are_not_changed(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/teapot")
    assert response.status_code == 418
    assert "problem" not in response.headers["Content-Type"]
