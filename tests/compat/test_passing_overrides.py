"""Overrides that only call `super()` change no response to any request."""

from __future__ import annotations

import pytest

from sanic_jwt_oo import Authentication
from tests.security import storm
from tests.security.test_T18_never_a_5xx import (
    SHOPS,
    assert_handled,
    shop_of,
)

METHODS = (
    "_check_authentication",
    "_decode",
    "_verify",
    "extract_payload",
    "extract_scopes",
    "retrieve_refresh_token_from_request",
)


def passing(auth: Authentication, name: str) -> None:
    """Override a method of an installed object by one that calls it."""
    original = getattr(auth, name)

    async def method(*args, **kwargs):
        return await original(*args, **kwargs)

    setattr(auth, name, method)


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("name", [*SHOPS])
async def test_no_response_changes(name):
    place, plain = shop_of("legacy", name)
    _, overridden = shop_of("legacy", name)
    for method in METHODS:
        passing(overridden.auth, method)
    changed = []
    for method, path, headers, body in storm.drizzle(place):
        usual = await plain(method, path, headers=headers, body=body)
        response = await overridden(method, path, headers=headers, body=body)
        assert_handled(response, method, path, headers, body)
        if response.status != usual.status:
            changed.append((method, path, headers, body))
    assert changed == []
