"""Views: a whole one, and methods one by one."""

from importlib.util import find_spec

import httpx
import pytest

from .conftest import Login


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_every_method_of_the_view_needs_a_token(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, "/orders/7")
    assert response.status_code == 401


@pytest.mark.parametrize(
    ("method", "body"),
    [("GET", {"order": 7}), ("DELETE", {"deleted": 7})],
)
async def test_every_method_of_the_view_accepts_a_token(
    client: httpx.AsyncClient,
    login: Login,
    method: str,
    body: dict[str, int],
) -> None:
    response = await client.request(method, "/orders/7", headers=await login())
    assert response.json() == body


async def test_an_unguarded_method_stays_open(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get("/prices")).json() == {"pear": 120}


@pytest.mark.parametrize(("method", "status"), [("PUT", 200), ("DELETE", 403)])
async def test_a_guarded_method_requires_its_scope(
    client: httpx.AsyncClient, login: Login, method: str, status: int
) -> None:
    response = await client.request(method, "/prices", headers=await login())
    assert response.status_code == status


@pytest.mark.requirement("H7")
@pytest.mark.parametrize("method", ["HEAD", "PATCH", "TRACE", "OPTIONS"])
async def test_no_other_method_is_accepted(
    client: httpx.AsyncClient, method: str
) -> None:
    response = await client.request(method, "/orders/7")
    if method == "OPTIONS" and find_spec("sanic_ext"):
        # sanic-ext answers in place of the view, with nothing of it
        assert (response.status_code, response.content) == (204, b"")
    else:
        assert response.status_code >= 400
