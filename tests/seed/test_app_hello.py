"""The smallest application: one handler, one protected route."""

from .running import Client, claims, part


async def test_the_token_names_the_user(client: Client) -> None:
    token = await client.log_in()
    assert claims(token) == {"user_id": "some_id"}


async def test_the_token_is_of_the_default_kind(client: Client) -> None:
    token = await client.log_in()
    assert part(token, 0) == {"alg": "HS256", "typ": "JWT"}


async def test_the_response_contains_only_the_token(client: Client) -> None:
    response = await client.post("/auth")
    assert [*response.body] == ["access_token"]


async def test_the_open_route_is_open(client: Client) -> None:
    assert await client.get("/") == (200, {"protected": False})


async def test_the_protected_route_accepts_the_token(
    client: Client,
) -> None:
    token = await client.log_in()
    assert await client.get("/protected", token) == (200, {"protected": True})


async def test_the_protected_route_needs_a_token(client: Client) -> None:
    assert await client.get("/protected") == (
        401,
        {
            "reasons": ["Authorization header not present."],
            "exception": "Unauthorized",
        },
    )


async def test_another_token_is_refused(client: Client) -> None:
    header, payload, _ = (await client.log_in()).split(".")
    assert await client.get("/protected", f"{header}.{payload}.AAAA") == (
        401,
        {"reasons": ["Auth required."], "exception": "Unauthorized"},
    )


async def test_verify_accepts_a_valid_token(client: Client) -> None:
    token = await client.log_in()
    assert await client.get("/auth/verify", token) == (200, {"valid": True})


async def test_verify_refuses_a_missing_token(client: Client) -> None:
    assert await client.get("/auth/verify") == (
        401,
        {
            "reasons": ["Authorization header not present."],
            "exception": "MissingAuthorizationHeader",
        },
    )


async def test_preflight_requests_are_answered(client: Client) -> None:
    assert await client.ask("OPTIONS", "/auth") == (204, "")


async def test_there_is_no_refresh_endpoint(client: Client) -> None:
    response = await client.post("/auth/refresh")
    assert response.status == 404


async def test_me_without_retrieve_user_fails(client: Client) -> None:
    # 1.8.0 answers 500, because the handler is missing (T18)
    token = await client.log_in()
    response = await client.get("/auth/me", token)
    assert response.status == client.either(oracle=500, ours=404)
    assert response.body["exception"] == "MeEndpointNotSetup"
