"""Litestar's own JWT authentication: the routes that are measured.

Its middleware is put on the protected route alone, so that the open one is as
quick as it can be.
"""

import os
from typing import Any

from litestar import Litestar, get
from litestar.security.jwt import JWTAuth


async def retrieve_user(token: Any, connection: Any) -> dict[str, str]:
    return {"id": token.sub}


auth = JWTAuth[dict](
    retrieve_user_handler=retrieve_user,
    token_secret=os.environ["BENCH_SECRET"],
)


@get("/open")
async def open_route() -> int:
    return 1


@get("/protected", middleware=[auth.middleware])
async def protected_route() -> int:
    return 1


app = Litestar([open_route, protected_route], openapi_config=None)
