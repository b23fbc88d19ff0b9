"""Pages that lead to the log-in page, and back."""

import httpx
import pytest

FORM = {"key": "ada-key"}


@pytest.mark.parametrize(
    ("path", "target"),
    [("/account", "/login"), ("/cart", "/login?next=/cart")],
)
async def test_a_visitor_is_redirected_to_the_login_page(
    client: httpx.AsyncClient, path: str, target: str
) -> None:
    response = await client.get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == target


async def test_the_form_redirects_to_the_account(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/auth", data=FORM)
    assert response.status_code == 303
    assert response.headers["Location"] == "/account"


async def test_the_account_is_available_after_the_login(
    client: httpx.AsyncClient,
) -> None:
    await client.post("/auth", data=FORM)
    assert (await client.get("/account")).text == "<p>Your account"


async def test_a_wrong_key_sets_no_cookie(client: httpx.AsyncClient) -> None:
    response = await client.post("/auth", data={"key": "wrong"})
    assert response.status_code == 401
    assert not client.cookies


async def test_the_login_page_is_open(client: httpx.AsyncClient) -> None:
    assert 'action="/auth"' in (await client.get("/login")).text
