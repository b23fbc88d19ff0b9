"""What a ``Responses`` class of the application may change."""

from sanic.response import json

from ..shop import REFRESH, SCOPES, Hooks, scoped_pages, shop
from ..steps import SECRET, get, issued, login, post
from ..subject import Subject

here = Subject("view")
SCENARIOS = here.scenarios


def responding(name, *steps, **settings):
    """A shop with the ``Responses`` the decorated function makes."""

    def decorator(make):
        def build(front, app):
            shop(responses_class=make(front), **settings)(front, app)

        here.add(f"responses-{name}", build, *steps)
        return make

    return decorator


@responding("extend-authenticate", login(), hooks=REFRESH)
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def extend_authenticate(
            request, user=None, access_token=None, refresh_token=None
        ):
            return {
                "path": request.path,
                "user": user,
                "again": access_token,
                "refresh": refresh_token,
            }

    return ShopResponses


@responding("extend-authenticate-method", login())
def _(front):
    class ShopResponses(front.Responses):
        def extend_authenticate(
            self, request, user=None, access_token=None, refresh_token=None
        ):
            return {"name": self.config.access_token_name(), "user": user}

    return ShopResponses


@responding("extend-authenticate-keyword-arguments", login())
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def extend_authenticate(request, **kwargs):
            return {"kwargs": sorted(kwargs)}

    return ShopResponses


@responding("extend-authenticate-replaces", login())
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def extend_authenticate(request, **kwargs):
            return {"access_token": "hidden"}

    return ShopResponses


@responding(
    "extend-retrieve-user",
    login(),
    get("/auth/me", bearer=issued()),
    hooks=("retrieve_user",),
)
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def extend_retrieve_user(request, user=None, payload=None):
            return {"user": user, "payload": payload}

    return ShopResponses


@responding(
    "extend-verify",
    login(),
    get("/auth/verify", bearer=issued()),
    get("/auth/verify", "garbage", bearer="garbage"),
    get("/auth/verify", "missing"),
)
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def extend_verify(request, user=None, payload=None):
            return {"user": user, "payload": payload, "path": request.path}

    return ShopResponses


@responding(
    "extend-refresh",
    login(),
    post(
        "/auth/refresh",
        bearer=issued(),
        json={"refresh_token": issued(key="refresh_token")},
    ),
    hooks=REFRESH,
)
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def extend_refresh(
            request,
            user=None,
            access_token=None,
            refresh_token=None,
            purported_token=None,
            payload=None,
        ):
            return {
                "user": user,
                "again": access_token,
                "refresh": refresh_token,
                "purported": purported_token,
                "payload": payload,
            }

    return ShopResponses


REFUSALS = (
    get("/protected", "missing"),
    get("/protected", "garbage", bearer="garbage"),
    get("/auth/verify", "verify missing"),
    get("/auth/verify", "verify garbage", bearer="garbage"),
    login(name="wrong", json={"username": "ada", "password": "x"}),
    get("/open"),
)


@responding("exception", *REFUSALS)
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def exception_response(request, exception):
            return json(
                {
                    "mine": type(exception).__name__,
                    "says": exception.args[0],
                },
                status=exception.status_code,
            )

    return ShopResponses


@responding("exception-method", *REFUSALS)
def _(front):
    class ShopResponses(front.Responses):
        def exception_response(self, request, exception):
            return json(
                {"mine": self.config.access_token_name()},
                status=exception.status_code,
            )

    return ShopResponses


@responding(
    "exception-of-scopes",
    login(),
    get("/delete", bearer=issued()),
    hooks=SCOPES,
    pages=scoped_pages,
)
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def exception_response(request, exception):
            return json({"says": exception.args[0]}, status=499)

    return ShopResponses


@responding(
    "token-output", login(), get("/protected", bearer=issued(key="token"))
)
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        async def get_access_token_output(request, user, config, instance):
            token = await instance.ctx.auth.generate_access_token(user)
            return token, {"token": token, "path": request.path}

    return ShopResponses


@responding("token-response", login())
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def get_token_response(
            request, access_token, output, config, refresh_token=None
        ):
            return json({"mine": sorted(output)}, status=201)

    return ShopResponses


@responding("raises", login())
def _(front):
    class ShopResponses(front.Responses):
        @staticmethod
        def extend_authenticate(request, **kwargs):
            raise ValueError("x")

    return ShopResponses


@here.scenario("responses-in-initialize-subclass", login())
def _(front, app):
    class ShopResponses(front.Responses):
        @staticmethod
        def extend_authenticate(request, **kwargs):
            return {"extended": True}

    class ShopInitialize(front.Initialize):
        responses_class = ShopResponses

    ShopInitialize(app, authenticate=Hooks(front).authenticate, secret=SECRET)
