"""RS256, with the public key under its older name, and registered claims."""

import base64
import hmac
from typing import Any

import jwt
import pytest

from .running import Client, part


async def test_the_private_key_signs(client: Client) -> None:
    token = await client.log_in()
    payload = jwt.decode(
        token,
        client.module.public_key,
        algorithms=["RS256"],
        audience="orders",
        issuer="https://shop.test",
        leeway=180,
    )
    assert payload["user_id"] == 1


async def test_the_token_has_every_claim(client: Client) -> None:
    payload = part(await client.log_in(), 1)
    assert sorted(payload) == ["aud", "exp", "iat", "iss", "nbf", "user_id"]


async def test_the_token_is_accepted(client: Client) -> None:
    response = await client.get("/protected", await client.log_in())
    assert response == (200, {"protected": True})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://other.test"}, "Invalid issuer."),
        ({"aud": "stock"}, "Audience doesn't match."),
        ({"exp": 1_500_000_000}, "Signature has expired."),
    ],
)
async def test_a_wrong_claim_is_refused(
    client: Client, changes: dict[str, Any], reason: str
) -> None:
    token = await client.log_in("/for-others", json=changes)
    assert await client.get("/protected", token) == (
        401,
        {"reasons": [reason], "exception": "Unauthorized"},
    )


@pytest.mark.requirement("T2")
async def test_the_public_key_is_not_accepted_as_a_secret(
    client: Client,
) -> None:
    payload = (await client.log_in()).split(".")[1]
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode()
    message = f"{header.rstrip('=')}.{payload}"
    secret = client.module.public_key.encode()
    digest = hmac.digest(secret, message.encode(), "sha256")
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    response = await client.get("/protected", f"{message}.{signature}")
    assert response.status == 401
