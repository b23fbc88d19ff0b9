"""The times of a payload, as hooks see and write them in each form.

The legacy form shows naive `datetime` objects in UTC, as sanic-jwt 1.8 does;
`tests/differential` compares them with it. The class form shows seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import jwt
import pytest
from sanic import Sanic

from sanic_jwt_oo import (
    Authentication,
    Claim,
    Initialize,
    JWTAuth,
    tokens,
)

from ..conftest import SECRET, Client

USER = {"user_id": 1}
TIMES = {"claim_iat": True, "claim_nbf": True}


def claims(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


class Seen(Claim):
    """Notes the types of the times that `setup` sees."""

    key = "seen"

    def setup(self, payload: dict[str, Any], user: Any) -> list[str]:
        return [type(payload[n]).__name__ for n in ("exp", "iat", "nbf")]

    def verify(self, value: Any) -> bool:
        return True


async def test_the_class_form_shows_seconds(app: Sanic) -> None:
    class Auth(JWTAuth[Any]):
        custom_claims = (Seen,)

        def authenticate(self) -> Any:
            return USER

        def extend_payload(self, payload: Any) -> Any:
            times = (payload["exp"], payload["iat"], payload["nbf"])
            assert all(type(moment) is int for moment in times)
            return {**payload, "exp": payload["exp"] + 60}

    auth = Auth(secret=SECRET, **TIMES).install(app)
    payload = claims(await auth.generate_access_token(USER))
    assert payload["exp"] - payload["iat"] == 30 * 60 + 60
    assert payload["seen"] == ["int", "int", "int"]


async def test_a_claim_alone_sees_datetimes_in_the_legacy_form(
    app: Sanic,
) -> None:
    auth = Initialize(
        app,
        authenticate=lambda request: USER,
        secret=SECRET,
        custom_claims=[Seen],
        **TIMES,
    ).auth
    payload = claims(await auth.generate_access_token(USER))
    assert payload["seen"] == ["datetime"] * 3
    assert payload["exp"] - payload["iat"] == 30 * 60


@pytest.mark.parametrize(
    "exp",
    [
        4102444800,
        4102444800.5,
        datetime(2100, 1, 1),
        datetime(2100, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))),
    ],
    ids=["int", "float", "naive", "with a time zone"],
)
async def test_a_time_may_be_written_in_any_form(app: Sanic, exp: Any) -> None:
    auth = Initialize(
        app,
        authenticate=lambda request: USER,
        secret=SECRET,
        extend_payload=lambda payload: {**payload, "exp": exp},
    ).auth
    payload = claims(await auth.generate_access_token(USER))
    assert int(payload["exp"]) == 4102444800


async def test_the_body_names_the_life_that_a_hook_has_chosen(
    app: Sanic, client: Client
) -> None:
    """`Tokens.expires_in` follows a `datetime`."""
    auth = Initialize(
        app,
        authenticate=lambda request: USER,
        secret=SECRET,
        extend_payload=lambda payload: {
            **payload,
            "exp": payload["exp"] + timedelta(days=30),
        },
    ).auth
    tokens = await auth.issue_tokens(USER)
    month = 30 * 24 * 3600
    assert month < tokens.expires_in <= month + 30 * 60


@pytest.mark.requirement("T18")
async def test_a_life_beyond_the_calendar_is_no_error(
    app: Sanic, client: Client
) -> None:
    """No `datetime` exists for the time, so hooks see its seconds."""
    Initialize(
        app,
        authenticate=lambda request: USER,
        secret=SECRET,
        expiration_delta=10**12,
        extend_payload=lambda payload: {
            **payload,
            "seen": type(payload["exp"]).__name__,
        },
    )
    payload = claims(await client.log_in(json={}))
    assert payload["seen"] == "int"
    assert payload["exp"] > 10**12


async def test_a_login_without_overrides_makes_no_datetime(
    app: Sanic, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Applications that look at no times do not pay for them."""
    auth = Initialize(
        app, authenticate=lambda request: USER, secret=SECRET, **TIMES
    ).auth
    monkeypatch.delattr(tokens.claims, "_as_datetimes")
    assert "add_claims" not in auth._sanic_jwt_oo.steps.own
    payload = claims(await client.log_in(json={}))
    assert payload["nbf"] - payload["iat"] == 180  # the leeway, as in 1.8


async def test_add_claims_changes_the_payload_that_it_is_given(
    app: Sanic, client: Client
) -> None:
    """Overrides of sanic-jwt need not use what `super()` returns."""

    class Own(Authentication):
        async def authenticate(self, request: Any) -> Any:
            return USER

        async def add_claims(
            self, payload: Any, user: Any, *args: Any, **kwargs: Any
        ) -> Any:
            await super().add_claims(payload, user, *args, **kwargs)
            payload["exp"] += timedelta(days=1)
            return payload

    Initialize(app, authentication_class=Own, secret=SECRET, claim_iat=True)
    payload = claims(await client.log_in(json={}))
    assert payload["exp"] - payload["iat"] == 24 * 3600 + 30 * 60
