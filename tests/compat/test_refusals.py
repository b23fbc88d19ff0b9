"""An override that refuses does so on every way, as with sanic-jwt 1.8."""

from __future__ import annotations

import pytest
from sanic.exceptions import Forbidden

from sanic_jwt_oo.exceptions import SanicJWTException, Unauthorized

from .test_overriding import App, logged_in

ERRORS = (
    (Unauthorized("Locked."), 401),
    (SanicJWTException("Locked.", status_code=403), 403),
    (Forbidden("Locked."), 403),
    (ValueError("Locked."), 401),
)


def raising(name: str, error: Exception, base: type = App) -> type:
    """Return a class with a method that raises an error."""

    async def method(self, *args, **kwargs):
        raise error

    return type("Raising", (base,), {name: method})


@pytest.mark.parametrize("name", ["extract_payload", "_verify", "_decode"])
@pytest.mark.parametrize(("error", "status"), ERRORS)
async def test_an_error_refuses_a_public_handler_too(name, error, status):
    """`inject_user` alone is a guard if `extract_payload` raises."""
    shop, token = await logged_in(raising(name, error))
    credentials = [{"authorization": f"Bearer {token}"}]
    if name != "_decode":  # which needs a token
        credentials += [{}, {"authorization": "Bearer forged"}]
    for headers in credentials:
        answer = await shop.get("/public", headers=headers)
        assert answer.status == status, answer.text


async def test_an_error_about_a_missing_payload_closes_a_public_handler():
    class Strict(App):
        async def extract_payload(self, request, verify=True, *args, **kwargs):
            payload = await super().extract_payload(request, verify)
            if not payload:
                raise Unauthorized("Log in.")
            return payload

    shop, token = await logged_in(Strict)
    for headers in ({}, {"authorization": "Bearer forged"}):
        answer = await shop.get("/public", headers=headers)
        assert answer.status == 401
        assert answer.json["reasons"] == ["Log in."]
    headers = {"authorization": f"Bearer {token}"}
    answer = await shop.get("/public", headers=headers)
    assert answer.json == {"user_id": 1}


@pytest.mark.parametrize("answer", [None, False, 0, "", (), [], {}, "1", 7])
async def test_a_payload_that_is_none_has_no_user_id(answer):
    class Odd(App):
        async def extract_payload(self, request, *args, **kwargs):
            return answer

    shop, token = await logged_in(Odd)
    headers = {"authorization": f"Bearer {token}"}
    answer = await shop.get("/reading", headers=headers)
    assert answer.json["user"] is None


@pytest.mark.parametrize("name", ["_check_authentication", "_verify"])
@pytest.mark.parametrize(
    "verdict",
    ["yes", {"user_id": 1, "exp": 2, "iat": 3}, {1, 2, 3}, iter((1, 2, 3))],
)
async def test_a_verdict_is_a_tuple_or_a_list(name, verdict):
    """Three letters, or a payload with three claims, are no verdict."""

    async def method(self, *args, **kwargs):
        return verdict

    shop, token = await logged_in(type("Odd", (App,), {name: method}))
    headers = {"authorization": f"Bearer {token}"}
    paths = ["/protected", "/scoped", "/user", "/auth/me"]
    if name == "_verify":
        paths.append("/auth/verify")
    for path in paths:
        answer = await shop.get(path, headers=headers)
        assert answer.status == 401, path
