"""More claims: there, and under the signature."""

import base64
import json

import httpx

from .conftest import Login
from .serving import bearer


async def test_the_claims_reach_the_handler(
    client: httpx.AsyncClient, login: Login
) -> None:
    response = await client.get("/greeting", headers=await login())
    assert response.json() == {"to": "Ada", "language": "en"}


async def test_a_changed_claim_is_refused(
    client: httpx.AsyncClient, login: Login
) -> None:
    token = (await login())["Authorization"].removeprefix("Bearer ")
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["name"] = "Mallory"
    octets = base64.urlsafe_b64encode(json.dumps(claims).encode())
    forged = f"{header}.{octets.decode().rstrip('=')}.{signature}"
    response = await client.get("/greeting", headers=bearer(forged))
    assert response.status_code == 401
