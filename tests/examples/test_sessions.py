"""Sessions: what is used up, ended or revoked is refused."""

from types import ModuleType

import httpx
import pytest

from .serving import bearer
from .sessions import log_in, renew


async def test_a_reused_token_is_logged_and_ends_the_session(
    example: ModuleType,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stolen = (await log_in(client))["refresh_token"]
    later = (await renew(client, stolen)).json()
    now = example.auth.now() + 60
    monkeypatch.setattr(example.auth, "now", lambda: now)
    example.logger.propagate = True
    try:
        assert (await renew(client, stolen)).status_code == 401
    finally:
        example.logger.propagate = False
    assert "A refresh token of ada came twice." in caplog.text
    assert (await renew(client, later["refresh_token"])).status_code == 401
    headers = bearer(later["access_token"])
    for path in ("/orders", "/auth/me"):
        assert (await client.get(path, headers=headers)).status_code == 401


async def test_a_refund_checks_the_store(
    example: ModuleType, client: httpx.AsyncClient
) -> None:
    headers = bearer((await log_in(client))["access_token"])
    path = "/orders/17/refund"
    assert (await client.post(path, headers=headers)).status_code == 200
    await example.auth.sessions.revoke_all("ada")
    assert (await client.post(path, headers=headers)).status_code == 401


async def test_a_device_can_be_logged_out_from_another(
    client: httpx.AsyncClient,
) -> None:
    phone, laptop = await log_in(client), await log_in(client)
    headers = bearer(laptop["access_token"])
    listed = (await client.get("/auth/sessions", headers=headers)).json()
    (other,) = (s for s in listed["sessions"] if not s["current"])
    await client.delete(f"/auth/sessions/{other['id']}", headers=headers)
    assert (await renew(client, phone["refresh_token"])).status_code == 401
    assert (await renew(client, laptop["refresh_token"])).status_code == 200
