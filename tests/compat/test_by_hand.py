"""Objects of sanic-jwt that an application constructs itself."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from sanic import Sanic
from sanic.response import json, text

pytest.importorskip("sanic_jwt", reason="the oracle is not installed")

from sanic_jwt_oo import exceptions
from sanic_jwt_oo.exceptions import InsecureSecretWarning
from tests.conftest import SECRET, Client

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PACKAGES = ["sanic_jwt", "sanic_jwt_oo"]
both = pytest.mark.parametrize(
    "package", [*map(import_module, PACKAGES)], ids=PACKAGES
)
ADA = {"user_id": 1, "name": "ada"}


def authenticate(request: Any) -> dict[str, Any]:
    return ADA


# --- Configuration(app.config, ...) -----------------------------------------


@both
async def test_settings_are_read_by_calling_them(
    package: Any, app: Sanic
) -> None:
    app.config.SANIC_JWT_COOKIE_SET = True
    app.config.SANIC_JWT_LEEWAY = 7

    class Settings(package.Configuration):  # type: ignore[misc]
        access_token_name = "jwt"

        def set_user_id(self) -> str:
            return "id"

    config = Settings(app.config, secret=SECRET, leeway=5)

    assert config.secret() == SECRET
    assert config.access_token_name() == config.get("access_token_name")
    assert config.access_token_name() == "jwt"
    assert config.user_id() == "id"
    assert config.cookie_set() is True
    assert config.leeway() == 5
    assert config.expiration_delta() == 1800
    assert "leeway" in config
    assert "nothing" not in config
    assert config.get("nothing") is None
    config.leeway.update(9)
    assert config.leeway() == 9


@both
async def test_settings_that_cannot_work_are_refused(
    package: Any, app: Sanic
) -> None:
    errors = import_module(f"{package.__name__}.exceptions")

    with pytest.raises(errors.InvalidConfiguration):
        package.Configuration(app.config, secret=" ")
    with pytest.raises(errors.RequiredKeysNotFound):
        package.Configuration(app.config, algorithm="RS256", secret="x")


async def test_settings_name_no_values(app: Sanic) -> None:
    from sanic_jwt_oo import Configuration

    assert SECRET not in repr(Configuration(app.config, secret=SECRET))


# --- Authentication(app, config) --------------------------------------------


@both
async def test_an_object_without_endpoints_signs_and_verifies(
    package: Any, app: Sanic
) -> None:
    config = package.Configuration(app.config, secret=SECRET)
    auth = package.Authentication(app, config)

    token = await auth.generate_access_token(ADA)
    payload = await auth.verify_token(token, return_payload=True)

    assert (auth.app, auth.config) == (app, config)
    assert payload["user_id"] == 1
    assert await auth.verify_token(token) is True
    assert not hasattr(app.ctx, "auth")
    assert not app.router.routes


@both
async def test_an_object_signs_with_a_private_key(
    package: Any, app: Sanic, tmp_path: Any
) -> None:
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    private.write_bytes(
        key.private_bytes(
            form.Encoding.PEM,
            form.PrivateFormat.PKCS8,
            form.NoEncryption(),
        )
    )
    public.write_bytes(
        key.public_key().public_bytes(
            form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
        )
    )
    auth = package.Authentication(
        app,
        package.Configuration(
            app.config,
            algorithm="ES256",
            private_key=private,
            public_key=public,
        ),
    )

    token = await auth.generate_access_token(ADA)
    assert await auth.verify_token(token) is True


@both
async def test_protected_uses_an_object_that_is_wired_by_hand(
    package: Any, app: Sanic
) -> None:
    class Own(package.Authentication):  # type: ignore[misc]
        async def retrieve_user(self, request: Any, payload: Any) -> Any:
            return {"user_id": payload["user_id"]}

    app.ctx.auth = Own(app, package.Configuration(app.config, secret=SECRET))

    @app.get("/page")
    @package.protected()
    async def page(request: Any) -> Any:
        return text("shown")

    @app.get("/me")
    @package.protected()
    @package.inject_user()
    async def me(request: Any, user: Any) -> Any:
        return json(user)

    client = Client(app)
    token = await app.ctx.auth.generate_access_token(ADA)
    forged = f"{token[:-4]}AAAA"

    assert (await client.get("/page")).status == 401
    assert (await client.get("/page", forged)).status == 401
    assert (await client.get("/page", token)).text == "shown"
    assert (await client.get("/me", token)).json == {"user_id": 1}
    assert (await client.post("/auth", json={})).status == 404


@pytest.mark.requirement("S3")
@both
async def test_objects_can_be_made_while_requests_are_handled(
    package: Any, app: Sanic
) -> None:
    package.Initialize(app, authenticate=authenticate, secret=SECRET)

    @app.get("/token")
    async def page(request: Any) -> Any:
        config = package.Configuration(app.config, secret=SECRET)
        auth = package.Authentication(app, config)
        return text(await auth.generate_access_token(ADA))

    client = Client(app)
    tokens = [(await client.get("/token")).text for _ in range(3)]

    assert (await client.get("/auth/verify", tokens[-1])).status == 200
    assert len(getattr(app.ctx, "sanic_jwt_oo", [app])) == 1


@both
async def test_an_object_is_wired_by_hand_when_the_server_starts(
    package: Any, app: Sanic
) -> None:
    errors = import_module(f"{package.__name__}.exceptions")

    @app.before_server_start
    async def wire(app: Any, *_: Any) -> None:
        config = package.Configuration(app.config, secret=SECRET)
        app.ctx.auth = package.Authentication(app, config)

    @app.get("/page")
    @package.protected()
    async def page(request: Any) -> Any:
        return text("shown")

    @app.get("/error")
    async def error(request: Any) -> Any:
        raise errors.AuthenticationFailed("No.")

    client = Client(app)
    assert (await client.get("/page")).status == 401
    token = await app.ctx.auth.generate_access_token(ADA)
    assert (await client.get("/page", token)).text == "shown"
    assert (await client.get("/error")).status == 401


@both
async def test_an_object_beside_an_installation_has_its_own_settings(
    package: Any, app: Sanic
) -> None:
    other = SECRET[::-1]
    package.Initialize(app, authenticate=authenticate, secret=SECRET)
    script = package.Authentication(
        app, package.Configuration({}, secret=other, expiration_delta=60)
    )
    assert app.ctx.auth is not script

    @app.get("/page")
    @package.protected()
    async def page(request: Any) -> Any:
        return text("shown")

    client = Client(app)
    of_script = await script.generate_access_token(ADA)
    assert (await client.get("/page", of_script)).status == 401
    assert (await client.get("/page", await client.log_in())).status == 200
    assert await script.verify_token(of_script) is True


async def test_an_object_without_a_secret_has_a_random_one(app: Sanic) -> None:
    from sanic_jwt_oo import Authentication, Configuration

    with pytest.warns(InsecureSecretWarning):
        auth = Authentication(app, Configuration(app.config))

    token = await auth.generate_access_token(ADA)
    assert await auth.verify_token(token) is True


def test_an_object_without_an_application_says_so() -> None:
    from sanic_jwt_oo import Authentication, Configuration

    auth = Authentication(None, Configuration({}, secret=SECRET))

    assert auth.config.secret() == SECRET
    with pytest.raises(exceptions.InitializationFailure):
        auth.settings()


@both
async def test_init_reads_and_changes_the_settings(
    package: Any, app: Sanic
) -> None:
    class Own(package.Authentication):  # type: ignore[misc]
        def __init__(self, app: Any, config: Any) -> None:
            super().__init__(app, config)
            self.config = config
            self.secret = self.config.secret()
            self.names = [config.access_token_name(), config.leeway()]
            self.config.leeway.update(3)

    app.config.SANIC_JWT_ACCESS_TOKEN_NAME = "jwt"
    installed = package.Initialize(
        app,
        authenticate=authenticate,
        authentication_class=Own,
        secret=SECRET,
        leeway=5,
    )

    assert app.ctx.auth.secret == SECRET
    assert app.ctx.auth.names == ["jwt", 5]
    assert installed.config.leeway() == 3


async def test_other_settings_are_not_taken(app: Sanic) -> None:
    from sanic_jwt_oo import Configuration, Initialize

    Initialize(app, authenticate=authenticate, secret=SECRET)
    other = Configuration(app.config, secret=SECRET)

    with pytest.raises(exceptions.InvalidConfiguration, match="configure"):
        app.ctx.auth.config = other


# --- Responses(config, instance), View.as_view(responses, ...) --------------


@both
async def test_responses_are_constructed_with_settings_and_target(
    package: Any, app: Sanic
) -> None:
    class Own(package.Responses):  # type: ignore[misc]
        def __init__(self, config: Any, instance: Any) -> None:
            super().__init__(config, instance)
            self.field = f"{config.access_token_name()} {instance.name}"

        def extend_verify(self, request: Any, **kwargs: Any) -> Any:
            return {"field": self.field, "same": self.instance is app}

    installed = package.Initialize(
        app, authenticate=authenticate, responses_class=Own, secret=SECRET
    )

    client = Client(app)
    token = await client.log_in(json={})
    verified = (await client.get("/auth/verify", token)).json
    assert verified["field"] == f"access_token {app.name}"
    assert verified["same"] is True
    assert isinstance(installed.responses, Own)


@both
async def test_a_view_is_mounted_with_responses_of_its_own(
    package: Any, app: Sanic
) -> None:
    class Loud(package.Responses):  # type: ignore[misc]
        @staticmethod
        def extend_authenticate(request: Any, *args: Any, **kw: Any) -> Any:
            return {"loud": True}

    class Whole(package.BaseEndpoint):  # type: ignore[misc]
        async def get(self, request: Any) -> Any:
            return json(
                {
                    "instance": self.instance is app,
                    "loud": isinstance(self.responses, Loud),
                    "name": self.config.access_token_name(),
                    "prefix": self.responses.config.url_prefix(),
                }
            )

    endpoints = import_module(f"{package.__name__}.endpoints")
    installed = package.Initialize(
        app, authenticate=authenticate, secret=SECRET
    )
    config = installed.config
    loud = Loud(config, app)
    app.add_route(
        endpoints.AuthenticateEndpoint.as_view(
            loud, config=config, instance=app
        ),
        "/login",
    )
    app.add_route(
        Whole.as_view(config=config, instance=app, responses=loud), "/whole"
    )
    app.add_route(
        endpoints.VerifyEndpoint.as_view(installed.responses, config, app),
        "/verified",
    )

    client = Client(app)
    response = await client.post("/login", json={})
    assert response.json["loud"] is True
    assert "loud" not in (await client.post("/auth", json={})).json
    token = response.json["access_token"]
    assert (await client.get("/verified", token)).json["valid"] is True
    assert (await client.get("/whole")).json == {
        "instance": True,
        "loud": True,
        "name": "access_token",
        "prefix": "/auth",
    }


@both
async def test_a_class_view_is_constructed_as_in_1_8(
    package: Any, app: Sanic
) -> None:
    class Own(package.BaseEndpoint):  # type: ignore[misc]
        def __init__(self, responses: Any, config: Any, instance: Any) -> None:
            super().__init__(responses, config=config, instance=instance)
            self.answer = [config.leeway(), instance is app]

        async def get(self, request: Any) -> Any:
            return json(self.answer)

    package.Initialize(
        app,
        authenticate=authenticate,
        secret=SECRET,
        class_views=[("/own", Own)],
    )

    assert (await Client(app).get("/auth/own")).json == [180, True]


@both
async def test_methods_of_responses_are_called_on_the_class(
    package: Any, app: Sanic
) -> None:
    base = package.Responses
    errors = import_module(f"{package.__name__}.exceptions")

    class Own(base):  # type: ignore[misc]
        @staticmethod
        async def get_access_token_output(
            request: Any, user: Any, config: Any, instance: Any
        ) -> Any:
            token, output = await base.get_access_token_output(
                request, user, config, instance
            )
            return token, {**output, "one": 1}

        @staticmethod
        def get_token_response(
            request: Any,
            access_token: str,
            output: Any,
            config: Any,
            refresh_token: str | None = None,
        ) -> Any:
            return base.get_token_response(
                request,
                access_token,
                {**output, "two": 2},
                config=config,
                refresh_token=refresh_token,
            )

        @staticmethod
        def extend_authenticate(request: Any, **kwargs: Any) -> Any:
            return {**base.extend_authenticate(request, **kwargs), "three": 3}

        @staticmethod
        def exception_response(request: Any, exception: Any) -> Any:
            response = base.exception_response(request, exception)
            response.headers["x-own"] = "yes"
            return response

    package.Initialize(
        app, authenticate=authenticate, responses_class=Own, secret=SECRET
    )

    @app.exception(LookupError)
    def not_found(request: Any, exception: Any) -> Any:
        error = errors.AuthenticationFailed("Nobody.", status_code=404)
        return base.exception_response(request, error)

    @app.get("/")
    async def page(request: Any) -> Any:
        raise LookupError

    client = Client(app)
    login = (await client.post("/auth", json={})).json
    assert [login[n] for n in ("one", "two", "three")] == [1, 2, 3]
    refusal = await client.get("/auth/me")
    assert (refusal.status, refusal.headers["x-own"]) == (401, "yes")
    missing = await client.get("/")
    assert (missing.status, missing.json["reasons"]) == (404, ["Nobody."])


async def test_responses_on_the_class_need_an_installation(app: Sanic) -> None:
    from sanic_jwt_oo import Responses

    @app.get("/")
    async def page(request: Any) -> Any:
        with pytest.raises(exceptions.InitializationFailure):
            Responses.exception_response(request, exceptions.InvalidToken())
        return text("refused")

    assert (await Client(app).get("/")).text == "refused"


@pytest.mark.parametrize(
    "name",
    [
        *("__init__", "_do_overrides", "_load_keys", "_merge"),
        *("_validate_keys", "_validate_secret"),
    ],
)
def test_a_method_of_the_settings_that_is_not_called_is_refused(
    name: str, app: Sanic
) -> None:
    from sanic_jwt_oo import Configuration, Initialize

    def method(self: Any, *args: Any, **kwargs: Any) -> None:
        """Never called."""

    own = type("Own", (Configuration,), {name: method})
    with pytest.raises(
        exceptions.InvalidConfiguration, match=f"Own defines {name}"
    ):
        Initialize(
            app,
            authenticate=authenticate,
            configuration_class=own,
            secret=SECRET,
        )
    with pytest.raises(exceptions.InvalidConfiguration, match=name):
        own(app.config, secret=SECRET)


async def test_responses_of_a_view_cannot_issue_tokens_their_way(
    app: Sanic,
) -> None:
    from sanic_jwt_oo import Initialize, Responses
    from sanic_jwt_oo.endpoints import AuthenticateEndpoint

    class Own(Responses):
        async def get_access_token_output(self, *args: Any) -> Any:
            """Never called."""

    Initialize(app, authenticate=authenticate, secret=SECRET)
    view = AuthenticateEndpoint.as_view(Own(app.ctx.auth.config, app))
    app.add_route(view, "/login")

    response = await Client(app).post("/login", json={})
    assert response.status == 500
    with pytest.raises(
        exceptions.InvalidConfiguration, match="responses_class"
    ):
        AuthenticateEndpoint(Own(app.ctx.auth.config, app))


def test_responses_without_an_installation_say_so(app: Sanic) -> None:
    from sanic_jwt_oo import Configuration, Responses

    responses = Responses(Configuration({}, secret=SECRET), app)

    assert responses.instance is app
    assert responses.config.leeway() == 180
    with pytest.raises(exceptions.InitializationFailure):
        _ = responses.auth
    assert not hasattr(responses, "nothing")
