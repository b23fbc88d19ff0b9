"""Methods of ``Authentication`` and of endpoints that a subclass changes."""

from sanic.response import json

from ..shop import REFRESH, Hooks, shop, usual_pages
from ..steps import SECRET, crafted, get, issued, login, post
from ..subject import Subject

here = Subject("subclass")
SCENARIOS = here.scenarios

USE = (login(), get("/payload", bearer=issued()))


def overriding(name, *steps, **settings):
    """A shop whose Authentication has the decorated function's methods."""

    def decorator(make):
        def build(front, app):
            hooks = Hooks(front)

            class ShopAuthentication(front.Authentication):
                async def authenticate(self, request, *args, **kwargs):
                    return hooks.authenticate(request)

                async def retrieve_user(self, request, payload, *args):
                    return hooks.retrieve_user(request, payload)

            kind = type(
                "MillAuthentication",
                (ShopAuthentication,),
                make(ShopAuthentication),
            )
            installed = front.Initialize(
                app, authentication_class=kind, secret=SECRET, **settings
            )
            usual_pages(front, app, installed)

            @app.get("/in")
            async def page(request):
                return json(await app.ctx.auth.is_authenticated(request))

        here.add(name, build, *steps)
        return make

    return decorator


@overriding("generate-access-token", *USE)
def _(base):
    async def generate_access_token(self, user, *args, **kwargs):
        user = {**user, "user_id": 100 + user["user_id"]}
        return await base.generate_access_token(self, user, *args, **kwargs)

    return {"generate_access_token": generate_access_token}


@overriding("generate-access-token-with-extension", *USE)
def _(base):
    async def generate_access_token(self, user):
        def extend(payload, user):
            return {**payload, "who": user["username"]}

        return await base.generate_access_token(
            self, user, extend_payload=extend
        )

    return {"generate_access_token": generate_access_token}


@overriding("extract-payload", *USE)
def _(base):
    async def extract_payload(self, request, *args, **kwargs):
        payload = await base.extract_payload(self, request, *args, **kwargs)
        return {**(payload or {}), "extracted": True}

    return {"extract_payload": extract_payload}


@overriding(
    "is-authenticated",
    get("/in", "missing"),
    get("/in", "good", bearer=crafted()),
)
def _(base):
    async def is_authenticated(self, request):
        return not await base.is_authenticated(self, request)

    return {"is_authenticated": is_authenticated}


@overriding("calls-super-of-a-hook", *USE)
def _(base):
    async def extend_payload(self, payload, *args, **kwargs):
        payload = await base.extend_payload(self, payload, *args, **kwargs)
        return {**payload, "extended": True}

    return {"extend_payload": extend_payload}


@overriding("calls-super-of-an-unset-hook", login(), get("/auth/me"))
def _(base):
    async def store_refresh_token(self, *args, **kwargs):
        await base.store_refresh_token(self, *args, **kwargs)

    return {"store_refresh_token": store_refresh_token}


@overriding("own-state", *USE)
def _(base):
    def __init__(self, app, config):
        base.__init__(self, app, config)
        self.shop = "north"

    def extend_payload(self, payload):
        return {
            **payload,
            "shop": self.shop,
            "same app": self.app.name.startswith(("oracle", "ours")),
            "name": self.config.access_token_name(),
        }

    return {"__init__": __init__, "extend_payload": extend_payload}


def endpoint(name, *steps, hooks=()):
    """A class view made from an endpoint of the package."""

    def decorator(make):
        def build(front, app):
            view = make(front.module("endpoints"))
            shop(hooks=hooks, class_views=[("/mine", view)])(front, app)

        here.add(f"endpoint-{name}", build, *steps)
        return make

    return decorator


@endpoint(
    "login-output", login("/auth/mine"), get("/payload", bearer=issued())
)
def _(endpoints):
    class Mine(endpoints.AuthenticateEndpoint):
        async def do_output(self, output):
            return {**output, "mine": sorted(output)}

    return Mine


@endpoint("login-response", login("/auth/mine"))
def _(endpoints):
    class Mine(endpoints.AuthenticateEndpoint):
        async def do_response(self, response):
            return json({"was": response.status}, status=202)

    return Mine


@endpoint("login-incoming", login("/auth/mine"))
def _(endpoints):
    class Mine(endpoints.AuthenticateEndpoint):
        async def do_incoming(self, request, args, kwargs):
            request.ctx.seen = True
            return request, args, kwargs

        async def do_output(self, output):
            return {"seen": self is not None, **output}

    return Mine


@endpoint(
    "verify-output",
    get("/auth/mine", bearer=crafted()),
    get("/auth/mine", "garbage", bearer="garbage"),
)
def _(endpoints):
    class Mine(endpoints.VerifyEndpoint):
        async def do_output(self, output):
            return {"mine": output}

    return Mine


@endpoint(
    "me-output",
    get("/auth/mine", bearer=crafted()),
    get("/auth/me", bearer=crafted()),
    hooks=("retrieve_user",),
)
def _(endpoints):
    class Mine(endpoints.RetrieveUserEndpoint):
        async def do_output(self, output):
            return {"mine": output}

    return Mine


@endpoint(
    "refresh-output",
    login(),
    post(
        "/auth/mine",
        bearer=issued(),
        json={"refresh_token": issued(key="refresh_token")},
    ),
    hooks=REFRESH,
)
def _(endpoints):
    class Mine(endpoints.RefreshEndpoint):
        async def do_output(self, output):
            return {"mine": output}

    return Mine
