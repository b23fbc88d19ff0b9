"""Settings: their sources, order, aliases and what cannot work."""

from __future__ import annotations

import ast
import inspect
import itertools
from typing import get_type_hints

import pytest

from sanic_jwt_oo import configuration, types
from sanic_jwt_oo.compat import LegacyConfiguration
from sanic_jwt_oo.configuration import (
    ALIASES,
    ConfigItem,
    Configuration,
)
from sanic_jwt_oo.exceptions import InvalidConfiguration
from tests.conftest import SECRET


def build(kind=Configuration, app_config=None, **settings):
    return kind.build(app_config or {}, settings)


def test_defaults():
    settings = build()
    assert settings.access_token_name == "access_token"
    assert settings.leeway == 60
    assert settings.cookie_secure is True


def test_the_legacy_defaults_are_those_of_sanic_jwt():
    settings = build(LegacyConfiguration)
    assert settings.leeway == 180
    assert settings.cookie_secure is False
    assert settings.cookie_refresh_path == "/"


def test_each_source_beats_the_weaker_ones():
    class Plain(Configuration):
        leeway = 3

    class Setter(Plain):
        def set_leeway(self):
            return 4

    app_config = {"SANIC_JWT_LEEWAY": 2, "OTHER": 1}
    assert build(app_config=app_config).leeway == 2
    assert build(Plain, app_config).leeway == 3
    assert build(Setter, app_config).leeway == 4
    assert build(Setter, app_config, leeway=5).leeway == 5


def test_the_application_beats_the_legacy_defaults():
    settings = build(LegacyConfiguration, {"SANIC_JWT_LEEWAY": 2})
    assert settings.leeway == 2


@pytest.mark.parametrize("alias", ALIASES)
def test_older_names_work_from_every_source(alias):
    value = True if alias == "split_cookie" else "a-name"
    name = ALIASES[alias]
    from_class = type("Aliased", (Configuration,), {alias: value})
    assert getattr(build(**{alias: value}), name) == value
    assert getattr(build(from_class), name) == value
    app_config = {f"SANIC_JWT_{alias.upper()}": value}
    assert getattr(build(app_config=app_config), name) == value


def test_an_unknown_name_is_refused_with_a_suggestion():
    with pytest.raises(InvalidConfiguration, match="expiration_delta"):
        build(expiraton_delta=3)
    with pytest.raises(InvalidConfiguration, match=r"app\.config"):
        build(app_config={"SANIC_JWT_NOPE": 3})

    class Typo(Configuration):
        leway = 3

    with pytest.raises(InvalidConfiguration, match="leeway"):
        build(Typo)
    with pytest.raises(InvalidConfiguration, match="method"):
        build(authenticate=print)


@pytest.mark.parametrize("name", ["get_leway", "set_expiration_dleta"])
def test_a_method_of_an_unknown_name_is_refused(name):
    kind = type("Typo", (Configuration,), {name: lambda self: 3})
    with pytest.raises(InvalidConfiguration, match=name):
        build(kind)


def test_methods_and_private_names_of_a_subclass_are_its_own():
    class Helpful(Configuration):
        _cache = 3

        def helper(self):
            return 4

        def get_user(self):
            return 4

        @property
        def other(self):
            return 5

        @staticmethod
        def third():
            return 6

    assert build(Helpful).leeway == 60


def test_a_legacy_installation_passes_over_unknown_names(caplog):
    build(LegacyConfiguration, nope=1)
    assert "nope" in caplog.text


@pytest.mark.parametrize(
    "name",
    ["handler_payload_scopes", "payload_handler", "handler_payload_extend"],
)
def test_what_became_a_hook_is_refused(name):
    app_config = {f"SANIC_JWT_{name.upper()}": "some.path"}
    with pytest.raises(InvalidConfiguration, match="hook"):
        build(LegacyConfiguration, app_config)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("expiration_delta", 0),
        ("expiration_delta", "900"),
        ("expiration_delta", True),
        ("leeway", -1),
        ("leeway", float("inf")),
        ("leeway", float("nan")),
        ("cookie_max_age", 1.5),
        ("cookie_max_age", -1),
        ("cookie_set", "yes"),
        ("cookie_samesite", "Sometimes"),
        ("access_token_name", ""),
        ("access_token_name", None),
        ("user_id", ""),
        ("url_prefix", "auth"),
        ("path_to_verify", "verify"),
        ("claim_aud", 3),
        ("claim_aud", ["a", 3]),
        ("verification_keys", ["a"]),
        ("required_claims", 3),
    ],
)
def test_a_value_that_cannot_work_is_refused_by_name(name, value):
    with pytest.raises(InvalidConfiguration, match=name):
        build(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("url_prefix", ""),
        ("claim_aud", ["a", "b"]),
        ("claim_iss", "me"),
        ("cookie_set", 1),
        ("leeway", 1.5),
        ("scopes_enabled", None),
    ],
)
def test_a_value_that_works_is_kept(name, value):
    assert getattr(build(**{name: value}), name) == value


def test_a_legacy_callable_setting_is_checked():
    with pytest.raises(InvalidConfiguration, match="generate_refresh_token"):
        build(LegacyConfiguration, generate_refresh_token=3)


def test_a_snapshot_is_frozen():
    with pytest.raises(AttributeError, match="override"):
        build().leeway = 3


@pytest.mark.requirement("I6")
def test_a_snapshot_shows_no_secret():
    shown = repr(build(secret=SECRET))
    assert SECRET not in shown
    assert "leeway=60" in shown


@pytest.mark.requirement("I6")
def test_a_refusal_shows_no_secret():
    with pytest.raises(InvalidConfiguration) as refused:
        build(verification_keys=[SECRET])
    assert SECRET not in str(refused.value)


def test_a_derived_snapshot_leaves_the_first_alone():
    first = build()
    second = first.derive(Configuration.changes({"split_cookie": True}))
    assert (first.cookie_split, second.cookie_split) == (False, True)


def test_a_setting_that_shapes_routes_cannot_change():
    with pytest.raises(InvalidConfiguration, match="url_prefix"):
        Configuration.changes({"url_prefix": "/x"})


def test_getters_are_asked_for_the_request():
    class Getter(Configuration):
        def get_leeway(self, request):
            return request["leeway"]

        def get_debug(self):
            return True

    settings = build(Getter)
    assert settings.changes_per_request
    changed = settings.for_request({"leeway": 7})
    assert (changed.leeway, changed.debug) == (7, True)
    assert not build().changes_per_request


def test_a_getter_that_cannot_work_is_refused():
    class Late(Configuration):
        def get_url_prefix(self, request):
            return "/x"

    class Waits(Configuration):
        async def get_leeway(self, request):
            return 3

    with pytest.raises(InvalidConfiguration, match="set_url_prefix"):
        build(Late)
    with pytest.raises(InvalidConfiguration, match="plain def"):
        build(Waits)


def test_a_setter_that_waits_is_refused():
    class Waits(Configuration):
        async def set_leeway(self):
            return 3

    with pytest.raises(InvalidConfiguration, match="plain def"):
        build(Waits)


def test_a_legacy_setter_may_return_an_item():
    class Legacy(LegacyConfiguration):
        def set_leeway(self):
            item = ConfigItem(3, item_name="leeway")
            item.update(4)
            return item

    assert build(Legacy).leeway == 4


def test_the_typed_arguments_are_the_settings():
    hints = get_type_hints(types.Settings)
    declared = get_type_hints(Configuration)
    named = {n: h for n, h in declared.items() if not n.startswith("_")}
    assert hints.keys() - ALIASES.keys() == named.keys()
    assert {n: hints[n] for n in named} == named
    assert hints.keys() & ALIASES.keys() == ALIASES.keys()


def test_every_setting_says_what_it_means():
    tree = ast.parse(inspect.getsource(configuration))
    (body,) = (
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "Configuration"
    )
    documented = {
        node.target.id
        for node, after in itertools.pairwise(body)
        if isinstance(node, ast.AnnAssign)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    }
    assert documented == Configuration.names()
