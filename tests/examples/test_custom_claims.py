"""A custom claim keeps two installations with one secret apart."""

import httpx
import pytest

from .conftest import Login


@pytest.mark.parametrize("shop", ["north", "south"])
async def test_a_token_is_valid_in_its_own_shop(
    client: httpx.AsyncClient, login: Login, shop: str
) -> None:
    headers = await login(path=f"/{shop}/auth")
    response = await client.get(f"/{shop}/auth/verify", headers=headers)
    assert response.json() == {"valid": True}


@pytest.mark.parametrize(
    ("shop", "other"), [("north", "south"), ("south", "north")]
)
async def test_a_token_of_one_shop_is_refused_in_the_other(
    client: httpx.AsyncClient, login: Login, shop: str, other: str
) -> None:
    headers = await login(path=f"/{shop}/auth")
    response = await client.get(f"/{other}/auth/verify", headers=headers)
    assert response.status_code == 401
    assert response.json()["reasons"] == ["Invalid claim: shop."]
