"""The OpenAPI document that an application publishes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import validate
from sanic import Sanic

from tests.examples.serving import served


async def document_of(app: Sanic) -> dict[str, Any]:
    """Return the document of a server; it is valid OpenAPI."""
    async with served(app) as client:
        response = await client.get("/docs/openapi.json")
    assert response.status_code == 200
    document: dict[str, Any] = response.json()
    validate(document)
    return document


async def operation_of(
    app: Sanic, path: str = "/orders", method: str = "get"
) -> dict[str, Any]:
    """Return one operation of the document."""
    operation: dict[str, Any] = (await document_of(app))["paths"][path][method]
    return operation


def schemes_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return the security schemes, without their descriptions."""
    schemes = document["components"].get("securitySchemes", {})
    for scheme in schemes.values():
        scheme.pop("description", None)
    return dict(schemes)


def operations_in(
    document: dict[str, Any],
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation of a document."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def statuses_of(operation: dict[str, Any]) -> set[str]:
    return {*operation["responses"]}
