"""Custom claims."""

from .running import Client, claims


async def test_the_token_has_all_custom_claims(client: Client) -> None:
    assert claims(await client.log_in()) == {
        "id": 3,
        "department": "sales",
        "username": "joe",
    }


async def test_the_token_is_accepted(client: Client) -> None:
    response = await client.get("/protected", await client.log_in())
    assert response == (200, {"protected": True})


async def test_a_wrong_claim_is_refused(client: Client) -> None:
    response = await client.get("/protected", await client.log_in("/moved"))
    assert response == (
        401,
        {
            "reasons": ["Invalid claim: department."],
            "exception": "Unauthorized",
        },
    )


async def test_a_verification_refuses(client: Client) -> None:
    token = await client.log_in()
    assert await client.post("/block", token) == (200, {"blocked": [3]})
    assert await client.get("/protected", token) == (
        401,
        {
            "reasons": ["Verifications were not met."],
            "exception": "Unauthorized",
        },
    )
