"""``protected``: handlers, views, blueprints' routes, redirects, OPTIONS."""

from functools import wraps

from sanic.exceptions import NotFound, SanicException
from sanic.response import json, text
from sanic.views import HTTPMethodView

from ..shop import shop
from ..steps import Now, call, crafted, get, issued, login, post
from ..subject import Subject

here = Subject("protect")
SCENARIOS = here.scenarios

GOOD = get("/page", "good", bearer=crafted())
NONE = get("/page", "missing")
BAD = get("/page", "garbage", bearer="garbage")
EXPIRED = get("/page", "expired", bearer=crafted(exp=Now(-1000)))
ALL = (GOOD, NONE, BAD, EXPIRED)


def protecting(name, *steps, **settings):
    """A shop with the pages the decorated function adds."""

    def decorator(pages):
        here.add(name, shop(pages=pages, **settings), *(steps or ALL))
        return pages

    return decorator


@protecting("async-handler")
def _(front, app, installed):
    @app.get("/page")
    @front.protected()
    async def page(request):
        return json({"page": True})


@protecting("sync-handler")
def _(front, app, installed):
    @app.get("/page")
    @front.protected()
    def page(request):
        return json({"page": True})


@protecting("above-the-route")
def _(front, app, installed):
    @front.protected()
    @app.get("/page")
    async def page(request):
        return json({"page": True})


@protecting("without-parentheses")
def _(front, app, installed):
    @app.get("/page")
    @front.protected
    async def page(request):
        return json({"page": True})


@protecting("inject-without-parameter")
def _(front, app, installed):
    @app.get("/page")
    @front.inject_user()
    async def page(request):
        return json({"page": True})


@protecting("by-instance-method")
def _(front, app, installed):
    @app.get("/page")
    @installed.protected()
    async def page(request):
        return json({"page": True})


@protecting("by-name", *ALL)
def _(front, app, installed):
    @app.get("/page")
    @front.protected(initialized_on=None)
    async def page(request):
        return json({"page": True})


@protecting("given-the-app")
def _(front, app, installed):
    @app.get("/page")
    @front.protected(app)
    async def page(request):
        return json({"page": True})


@protecting("twice")
def _(front, app, installed):
    @app.get("/page")
    @front.protected()
    @front.protected()
    async def page(request):
        return json({"page": True})


@protecting("keeps-name", get("/names"))
def _(front, app, installed):
    @front.protected()
    async def page(request):
        """A page."""

    @app.get("/names")
    async def names(request):
        return json([page.__name__, page.__doc__])


@protecting(
    "route-parameters",
    get("/page/7/x", bearer=crafted()),
    get("/page/7/x", "missing"),
)
def _(front, app, installed):
    @app.get("/page/<number:int>/<word>")
    @front.protected()
    async def page(request, number, word):
        return json({"number": number, "word": word})


for parameter in (
    "user",
    "kw",
    "f",
    "args",
    "initialized_on",
    "return_response",
    "request_args",
    "request_kwargs",
    "return_payload",
    "verify",
):

    @protecting(
        f"route-parameter-called-{parameter}",
        get("/page/7", bearer=crafted()),
        get("/page/7", "missing"),
    )
    def _(front, app, installed, parameter=parameter):
        @app.get(f"/page/<{parameter}>")
        @front.protected()
        async def page(request, **kwargs):
            return json(list(kwargs.values()))


@protecting(
    "post",
    post("/page", bearer=crafted(), json={"a": 1}),
    post("/page", "missing", json={"a": 1}),
)
def _(front, app, installed):
    @app.post("/page")
    @front.protected()
    async def page(request):
        return json({"got": request.json})


@protecting("view-with-decorators", *ALL, post("/page", bearer=crafted()))
def _(front, app, installed):
    class Page(HTTPMethodView):
        decorators = [front.protected()]

        async def get(self, request):
            return json({"page": True})

    app.add_route(Page.as_view(), "/page")


@protecting(
    "view-method",
    *ALL,
    post("/page", bearer=crafted()),
    post("/page", "missing in post"),
)
def _(front, app, installed):
    class Page(HTTPMethodView):
        @front.protected()
        async def get(self, request):
            return json({"page": type(self).__name__})

        async def post(self, request):
            return json({"posted": True})

    app.add_route(Page.as_view(), "/page")


@protecting("view-sync-method")
def _(front, app, installed):
    class Page(HTTPMethodView):
        @front.protected()
        def get(self, request):
            return json({"page": True})

    app.add_route(Page.as_view(), "/page")


@protecting(
    "view-method-with-parameters",
    get("/page/3", bearer=crafted()),
    get("/page/3", "missing"),
)
def _(front, app, installed):
    class Page(HTTPMethodView):
        @front.protected()
        async def get(self, request, number):
            return json({"number": number})

    app.add_route(Page.as_view(), "/page/<number:int>")


@protecting("under-another-decorator")
def _(front, app, installed):
    def shout(handler):
        @wraps(handler)
        async def shouting(request, *args, **kwargs):
            response = await handler(request, *args, **kwargs)
            return json({"shouted": response.status})

        return shouting

    @app.get("/page")
    @shout
    @front.protected()
    async def page(request):
        return json({"page": True})


@protecting("around-another-decorator")
def _(front, app, installed):
    def shout(handler):
        async def shouting(request, *args, **kwargs):
            response = await handler(request, *args, **kwargs)
            return json({"shouted": response.status})

        return shouting

    @app.get("/page")
    @front.protected()
    @shout
    async def page(request):
        return json({"page": True})


@protecting("streaming-handler")
def _(front, app, installed):
    @app.get("/page")
    @front.protected()
    async def page(request):
        response = await request.respond(content_type="text/plain")
        await response.send("a")
        await response.send("b")
        await response.eof()


for label, error in {
    "not-found": NotFound("Nothing."),
    "teapot": SanicException("Tea.", status_code=418),
    "value-error": ValueError("x"),
    "attribute-error": AttributeError("x"),
    "key-error": KeyError("x"),
}.items():

    @protecting(f"handler-raises-{label}")
    def _(front, app, installed, error=error):
        @app.get("/page")
        @front.protected()
        async def page(request):
            raise error


@protecting("handler-raises-ours")
def _(front, app, installed):
    @app.get("/page")
    @front.protected()
    async def page(request):
        raise front.exceptions.Unauthorized("Mine.", status_code=418)


@protecting("error-handler-of-the-application")
def _(front, app, installed):
    @app.exception(NotFound)
    async def not_found(request, error):
        return json({"mine": True}, status=404)

    @app.get("/page")
    @front.protected()
    async def page(request):
        raise NotFound("x")


@protecting("error-handler-for-unauthorized")
def _(front, app, installed):
    @app.exception(front.exceptions.Unauthorized)
    async def refused(request, error):
        return json({"mine": str(error)}, status=error.status_code)

    @app.get("/page")
    @front.protected()
    async def page(request):
        return json({"page": True})


@protecting("error-handler-for-everything")
def _(front, app, installed):
    @app.exception(Exception)
    async def refused(request, error):
        return json({"mine": type(error).__name__}, status=499)

    @app.get("/page")
    @front.protected()
    async def page(request):
        return json({"page": True})


@protecting(
    "options-undefined",
    call("OPTIONS", "/page"),
    call("OPTIONS", "/page", "with token", bearer=crafted()),
    call("HEAD", "/page"),
    call("HEAD", "/page", "head with token", bearer=crafted()),
    call("PUT", "/page"),
)
def _(front, app, installed):
    @app.get("/page")
    @front.protected()
    async def page(request):
        return json({"page": True})


@protecting(
    "options-of-the-route",
    call("OPTIONS", "/page"),
    call("OPTIONS", "/page", "with token", bearer=crafted()),
)
def _(front, app, installed):
    @app.route("/page", methods=["GET", "OPTIONS"])
    @front.protected()
    async def page(request):
        return json({"content": "secret"})


@protecting(
    "options-of-a-view",
    call("OPTIONS", "/page"),
    get("/page", bearer=crafted()),
)
def _(front, app, installed):
    class Page(HTTPMethodView):
        @front.protected()
        async def get(self, request):
            return json({"page": True})

        async def options(self, request):
            return text("", status=204)

    app.add_route(Page.as_view(), "/page")


@protecting(
    "head-route",
    call("HEAD", "/page"),
    call("HEAD", "/page", "with token", bearer=crafted()),
)
def _(front, app, installed):
    @app.route("/page", methods=["GET", "HEAD"])
    @front.protected()
    async def page(request):
        return json({"page": True})


here.add(
    "protection-off",
    shop(do_protection=False),
    get("/protected"),
    get("/protected", "garbage", bearer="garbage"),
    get("/auth/verify"),
    get("/auth/verify", "verify garbage", bearer="garbage"),
)
here.add(
    "protection-off-scoped",
    shop(do_protection=False, hooks=("add_scopes_to_payload",)),
    login(),
    get("/protected"),
)


@here.scenario("not-installed", get("/page"), get("/page", "x", bearer="x"))
def _(front, app):
    @app.get("/page")
    @front.protected()
    async def page(request):
        return json({"page": True})


@here.scenario("decorated-before-install", *ALL)
def _(front, app):
    @app.get("/page")
    @front.protected()
    async def page(request):
        return json({"page": True})

    shop()(front, app)


here.add(
    "same-connection",
    shop(),
    login(),
    get("/protected", "good", bearer=issued(), connection="a"),
    get("/protected", "missing", connection="a"),
    get("/protected", "good again", bearer=issued(), connection="a"),
    get("/protected", "bad", bearer="bad", connection="a"),
)
