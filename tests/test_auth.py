"""What an application calls: tokens, payloads, users and user secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
import pytest
from sanic import Request
from sanic.compat import Header
from sanic.response import json

from sanic_jwt_oo import Claim, JWTAuth
from sanic_jwt_oo.exceptions import (
    ExpiredToken,
    InvalidConfiguration,
    InvalidPayload,
    InvalidRequestBody,
    InvalidToken,
    MissingRegisteredClaim,
    MissingUserId,
)
from tests.conftest import SECRET, Auth, RefreshAuth, answer_payload
from tests.keys.conftest import private_key, private_pem, public_bytes


async def payload_of(auth, user=None, **kwargs) -> Any:
    token = await auth.generate_access_token(user or Auth.joe, **kwargs)
    return await auth.verify_token(token)


async def test_a_token_has_user_id_and_exp(app):
    auth = Auth(secret=SECRET, expiration_delta=60).install(app)
    auth.now = lambda: 1000.5  # type: ignore[method-assign]
    assert await payload_of(auth) == {"user_id": 1, "exp": 1060}


@pytest.mark.requirement("T11")
async def test_all_times_come_from_now(app):
    auth = Auth(secret=SECRET).install(app)
    token = await auth.generate_access_token(Auth.joe)
    end = (await auth.verify_token(token))["exp"] + 60
    auth.now = lambda: end - 0.001  # type: ignore[method-assign]
    assert await auth.verify_token(token)
    auth.now = lambda: end  # type: ignore[method-assign]
    with pytest.raises(ExpiredToken, match="expired"):
        await auth.verify_token(token)


@pytest.mark.parametrize(
    ("user_id", "claim"),
    [
        (0, 0),
        (1.5, 1.5),
        ("joe", "joe"),
        ("", ""),
        (False, False),
        ([1], [1]),
        ({"a": 1}, {"a": 1}),
        (UUID(int=1), str(UUID(int=1))),
    ],
)
async def test_a_user_id_can_have_any_json_type(app, user_id, claim):
    auth = Auth(secret=SECRET).install(app)
    assert (await payload_of(auth, {"user_id": user_id}))["user_id"] == claim


@pytest.mark.parametrize("user_id", [1, "1", UUID(int=1)])
async def test_sub_is_issued_as_a_string(app, user_id):
    auth = Auth(secret=SECRET, user_id="sub").install(app)
    payload = await payload_of(auth, {"sub": user_id})
    assert payload["sub"] == str(user_id)


@pytest.mark.requirement("T14")
@pytest.mark.parametrize("user", [{"name": "joe"}, {"user_id": None}])
async def test_a_user_without_an_id_gets_no_token(app, client, caplog, user):
    class Nameless(Auth):
        def authenticate(self):
            return user

    auth = Nameless(secret=SECRET).install(app)
    with pytest.raises(InvalidPayload, match="user_id"):
        await auth.generate_access_token(user)
    response = await client.post("/auth")
    assert response.status == 401
    assert response.json["exception"] == "AuthenticationFailed"
    assert "user_id" in caplog.text


async def test_an_extended_payload_must_keep_its_claims(app):
    class Extending(Auth):
        answer: Any = None

        async def extend_payload(self, payload, user):
            if self.answer is not None:
                return self.answer
            return {**payload, "name": user["name"]}

    auth = Extending(secret=SECRET, claim_iat=True).install(app)
    assert (await payload_of(auth))["name"] == "joe"
    auth.answer = {"user_id": 1, "exp": 1}
    with pytest.raises(MissingRegisteredClaim, match="iat"):
        await payload_of(auth)
    for auth.answer in ([], "x", {"exp": 1, "iat": 1}):
        with pytest.raises(InvalidPayload):
            await payload_of(auth)


async def test_one_token_can_have_extra_claims(app):
    class Small(Claim):
        key = "small"

        async def setup(self, payload, user):
            return len(user["name"])

        def verify(self, value):
            return value == 3

    auth = Auth(secret=SECRET).install(app)
    token = await auth.generate_access_token(
        Auth.joe,
        extend_payload=lambda payload, user: {**payload, **user},
        custom_claims=[Small],
    )
    payload = await auth.verify_token(token)
    await Small().check(payload)
    assert (payload["name"], payload["small"]) == ("joe", 3)
    plain = await auth.generate_access_token(Auth.joe)
    with pytest.raises(InvalidToken):
        await Small().check(await auth.verify_token(plain))


async def test_scopes_are_issued_as_a_list(app):
    class Scoped(Auth):
        scopes: Any = "one"

        def add_scopes_to_payload(self):
            return self.scopes

    auth = Scoped(secret=SECRET).install(app)
    assert (await payload_of(auth))["scopes"] == ["one"]
    auth.scopes = ("a", "b")
    assert (await payload_of(auth))["scopes"] == ["a", "b"]


async def test_the_extract_methods_read_the_token_of_a_request(app, client):
    class Scoped(Auth):
        def add_scopes_to_payload(self):
            return ["a"]

    auth = Scoped(secret=SECRET).install(app)

    @app.get("/")
    async def tell(request):
        payload = await auth.extract_payload(request)
        return json(
            [
                payload and payload["user_id"],
                await auth.is_authenticated(request),
                await auth.extract_user_id(request),
                await auth.extract_scopes(request),
                await auth.current_user(request),
            ]
        )

    known = await client.get("/", await client.log_in())
    assert known.json == [1, True, 1, ["a"], Auth.joe]
    for headers in ({}, {"Authorization": "Basic x"}):
        nobody = await client.get("/", headers=headers)
        assert nobody.json == [None, False, None, None, None]


@pytest.mark.requirement("I10")
async def test_a_payload_belongs_to_its_request(app, client):
    auth = Auth(secret=SECRET).install(app)

    @app.get("/")
    @auth.protected()
    async def change(request):
        payload = await auth.check(request)
        payload["seen"] = payload.get("seen", 0) + 1
        return json(payload["seen"])

    token = await client.log_in()
    for _ in range(3):
        assert (await client.get("/", token)).json == 1


class SecretAuth(Auth):
    secrets: dict[Any, Any] = {1: SECRET, 2: SECRET[1:]}

    class Configuration:
        user_secret_enabled = True

    async def retrieve_user_secret(self, user_id):
        return self.secrets[user_id]


@pytest.mark.requirement("T1")
async def test_each_user_can_have_a_secret(app, client):
    auth = SecretAuth(secret=None).install(app)
    app.add_route(auth.protected()(answer_payload), "/")
    token = await client.log_in()
    assert (await client.get("/", token)).status == 200
    assert jwt.decode(token, SECRET, algorithms=["HS256"])["user_id"] == 1
    crossed = jwt.encode({"user_id": 2, "exp": 2**40}, SECRET)
    assert (await client.get("/", crossed)).status == 401


@pytest.mark.requirement("T1")
@pytest.mark.parametrize(
    "user_id", [3, "3", None, True, 1.0, [1], {"a": 1}, "x" * 10_000]
)
async def test_a_hostile_id_is_refused_before_any_hook(app, client, user_id):
    auth = SecretAuth().install(app)
    app.add_route(auth.protected()(answer_payload), "/")
    forged = jwt.encode({"user_id": user_id, "exp": 2**40}, SECRET)
    with pytest.raises(InvalidToken):
        await auth.verify_token(forged)
    if len(forged) < 8000:
        assert (await client.get("/", forged)).status == 401


async def test_a_user_without_a_valid_secret_is_refused(app, caplog):
    class Weak(SecretAuth):
        secrets = {1: "short", 2: None, 4: ""}

    auth = Weak().install(app)
    for user_id in (1, 2, 4):
        forged = jwt.encode({"user_id": user_id, "exp": 2**40}, "x" * 40)
        with pytest.raises(InvalidToken):
            await auth.verify_token(forged)
    with pytest.raises(InvalidConfiguration):
        await auth.generate_access_token({"user_id": 1})
    with pytest.raises(InvalidToken):
        await auth.generate_access_token({"user_id": 2})
    with pytest.raises(KeyError):
        await auth.generate_access_token({"user_id": 3})
    assert "secret of a user" in caplog.text


async def test_each_user_can_have_a_key_pair(app):
    class Pairs(Auth):
        class Configuration:
            user_secret_enabled = True
            algorithm = "ES256"

        def retrieve_user_secret(self, user_id, encode):
            key = private_key("ES256")
            return private_pem(key) if encode else public_bytes(key)

    auth = Pairs().install(app)
    assert (await payload_of(auth))["user_id"] == 1


@pytest.mark.requirement("R7")
@pytest.mark.requirement("R6")
async def test_a_refresh_token_is_for_its_own_user(app, client):
    auth = RefreshAuth(secret=SECRET).install(app)
    response = await client.post("/auth")
    token, refresh = (
        response.json["access_token"],
        response.json["refresh_token"],
    )
    sent = {"json": {"refresh_token": refresh}}
    assert (await client.post("/auth/refresh", token, **sent)).status == 200
    auth.stored = {2: refresh}
    assert (await client.post("/auth/refresh", token, **sent)).status == 401
    for stored in ("", b"", 3, "other", None):
        auth.stored = {1: stored}
        response = await client.post("/auth/refresh", token, **sent)
        assert response.status == 401
    auth.stored = {1: refresh.encode()}
    assert (await client.post("/auth/refresh", token, **sent)).status == 200


@pytest.mark.requirement("T14")
async def test_a_deleted_user_cannot_refresh(app, client):
    auth = RefreshAuth(secret=SECRET).install(app)
    gone = await auth.generate_access_token({"user_id": 2})
    sent = {"json": {"refresh_token": "x"}}
    assert (await client.post("/auth/refresh", gone, **sent)).status == 401
    assert (await client.get("/auth/me", gone)).status == 401


async def test_an_expired_token_can_be_refreshed(app, client):
    auth = RefreshAuth(secret=SECRET).install(app)
    response = await client.post("/auth")
    token = response.json["access_token"]
    sent = {"json": {"refresh_token": response.json["refresh_token"]}}
    late = auth.now() + 10_000
    auth.now = lambda: late  # type: ignore[method-assign]
    assert (await client.get("/auth/verify", token)).status == 401
    assert (await client.post("/auth/refresh", token, **sent)).status == 200


async def test_a_verify_only_service_issues_no_tokens(app):
    key = private_key("ES256")
    auth = JWTAuth(
        algorithm="ES256", auth_mode=False, public_key=public_bytes(key)
    ).install(app)
    token = jwt.encode({"user_id": 1, "exp": 2**40}, key, "ES256")
    assert (await auth.verify_token(token))["user_id"] == 1
    with pytest.raises(InvalidConfiguration, match="private_key"):
        await auth.generate_access_token(Auth.joe)


@pytest.mark.parametrize("debug", [False, True])
async def test_the_detail_of_an_application_error_is_sent_only_with_debug(
    app, client, debug
):
    class Dropping(Auth):
        def extend_payload(self):
            return {"user_id": 1}

    Dropping(secret=SECRET, debug=debug).install(app)
    response = await client.post("/auth")
    assert response.json["exception"] == "MissingRegisteredClaim"
    assert ("exp" in response.json["reasons"][0].split()[-1]) is debug


class Late(Claim):
    """Counts on a payload that names a user."""

    key = "late"

    def setup(self, payload, user):
        return payload["user_id"] + 1

    def verify(self, value):
        return True


@pytest.mark.requirement("T14")
@pytest.mark.parametrize(
    ("made", "error"),
    [([1], InvalidPayload), ({"user_id": None}, MissingUserId)],
)
async def test_a_payload_without_a_user_is_not_extended(app, made, error):
    class Making(Auth):
        def build_payload(self, user):
            return made

    auth = Making(secret=SECRET, custom_claims=[Late]).install(app)
    with pytest.raises(error):
        await auth.generate_access_token(Auth.joe)


@pytest.mark.requirement("T14")
@pytest.mark.parametrize(
    ("left", "error"),
    [
        (None, InvalidPayload),
        ({"exp": 4_000_000_000}, MissingUserId),
        ({"user_id": 1}, MissingRegisteredClaim),
    ],
)
async def test_the_last_change_to_a_payload_keeps_user_and_claims(
    app, left, error
):
    auth = Auth(secret=SECRET).install(app)
    with pytest.raises(error):
        await payload_of(auth, extend_payload=lambda payload: left)


async def test_a_hook_that_forgets_to_return_the_payload_is_named(app):
    class Forgetful(Auth):
        def extend_payload(self, payload):
            payload["name"] = "Joe"

    auth = Forgetful(secret=SECRET).install(app)
    with pytest.raises(InvalidPayload) as refused:
        await auth.generate_access_token(Auth.joe)
    assert str(refused.value) == (
        "extend_payload() returned NoneType; it must return the payload, a "
        "dict: `return payload`."
    )


async def test_a_naive_datetime_from_a_hook_is_a_500_and_logged(
    app, client, caplog
):
    class Naive(Auth):
        def extend_payload(self, payload):
            return {**payload, "exp": datetime(2040, 1, 1)}

    Naive(secret=SECRET).install(app)
    response = await client.post("/auth")
    assert (response.status, response.json["exception"]) == (
        500,
        "InvalidPayload",
    )
    assert "'exp' is a datetime without a time zone" in caplog.text


async def test_hooks_may_remove_other_claims_about_the_user(app):
    class Brief(Auth):
        def build_payload(self, user):
            return {"user_id": user["user_id"], "name": "Joe"}

        def extend_payload(self, payload):
            return {n: claim for n, claim in payload.items() if n != "name"}

    auth = Brief(secret=SECRET).install(app)
    assert (await payload_of(auth)).keys() == {"user_id", "exp"}


async def test_errors_are_rendered_without_startup_listeners(app):
    auth = Auth(secret=SECRET).install(app)
    views = {name: view for name, _, view in auth._sanic_jwt_oo.views}
    request = Request(b"/auth", Header(), "1.1", "POST", None, app)
    request.body = b"[]"
    with pytest.raises(InvalidRequestBody) as refused:
        await views["AuthenticateEndpoint"](request)
    assert app.error_handler.lookup(refused.value) is not None
