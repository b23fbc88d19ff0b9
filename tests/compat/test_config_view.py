"""`config`, the callable form of the settings, as sanic-jwt 1.8 has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jwt
import pytest
from sanic import Blueprint, Sanic
from sanic.response import json

from sanic_jwt_oo import Authentication, Configuration, Initialize, JWTAuth
from sanic_jwt_oo.configuration import ConfigItem
from sanic_jwt_oo.exceptions import (
    InitializationFailure,
    InsecureSecretWarning,
    InvalidConfiguration,
)

from ..conftest import SECRET, Client
from ..security.conftest import KeyPair

pytestmark = pytest.mark.filterwarnings(
    "ignore::sanic_jwt_oo.exceptions.InsecureSecretWarning"
)
USER = {"user_id": 1}
OTHER = SECRET[::-1]


def initialize(target: Any, **settings: Any) -> Any:
    return Initialize(
        target, **{"authenticate": lambda request: USER, **settings}
    )


async def decoded(installed: Any, *, key: str = "secret") -> Any:
    """Do what applications do: hand the secret to PyJWT."""
    token = await installed.auth.generate_access_token(USER)
    config = installed.config
    return jwt.decode(
        token, getattr(config, key)(), algorithms=[config.algorithm()]
    )


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    from cryptography.hazmat.primitives.asymmetric import ec

    return KeyPair(ec.generate_private_key(ec.SECP256R1()))


# --- secret, public_key, private_key ----------------------------------------


@pytest.mark.parametrize("name", ["secret", "public_key"])
async def test_a_random_secret_is_the_one_in_force(
    app: Sanic, name: str
) -> None:
    with pytest.warns(InsecureSecretWarning, match="No secret is set"):
        installed = initialize(app)
    assert isinstance(getattr(installed.config, name)(), str)
    assert (await decoded(installed, key=name))["user_id"] == 1


async def test_an_overridden_random_secret_is_the_one_in_force(
    app: Sanic,
) -> None:
    class Own(Authentication):
        calls = 0

        def random_secret(self) -> str:
            Own.calls += 1
            return f"{SECRET}{Own.calls}"

    installed = initialize(app, authentication_class=Own)
    assert (await decoded(installed))["user_id"] == 1


@pytest.mark.parametrize("secret", [SECRET, SECRET.encode()])
async def test_a_secret_is_returned_as_it_was_given(
    app: Sanic, secret: Any
) -> None:
    installed = initialize(app, secret=secret)
    assert installed.config.secret() == secret
    assert (await decoded(installed))["user_id"] == 1


@pytest.mark.parametrize("kind", [str, Path])
async def test_a_secret_in_a_file_is_its_content_at_the_install(
    app: Sanic, tmp_path: Path, kind: Any
) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    installed = initialize(app, secret=kind(file))
    file.write_text(OTHER)  # which sanic-jwt does not notice either
    assert installed.config.secret() == SECRET
    assert (await decoded(installed))["user_id"] == 1
    file.unlink()
    with installed.auth.override(leeway=1):
        assert (await decoded(installed))["user_id"] == 1


async def test_a_secret_that_is_no_text_is_bytes(
    app: Sanic, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\xff" * 64)
    installed = initialize(app, secret=file)
    assert installed.config.secret() == b"\xff" * 64
    assert (await decoded(installed))["user_id"] == 1


async def test_key_files_are_text(
    app: Sanic, tmp_path: Path, pair: KeyPair
) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    private.write_bytes(pair.private_pem)
    public.write_bytes(pair.public_bytes())
    installed = initialize(
        app, algorithm="ES256", public_key=public, private_key=str(private)
    )
    assert installed.config.private_key() == pair.private_pem.decode()
    assert installed.config.public_key() == pair.public_bytes().decode()
    assert installed.config.secret() == installed.config.public_key()
    assert (await decoded(installed, key="public_key"))["user_id"] == 1


async def test_the_public_half_of_a_private_key_is_text(
    app: Sanic, pair: KeyPair
) -> None:
    installed = initialize(
        app, algorithm="ES256", private_key=pair.private_pem
    )
    assert installed.config.public_key() == pair.public_bytes().decode()
    assert (await decoded(installed))["user_id"] == 1


async def test_a_block_and_an_update_are_seen(
    app: Sanic, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text(OTHER)
    installed = initialize(app, secret=SECRET)
    with installed.auth.override(secret=file):
        assert installed.config.secret() == OTHER
        assert (await decoded(installed))["user_id"] == 1
    assert installed.config.secret() == SECRET
    installed.config.public_key.update(OTHER)
    assert installed.config.secret() == OTHER
    assert (await decoded(installed))["user_id"] == 1


async def test_with_a_secret_for_each_user_there_is_none_for_all(
    app: Sanic,
) -> None:
    installed = initialize(app, retrieve_user_secret=lambda user_id: SECRET)
    assert installed.config.secret() is None


def test_before_the_install_only_a_secret_that_is_set_can_be_read(
    app: Sanic,
) -> None:
    seen: list[Any] = []

    class Own(Authentication):
        def __init__(self, app: Any, config: Any) -> None:
            super().__init__(app, config)
            seen.append(config.secret())

    initialize(app, authentication_class=Own, secret=SECRET)
    assert seen == [SECRET]
    with pytest.raises(InitializationFailure, match="Set secret"):
        initialize(
            Blueprint("other"), app=app, authentication_class=Own, secret=None
        )


# --- nothing shows a secret to code that does not name it -------------------


@pytest.mark.requirement("I6")
@pytest.mark.parametrize("given", ["text", "file", "random"])
def test_no_repr_iteration_or_dump_shows_a_secret(
    app: Sanic, tmp_path: Path, given: str
) -> None:
    secret: Any = SECRET if given == "text" else None
    if given == "file":
        secret = tmp_path / "secret"
        secret.write_text(SECRET)
    config = initialize(app, secret=secret, session_secret=OTHER).config
    value = config.secret()
    values = {item._item_name: item() for item in config}
    assert values["secret"] == values["session_secret"] == "***"
    assert values["leeway"] == 180
    for shown in (
        repr(config),
        str(config),
        repr(config.secret),
        repr([*config]),
        repr([vars(item) for item in config]),
        repr(vars(config)),
        repr(vars(config.secret)),
        repr(values),
        f"{config}{config.secret}",
    ):
        assert value not in shown
        assert OTHER not in shown


@pytest.mark.requirement("I6")
def test_the_class_form_shows_the_setting_alone(
    app: Sanic, tmp_path: Path
) -> None:
    class Auth(JWTAuth[Any]):
        def authenticate(self) -> Any:
            return USER

    file = tmp_path / "secret"
    file.write_text(SECRET)
    auth = Auth(secret=file).install(app)
    assert auth.config.secret == file
    assert SECRET not in repr(auth.config)


# --- the names of sanic-jwt -------------------------------------------------


def test_names_and_second_names(app: Sanic) -> None:
    config = initialize(app, secret=SECRET).config
    aliases = {
        "cookie_access_token_name": "cookie_token_name",
        "cookie_split": "split_cookie",
        "secret": "public_key",
    }
    assert config.config_aliases == aliases
    assert sorted(config.config_aliases_keys) == sorted(aliases.values())
    assert config.config_alias_mapping == {v: k for k, v in aliases.items()}
    assert set(config.all_config_keys) == {
        *config.config_keys,
        *aliases.values(),
    }
    assert "leeway" in config
    assert "public_key" in config
    assert "update" not in config
    assert 3 not in config
    assert {item._item_name for item in config} == set(config.config_keys)
    assert config.secret.aliases == ["public_key"]
    assert config.leeway.aliases == []


def test_names_of_a_subclass_are_there(app: Sanic) -> None:
    class Own(Configuration):
        def minutes(self) -> Any:
            settings: Any = self
            return settings.expiration_delta() / 360

        def get_leeway(self, request: Any = None) -> int:
            return 7

    config = initialize(app, secret=SECRET, configuration_class=Own).config
    assert config.minutes() == 5.0
    assert config.get_leeway() == 7
    assert config.leeway._get_fn == "get_leeway"
    assert config.leeway._get_from_config() == 7
    assert config.secret._get_from_config is None
    with pytest.raises(AttributeError):
        _ = config.no_such_setting


@pytest.mark.requirement("I6")
async def test_methods_of_a_class_call_settings(
    app: Sanic, client: Client
) -> None:
    class Own(Configuration):
        def set_access_token_name(self: Any) -> str:
            assert SECRET not in repr(self)
            return f"token for {self.expiration_delta()} s"

        def get_refresh_token_name(self: Any, request: Any) -> str:
            return f"{self.access_token_name()} {len(self.public_key())}"

    auth = initialize(app, secret=SECRET, configuration_class=Own).auth
    response = await client.post("/auth", json={})
    assert [*response.json] == ["token for 1800 s"]
    assert SECRET not in repr(auth.settings())


async def test_settings_change_after_the_install(
    app: Sanic, client: Client
) -> None:
    installed = initialize(app, secret=SECRET)
    installed.config.access_token_name.update("jwt")
    assert "jwt" in (await client.post("/auth", json={})).json
    installed.config.update(access_token_name="pass", expiration_delta=60)
    assert "pass" in (await client.post("/auth", json={})).json
    assert installed.config.get("expiration_delta") == 60
    with pytest.raises(InvalidConfiguration, match="url_prefix"):
        installed.config.url_prefix.update("/other")


async def test_a_handler_reads_what_is_in_force_for_its_request(
    app: Sanic, client: Client
) -> None:
    installed = initialize(app, secret=SECRET)

    @app.get("/names")
    @installed.protected(scopes_name="rights")
    async def names(request: Any) -> Any:
        config = request.app.ctx.auth.config
        return json([config.scopes_name(), config.secret(request=request)])

    token = await client.log_in(json={})
    response = await client.get("/names", token)
    assert response.json == ["rights", SECRET]


def test_presets_are_read_from_a_config(app: Sanic) -> None:
    app.config.SANIC_JWT_LEEWAY = 3
    config = initialize(app, secret=SECRET).config
    assert config.extract_presets(app.config) == {"leeway": 3}


def test_an_item_has_the_arguments_of_sanic_jwt() -> None:
    item = ConfigItem(3, "leeway", None, True, ["lee"])
    assert item() == item(request=None) == 3
    assert item.aliases == ["lee"]
    item.update(4)
    assert item() == 4
    assert ConfigItem("x").aliases == []
