"""The servers that are measured: one package each, the same routes.

`python -m tests.benchmarks.server ours 8000`
"""

from __future__ import annotations

import sys
import warnings
from functools import wraps
from typing import Any

import jwt
from sanic import Sanic
from sanic.exceptions import Unauthorized
from sanic.response import json

SECRET = "only for measuring, and long enough for HS256"


def authenticate(request: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"user_id": 1}


def retrieve_user(
    request: Any, payload: Any, *args: Any, **kwargs: Any
) -> dict[str, Any]:
    return {"user_id": 1}


def add_scopes(user: Any, *args: Any, **kwargs: Any) -> list[str]:
    return ["a:b", "c"]


def by_hand(handler: Any) -> Any:
    """Protect a handler with nothing but PyJWT."""

    @wraps(handler)
    async def guarded(request: Any) -> Any:
        try:
            jwt.decode(request.token, SECRET, algorithms=["HS256"])
        except jwt.PyJWTError as exc:
            raise Unauthorized("no") from exc
        return await handler(request)

    return guarded


def make(package: str) -> Sanic:
    """Return an application with the routes that are measured."""
    app = Sanic(f"bench-{package}")
    if package == "ours":
        from sanic_jwt_oo import Initialize, inject_user, protected, scoped
    else:
        warnings.simplefilter("ignore")
        from sanic_jwt import Initialize, inject_user, protected, scoped
    Initialize(
        app,
        authenticate=authenticate,
        retrieve_user=retrieve_user,
        add_scopes_to_payload=add_scopes,
        secret=SECRET,
    )

    @app.get("/open")
    async def open_route(request: Any) -> Any:
        return json(1)

    @app.get("/by_hand")
    @by_hand
    async def by_hand_route(request: Any) -> Any:
        return json(1)

    @app.get("/protected")
    @protected()
    async def protected_route(request: Any) -> Any:
        return json(1)

    @app.get("/scoped")
    @scoped(["a:b", "c"])
    async def scoped_route(request: Any) -> Any:
        return json(1)

    @app.get("/user")
    @protected()
    @inject_user()
    async def user_route(request: Any, user: Any) -> Any:
        return json(1)

    return app


if __name__ == "__main__":
    make(sys.argv[1]).run(
        "127.0.0.1",
        int(sys.argv[2]),
        single_process=True,
        access_log=False,
        motd=False,
    )
