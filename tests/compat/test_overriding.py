"""What an application of sanic-jwt overrides is called, and still bounded.

An application that overrides `_check_authentication`, `_verify` or `_decode`
decides which requests are valid. Cross-site checks, revocation, custom claims
and extra verifications hold in addition.
"""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
import pytest
from sanic.response import json, text

from sanic_jwt_oo import Authentication, Claim, Initialize, JWTAuth
from sanic_jwt_oo.endpoints import VerifyEndpoint
from sanic_jwt_oo.exceptions import (
    InvalidConfiguration,
    InvalidToken,
    MissingCredentials,
    Unauthorized,
)
from sanic_jwt_oo.sessions import MemorySessionStore
from tests.security.forging import SECRET
from tests.security.shops import CONTENT, Shop, csrf, new_app

KEY = "a-permanent-key"


class App(Authentication):
    """Logs in anyone as user 1."""

    async def authenticate(self, request, *args, **kwargs):
        return {"user_id": 1}

    async def retrieve_user(self, request, payload, *args, **kwargs):
        if not payload and request.headers.get("x-api-key") == KEY:
            return {"user_id": "machine"}
        return {"user_id": payload["user_id"]} if payload else None

    async def add_scopes_to_payload(self, user, *args, **kwargs):
        return ["fruit:read"]


class Keys(App):
    """Accepts a permanent key beside tokens."""

    payload: Any = None

    async def _verify(self, request, return_payload=False, **kwargs):
        key = request.headers.get("x-api-key")
        if key is None:
            return await super()._verify(
                request, return_payload=return_payload, **kwargs
            )
        if return_payload:
            return self.payload if key == KEY else None
        return key == KEY, 200 if key == KEY else 401, "Unknown key."


class SyncKeys(App):
    def _verify(self, request, return_payload=False, **kwargs):
        key = request.headers.get("x-api-key")
        if key is None:
            return super()._verify(
                request, return_payload=return_payload, **kwargs
            )
        return None if return_payload else (key == KEY, 401, "Unknown key.")


class CheckedKeys(App):
    async def _check_authentication(
        self, request, request_args, request_kwargs
    ):
        key = request.headers.get("x-api-key")
        if key is None:
            return await super()._check_authentication(
                request, request_args, request_kwargs
            )
        return key == KEY, 401, ["Unknown key."]


class DecodedKeys(App):
    """Accepts a permanent key in the place of a token."""

    async def _decode(self, token, verify=True, inline_claims=None):
        if token == KEY:
            return {"user_id": 9, "scopes": ["fruit:read"]}
        return await super()._decode(token, verify, inline_claims)


def shop_of(kind: type, **settings: Any) -> Shop:
    """Return a shop with a route for each decorator."""
    shop = Shop(new_app())
    settings.setdefault("scopes_enabled", True)
    front = Initialize(
        shop.app, authentication_class=kind, secret=SECRET, **settings
    )
    shop.auth = front.auth

    @shop.app.route("/protected", methods=["GET", "POST", "OPTIONS"])
    @front.protected()
    async def protected(request):
        return text(CONTENT)

    @shop.app.get("/scoped")
    @front.scoped("fruit:read")
    async def scoped(request):
        return text(CONTENT)

    @shop.app.get("/user")
    @front.inject_user()
    @front.protected()
    async def user(request, user):
        return json(user)

    @shop.app.route("/public", methods=["GET", "POST"])
    @front.inject_user()
    async def public(request, user):
        return json(user)

    @shop.app.get("/reading")
    async def reading(request):
        auth = shop.auth
        return json(
            {
                "authenticated": await auth.is_authenticated(request),
                "payload": await auth.extract_payload(request),
                "scopes": await auth.extract_scopes(request),
                "user": await auth.extract_user_id(request),
                "verdict": await auth._verify(request),
            }
        )

    return shop


async def logged_in(kind: type, **settings: Any) -> tuple[Shop, str]:
    shop = shop_of(kind, **settings)
    response = await shop.post("/auth", json={})
    assert response.status == 200, response.text
    return shop, response.json.get("access_token", "")


# --- a permanent key beside tokens -------------------------------------------


@pytest.mark.parametrize("kind", [Keys, SyncKeys, CheckedKeys])
async def test_a_permanent_key_is_accepted(kind):
    shop, token = await logged_in(kind)
    for path in ("/protected", "/user", "/auth/me"):
        with_key = await shop.get(path, headers={"x-api-key": KEY})
        assert with_key.status == 200, path
        wrong = await shop.get(path, headers={"x-api-key": "guessed"})
        assert wrong.status == 401
        assert (await shop.get(path)).status == 401
        assert (await shop.get(path, token)).status == 200
        assert (await shop.get(path, token[:-4] + "AAAA")).status == 401
    found = await shop.get("/user", headers={"x-api-key": KEY})
    assert found.json == {"user_id": "machine"}


async def test_a_key_has_no_payload_no_scopes_and_no_session():
    store = MemorySessionStore()
    shop, _ = await logged_in(
        Keys,
        session_store=store,
        session_endpoints_enabled=True,
        scopes_enabled=True,
    )
    key = {"headers": {"x-api-key": KEY}}
    assert (await shop.get("/protected", **key)).status == 200
    assert (await shop.get("/scoped", **key)).status == 403
    assert (await shop.get("/auth/sessions", **key)).status == 401
    assert (await shop.post("/auth/logout", **key)).status == 401


async def test_the_payload_of_a_key_is_that_of_the_request():
    kind = type(
        "Own", (Keys,), {"payload": {"user_id": 5, "scopes": ["fruit:read"]}}
    )
    shop, _ = await logged_in(kind)
    key = {"headers": {"x-api-key": KEY}}
    assert (await shop.get("/user", **key)).json == {"user_id": 5}
    assert (await shop.get("/auth/me", **key)).json["me"] == {"user_id": 5}
    assert (await shop.get("/scoped", **key)).status == 200
    found = (await shop.get("/reading", **key)).json
    assert found["authenticated"] is True
    assert (found["user"], found["scopes"]) == (5, ["fruit:read"])


async def test_a_key_in_the_place_of_a_token():
    shop, token = await logged_in(DecodedKeys)
    for path in ("/protected", "/scoped", "/user", "/auth/me"):
        for good in (KEY, token):
            assert (await shop.get(path, good)).status == 200, path
        assert (await shop.get(path, "guessed")).status == 401
    assert (await shop.get("/auth/verify", KEY)).json == {"valid": True}
    assert await shop.auth.verify_token(KEY) is True
    assert (await shop.auth.verify_token(KEY, True))["user_id"] == 9
    assert (await shop.get("/reading", KEY)).json["user"] == 9


async def test_verify_reports_what_the_override_says():
    shop, token = await logged_in(Keys)
    key = await shop.get("/auth/verify", headers={"x-api-key": KEY})
    assert key.json == {"valid": True}
    wrong = await shop.get("/auth/verify", headers={"x-api-key": "no"})
    assert wrong.status == 401
    assert wrong.json["reasons"] == ["Unknown key."]
    assert (await shop.get("/auth/verify", token)).json == {"valid": True}
    assert (await shop.get("/auth/verify")).status == 401


async def test_verify_does_not_take_a_key_of_the_guards():
    """As in 1.8: it asks `_verify`, and not `_check_authentication`."""
    shop, token = await logged_in(CheckedKeys)
    key = await shop.get("/auth/verify", headers={"x-api-key": KEY})
    assert key.status == 401
    assert (await shop.get("/auth/verify", token)).status == 200


@pytest.mark.requirement("I12")
async def test_a_guard_in_front_of_verify_asks_the_check_of_guards():
    class Closed(App):
        async def _check_authentication(self, *args, **kwargs):
            return False, 401, "closed"

    shop = shop_of(Closed)
    token = await shop.auth._get_payload({"user_id": 1})
    token = jwt.encode(token, SECRET, algorithm="HS256")

    class Guarded(VerifyEndpoint):
        decorators = [shop.auth.protected()]

    shop.app.add_route(Guarded.as_view(shop.auth), "/guarded-verify")
    assert (await shop.get("/auth/verify", token)).status == 200
    assert (await shop.get("/guarded-verify", token)).status == 401


# --- what the application says -----------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "status", "reasons"),
    [
        ((False, 401, "no"), 401, ["no"]),
        ((False, 403, ["banned", "for good"]), 403, ["banned", "for good"]),
        ((False, 200, "no"), 401, ["no"]),
        ((False, None, None), 401, ["Auth required."]),
        ((False, "x", 5), 401, ["5"]),
        ([False, 418, ()], 418, ["Auth required."]),
        ((False, True), 401, ["Auth required."]),
        (False, 401, ["Auth required."]),
        (None, 401, ["Auth required."]),
        ("no", 401, ["Auth required."]),
        ({}, 401, ["Auth required."]),
    ],
)
@pytest.mark.parametrize("name", ["_verify", "_check_authentication"])
async def test_a_refusal_has_its_status_and_its_reasons(
    name, verdict, status, reasons
):
    shop, token = await logged_in(App)
    setattr(shop.auth, name, lambda *args, **kwargs: verdict)
    response = await shop.get("/protected", token)
    assert (response.status, response.json["reasons"]) == (status, reasons)


@pytest.mark.requirement("T18")
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    "name", ["_verify", "_decode", "_check_authentication"]
)
async def test_an_error_of_the_override_refuses(name, debug, caplog):
    shop, token = await logged_in(App, debug=debug)

    async def fail(*args, **kwargs):
        raise KeyError(token)

    setattr(shop.auth, name, fail)
    for path in ("/protected", "/scoped", "/user", "/auth/me"):
        assert (await shop.get(path, token)).status == 401, path
    reported = await shop.get("/auth/verify", token)
    assert reported.status == (200 if name.startswith("_check") else 401)
    assert token not in caplog.text


async def test_a_preflight_request_passes_an_override_that_fails():
    class Fails(App):
        async def _verify(self, request, *args, **kwargs):
            raise KeyError("authorization")

    shop = shop_of(Fails)
    response = await shop("OPTIONS", "/protected")
    assert response.status == 204
    assert (await shop("OPTIONS", "/protected", "token")).status == 401


async def test_an_error_of_sanic_in_the_check_of_guards_passes():
    class Banned(App):
        async def _check_authentication(self, *args, **kwargs):
            raise Unauthorized("banned", 403)

    response = await shop_of(Banned).get("/protected", "token")
    assert (response.status, response.json["reasons"]) == (403, ["banned"])


async def test_route_parameters_reach_the_override():
    seen = []

    class Own(App):
        async def _verify(
            self, request, *args, request_args=(), request_kwargs=None, **more
        ):
            seen.append((request_args, request_kwargs))
            return None if "return_payload" in more else (True, 200, None)

    shop = shop_of(Own)

    @shop.app.get("/orders/<number:int>")
    @shop.auth.protected()
    async def orders(request, number):
        return text(CONTENT)

    assert (await shop.get("/orders/5")).status == 200
    assert ((), {"number": 5}) in seen


async def test_it_is_asked_once_however_many_decorators_there_are():
    asked = []

    class Counting(App):
        async def _check_authentication(self, *args, **kwargs):
            asked.append(True)
            return await super()._check_authentication(*args, **kwargs)

    shop, token = await logged_in(Counting)
    assert (await shop.get("/user", token)).status == 200
    assert asked == [True]


@pytest.mark.parametrize("where", ["mixin", "instance", "class"])
async def test_where_it_is_defined_makes_no_difference(where):
    async def closed(*args, **kwargs):
        return False, 401, "closed"

    if where == "mixin":
        mixin = type("Mixin", (), {"_verify": closed})
        shop, token = shop_of(type("Own", (mixin, App), {})), "token"
    elif where == "class":
        shop, token = shop_of(type("Own", (App,), {"_verify": closed})), ""
    else:
        shop, token = await logged_in(App)
        assert (await shop.get("/protected", token)).status == 200
        shop.auth._verify = closed
    response = await shop.get("/protected", token or "token")
    assert response.json["reasons"] == ["closed"]
    if where == "instance":
        del shop.auth._verify
        assert (await shop.get("/protected", token)).status == 200


async def test_an_override_may_ask_the_helpers():
    class Denying(App):
        async def _check_authentication(
            self, request, request_args, request_kwargs
        ):
            payload = await self.extract_payload(request)
            if payload and payload["user_id"] == 1:
                return False, 403, "denied"
            assert not await self.is_authenticated(request)
            return await super()._check_authentication(
                request, request_args, request_kwargs
            )

    shop, token = await logged_in(Denying)
    assert (await shop.get("/protected", token)).status == 403
    assert (await shop.get("/protected")).status == 401


async def test_settings_of_a_decorator_are_in_force():
    class Own(App):
        async def _verify(self, *args, **kwargs):
            return await super()._verify(*args, **kwargs)

    shop, _ = await logged_in(Own)
    expired = jwt.encode({"user_id": 1, "exp": 1}, SECRET, "HS256")

    @shop.app.get("/old")
    @shop.auth.protected(verify_exp=False)
    async def old(request):
        return text(CONTENT)

    assert (await shop.get("/old", expired)).status == 200
    assert (await shop.get("/protected", expired)).status == 401
    token = jwt.encode({"user_id": 1, "exp": 2**40}, "x" * 40, "HS256")
    assert (await shop.get("/old", token)).status == 401


# --- what holds in addition --------------------------------------------------


class Region(Claim):
    key = "region"

    def setup(self, payload, user):
        return "north"

    def verify(self, value):
        return value == "north"


class Passing(App):
    """Takes the check over, and adds nothing."""

    async def _verify(self, *args, **kwargs):
        return await super()._verify(*args, **kwargs)


class Swallowing(App):
    """Accepts whatever happens."""

    async def _verify(self, request, return_payload=False, **kwargs):
        payload = await super()._verify(request, return_payload=True)
        return payload if return_payload else (True, 200, None)


@pytest.mark.requirement("C3")
@pytest.mark.parametrize("kind", [App, Passing, Swallowing, CheckedKeys])
async def test_a_token_in_a_cookie_needs_its_csrf_value(kind):
    shop = shop_of(kind, cookie_set=True, csrf_protect=True)
    response = await shop.post("/auth", json={})
    cookies = response.cookies
    sent = {"cookies": cookies}
    assert (await shop.get("/protected", **sent)).status == 200
    assert (await shop.post("/protected", **sent)).status == 403
    proven = await shop.post("/protected", headers=csrf(cookies), **sent)
    assert proven.status == 200


@pytest.mark.requirement("C3")
@pytest.mark.parametrize("kind", [App, Passing])
async def test_a_decorator_of_ones_own_sees_a_cross_site_request(kind):
    shop = shop_of(kind, cookie_set=True, csrf_protect=True)

    @shop.app.post("/own")
    async def own(request):
        is_valid, *_ = await shop.auth._check_authentication(request, (), {})
        return text(CONTENT if is_valid else "", 200 if is_valid else 401)

    cookies = (await shop.post("/auth", json={})).cookies
    sent = {"cookies": cookies}
    assert (await shop.post("/own", **sent)).status == 403
    proven = await shop.post("/own", headers=csrf(cookies), **sent)
    assert proven.text == CONTENT


@pytest.mark.parametrize("kind", [Passing, Swallowing, CheckedKeys])
async def test_a_revoked_token_is_refused(kind):
    shop, token = await logged_in(kind, session_store=MemorySessionStore())
    assert (await shop.get("/protected", token)).status == 200
    assert (await shop.post("/auth/logout", token)).status == 204
    for path in ("/protected", "/user", "/auth/me"):
        assert (await shop.get(path, token)).status == 401, path


@pytest.mark.parametrize("kind", [Passing, CheckedKeys, DecodedKeys])
async def test_claims_and_verifications_hold(kind):
    shop, token = await logged_in(
        kind,
        custom_claims=[Region],
        extra_verifications=[lambda payload: payload["user_id"] == 1],
    )
    assert (await shop.get("/protected", token)).status == 200
    payload = jwt.decode(token, SECRET, ["HS256"])
    for change in ({"region": "south"}, {"user_id": 2}):
        other = jwt.encode({**payload, **change}, SECRET, "HS256")
        assert (await shop.get("/protected", other)).status == 401
        assert (await shop.get("/auth/verify", other)).status == 401


@pytest.mark.requirement("C3")
@pytest.mark.parametrize("kind", [Passing, CheckedKeys])
async def test_a_verification_cannot_change_the_csrf_value(kind):
    def change(payload):
        payload["csrf"] = "x"
        return True

    shop = shop_of(
        kind, cookie_set=True, csrf_protect=True, extra_verifications=[change]
    )
    cookies = (await shop.post("/auth", json={})).cookies
    forged = {"cookies": cookies, "headers": {"x-csrf-token": "x"}}
    assert shop.auth.settings().csrf_header_name.lower() == "x-csrf-token"
    assert (await shop.post("/protected", **forged)).status == 403


async def test_a_verification_sees_each_payload_as_it_was_signed():
    def change(payload):
        was = list(payload["scopes"])
        payload["scopes"].append("admin")
        return was == ["fruit:read"]

    shop, token = await logged_in(Passing, extra_verifications=[change])
    for _ in range(2):
        assert (await shop.get("/scoped", token)).status == 200


@pytest.mark.requirement("R1")
@pytest.mark.parametrize("kind", [App, Passing, Swallowing, CheckedKeys])
async def test_a_token_that_nothing_could_revoke_is_refused(kind):
    shop, _ = await logged_in(kind, session_store=MemorySessionStore())
    token = jwt.encode({"user_id": 1, "exp": 2**40}, SECRET, "HS256")
    assert (await shop.get("/protected", token)).status == 401


@pytest.mark.requirement("H4")
async def test_two_headers_are_refused_as_a_request():
    shop, token = await logged_in(Passing)
    header = ("authorization", f"Bearer {token}")
    other = ("authorization", "Bearer other")
    response = await shop.get("/protected", headers=[header, other])
    assert response.status == 400


async def test_a_forged_request_has_no_payload():
    shop = shop_of(Passing, cookie_set=True, csrf_protect=True)

    @shop.app.post("/read")
    async def read(request):
        auth = shop.auth
        found = await auth.extract_payload(request)
        return json([found, await auth.is_authenticated(request)])

    cookies = (await shop.post("/auth", json={})).cookies
    assert (await shop.post("/read", cookies=cookies)).json == [None, False]


async def test_a_token_in_a_place_of_ones_own_is_a_token():
    class Own(Passing):
        def read_token(self, request):
            if "x-token" in request.headers:
                return request.headers["x-token"]
            raise MissingCredentials()

    shop, token = await logged_in(Own)
    for method, bad in (("GET", 401), ("OPTIONS", 401)):
        sent = {"headers": {"x-token": token}}
        assert (await shop(method, "/protected", **sent)).status == 200
        sent = {"headers": {"x-token": "forged"}}
        assert (await shop(method, "/protected", **sent)).status == bad
    assert (await shop("OPTIONS", "/protected")).status == 204
    assert (await shop.get("/protected", token)).status == 401


async def test_a_key_without_payload_is_asked_for_no_claims():
    shop, _ = await logged_in(Keys, custom_claims=[Region])
    key = {"headers": {"x-api-key": KEY}}
    assert (await shop.get("/protected", **key)).status == 200


async def test_the_claims_hold_for_the_payload_of_a_key():
    payload = {"user_id": 5}
    shop, _ = await logged_in(
        type("Own", (Keys,), {"payload": payload}), custom_claims=[Region]
    )
    key = {"headers": {"x-api-key": KEY}}
    assert (await shop.get("/protected", **key)).status == 401
    payload["region"] = "north"
    assert (await shop.get("/protected", **key)).status == 200


@pytest.mark.parametrize("kind", [App, Passing])
async def test_check_request_is_taken_too(kind):
    class Own(kind):
        async def check_request(self, request, payload):
            raise Unauthorized("checked", 403)

    shop, token = await logged_in(Own)

    @shop.app.get("/own")
    async def own(request):
        is_valid, *_ = await shop.auth._check_authentication(request, (), {})
        return text(CONTENT if is_valid else "")

    assert (await shop.get("/protected", token)).status == 403
    assert CONTENT not in (await shop.get("/own", token)).text


async def test_requests_at_once_do_not_see_each_other():
    class Own(App):
        async def _verify(self, request, return_payload=False, **kwargs):
            await asyncio.sleep(0)
            return await super()._verify(
                request, return_payload=return_payload, **kwargs
            )

    shop, _ = await logged_in(Own)
    tokens = [
        await shop.auth.generate_access_token({"user_id": n}) for n in range(9)
    ]
    responses = await asyncio.gather(*(shop.get("/user", t) for t in tokens))
    assert [a.json["user_id"] for a in responses] == [*range(9)]


# --- extract_payload, extract_scopes, the refresh token ----------------------


@pytest.mark.parametrize("is_async", [True, False])
async def test_a_changed_payload_is_handed_to_retrieve_user(is_async):
    class Own(App):
        async def extract_payload(self, request, *args, **kwargs):
            payload = await super().extract_payload(request, *args, **kwargs)
            return payload and {**payload, "user_id": 77}

    shop, token = await logged_in(Own)
    if not is_async:
        shop.auth.extract_payload = lambda request: {"user_id": 77}
    assert (await shop.get("/auth/me", token)).json["me"] == {"user_id": 77}
    assert (await shop.get("/user", token)).json == {"user_id": 77}
    assert (await shop.get("/public", token)).json == {"user_id": 77}
    assert (await shop.get("/public")).json is None
    assert (await shop.get("/auth/me")).status == 401


@pytest.mark.requirement("I12")
@pytest.mark.parametrize("response", [None, False, {}, "text", (False, 1, 2)])
async def test_extract_payload_that_refuses_is_no_user(response):
    shop, token = await logged_in(App)

    async def refuse(request, *args, **kwargs):
        return response

    shop.auth.extract_payload = refuse
    assert (await shop.get("/auth/me", token)).status == 401
    assert (await shop.get("/user", token)).status == 401
    assert (await shop.get("/public", token)).json is None
    assert (await shop.get("/scoped", token)).status in (401, 403)
    assert (await shop.get("/protected", token)).status == 200  # as in 1.8


async def test_extract_payload_makes_no_payload_for_a_forged_token():
    class Own(App):
        async def extract_payload(self, request, *args, **kwargs):
            return {"user_id": 1, "scopes": ["fruit:read"]}

    shop, token = await logged_in(Own)
    for bad in (None, "forged", token[:-4] + "AAAA"):
        for path in ("/auth/me", "/user", "/scoped"):
            assert (await shop.get(path, bad)).status == 401
        assert (await shop.get("/public", bad)).json is None
    assert (await shop.get("/scoped", token)).status == 200


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        (["fruit:read"], 200),
        (("fruit",), 200),
        ([], 403),
        (None, 403),
        (False, 403),
        ("fruit:read", 403),
    ],
)
async def test_scoped_asks_extract_scopes(scopes, status, is_async):
    class Own(App):
        async def extract_scopes(self, request):
            assert await super().extract_scopes(request) == ["fruit:read"]
            return scopes

    shop, token = await logged_in(Own)
    if not is_async:
        shop.auth.extract_scopes = lambda request: scopes
    assert (await shop.get("/scoped", token)).status == status
    assert (await shop.get("/scoped")).status == 401


async def test_an_error_of_extract_scopes_refuses():
    shop, token = await logged_in(App)

    def fail(request):
        raise KeyError("scopes")

    shop.auth.extract_scopes = fail
    assert (await shop.get("/scoped", token)).status == 401


class Pair(App):
    """Keeps refresh tokens, and reads them from a header."""

    stored: Any = None

    async def store_refresh_token(self, user_id, refresh_token, **kwargs):
        type(self).stored = refresh_token

    async def retrieve_refresh_token(self, user_id, **kwargs):
        return self.stored

    async def retrieve_refresh_token_from_request(self, request):
        return request.headers.get("x-refresh-token")


@pytest.mark.parametrize("keeps_sessions", [True, False])
async def test_refresh_asks_for_its_token(keeps_sessions):
    store = MemorySessionStore() if keeps_sessions else None
    shop = shop_of(Pair, session_store=store, refresh_token_enabled=True)
    issued = (await shop.post("/auth", json={})).json
    token, refresh = issued["access_token"], issued["refresh_token"]
    body = {"refresh_token": refresh}
    assert (await shop.post("/auth/refresh", token, json=body)).status == 401
    wrong = {"x-refresh-token": "wrong"}
    response = await shop.post("/auth/refresh", token, headers=wrong)
    assert response.status == 401
    right = {"x-refresh-token": refresh}
    response = await shop.post("/auth/refresh", token, headers=right)
    assert response.status == 200


@pytest.mark.parametrize("keeps_sessions", [True, False])
async def test_refresh_asks_for_the_payload(keeps_sessions):
    """One that refuses does not end the session."""
    store = MemorySessionStore() if keeps_sessions else None

    class Own(App):
        denied = False
        store_refresh_token = Pair.store_refresh_token
        retrieve_refresh_token = Pair.retrieve_refresh_token

        async def extract_payload(self, request, *args, **kwargs):
            payload = await super().extract_payload(request, *args, **kwargs)
            return None if self.denied else payload

    shop = shop_of(Own, session_store=store, refresh_token_enabled=True)
    issued = (await shop.post("/auth", json={})).json
    token, body = (
        issued["access_token"],
        {"refresh_token": issued["refresh_token"]},
    )
    if not keeps_sessions:  # an expired access token, and its payload
        payload = {**jwt.decode(token, SECRET, ["HS256"]), "exp": 1}
        token = jwt.encode(payload, SECRET, "HS256")
    shop.auth.denied = True
    assert (await shop.post("/auth/refresh", token, json=body)).status == 401
    shop.auth.denied = False
    assert (await shop.post("/auth/refresh", token, json=body)).status == 200


async def test_a_session_is_refreshed_without_an_access_token():
    class Own(App):
        async def extract_payload(self, request, *args, **kwargs):
            return await super().extract_payload(request, *args, **kwargs)

    store = MemorySessionStore()
    shop = shop_of(Own, session_store=store, refresh_token_enabled=True)
    issued = (await shop.post("/auth", json={})).json
    body = {"refresh_token": issued["refresh_token"]}
    assert (await shop.post("/auth/refresh", json=body)).status == 200


class Denying(App):
    """Denies every request, with a token or without."""

    async def _verify(self, request, *args, **kwargs):
        verdict = await super()._verify(request, *args, **kwargs)
        denied = "x-denied" in request.headers
        return (False, 401, "denied") if denied else verdict


async def test_a_session_is_not_refreshed_if_the_application_refuses():
    shop = shop_of(
        Denying, session_store=MemorySessionStore(), refresh_token_enabled=True
    )
    issued = (await shop.post("/auth", json={})).json
    body = {"refresh_token": issued["refresh_token"]}
    denied = {"headers": {"x-denied": "yes"}, "json": body}
    assert (await shop.post("/auth/refresh", **denied)).status == 401
    with_token = issued["access_token"]
    response = await shop.post("/auth/refresh", with_token, **denied)
    assert response.status == 401
    assert (await shop("OPTIONS", "/protected", **denied)).status == 204
    assert (await shop.post("/auth/refresh", json=body)).status == 200


# --- what is called ----------------------------------------------------------


async def test_tokens_can_be_signed_by_hand():
    shop = shop_of(App)
    auth = shop.auth
    payload = await auth._get_payload({"user_id": 4})
    token = jwt.encode(
        payload, await auth._get_secret(encode=True), auth._get_algorithm()
    )
    assert (await auth.verify_token(token, True))["user_id"] == 4
    assert await auth._get_user_id({"user_id": 4}) == 4
    assert await auth._get_user_id({"user_id": 4}, asdict=True) == {
        "user_id": 4
    }


async def test_the_secret_of_a_user():
    class Own(App):
        def retrieve_user_secret(self, user_id, **kwargs):
            return f"{SECRET} of user {user_id}"

    auth = shop_of(Own, user_secret_enabled=True).auth
    token = await auth.generate_access_token({"user_id": 4})
    secret = f"{SECRET} of user 4"
    assert await auth._get_secret(token=token) == secret
    assert await auth._get_secret(payload={"user_id": 4}) == secret
    for bad in ("", "a.b.c", None):
        with pytest.raises(InvalidToken):
            await auth._get_secret(token=bad)


@pytest.mark.requirement("T1")
async def test_decode_always_verifies_the_signature():
    shop, token = await logged_in(App, custom_claims=[Region])
    auth = shop.auth
    forged = jwt.encode({"user_id": 1, "exp": 2**40}, "x" * 40, "HS256")
    unfit = jwt.encode({"user_id": 1, "exp": 2**40}, SECRET, "HS256")
    assert (await auth._decode(token))["user_id"] == 1
    assert (await auth._decode(unfit, verify=False))["user_id"] == 1
    for bad, verify in ((forged, False), (forged, True), (unfit, True)):
        with pytest.raises(InvalidToken):
            await auth._decode(bad, verify=verify)


async def test_tokens_are_read_as_before():
    shop = shop_of(App, cookie_set=True)

    @shop.app.get("/read")
    async def read(request):
        auth = shop.auth
        return json([auth._get_token(request)])

    cookies = (await shop.post("/auth", json={})).cookies
    found = await shop.get("/read", cookies=cookies)
    assert found.json == [cookies["access_token"]]


@pytest.mark.parametrize(
    ("claims", "secret", "error"),
    [
        ({"exp": 1}, SECRET, jwt.ExpiredSignatureError),
        ({"exp": 2**40}, "x" * 40, jwt.DecodeError),
        ({"exp": 2**40, "aud": "other"}, SECRET, jwt.InvalidTokenError),
        ({"exp": 2**40, "nbf": 2**39}, SECRET, jwt.InvalidTokenError),
    ],
)
async def test_errors_are_those_of_pyjwt_as_well(claims, secret, error):
    auth = shop_of(App).auth
    token = jwt.encode({"user_id": 1, **claims}, secret, "HS256")
    with pytest.raises(error) as caught:
        await auth.verify_token(token)
    assert isinstance(caught.value, InvalidToken)
    assert caught.value.status_code == 401
    assert type(caught.value).__name__ in ("ExpiredToken", "InvalidToken")
    with pytest.raises(jwt.PyJWTError):
        await auth._decode("no token")


# --- names without effect ----------------------------------------------------

REPLACED = Authentication._sanic_jwt_oo_replaced


def test_every_private_name_of_the_oracle_works_or_is_refused():
    theirs = pytest.importorskip("sanic_jwt").Authentication
    called = {
        name
        for one in Authentication._sanic_jwt_oo_stand_ins
        for name in one.methods
    }
    private = {
        name
        for kind in theirs.__mro__
        for name in vars(kind)
        if name.startswith("_") and not name.startswith("__")
    }
    assert private == {n for n in private if n in called or n in REPLACED}


@pytest.mark.requirement("X1")
@pytest.mark.parametrize("name", REPLACED)
def test_a_name_without_effect_is_refused(name):
    def helper(self, *args):
        return None

    mixin = type("Mixin", (), {name: helper})
    for bases in ((App,), (mixin, App)):
        with pytest.raises(InvalidConfiguration, match=name) as caught:
            type("Own", bases, {name: helper} if len(bases) == 1 else {})
        assert REPLACED[name] in str(caught.value)
    with pytest.raises(InvalidConfiguration, match=name):
        setattr(App(None, None), name, helper)


@pytest.mark.requirement("X1")
def test_a_name_without_effect_that_is_set_later_is_refused():
    kind = type("Own", (App,), {})
    kind._get_token = lambda self, request: "token"
    with pytest.raises(InvalidConfiguration, match="_get_token"):
        shop_of(kind)


def test_the_class_form_may_use_these_names():
    class Own(JWTAuth[Any]):
        def authenticate(self, request):
            return {"user_id": 1}

    kind = type("Other", (Own,), dict.fromkeys([*REPLACED, "_verify"], 1))
    kind(secret=SECRET).install(new_app())


@pytest.mark.requirement("X1")
@pytest.mark.parametrize(
    "name",
    [
        "_verify",
        "_decode",
        "_check_authentication",
        "extract_payload",
        "extract_scopes",
        "retrieve_refresh_token_from_request",
    ],
)
def test_a_helper_of_that_name_is_refused_at_install(name):
    def helper(self, name, password):
        return True

    with pytest.raises(InvalidConfiguration, match=name):
        shop_of(type("Own", (App,), {name: helper}))
    with pytest.raises(InvalidConfiguration, match=name):
        shop_of(type("Own", (App,), {name: None}))
