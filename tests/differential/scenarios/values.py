"""Every setting of 1.8.0 from every source, and which source wins."""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from sanic import Sanic

from ..keys import pair
from ..shop import REFRESH, Hooks, usual_pages
from ..steps import OTHER_SECRET, SECRET, crafted, get, issued, login
from ..subject import Subject

here = Subject("setting")
SCENARIOS = here.scenarios

# A value other than the default for every setting of 1.8.0.
VALUES: dict[str, Any] = {
    "access_token_name": "jwt",
    "algorithm": "HS384",
    "auth_mode": False,
    "authorization_header": "x-token",
    "authorization_header_prefix": "JWT",
    "authorization_header_refresh_prefix": "Again",
    "claim_aud": "web",
    "claim_iat": True,
    "claim_iss": "shop",
    "claim_nbf": True,
    "claim_nbf_delta": 10,
    "cookie_access_token_name": "shop",
    "cookie_domain": "shop.test",
    "cookie_expires": datetime(2040, 1, 2, tzinfo=timezone.utc),
    "cookie_httponly": False,
    "cookie_max_age": 60,
    "cookie_path": "/shop",
    "cookie_refresh_token_name": "again",
    "cookie_samesite": "Strict",
    "cookie_secure": True,
    "cookie_set": True,
    "cookie_split": True,
    "cookie_split_signature_name": "seal",
    "cookie_strict": False,
    "debug": True,
    "do_protection": False,
    "expiration_delta": 60,
    "leeway": 10,
    "login_redirect_url": "/in",
    "path_to_authenticate": "/in",
    "path_to_refresh": "/again",
    "path_to_retrieve_user": "/whoami",
    "path_to_verify": "/check",
    "private_key": "unused",
    "query_string_access_token_name": "t",
    "query_string_refresh_token_name": "r",
    "query_string_set": True,
    "query_string_strict": False,
    "refresh_token_enabled": True,
    "refresh_token_name": "again",
    "scopes_enabled": True,
    "scopes_name": "rights",
    "secret": OTHER_SECRET,
    "strict_slashes": True,
    "user_secret_enabled": True,
    "url_prefix": "/session",
    "user_id": "id",
    "blueprint_name": "sessions",
    "verify_exp": False,
}
ALIASES = {
    "cookie_access_token_name": "cookie_token_name",
    "secret": "public_key",
    "cookie_split": "split_cookie",
}
HANDLERS = (
    "authenticate",
    "retrieve_user_secret",
    "add_scopes_to_payload",
    *REFRESH,
)


def read(installed: Any, key: str) -> Any:
    """The value of a setting, the way views read it."""
    return getattr(installed.config, key)()


# A source is given a setting and tells how to pass it: keyword arguments,
# values of the application, and the body of a Configuration.
Source = Callable[[Any, str, Any], tuple[dict, dict, dict | None]]

SOURCES: dict[str, Source] = {
    "keyword": lambda front, key, value: ({key: value}, {}, None),
    "application": lambda front, key, value: (
        {},
        {f"SANIC_JWT_{key.upper()}": value},
        None,
    ),
    "attribute": lambda front, key, value: ({}, {}, {key: value}),
    "setter": lambda front, key, value: (
        {},
        {},
        {f"set_{key}": lambda self: value},
    ),
}
ITEM_SOURCES: dict[str, Source] = {
    "item": lambda front, key, value: (
        {},
        {},
        {key: front.module("configuration").ConfigItem(value)},
    ),
    "setter returning an item": lambda front, key, value: (
        {},
        {},
        {
            f"set_{key}": lambda self: front.module(
                "configuration"
            ).ConfigItem(value)
        },
    ),
}


def from_source(
    front: Any, app: Any, source: Source, key: str, value: Any
) -> Any:
    """Install with one setting from one source."""
    keywords, application, body = source(front, key, value)
    app.config.update(application)
    if body is not None:
        keywords["configuration_class"] = type(
            "ShopConfiguration", (front.Configuration,), body
        )
    people = Hooks(front)
    given = {name: getattr(people, name) for name in HANDLERS}
    if key in ("scopes_enabled", "user_secret_enabled", "auth_mode"):
        given = {"authenticate": given["authenticate"]}
    if key != "secret":
        keywords.setdefault("secret", SECRET)
    return front.Initialize(app, **given, **keywords)


def each_source(
    front: Any, app: Any, key: str, value: Any, sources: dict[str, Source]
) -> dict[str, Any]:
    """What a setting reads as, from each source."""
    found = {}
    for name, source in sources.items():
        other = Sanic(f"{app.name}_{''.join(name.split())}")
        try:
            installed = from_source(front, other, source, key, value)
            found[name] = read(installed, key)
            if key in ALIASES:
                found[f"{name}, by alias"] = read(installed, ALIASES[key])
        except Exception as error:
            found[name] = type(error).__name__
        finally:
            Sanic.unregister_app(other)
    return found


for key, value in VALUES.items():

    @here.scenario(f"value-{key}")
    def _(front, app, key=key, value=value):
        return each_source(front, app, key, value, SOURCES)


for key in ("access_token_name", "cookie_split", "secret", "verify_exp"):

    @here.scenario(f"item-{key}")
    def _(front, app, key=key):
        return each_source(front, app, key, VALUES[key], ITEM_SOURCES)


@here.scenario("defaults")
def _(front, app):
    installed = front.Initialize(
        app, authenticate=Hooks(front).authenticate, secret=SECRET
    )
    return {key: read(installed, key) for key in VALUES}


@here.scenario("value-by-alias")
def _(front, app):
    installed = front.Initialize(
        app,
        authenticate=Hooks(front).authenticate,
        public_key=SECRET,
        cookie_token_name="shop",
        split_cookie=True,
    )
    return {
        name: read(installed, name)
        for pair in ALIASES.items()
        for name in pair
    }


@here.scenario(
    "application-alias", get("/protected", bearer=crafted()), login()
)
def _(front, app):
    app.config.SANIC_JWT_PUBLIC_KEY = SECRET
    installed = front.Initialize(app, authenticate=Hooks(front).authenticate)
    usual_pages(front, app, installed)


@here.scenario(
    "application-alias-asymmetric", login(), get("/protected", bearer=issued())
)
def _(front, app):
    private, public = pair("RS256")
    app.config.SANIC_JWT_ALGORITHM = "RS256"
    app.config.SANIC_JWT_PUBLIC_KEY = public
    app.config.SANIC_JWT_PRIVATE_KEY = private
    installed = front.Initialize(app, authenticate=Hooks(front).authenticate)
    usual_pages(front, app, installed)


# Which source wins, read off a default value, a token and a request.
def _strengths(front, app):
    """One setting in every source; the strongest shows."""
    results = {}
    layers = ("application", "attribute", "setter", "keyword")
    for top in range(len(layers)):
        other = Sanic(f"{app.name}_{layers[top]}")
        keywords, body = {"secret": SECRET}, {}
        for layer in layers[: top + 1]:
            if layer == "application":
                other.config.SANIC_JWT_ACCESS_TOKEN_NAME = layer
            elif layer == "attribute":
                body["access_token_name"] = layer
            elif layer == "setter":
                body["set_access_token_name"] = lambda self: "setter"
            else:
                keywords["access_token_name"] = layer
        try:
            installed = front.Initialize(
                other,
                authenticate=Hooks(front).authenticate,
                configuration_class=type(
                    "ShopConfiguration", (front.Configuration,), body
                ),
                **keywords,
            )
            results[layers[top]] = installed.config.access_token_name()
        finally:
            Sanic.unregister_app(other)
    return results


here.add("strengths", _strengths)
