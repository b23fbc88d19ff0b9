"""What an outsider can tell from failed log-ins (requirement H11)."""

from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher


async def answers_alike(client: httpx.AsyncClient, path: str) -> bool:
    """Tell whether an unknown user and a wrong password look the same."""
    responses = [
        await client.post(path, json={"username": name, "password": "wrong"})
        for name in ("ada", "nobody")
    ]
    assert responses[0].status_code == 401
    seen = [(a.status_code, a.content, dict(a.headers)) for a in responses]
    return seen[0] == seen[1]


def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that every hash which is verified from now on joins.

    A verification is what takes time in a log-in; all hashes cost the same.
    """
    hashes: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, hash: Any, password: Any) -> bool:
        hashes.append(hash)
        return bool(verify(self, hash, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    return hashes
