"""Budgets of calls for the ways that an application takes most.

`tests/test_call_budget.py` has the others, and counts.
"""

from __future__ import annotations

from sanic import Request
from sanic.compat import Header

from sanic_jwt_oo.sessions import MemorySessionStore
from tests.conftest import SECRET
from tests.security.wire import send, start
from tests.sessions.conformance import until
from tests.test_call_budget import Auth, calls, request_with, respond


class Sessions(Auth):
    class Configuration:
        secret = SECRET

    def __init__(self, **settings):
        super().__init__(session_store=MemorySessionStore(), **settings)


class Cookies(Auth):
    class Configuration:
        secret = SECRET
        cookie_set = True


async def started(auth, app):
    """Install and start, so that the feed of the store is followed."""
    auth.install(app)
    await start(app)
    return auth


def log_in_request(auth):
    headers = Header([("host", "shop.example")])
    request = Request(b"/auth", headers, "1.1", "POST", None, auth.app)
    request.body = b'{"user_id": 1}'
    return request


async def warm_calls(handler, make_request):
    """Return the calls of a request whose token is cached."""
    for _ in range(2):  # the second one reads the payload, to copy it later
        await calls(handler, make_request())
    return await calls(handler, make_request())


async def test_a_warm_request(app):
    auth = await started(Auth(secret=SECRET), app)
    token = await auth.generate_access_token({"user_id": 1})
    called = await warm_calls(
        auth.protected()(respond), lambda: request_with(auth, token)
    )
    assert len(called) <= 5, called


async def test_a_warm_request_where_sessions_are_kept(app):
    auth = await started(Sessions(), app)
    logged_in = await send(app, "POST", "/auth", body=b'{"user_id": 1}')
    token = logged_in.json["access_token"]
    assert auth.config.revocation_check == "feed"
    await until(lambda: auth.sessions.feed.is_current)
    called = await warm_calls(
        auth.protected()(respond), lambda: request_with(auth, token)
    )
    assert len(called) <= 8, called


async def test_a_warm_unsafe_request_with_a_cookie(app):
    auth = await started(Cookies(), app)
    logged_in = await send(app, "POST", "/auth", body=b'{"user_id": 1}')
    cookies = logged_in.cookies
    sent = [
        ("host", "shop.example"),
        ("cookie", "; ".join(f"{n}={v}" for n, v in cookies.items())),
        ("x-csrf-token", cookies["__Host-csrf_token"]),
    ]

    def request():
        return Request(b"/", Header(sent), "1.1", "POST", None, auth.app)

    called = await warm_calls(auth.protected()(respond), request)
    assert len(called) <= 10, called


async def test_a_log_in_that_starts_a_session(app):
    auth = await started(Sessions(), app)
    (route,) = [r for r in app.router.routes if r.path == "auth"]
    called = await warm_calls(route.handler, lambda: log_in_request(auth))
    assert len(called) <= 59, called
