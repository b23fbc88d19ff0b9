"""How many of the package's functions a request may call.

A count is the same on every machine, and grows before anybody feels it. Who
adds a call to the way of every request has to add it here, and to say why.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sanic import Request
from sanic.compat import Header

import sanic_jwt_oo
from sanic_jwt_oo import JWTAuth
from tests.conftest import SECRET

PACKAGE = str(Path(sanic_jwt_oo.__file__).parent)
SCOPES = ["orders:read", "orders:write"]


class Auth(JWTAuth[dict[str, Any]]):
    def authenticate(self, request):
        return {"user_id": 1}

    def retrieve_user(self, request, payload):
        return {"user_id": payload["user_id"]}

    def add_scopes_to_payload(self, user):
        return SCOPES


async def answer(request, **kwargs):
    return kwargs


@pytest.fixture
def auth(app):
    return Auth(secret=SECRET).install(app)


def request_with(auth, token):
    headers = Header([("authorization", f"Bearer {token}")])
    return Request(b"/", headers, "1.1", "GET", None, auth.app)


async def calls(auth, handler, token):
    """Return the functions of the package that a request calls, in order."""
    request = request_with(auth, token)
    called = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PACKAGE):
            called.append(code.co_name)

    profiler = sys.getprofile()
    sys.setprofile(note)
    try:
        await handler(request)
    finally:
        sys.setprofile(profiler)
    return called


BUDGETS = {
    # decorators, with a token seen before, with a new one
    "protected": (5, 22),
    "scoped": (10, 27),
    "protected and inject_user": (14, 30),
}


def guards(auth):
    return {
        "protected": auth.protected()(answer),
        "scoped": auth.scoped(SCOPES)(answer),
        "protected and inject_user": auth.protected()(
            auth.inject_user()(answer)
        ),
    }


@pytest.mark.parametrize("name", BUDGETS)
async def test_a_guarded_request_calls_no_more_than_it_may(auth, name):
    handler = guards(auth)[name]
    first, second = [
        await auth.generate_access_token({"user_id": n}) for n in (1, 2)
    ]
    for _ in range(2):  # the second one reads the payload, to copy it later
        await calls(auth, handler, first)
    warm = await calls(auth, handler, first)
    cold = await calls(auth, handler, second)
    budget = BUDGETS[name]
    assert len(warm) <= budget[0], warm
    assert len(cold) <= budget[1], cold


async def test_a_second_decorator_does_not_verify_again(auth):
    token = await auth.generate_access_token({"user_id": 1})
    once = auth.protected()(answer)
    twice = auth.protected()(once)
    more = await calls(auth, twice, token)
    assert more.count("verify") == 2  # the codec's, and the key's
    await calls(auth, once, token)
    warm = await calls(auth, twice, token)
    assert warm.count("recall") == 1
    assert "verify" not in warm
