"""``authenticate`` that returned ``None`` was a 500."""

import pytest

from .apps import Shop, both_fronts, install, new_app

pytestmark = both_fronts


@pytest.mark.parametrize("nobody", [None, False, 0, "", {}, []], ids=repr)
@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_authenticate_returning_none_is_a_401(front, nobody, kind):
    async def later():
        return nobody

    app = new_app()
    hook = later if kind == "async" else lambda: nobody
    install(front, app, authenticate=hook)
    response = await Shop(app).post("/auth", json={})
    assert response.status == 401
    assert response.json["exception"] == "AuthenticationFailed"
    assert response.json["reasons"]
    assert "access_token" not in response.json
