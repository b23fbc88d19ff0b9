"""`check_request` sees a verified payload, once a request, and may refuse."""

from __future__ import annotations

import pytest
from sanic.response import json

from sanic_jwt_oo.exceptions import (
    InvalidToken,
    SanicJWTException,
    Unauthorized,
)

from .world import PLACES, Member, is_open, visit

each_place = pytest.mark.parametrize("place", PLACES)
each_form = pytest.mark.parametrize("is_async", [True, False])


@each_form
@each_place
async def test_check_request_sees_the_verified_payload_once(place, is_async):
    def check(self, request, payload):
        self.seen.append((request.path, payload["user_id"]))

    async def check_later(self, request, payload):
        check(self, request, payload)

    step = check_later if is_async else check
    app = type("App", (Member,), {"check_request": step, "seen": []})
    visitor = await visit(app(**PLACES[place]), place)
    for n in range(1, 4):
        assert is_open(await visitor.enter("protected and inject_user"))
        assert visitor.auth.seen == [("/user", 1)] * n


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unauthorized("no"), 401),
        (Unauthorized("no", 403), 403),
        (InvalidToken("no"), 401),
        (SanicJWTException("no", 418), 418),
    ],
)
async def test_check_request_says_how_a_request_is_refused(error, status):
    class App(Member):
        async def check_request(self, request, payload):
            raise error

    visitor = await visit(App())
    response = await visitor.enter("protected")
    assert response.status == status
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Bearer ")


async def test_an_error_that_a_step_raises_passes_unchanged():
    class App(Member):
        async def check_request(self, request, payload):
            raise LookupError("a fault of the application")

    visitor = await visit(App())
    raised = []

    @visitor.shop.app.exception(LookupError)
    async def note(request, exception):
        raised.append(exception)
        return json({}, status=500)

    for door in ("protected", "/auth/me", "is_authenticated"):
        assert (await visitor.enter(door)).status == 500, door
    assert len(raised) == 3


async def test_check_request_changes_no_other_requests_payload():
    class App(Member):
        seen = ()

        async def check_request(self, request, payload):
            self.seen = (*self.seen, payload.get("changed"))
            payload["changed"] = True

    visitor = await visit(App())
    for _ in range(3):
        assert is_open(await visitor.enter("protected"))
    assert visitor.auth.seen == (None, None, None)
