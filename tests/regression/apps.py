"""Helpers that install on any target, with either front."""

from __future__ import annotations

from typing import Any

import pytest
from sanic import Blueprint
from sanic.response import text

from sanic_jwt_oo import Authentication, Initialize, JWTAuth

from ..security.forging import NOW, SECRET
from ..security.shops import Shop, csrf, new_app

__all__ = ["SECRET", "Shop", "csrf", "install", "new_app"]

both_fronts = pytest.mark.parametrize("front", ["class", "legacy"])
"""Each of the two fronts."""

JOE = {"user_id": 1, "name": "joe", "scopes": ["fruit"]}


async def authenticate(request):
    return dict(JOE)


def retrieve_user(request, payload):
    return dict(JOE) if payload else None


class Frozen(Authentication):
    """The legacy class, at a frozen time."""

    def now(self):
        return NOW


def install(front: str, target: Any, app: Any = None, **given: Any) -> Any:
    """Install on a target, with hooks and settings by name.

    Joe can log in and be retrieved; refresh tokens are kept in a dictionary.
    """
    stored: dict[Any, str] = {}
    hooks = {
        "authenticate": authenticate,
        "retrieve_user": retrieve_user,
        "store_refresh_token": lambda user_id, refresh_token: (
            stored.__setitem__(str(user_id), refresh_token)
        ),
        "retrieve_refresh_token": lambda user_id: stored.get(str(user_id)),
        "add_scopes_to_payload": lambda user: user.get("scopes", []),
    }
    hooks.update({name: given.pop(name) for name in [*hooks] if name in given})
    settings = {"secret": SECRET, "refresh_token_enabled": True, **given}
    settings = {n: value for n, value in settings.items() if value is not ...}
    if front == "legacy":
        kwargs = {**hooks, **settings, "authentication_class": Frozen}
        if app is not None:
            kwargs["app"] = app
        return Initialize(target, **kwargs).auth
    written: dict[str, Any] = {n: staticmethod(h) for n, h in hooks.items()}
    written["now"] = lambda self: NOW
    kind = type("Auth", (JWTAuth,), written)
    return kind(**settings).install(target, *([app] if app else []))


def add_a_route(bp: Blueprint) -> None:
    """Give a blueprint a route of its own.

    Sanic finds a registered blueprint by its routes only.
    """

    @bp.get("/ware")
    async def ware(request):
        return text("ware")


async def walk_through(shop: Shop, prefix: str, name: str = "access_token"):
    """Log in, use every endpoint under a prefix, and refresh."""
    login = await shop.post(prefix, json={})
    assert login.status == 200, (prefix, login.text)
    bearer = login.json[name]
    me = await shop.get(f"{prefix}/me", bearer)
    assert me.json["me"]["name"] == "joe", me.text
    verdict = await shop.get(f"{prefix}/verify", bearer)
    assert verdict.json["valid"] is True, verdict.text
    refreshed = await shop.post(
        f"{prefix}/refresh",
        bearer,
        json={"refresh_token": login.json["refresh_token"]},
    )
    assert name in refreshed.json, refreshed.text
    return refreshed.json[name]
