"""Every setting, from every source, and which source wins."""

from pathlib import Path

import jwt
from sanic.response import json

from ..keys import files, secret_file
from ..shop import REFRESH, Hooks, shop, usual_pages
from ..steps import (
    OTHER_SECRET,
    SECRET,
    Now,
    crafted,
    get,
    issued,
    join,
    login,
    post,
)
from ..subject import Subject

here = Subject("setting")
SCENARIOS = here.scenarios


def configured(name, *steps, **settings):
    """A shop with the Configuration that the function's body makes."""

    def decorator(make):
        def build(front, app):
            body = make(front)
            shop(
                configuration_class=type(
                    "ShopConfiguration", (front.Configuration,), body
                ),
                **settings,
            )(front, app)

        here.add(name, build, *steps)
        return make

    return decorator


USE = (login(), get("/protected", bearer=issued()))


@configured("attribute", login(), access_token_name="jwt")
def _(front):
    return {"access_token_name": "from the class", "expiration_delta": 60}


@configured("setter-sees-self", login())
def _(front):
    def set_access_token_name(self):
        return f"{self.prefix}-{self.suffix()}"

    return {
        "prefix": "shop",
        "suffix": lambda self: "token",
        "set_access_token_name": set_access_token_name,
    }


@configured("getter-reads-settings", login())
def _(front):
    def get_access_token_name(self, request=None):
        kinds = [self.public_key() == self.secret(), self.leeway() + 1]
        return f"{self.scopes_name()} {self.longer()} {kinds}"

    def longer(self):
        return self.expiration_delta() * 2

    return {
        "get_access_token_name": get_access_token_name,
        "longer": longer,
        "leeway": 20,
    }


@configured("setter-not-callable", login())
def _(front):
    return {"set_access_token_name": "jwt"}


@configured("setter-raises", login())
def _(front):
    def set_access_token_name(self):
        raise ValueError("x")

    return {"set_access_token_name": set_access_token_name}


class Late:
    """Can be awaited, as what an async setter returns."""

    def __await__(self):
        return iter(())


@configured("setter-async", login())
def _(front):
    def set_access_token_name(self):
        return Late()

    return {"set_access_token_name": set_access_token_name}


@configured(
    "setter-of-secret",
    *USE,
    get("/protected", "crafted", bearer=crafted(secret=OTHER_SECRET)),
    secret=OTHER_SECRET,
)
def _(front):
    return {"set_secret": lambda self: SECRET}


def derived(name, *steps, base, **body):
    """A shop whose Configuration derives from one with a method."""

    def build(front, app):
        parent = type("Base", (front.Configuration,), base)
        own = type("ShopConfiguration", (parent,), body)
        shop(configuration_class=own)(front, app)

    here.add(name, build, *steps)


derived(
    "derived-value-after-setter",
    login(),
    base={"set_access_token_name": lambda self: "jwt"},
    access_token_name="own",
)
derived(
    "derived-value-after-getter",
    get("/protected", bearer=crafted(exp=Now(-1000))),
    base={"get_leeway": lambda self, request: 2000},
    leeway=10,
)


@configured("unknown-attribute", login())
def _(front):
    return {"no_such_setting": 1, "set_no_such_setting": lambda self: 1}


@configured(
    "getter-of-header",
    login(),
    get("/protected", headers={"x-token": join("Bearer ", issued())}),
    get("/protected", "usual", bearer=issued()),
)
def _(front):
    def get_authorization_header(self, request):
        return "x-token" if "x-token" in request.headers else "authorization"

    return {"get_authorization_header": get_authorization_header}


@configured(
    "getter-of-leeway",
    get(
        "/protected",
        "patient",
        bearer=crafted(exp=Now(-1000)),
        headers={"x-patience": "2000"},
    ),
    get("/protected", "not so", bearer=crafted(exp=Now(-1000))),
    get(
        "/auth/verify",
        "verify patient",
        bearer=crafted(exp=Now(-1000)),
        headers={"x-patience": "2000"},
    ),
)
def _(front):
    def get_leeway(self, request):
        return int(request.headers.get("x-patience", 0))

    return {"get_leeway": get_leeway}


@configured("getter-async", login(), get("/protected", bearer=crafted()))
def _(front):
    async def get_leeway(self, request):
        return 10

    return {"get_leeway": get_leeway}


@configured("getter-raises", get("/protected", bearer=crafted()))
def _(front):
    def get_leeway(self, request):
        raise ValueError("x")

    return {"get_leeway": get_leeway}


@configured(
    "getter-of-protection",
    get("/protected"),
    get("/protected", "inside", headers={"x-inside": "1"}),
)
def _(front):
    def get_do_protection(self, request):
        return "x-inside" not in request.headers

    return {"get_do_protection": get_do_protection}


@configured(
    "getter-without-request",
    get("/protected", bearer=crafted(exp=Now(-1000))),
)
def _(front):
    def get_verify_exp(self):
        return False

    return {
        "verify_exp": front.module("configuration").ConfigItem(
            True, inject_request=False
        ),
        "get_verify_exp": get_verify_exp,
    }


@configured(
    "getter-with-optional-request",
    login(),
    get("/protected", bearer=crafted(exp=Now(-1000))),
)
def _(front):
    def get_verify_exp(self, request=None):
        return False

    return {"get_verify_exp": get_verify_exp}


@configured("getter-of-access-token-name", login(headers={"x-name": "jwt"}))
def _(front):
    def get_access_token_name(self, request=None):
        return request.headers.get("x-name") if request else "none"

    return {"get_access_token_name": get_access_token_name}


@configured(
    "getter-and-keyword",
    get("/protected", bearer=crafted(exp=Now(-1000))),
    verify_exp=True,
)
def _(front):
    def get_verify_exp(self, request):
        return False

    return {"get_verify_exp": get_verify_exp}


@here.scenario(
    "getter-and-decorator", get("/page", bearer=crafted(exp=Now(-1000)))
)
def _(front, app):
    class ShopConfiguration(front.Configuration):
        def get_verify_exp(self, request):
            return True

    shop(configuration_class=ShopConfiguration)(front, app)

    @app.get("/page")
    @front.protected(verify_exp=False)
    async def page(request):
        return json({"page": True})


@here.scenario(
    "getter-called-once-a-request",
    get("/protected", bearer=crafted()),
    get("/calls"),
)
def _(front, app):
    calls = []

    class ShopConfiguration(front.Configuration):
        def get_authorization_header(self, request):
            calls.append(request.path)
            return "authorization"

    shop(configuration_class=ShopConfiguration)(front, app)

    @app.get("/calls")
    async def page(request):
        return json(calls)


@here.scenario("class-inherits", login())
def _(front, app):
    class ShopConfiguration(front.Configuration):
        access_token_name = "jwt"
        expiration_delta = 60

    class MillConfiguration(ShopConfiguration):
        expiration_delta = 120

    shop(configuration_class=MillConfiguration)(front, app)


@here.scenario("application-strings-are-kept", login())
def _(front, app):
    app.config.SANIC_JWT_EXPIRATION_DELTA = 60
    app.config.SANIC_JWT_CLAIM_ISS = "shop"
    shop()(front, app)


@here.scenario("application-lower-case", login())
def _(front, app):
    app.config.sanic_jwt_access_token_name = "jwt"
    shop()(front, app)


@here.scenario("application-after-install", login())
def _(front, app):
    shop()(front, app)
    app.config.SANIC_JWT_ACCESS_TOKEN_NAME = "jwt"


@here.scenario("configuration-iterates")
def _(front, app):
    installed = front.Initialize(
        app, authenticate=Hooks(front).authenticate, secret=SECRET
    )
    return sorted(installed.config.config_keys)


@here.scenario("configuration-second-names")
def _(front, app):
    config = front.Initialize(
        app, authenticate=Hooks(front).authenticate, secret=SECRET
    ).config
    return {
        "aliases": config.config_aliases,
        "keys": sorted(config.config_aliases_keys),
        "mapping": config.config_alias_mapping,
        "all": {*config.config_aliases_keys} < {*config.all_config_keys},
        "in": ["split_cookie" in config, "lee_way" in config],
        "of item": [config.secret.aliases, config.leeway.aliases],
        "function": config.leeway._get_fn,
        "method": config.leeway._get_from_config,
        "presets": config.extract_presets({"SANIC_JWT_LEEWAY": 1, "X": 2}),
        "got": [config.get("leeway"), config.get("public_key")],
    }


@here.scenario("configuration-iterated")
def _(front, app):
    config = front.Initialize(
        app, authenticate=Hooks(front).authenticate, secret=SECRET
    ).config
    try:
        found = {item._item_name: item() for item in config}
    except AttributeError:
        return "AttributeError"
    return [found["leeway"], found["secret"]]


def _decoding(**settings):
    """A shop with a page that hands the secret to PyJWT."""

    def pages(front, app, installed):
        @app.get("/decoded")
        async def page(request):
            config = app.ctx.auth.config
            token = await app.ctx.auth.generate_access_token({"user_id": 1})
            algorithm = [config.algorithm()]
            read = (config.secret, config.public_key)
            return json(
                [
                    [type(item()).__name__ for item in read],
                    [jwt.decode(token, item(), algorithm) for item in read],
                    type(config.private_key()).__name__,
                ]
            )

    return shop(pages=pages, **settings)


for name, secret in {
    "text": SECRET,
    "bytes": SECRET.encode(),
    "path": secret_file(SECRET),
    "name": str(secret_file(SECRET)),
}.items():
    here.add(
        f"secret-handed-over-{name}",
        _decoding(secret=secret),
        get("/decoded"),
    )


@here.scenario("key-files-handed-over", get("/decoded"))
def _(front, app):
    private, public = files("RS256")
    _decoding(algorithm="RS256", public_key=public, private_key=private)(
        front, app
    )


@here.scenario("value-updated-after-install", login())
def _(front, app):
    installed = front.Initialize(
        app, authenticate=Hooks(front).authenticate, secret=SECRET
    )
    installed.config.expiration_delta.update(60)
    return installed.config.expiration_delta()


@here.scenario(
    "secret-path-in-application", login(), get("/protected", bearer=crafted())
)
def _(front, app):
    shop(app_config={"SANIC_JWT_SECRET": str(secret_file(SECRET))})(front, app)


@here.scenario(
    "secret-path-in-class", login(), get("/protected", bearer=crafted())
)
def _(front, app):
    class ShopConfiguration(front.Configuration):
        secret = Path(secret_file(SECRET))

    front.Initialize(
        app,
        authenticate=Hooks(front).authenticate,
        configuration_class=ShopConfiguration,
    )
    usual_pages(front, app, None)


# Settings whose effect no other subject shows, from the application.
here.add(
    "application-refresh",
    shop(
        hooks=REFRESH,
        app_config={
            "SANIC_JWT_REFRESH_TOKEN_ENABLED": True,
            "SANIC_JWT_REFRESH_TOKEN_NAME": "again",
            "SANIC_JWT_PATH_TO_REFRESH": "/again",
        },
    ),
    login(),
    post(
        "/auth/again",
        bearer=issued(),
        json={"again": issued(key="again")},
    ),
)
here.add(
    "application-cookies",
    shop(
        app_config={
            "SANIC_JWT_COOKIE_SET": True,
            "SANIC_JWT_COOKIE_ACCESS_TOKEN_NAME": "shop",
        }
    ),
    get("/make", "login"),
    get("/protected", cookies={"shop": issued()}),
    get("/protected", "header", bearer=issued()),
)
here.add(
    "application-cookie-alias",
    shop(
        app_config={
            "SANIC_JWT_COOKIE_SET": True,
            "SANIC_JWT_COOKIE_TOKEN_NAME": "shop",
        }
    ),
    get("/make", "login"),
    get("/protected", cookies={"shop": issued()}),
)
