"""Settings: sources, precedence, aliases and validation."""

from __future__ import annotations

import ast
import inspect
import itertools
from datetime import timedelta
from typing import get_type_hints

import pytest
from sanic import Sanic

from sanic_jwt_oo import JWTAuth, configuration, types
from sanic_jwt_oo.compat import LegacyConfiguration
from sanic_jwt_oo.configuration import ConfigItem, Configuration
from sanic_jwt_oo.exceptions import InvalidConfiguration
from tests.conftest import SECRET

DECLARED = Configuration.declarations()
ALIASES = DECLARED.aliases
DURATIONS = {name for name in DECLARED if DECLARED[name].is_duration}


def build(kind=Configuration, app_config=None, **settings):
    return kind.build(app_config or {}, settings)


def test_the_defaults_of_the_class_form():
    settings = build()
    assert settings.access_token_name == "access_token"
    assert settings.leeway == 60
    assert settings.cookie_secure is True


def test_the_legacy_defaults_are_those_of_sanic_jwt():
    settings = build(LegacyConfiguration)
    assert settings.leeway == 180
    assert settings.cookie_secure is False
    assert settings.cookie_refresh_path == "/"


def test_each_source_overrides_the_weaker_ones():
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


def forms(name, value):
    """Return what a class says of a setting, in each form."""
    return {
        "value": {name: value},
        "set": {f"set_{name}": lambda self: value},
        "get": {f"get_{name}": lambda self, request: value},
    }


def in_force(kind, request=None):
    settings = build(kind)
    return settings.for_request(request).leeway


@pytest.mark.parametrize("base", [Configuration, LegacyConfiguration])
@pytest.mark.parametrize("inherited", ["value", "set", "get"])
@pytest.mark.parametrize("own", ["value", "set", "get"])
def test_the_more_derived_class_wins_in_any_form(base, inherited, own):
    a = type("A", (base,), forms("leeway", 1)[inherited])
    b = type("B", (a,), forms("leeway", 2)[own])
    c = type("C", (b,), {})
    d = type("D", (c,), forms("leeway", 3)[inherited])

    assert (in_force(a), in_force(b), in_force(c)) == (1, 2, 2)
    assert in_force(d) == 3
    assert not build(b)._changes_per_request or own == "get"


def test_a_mixin_overrides_the_classes_after_it():
    class Mixin:
        leeway = 2

    a = type("A", (Configuration,), forms("leeway", 1)["get"])
    b = type("B", (Mixin, a), {})
    behind = type("C", (Configuration, Mixin), {})

    assert in_force(b) == 2
    assert in_force(behind) == 2


def test_an_alias_overrides_an_inherited_value():
    a = type("A", (Configuration,), forms("cookie_split", False)["set"])
    b = type("B", (a,), {"split_cookie": True})
    c = type("C", (b,), {"set_split_cookie": lambda self: False})

    assert (build(b).cookie_split, build(c).cookie_split) == (True, False)


def test_a_getter_receives_the_inherited_value():
    a = type("A", (Configuration,), forms("leeway", 1)["set"])
    b = type("B", (a,), forms("leeway", 2)["get"])

    assert build(b).leeway == 1
    assert in_force(b) == 2


def test_in_one_class_a_getter_overrides_a_setter_and_that_a_value():
    kind = type(
        "All",
        (Configuration,),
        {f: v for form in forms("leeway", 1).values() for f, v in form.items()}
        | {"set_leeway": lambda self: 2, "get_leeway": lambda self: 3},
    )
    assert (build(kind).leeway, in_force(kind)) == (2, 3)


def test_a_setter_can_use_the_value_it_replaces():
    class A(Configuration):
        leeway = 3

        def set_expiration_delta(self):
            return timedelta(minutes=self.leeway)

    class B(A):
        def set_leeway(self):
            return self.leeway * 2

        def set_expiration_delta(self):
            return super().set_expiration_delta() * 2

    assert (build(B).leeway, build(B).expiration_delta) == (6, 360)


def test_a_keyword_argument_that_a_getter_overrides_is_refused(caplog):
    getter = forms("leeway", 2)["get"]
    with pytest.raises(InvalidConfiguration, match="get_leeway"):
        build(type("A", (Configuration,), getter), leeway=5)
    ended = type("B", (type("A", (Configuration,), getter),), {"leeway": 1})
    assert build(ended, leeway=5).leeway == 5

    build(type("C", (LegacyConfiguration,), getter), leeway=5)
    assert "get_leeway" in caplog.text


@pytest.mark.parametrize("form", ["get_leeway", "set_leeway"])
def test_a_getter_or_setter_that_is_not_a_method_is_refused(form):
    with pytest.raises(InvalidConfiguration, match="leeway = "):
        build(type("A", (Configuration,), {form: 3}))


def test_every_setting_in_seconds_is_a_duration():
    in_seconds = {
        name
        for name in Configuration.names()
        if name.endswith(("_delta", "_lifetime", "_age", "_grace"))
    }
    assert in_seconds | {"leeway"} == DURATIONS


@pytest.mark.parametrize("name", sorted(DURATIONS))
@pytest.mark.parametrize("base", [Configuration, LegacyConfiguration])
def test_a_duration_can_be_a_timedelta_from_every_source(base, name):
    duration = timedelta(minutes=15)
    seconds = {
        **{
            form: build(type("A", (base,), said)).for_request(None)
            for form, said in forms(name, duration).items()
        },
        "app": build(base, {f"SANIC_JWT_{name.upper()}": duration}),
        "keyword": build(base, **{name: duration}),
        "override": build(base).derive(base.changes({name: duration})),
    }
    for source, settings in seconds.items():
        value = getattr(settings, name)
        assert (source, value) == (source, 900)
        assert isinstance(value, (int, float))


def test_a_fraction_of_a_second_is_kept():
    assert build(leeway=timedelta(milliseconds=1500)).leeway == 1.5
    with pytest.raises(InvalidConfiguration, match="whole seconds"):
        build(cookie_max_age=timedelta(milliseconds=1500))


@pytest.mark.parametrize(
    "value", ["900", None, True, float("nan"), float("inf"), -timedelta(1)]
)
@pytest.mark.parametrize("name", sorted(DURATIONS - {"claim_nbf_delta"}))
def test_an_invalid_duration_is_refused(name, value):
    with pytest.raises(InvalidConfiguration, match=r"second|finite"):
        build(**{name: value})


def test_an_unbounded_duration_must_be_finite():
    assert build(claim_nbf_delta=timedelta(seconds=-5)).claim_nbf_delta == -5
    for value in (float("inf"), float("-inf"), float("nan")):
        with pytest.raises(InvalidConfiguration, match="finite"):
            build(claim_nbf_delta=value)


def test_a_timedelta_is_refused_for_other_settings():
    with pytest.raises(InvalidConfiguration, match="token_cache_entries"):
        build(token_cache_entries=timedelta(seconds=1))


def test_the_application_overrides_the_legacy_defaults():
    settings = build(LegacyConfiguration, {"SANIC_JWT_LEEWAY": 2})
    assert settings.leeway == 2


@pytest.mark.parametrize("alias", ALIASES)
def test_aliases_work_from_every_source(alias):
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


def test_a_name_that_is_something_else_is_refused_with_a_hint():
    hints = {"authenticate": "It is a hook."}
    with pytest.raises(InvalidConfiguration, match=r"setting\. It is a hook"):
        Configuration.build({}, {"authenticate": print}, hints)
    with pytest.raises(InvalidConfiguration, match="define it as a method"):
        JWTAuth(authenticate=print).install(Sanic("hook"))

    class Misplaced(JWTAuth):
        class Configuration:
            session_store = None

    with pytest.raises(InvalidConfiguration, match="belongs on the auth cla"):
        Misplaced().install(Sanic("store"))


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


def test_the_legacy_form_ignores_unknown_names(caplog):
    build(LegacyConfiguration, nope=1)
    assert "nope" in caplog.text


@pytest.mark.parametrize(
    "name",
    ["handler_payload_scopes", "payload_handler", "handler_payload_extend"],
)
def test_a_setting_that_is_now_a_hook_is_refused(name):
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
def test_an_invalid_value_is_refused_by_name(name, value):
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
def test_a_valid_value_is_kept(name, value):
    assert getattr(build(**{name: value}), name) == value


def test_a_legacy_callable_setting_is_checked():
    with pytest.raises(InvalidConfiguration, match="generate_refresh_token"):
        build(LegacyConfiguration, generate_refresh_token=3)


def test_a_snapshot_is_frozen():
    with pytest.raises(AttributeError, match="override"):
        build().leeway = 3


@pytest.mark.requirement("I6")
def test_the_repr_of_a_snapshot_does_not_leak():
    shown = repr(build(secret=SECRET))
    assert SECRET not in shown
    assert "leeway=60" in shown


@pytest.mark.requirement("I6")
def test_an_error_contains_no_secret():
    with pytest.raises(InvalidConfiguration) as refused:
        build(verification_keys=[SECRET])
    assert SECRET not in str(refused.value)


def test_a_derived_snapshot_does_not_change_the_first():
    first = build()
    second = first.derive(Configuration.changes({"split_cookie": True}))
    assert (first.cookie_split, second.cookie_split) == (False, True)


def test_a_setting_that_defines_routes_cannot_change():
    with pytest.raises(InvalidConfiguration, match="url_prefix"):
        Configuration.changes({"url_prefix": "/x"})


def test_getters_receive_the_request():
    class Getter(Configuration):
        def get_leeway(self, request):
            return request["leeway"]

        def get_debug(self):
            return True

    settings = build(Getter)
    assert settings._changes_per_request
    changed = settings.for_request({"leeway": 7})
    assert (changed.leeway, changed.debug) == (7, True)
    assert not build()._changes_per_request


def test_an_invalid_value_of_a_getter_is_refused():
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


def test_an_async_setter_is_refused():
    class Waits(Configuration):
        async def set_leeway(self):
            return 3

    with pytest.raises(InvalidConfiguration, match="plain def"):
        build(Waits)


def test_a_legacy_setter_can_return_an_item():
    class Legacy(LegacyConfiguration):
        def set_leeway(self):
            item = ConfigItem(3, item_name="leeway")
            item.update(4)
            return item

    assert build(Legacy).leeway == 4


def test_the_typed_arguments_are_the_settings():
    typed = {}
    for name, setting in DECLARED.items():
        typed[name] = setting.type
        if setting.is_duration:
            typed[name] |= timedelta
        for alias in setting.aliases:
            typed[alias] = typed[name]
    assert get_type_hints(types.Settings) == typed


def test_every_setting_has_a_docstring():
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
