"""Views of the application's own, and what ``Responses`` may change."""

from sanic.response import json, text
from sanic.views import HTTPMethodView

from ..shop import shop
from ..steps import call, crafted, get, issued, post
from ..subject import Subject

here = Subject("view")
SCENARIOS = here.scenarios


def viewing(name, *steps, settings=None):
    """A shop with the view the decorated function makes."""

    def decorator(make):
        def build(front, app):
            shop(class_views=make(front), **(settings or {}))(front, app)

        here.add(name, build, *steps)
        return make

    return decorator


@viewing(
    "class-view",
    post("/auth/magic", json={"a": 1}),
    get("/auth/magic"),
    call("OPTIONS", "/auth/magic"),
    call("PUT", "/auth/magic"),
)
def _(front):
    class Magic(front.BaseEndpoint):
        async def get(self, request):
            return json({"magic": True})

        async def post(self, request):
            return json({"sent": request.json})

    return [("/magic", Magic)]


@viewing("class-view-own-options", call("OPTIONS", "/auth/magic"))
def _(front):
    class Magic(front.BaseEndpoint):
        async def options(self, request):
            return text("mine", status=200)

    return [("/magic", Magic)]


@viewing("class-view-parameters", get("/auth/magic/7"))
def _(front):
    class Magic(front.BaseEndpoint):
        async def get(self, request, number):
            return json({"number": number})

    return (("/magic/<number:int>", Magic),)


@viewing(
    "class-view-config",
    get("/auth/magic"),
    settings={"access_token_name": "jwt"},
)
def _(front):
    class Magic(front.BaseEndpoint):
        async def get(self, request):
            return json(
                {
                    "name": self.config.access_token_name(),
                    "got": self.config.get("algorithm"),
                    "known": "algorithm" in self.config,
                    "unknown": "nothing" in self.config,
                }
            )

    return [("/magic", Magic)]


@viewing(
    "class-view-issues-a-token",
    get("/auth/magic", "login"),
    get("/protected", bearer=issued()),
)
def _(front):
    class Magic(front.BaseEndpoint):
        async def get(self, request):
            token, output = await self.responses.get_access_token_output(
                request, {"user_id": 9}, self.config, self.instance
            )
            return self.responses.get_token_response(
                request, token, output, config=self.config
            )

    return [("/magic", Magic)]


@viewing(
    "class-view-authenticates",
    post("/auth/magic", json={"username": "ada", "password": "lovelace"}),
)
def _(front):
    class Magic(front.BaseEndpoint):
        async def post(self, request):
            user = self.instance.ctx.auth.authenticate(request)
            made = await self.instance.ctx.auth.generate_access_token(user)
            return json({"access_token": made})

    return [("/magic", Magic)]


@viewing(
    "class-view-protected",
    get("/auth/magic", bearer=crafted()),
    get("/auth/magic", "without token"),
)
def _(front):
    class Magic(front.BaseEndpoint):
        @front.protected()
        async def get(self, request):
            return json({"magic": True})

    return [("/magic", Magic)]


@viewing(
    "class-view-decorators",
    get("/auth/magic", bearer=crafted()),
    get("/auth/magic", "without token"),
    call("OPTIONS", "/auth/magic"),
)
def _(front):
    class Magic(front.BaseEndpoint):
        decorators = [front.protected()]

        async def get(self, request):
            return json({"magic": True})

    return [("/magic", Magic)]


@viewing("class-view-raises", get("/auth/magic"))
def _(front):
    class Magic(front.BaseEndpoint):
        async def get(self, request):
            raise front.exceptions.AuthenticationFailed("No magic.")

    return [("/magic", Magic)]


@viewing("class-views-two", get("/auth/a"), get("/auth/b"))
def _(front):
    def view(name):
        async def get(self, request):
            return json(name)

        return type(name, (front.BaseEndpoint,), {"get": get})

    return [("/a", view("A")), ("/b", view("B"))]


@viewing("class-view-wrong-class")
def _(front):
    class Magic(HTTPMethodView):
        async def get(self, request):
            return json({})

    return [("/magic", Magic)]


@viewing("class-view-wrong-path")
def _(front):
    class Magic(front.BaseEndpoint):
        async def get(self, request):
            return json({})

    return [(7, Magic)]


@viewing("class-view-not-a-pair")
def _(front):
    return ["/magic"]


@viewing(
    "class-view-without-auth-mode",
    get("/auth/magic"),
    settings={"auth_mode": False},
)
def _(front):
    class Magic(front.BaseEndpoint):
        async def get(self, request):
            return json({"magic": True})

    return [("/magic", Magic)]
