"""A setting is declared in one place, and everything follows from there."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import pytest
from sanic import Blueprint, Sanic

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.compat import LegacyConfiguration
from sanic_jwt_oo.configuration import Configuration
from sanic_jwt_oo.exceptions import (
    InitializationFailure,
    InvalidConfiguration,
)
from sanic_jwt_oo.settings import (
    Alias,
    AtLeast,
    FixedAtInstall,
    NotEmpty,
    Seconds,
    Secret,
)
from tests.conftest import SECRET

pytestmark = pytest.mark.requirement("X3")

DOCS = Path(__file__).parents[2] / "docs"


class Shop(Configuration, declares=True):
    """Three settings of a shop."""

    opening: Annotated[Seconds, AtLeast(1), Alias("opens_for")] = 3600
    """Seconds for which the shop opens."""
    number: Annotated[int, AtLeast(1), FixedAtInstall] = 7
    """Number of the shop."""
    till: Annotated[str, NotEmpty, Secret] = "0000"
    """What opens the till."""


class ShopAuth(JWTAuth):
    class Configuration(Shop):
        secret = SECRET

    def authenticate(self, request):
        return {"user_id": 1}


def build(kind=Shop, app_config=None, **settings):
    return kind.build(app_config or {}, settings)


def mine(**members):
    """Return a subclass, as an application writes it."""
    return type("Mine", (Shop,), members)


def test_it_has_its_default():
    settings = build()
    assert (settings.opening, settings.number) == (3600, 7)
    assert {"opening", "number", "till"} == Shop.names() - (
        Configuration.names()
    )


def test_it_is_read_from_every_source(monkeypatch):
    monkeypatch.setenv("SANIC_JWT_OPENING", "2")
    for settings in (
        build(app_config={"JWT_OPENING": 2}),
        build(app_config={"SANIC_JWT_OPENING": 2}),
        build(mine(opening=2)),
        build(mine(opens_for=2)),
        build(mine(set_opening=lambda self: 2)),
        build(mine(get_opening=lambda self: 2)).for_request(None),
        build(opening=2),
        build(opens_for=2),
        build().derive(Shop.changes({"opens_for": 2})),
    ):
        assert settings.opening == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("opening", "2"), ("opening", 0), ("number", None), ("till", "")],
)
def test_it_is_validated_from_every_source(name, value):
    refused = pytest.raises(InvalidConfiguration, match=repr(name))
    with refused:
        build(app_config={f"SANIC_JWT_{name.upper()}": value})
    with refused:
        build(mine(**{name: value}))
    with refused:
        build(mine(**{f"set_{name}": lambda self: value}))
    with refused:
        build(**{name: value})


def test_it_is_validated_for_a_request_and_a_block():
    refused = pytest.raises(InvalidConfiguration, match="less than 1")
    with refused:
        build(mine(get_opening=lambda self: 0)).for_request(None)
    with refused:
        Shop.changes({"opening": 0})


def test_a_route_may_change_it_unless_it_is_fixed(app):
    auth = ShopAuth().install(app)
    with auth.override(opening=2):
        assert auth.settings().opening == 2
    auth.protected(opening=2)
    for way in (auth.override, auth.protected):
        with pytest.raises(InvalidConfiguration, match="settled at install"):
            way(number=2)
    with pytest.raises(InvalidConfiguration, match="use set_number"):
        build(mine(get_number=lambda self: 2))


@pytest.mark.requirement("I6")
def test_a_secret_is_shown_nowhere():
    assert "till=***" in repr(build(till=SECRET))
    assert "opening=3600" in repr(build())
    for value in (["hidden"], ""):
        with pytest.raises(InvalidConfiguration) as refused:
            build(till=value)
        assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"), [("opening", 2), ("number", 2), ("till", "2")]
)
def test_settings_that_differ_in_it_alone_are_not_equal(name, value):
    assert build() == build()
    assert build(**{name: value}) == build(**{name: value})
    assert build(**{name: value}) != build()


def test_an_installation_on_two_applications_may_not_differ_in_it():
    bp = Blueprint("bp")
    ShopAuth().install(bp)
    first, second = Sanic("one"), Sanic("two")
    second.config.SANIC_JWT_OPENING = 2
    first.blueprint(bp)
    with pytest.raises(InitializationFailure, match="differ"):
        second.blueprint(bp)


def test_its_name_is_known_wherever_names_are_looked_at(app):
    with pytest.raises(InvalidConfiguration, match="mean 'opening'"):
        build(openign=2)
    with pytest.raises(InvalidConfiguration, match="openin"):
        build(mine(get_openin=lambda self: 2))

    class Misplaced(ShopAuth):
        opens_for = 2

    with pytest.raises(InvalidConfiguration, match="nested class"):
        Misplaced().install(app)


def test_the_reference_has_it():
    place = DOCS / "_ext" / "from_declarations.py"
    spec = importlib.util.spec_from_file_location("from_declarations", place)
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)

    def entry(name):
        return reference.setting(name, Shop, Shop).splitlines()

    assert entry("opening")[:4] == [
        "```{setting} opening",
        "Seconds for which the shop opens.",
        "",
        "Type: `Seconds`; default: `3600`; at least `1`; also called: "
        "`opens_for`",
    ]
    assert "**fixed at install**" in entry("number")[3]
    assert "never shown" in entry("till")[3]


# --- declarations that cannot be meant --------------------------------------


def declare(members, *bases):
    """Declare settings under other names than those of this module."""
    return type("Mine", bases or (Configuration,), members, declares=True)


def annotated(hint, *value):
    members = dict(zip(["shelf"], value, strict=False))
    return {"__annotations__": {"shelf": hint}, **members}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (annotated(int), "no default"),
        (annotated(int, "x"), "'shelf' cannot be 'x'"),
        (annotated(Annotated[int, AtLeast(1)], 0), "less than 1"),
        (annotated(Annotated[int, "positive"], 0), "not a marker"),
        (annotated(Annotated[int, int], 0), "not a marker"),
        (annotated(list[Annotated[str, NotEmpty]], []), "whole type"),
        (annotated(Annotated[int, Alias("leeway")], 0), "'leeway' is a name"),
        (
            annotated(Annotated[int, Alias("public_key")], 0),
            "'public_key' is a name",
        ),
        ({"shelf": 3}, "needs an annotation"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused(members, message):
    with pytest.raises(InvalidConfiguration, match=message):
        declare(members)


def test_another_default_keeps_type_and_markers():
    class Corner(Shop, declares=True):
        opens_for = 60
        till: str = "1111"

    settings = build(Corner)
    assert (settings.opening, settings.till) == (60, "1111")
    assert "1111" not in repr(settings)
    with pytest.raises(InvalidConfiguration, match="less than 1"):
        build(Corner, opening=0)
    assert build().opening == 3600
    assert build(Corner, {"SANIC_JWT_OPENING": 2}).opening == 2


def test_markers_inside_of_a_union_count():
    kind = declare(annotated(Seconds | None, None))
    assert build(kind, shelf=None).shelf is None
    with pytest.raises(InvalidConfiguration, match="finite"):
        build(kind, shelf=float("inf"))


def test_a_mixture_of_two_classes_has_the_settings_of_both():
    shelves = declare(annotated(int, 3))
    mixed = type("Both", (shelves, Shop), {"number": 2})
    settings = build(mixed, shelf=4, opening=2)
    assert (settings.shelf, settings.opening, settings.number) == (4, 2, 2)
    with pytest.raises(InvalidConfiguration, match="number"):
        build(mixed, number=0)


def test_a_marker_that_is_repeated_counts_once():
    again = declare({"till": "1", "__annotations__": {}}, Shop)
    repeated = declare(
        {"till": "1", "__annotations__": {"till": Annotated[str, Secret]}},
        again,
    )
    assert repeated.declarations()["till"].markers == (NotEmpty(), Secret())


def test_what_the_application_changes_later_does_not_reach_the_settings():
    keys, issuers, claims = {"a": SECRET}, ["a"], {"sub"}
    settings = build(
        verification_keys=keys, claim_iss=issuers, required_claims=claims
    )
    keys["b"] = SECRET
    issuers.append("b")
    claims.add("x")
    assert settings.verification_keys == {"a": SECRET}
    assert settings.claim_iss == ["a"]
    assert settings.required_claims == {"sub"}
    with pytest.raises(TypeError):
        settings.verification_keys["b"] = SECRET
    assert settings == build(
        verification_keys={"a": SECRET},
        claim_iss=["a"],
        required_claims={"sub"},
    )


def test_settings_of_another_class_are_not_equal():
    assert build() != build(mine())
    assert build(Configuration) != build(LegacyConfiguration)
    assert build() != "settings"


def test_settings_cannot_be_taken_away_or_be_keys():
    settings = build()
    with pytest.raises(AttributeError, match="frozen"):
        del settings.opening
    with pytest.raises(TypeError):
        hash(settings)


# --- paths and names --------------------------------------------------------


@pytest.mark.parametrize("name", ["cookie_path", "cookie_refresh_path"])
def test_the_path_of_a_cookie_starts_with_a_slash(name):
    with pytest.raises(InvalidConfiguration, match=f"'{name}' is .*slash"):
        build(Configuration, **{name: "auth"})
    assert getattr(build(LegacyConfiguration, **{name: "a"}), name) == "/a"


def test_a_header_that_no_request_can_have_is_refused():
    for name in ("", "x token", "x:token"):
        with pytest.raises(InvalidConfiguration, match="no header can have"):
            build(Configuration, authorization_header=name)
