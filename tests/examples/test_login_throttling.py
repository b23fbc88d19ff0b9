"""Log-ins that fail are limited."""

import httpx
import pytest

from .passwords import verifications

ADA = {"username": "ada", "password": "lovelace"}
WRONG = {**ADA, "password": "wrong"}


async def test_guesses_are_limited(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = verifications(monkeypatch)

    statuses = [
        (await client.post("/auth", data=WRONG)).status_code for _ in range(5)
    ]

    assert statuses == [401] * 3 + [429] * 2
    assert len(calls) == 3


async def test_correct_passwords_are_not_counted(
    client: httpx.AsyncClient,
) -> None:
    for _ in range(5):
        assert (await client.post("/auth", data=ADA)).status_code == 200


async def test_above_the_limit_the_response_has_retry_after(
    client: httpx.AsyncClient,
) -> None:
    for _ in range(3):
        await client.post("/auth", data=WRONG)

    response = await client.post("/auth", data=ADA)

    assert response.json()["exception"] == "TooManyAttempts"
    assert 1 <= int(response.headers["retry-after"]) <= 60


@pytest.mark.requirement("H11")
async def test_unknown_user_and_wrong_password_get_the_same_response(
    client: httpx.AsyncClient,
) -> None:
    for name in ("ada", "nobody"):
        seen = []
        for _ in range(5):
            response = await client.post(
                "/auth", data={**WRONG, "username": name}
            )
            seen.append((response.status_code, response.content))
        if name == "ada":
            expected = seen
    assert seen == expected
