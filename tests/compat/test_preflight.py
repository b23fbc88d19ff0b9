"""`OPTIONS` without a token, where methods of sanic-jwt are overridden."""

from __future__ import annotations

from typing import Any

import pytest
from sanic import Sanic
from sanic.response import text

from sanic_jwt_oo import (
    Authentication,
    Initialize,
    inject_user,
    protected,
    scoped,
)
from tests.conftest import SECRET, Client

pytestmark = pytest.mark.requirement("H7")


class DenyList(Authentication):
    """Refuses user 2, in every way that 1.8 asks."""

    async def authenticate(self, request: Any, *args: Any) -> Any:
        return {"user_id": request.json["id"]}

    async def retrieve_user(self, request: Any, payload: Any) -> Any:
        return {"user_id": payload["user_id"]}

    async def add_scopes_to_payload(self, user: Any, *args: Any) -> Any:
        return ["a"]


class InVerify(DenyList):
    async def _verify(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        payload = await super()._verify(request, return_payload=True)
        if payload and payload["user_id"] == 2:
            return False, 401, ["Denied."]
        return await super()._verify(request, *args, **kwargs)


class InCheck(DenyList):
    async def _check_authentication(
        self, request: Any, request_args: Any, request_kwargs: Any
    ) -> Any:
        if request.headers.get("x-api-key") == "permanent":
            return True, 200, None
        verdict = await super()._check_authentication(
            request, request_args, request_kwargs
        )
        payload = await self.extract_payload(request)
        denied = payload and payload["user_id"] == 2
        return (False, 401, ["Denied."]) if denied else verdict


class InDecode(DenyList):
    async def _decode(self, token: str, *args: Any, **kwargs: Any) -> Any:
        payload = await super()._decode(token, *args, **kwargs)
        return None if payload["user_id"] == 2 else payload


@pytest.mark.parametrize("kind", [DenyList, InVerify, InCheck, InDecode])
async def test_options_without_credentials_shows_the_methods_alone(
    kind: type[DenyList], app: Sanic, client: Client
) -> None:
    Initialize(
        app, authentication_class=kind, secret=SECRET, scopes_enabled=True
    )
    reached = []

    async def page(request: Any) -> Any:
        reached.append(request.path)
        return text("shown")

    methods = ["GET", "OPTIONS"]
    app.add_route(protected()(page), "/protected", methods, name="protected")
    app.add_route(scoped("a")(page), "/scoped", methods, name="scoped")
    members = [await client.log_in(json={"id": n}) for n in (1, 2)]
    denied = [f"{members[0][:-4]}AAAA"]
    if kind is not DenyList:
        denied.append(members[1])

    for path in ("/protected", "/scoped"):
        response = await client("OPTIONS", path)
        assert (response.status, response.text) == (204, "")
        assert response.headers["allow"] == "GET, OPTIONS"
        for token in denied:
            assert (await client("OPTIONS", path, token)).status == 401
        assert reached == []
        assert (await client("OPTIONS", path, members[0])).status == 200
        assert reached == [path]
        reached.clear()


async def test_options_with_a_key_that_the_application_accepts_is_served(
    app: Sanic, client: Client
) -> None:
    Initialize(app, authentication_class=InCheck, secret=SECRET)

    @app.route("/page", methods=["GET", "OPTIONS"])
    @protected()
    async def page(request: Any) -> Any:
        return text("shown")

    for key, status in (("permanent", 200), ("guess", 204)):
        response = await client("OPTIONS", "/page", headers={"x-api-key": key})
        assert response.status == status


async def test_a_preflight_looks_no_user_up(
    app: Sanic, client: Client
) -> None:
    """1.8 does not either: `retrieve_user` may expect a payload."""
    Initialize(app, authentication_class=DenyList, secret=SECRET)
    methods = ["GET", "OPTIONS"]

    async def page(request: Any, user: Any) -> Any:
        return text(f"of {user}")

    app.add_route(inject_user()(page), "/open", methods, name="open")
    guarded = inject_user()(protected()(page))
    app.add_route(guarded, "/closed", methods, name="closed")
    token = await client.log_in(json={"id": 1})

    assert (await client("OPTIONS", "/open")).text == "of None"
    assert (await client("OPTIONS", "/closed")).status == 204
    for path in ("/open", "/closed"):
        response = await client("OPTIONS", path, token)
        assert response.text == "of {'user_id': 1}"
