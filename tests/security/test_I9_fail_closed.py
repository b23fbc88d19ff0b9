"""I9: fail closed: a store or hook that fails never accepts a request."""

import pytest

from .forging import ADA, token
from .shops import CONTENT, new_shop

pytestmark = pytest.mark.requirement("I9")

FAULTS = [ConnectionError, KeyError, AttributeError, StopIteration]


def failing(fault):
    async def hook(*args, **kwargs):
        raise fault("the store is down")

    def sync(*args, **kwargs):
        raise fault("the store is down")

    return sync if fault is StopIteration else hook


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_token_is_issued_if_the_store_fails_at_login(front, fault):
    shop = new_shop(
        front, refresh_token_enabled=True, store_refresh_token=failing(fault)
    )
    response = await shop.post(
        "/auth", json={"username": "ada", "password": "lovelace"}
    )
    assert response.status >= 400
    assert "access_token" not in response.text


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("hook", ["retrieve_refresh_token", "retrieve_user"])
async def test_no_token_is_issued_if_the_store_fails_at_refresh(
    front, hook, fault
):
    shop = new_shop(
        front, refresh_token_enabled=True, **{hook: failing(fault)}
    )
    shop.stored[ADA] = "x"
    response = await shop.post(
        "/auth/refresh", token(), json={"refresh_token": "x"}
    )
    assert response.status >= 400
    assert "access_token" not in response.text


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_user_secret_hook_that_fails_is_a_refusal(front, fault):
    shop = new_shop(
        front, user_secret_enabled=True, retrieve_user_secret=failing(fault)
    )
    for path in ("/protected", "/scoped", "/user", "/auth/me"):
        response = await shop.get(path, token(secret=""))
        assert response.status >= 400
        assert CONTENT not in response.text


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_verification_that_fails_is_a_refusal(front, fault):
    shop = new_shop(front, extra_verifications=[failing(fault)])
    for path in ("/protected", "/scoped", "/user", "/auth/me"):
        response = await shop.get(path, token())
        assert response.status >= 400
        assert CONTENT not in response.text


@pytest.mark.parametrize("verdict", [None, 0, 1, "yes", [], {}, False])
async def test_a_verification_that_does_not_return_true_is_a_refusal(
    front, verdict
):
    shop = new_shop(front, extra_verifications=[lambda payload: verdict])
    response = await shop.get("/protected", token())
    assert response.status == 401
    assert CONTENT not in response.text


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_scope_check_that_fails_grants_nothing(front, fault):
    def broken(is_valid):
        raise fault("broken")

    shop = new_shop(front, override_scope_validator=broken)
    response = await shop.get("/scoped", token(scopes=["orders:read"]))
    assert response.status >= 400
    assert CONTENT not in response.text
