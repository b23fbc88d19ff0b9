"""The three components, all overridden."""

from .running import Client, claims

OPEN = {"key": "open"}


async def log_in(client: Client) -> str:
    return await client.log_in(name="jwt", json=OPEN)


async def test_the_login_response_has_the_names_and_additions(
    client: Client,
) -> None:
    response = await client.post("/auth", json=OPEN)
    assert [*response.body] == ["jwt", "again", "hello"]
    assert response.body["hello"] == "Joe"


async def test_the_payload_is_extended(client: Client) -> None:
    assert claims(await log_in(client)) == {"user_id": 7, "name": "Joe"}


async def test_errors_have_the_application_s_body(client: Client) -> None:
    assert await client.post("/auth", json={"key": "no"}) == (
        401,
        {"errors": ["No."]},
    )


async def test_errors_of_protected_routes_have_the_application_s_body(
    client: Client,
) -> None:
    assert await client.get("/protected") == (
        401,
        {"errors": ["Authorization header not present."]},
    )


async def test_the_header_follows_the_request(client: Client) -> None:
    token = await log_in(client)
    response = await client.get(
        "/protected",
        "nonsense",
        headers={"X-Authorization": f"Bearer {token}"},
    )
    assert response == (200, {"protected": True})


async def test_otherwise_the_default_header_is_read(client: Client) -> None:
    response = await client.get("/protected", await log_in(client))
    assert response == (200, {"protected": True})


async def test_me_is_extended_under_its_path(client: Client) -> None:
    response = await client.get("/auth/myself", await log_in(client))
    assert response == (
        200,
        {
            "me": {"user_id": 7, "name": "Joe"},
            "claims": ["exp", "name", "user_id"],
        },
    )


async def test_verify_is_extended(client: Client) -> None:
    # 1.8.0 asks get_authorization_header without a request here, and fails
    response = await client.get("/auth/verify", await log_in(client))
    assert response.status == client.either(oracle=500, ours=200)
    if response.status == 200:
        assert response.body == {"valid": True, "checked": True}


async def test_refresh_is_extended(client: Client) -> None:
    body = (await client.post("/auth", json=OPEN)).body
    response = await client.post(
        "/auth/refresh", body["jwt"], json={"again": body["again"]}
    )
    assert response.status == 200
    assert [*response.body] == ["jwt", "matched"]
    assert response.body["matched"] is True
