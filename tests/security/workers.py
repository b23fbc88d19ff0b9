"""Code that runs in a worker process of an application."""

from __future__ import annotations

import asyncio
import multiprocessing
import warnings

from sanic import Sanic

from sanic_jwt_oo import JWTAuth

from .forging import ADA, NOW


class Auth(JWTAuth):
    """An application without a secret."""

    def authenticate(self):
        return {"user_id": ADA}

    def now(self):
        return NOW


def issue(name: str) -> str:
    """Start an application of this name, and issue a token."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        auth = Auth().install(Sanic(name))
    return asyncio.run(auth.generate_access_token({"user_id": ADA}))


def issue_in_a_worker(name: str) -> str:
    """Issue a token in a process that is started like Sanic's workers."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        made: str = pool.apply(issue, (name,))
        pool.close()
        pool.join()
    return made


if __name__ == "__main__":
    import sys

    print(issue(sys.argv[1]))
