"""How many of the package's functions a request may call.

A count is the same on every machine, and grows before anyone notices. A change
that adds a call to every request must add it here, with the reason.
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
from sanic_jwt_oo import Authentication, Initialize, JWTAuth
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


async def respond(request, **kwargs):
    return kwargs


@pytest.fixture
def auth(app):
    return Auth(secret=SECRET).install(app)


def request_with(auth, token):
    headers = Header([("authorization", f"Bearer {token}")])
    return Request(b"/", headers, "1.1", "GET", None, auth.app)


async def calls(handler, request):
    """Return the functions of the package that a request calls, in order."""
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
    # a new token: `admit` and `examine` are the one order of checks, and
    # `accept` is the one place that keeps a token
    "protected": (5, 25),
    "scoped": (10, 30),
    "protected and inject_user": (14, 33),
}


def guards(auth):
    return {
        "protected": auth.protected()(respond),
        "scoped": auth.scoped(SCOPES)(respond),
        "protected and inject_user": auth.protected()(
            auth.inject_user()(respond)
        ),
    }


@pytest.mark.parametrize("name", BUDGETS)
async def test_a_protected_request_stays_within_its_call_budget(auth, name):
    handler = guards(auth)[name]
    first, second = [
        await auth.generate_access_token({"user_id": n}) for n in (1, 2)
    ]
    for _ in range(2):  # the second one reads the payload, to copy it later
        await calls(handler, request_with(auth, first))
    warm = await calls(handler, request_with(auth, first))
    cold = await calls(handler, request_with(auth, second))
    budget = BUDGETS[name]
    assert len(warm) <= budget[0], warm
    assert len(cold) <= budget[1], cold


async def test_a_login_stays_within_its_call_budget(auth):
    (_, _, log_in), *_ = auth._sanic_jwt_oo.views
    for _ in range(2):  # the first one finds the answers to call
        request = Request(b"/auth", Header(), "1.1", "POST", None, auth.app)
        request.body = b'{"user_id": 1}'
        called = await calls(log_in, request)
    # two of them look where the request comes from
    assert len(called) <= 40, called


async def test_a_second_decorator_does_not_verify_again(auth):
    token = await auth.generate_access_token({"user_id": 1})
    once = auth.protected()(respond)
    twice = auth.protected()(once)
    more = await calls(twice, request_with(auth, token))
    assert more.count("verify") == 2  # the codec's, and the key's
    await calls(once, request_with(auth, token))
    warm = await calls(twice, request_with(auth, token))
    assert warm.count("accept") == 1
    assert "verify" not in warm


# --- the legacy form ---------------------------------------------------------


async def test_methods_of_the_legacy_form_cost_nothing_if_not_overridden(app):
    """They are found at install, and no request looks for them."""

    class Legacy(Authentication):
        def authenticate(self, request, *args, **kwargs):
            return {"user_id": 1}

        def retrieve_user(self, request, payload, *args, **kwargs):
            return {"user_id": payload["user_id"]}

        def add_scopes_to_payload(self, user, *args, **kwargs):
            return SCOPES

    auth = Initialize(
        app,
        authentication_class=Legacy,
        secret=SECRET,
        scopes_enabled=True,
    ).auth
    assert not auth._sanic_jwt_oo.gate.takes_own_steps
    handlers = {
        "protected": auth.protected()(respond),
        "scoped": auth.scoped(SCOPES)(respond),
    }
    for name, handler in handlers.items():
        first, second = [
            await auth.generate_access_token({"user_id": n}) for n in (1, 2)
        ]
        for _ in range(2):
            await calls(handler, request_with(auth, first))
        warm = await calls(handler, request_with(auth, first))
        cold = await calls(handler, request_with(auth, second))
        assert len(warm) <= BUDGETS[name][0], warm
        assert len(cold) <= BUDGETS[name][1], cold
