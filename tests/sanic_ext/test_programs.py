"""The README's programs and the demo, as real servers with sanic-ext."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import validate
from sanic import HTTPResponse, Request, Sanic
from sanic.response import empty

from tests.conftest import SECRET
from tests.docs.snippets import README, ROOT, snippets
from tests.examples.serving import bearer, loaded, served
from tests.examples.test_demo import ADA, address, running
from tests.servers.conftest import Serve, servers

from .conftest import ShopAuth
from .documents import document_of

PROGRAMS = [s.text for s in snippets(README) if s.is_program]
CREDENTIALS = [
    {"name": "ada", "password": "correct horse"},
    {"magic_link": "sent-by-mail"},
]
HOWTO = ROOT / "docs" / "howto"
RUN = """
import sys
sys.path.insert(0, sys.argv[2])
from server import app
app.run(port=int(sys.argv[1]), single_process=True)
"""


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with servers(tmp_path, SHOP_SECRET=SECRET) as serve:
        yield serve


@pytest.mark.parametrize(
    ("program", "credentials"),
    [*zip(PROGRAMS, CREDENTIALS, strict=True)],
    ids=["class form", "legacy form"],
)
def test_a_program_of_the_readme(
    serve: Serve, tmp_path: Path, program: str, credentials: dict[str, str]
) -> None:
    (tmp_path / "server.py").write_text(program)

    with httpx.Client(
        base_url=serve("-c", RUN, "{port}", str(tmp_path)), trust_env=False
    ) as client:
        login = client.post("/auth", json=credentials)
        headers = bearer(login.json()["access_token"])

        assert login.status_code == 200
        assert client.get("/orders").status_code == 401
        assert client.get("/orders", headers=headers).status_code == 200
        assert client.head("/orders").status_code == 401
        assert client.get("/docs").status_code == 200
        document = client.get("/docs/openapi.json").json()
        validate(document)
        described = document["paths"]
        assert described["/auth"]["post"]["summary"] == "Log in"
        assert described["/orders"]["get"]["security"] == [{"bearerAuth": []}]
        assert "security" not in described["/auth"]["post"]


def test_the_demo(tmp_path: Path) -> None:
    with (
        running(tmp_path) as printed,
        httpx.Client(base_url=address(printed), trust_env=False) as client,
    ):
        login = client.post("/auth", json=ADA)
        headers = bearer(login.json()["access_token"])

        assert client.get("/orders").status_code == 401
        assert client.get("/orders", headers=headers).status_code == 200
        assert client.get("/docs").status_code == 200


async def test_the_program_of_the_how_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    app = runpy.run_path(str(HOWTO / "beside_sanic_ext.py"))["app"]
    origin = "https://shop.example"

    async with served(app) as client:
        login = await client.post("/auth", headers={"X-API-Key": "ada-key"})
        headers = bearer(login.json()["access_token"])
        preflight = await client.options(
            "/orders",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization",
            },
        )
        refused = [
            await client.get(path, headers={"Origin": origin})
            for path in ("/orders", "/name")
        ]
        orders = await client.get("/orders", headers=headers)
        name = await client.get("/name", headers=headers)
        described = (await client.get("/docs/openapi.json")).json()["paths"]

    assert preflight.headers["access-control-allow-origin"] == origin
    assert preflight.headers["access-control-allow-headers"] == "authorization"
    for response in refused:
        assert response.status_code == 401
        assert response.headers["access-control-allow-origin"] == origin
    assert (orders.json(), name.json()) == ([17, 23], "ada")
    assert described["/orders"]["get"]["summary"] == "The orders of a user"


async def test_the_example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    with loaded("openapi_document") as example:
        document = await document_of(example.app)

    body = document["paths"]["/auth"]["post"]["requestBody"]["content"]
    assert body["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Credentials"
    }
    assert "Credentials" in document["components"]["schemas"]
    orders = document["paths"]["/orders"]
    assert orders["get"]["summary"] == "List the orders."
    assert orders["get"]["x-required-scopes"] == ["orders:read"]
    assert orders["post"]["x-required-scopes"] == ["orders:write"]
    offers = document["paths"]["/offers"]["get"]
    assert offers["security"] == [{}, {"bearerAuth": []}]


async def test_the_program_about_injection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_SECRET", SECRET)
    app = runpy.run_path(str(HOWTO / "injected.py"))["app"]

    async with served(app) as client:
        login = await client.post("/auth", headers={"X-API-Key": "ada-key"})
        headers = bearer(login.json()["access_token"])
        name = await client.get("/name", headers=headers)
        refused = await client.get("/name")
        greetings = [
            (await client.get("/greeting", headers=one)).json()
            for one in (headers, {})
        ]
        token = await client.get("/token", headers=headers)

    assert (name.json(), refused.status_code) == ("ada", 401)
    assert greetings == ["Hello ada", "Hello"]
    assert token.json()["device"].startswith("python-httpx")


async def test_endpoints_that_are_described_in_other_words(
    app: Sanic, auth: ShopAuth
) -> None:
    runpy.run_path(str(HOWTO / "described_endpoints.py"))

    paths = (await document_of(app))["paths"]

    assert paths["/auth"]["post"]["summary"] == "Get a token"
    assert "/auth/verify" not in paths


async def test_two_installations(app: Sanic, auth: ShopAuth) -> None:
    staff = ShopAuth(secret=SECRET[::-1], url_prefix="/staff").install(app)

    @app.get("/reports")
    @staff.protected()
    async def reports(request: Request) -> HTTPResponse:
        return empty()

    async with served(app) as client:
        token = (await client.post("/auth", json={})).json()["access_token"]
        other = (await client.post("/staff", json={})).json()["access_token"]
        statuses = [
            (await client.get("/reports", headers=bearer(one))).status_code
            for one in (token, other)
        ]

    assert statuses == [401, 204]
