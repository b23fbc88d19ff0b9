"""What a route asks, what a user has, and the hooks in between."""

from sanic.response import json

from ..shop import SCOPES, scoped_page, shop
from ..steps import crafted, get
from ..subject import Subject

here = Subject("scope")
SCENARIOS = here.scenarios

# The table of the documentation: what a route asks, what a user has.
TABLE = (
    ("user", "user"),
    ("user:read", "user"),
    ("user:read", "user:read"),
    ("user:read", "user:write"),
    ("user:read", "user:read:write"),
    ("user", "user:read"),
    ("user:read:write", "user:read"),
    ("user:read:write", "user:read:write"),
    ("user:read:write", "user:write:read"),
    (":read", "user:read"),
    (":read", "admin"),
    (":read", "user:write"),
    ("", "user"),
    ("", "user:read"),
    ("user", ""),
    ("user:", "user"),
    ("user:", "user:"),
    ("user:", "user:read"),
    ("user:read", "user:"),
    ("user::read", "user:read"),
    ("USER", "user"),
    ("user ", "user"),
    (":", ":"),
    (":", "user"),
)


@here.scenario(
    "table",
    *[
        get(f"/row-{n}", f"{asked!r} of {has!r}", bearer=crafted(scopes=[has]))
        for n, (asked, has) in enumerate(TABLE)
    ],
)
def _(front, app):
    shop(hooks=SCOPES)(front, app)
    for n, (asked, _has) in enumerate(TABLE):
        scoped_page(front, app, f"/row-{n}", asked)


def asking(name, scopes, claim=None, *, hooks=(), settings=None, **options):
    """One page, asked with the same scopes of the user."""
    steps = [
        get("/page", str(has), bearer=crafted(scopes=has))
        for has in (claim or CHOICES)
    ]

    def build(front, app):
        shop(hooks=(*SCOPES, *hooks), **(settings or {}))(front, app)
        scoped_page(front, app, "/page", scopes, **options)

    here.add(name, build, *steps)


CHOICES = (
    ["a"],
    ["a:read"],
    ["a:write"],
    ["a:read:write"],
    ["b"],
    ["b:read"],
    ["a", "b"],
    ["a:read", "b:read"],
    ["a:read", "a:write"],
    ["c"],
)
asking("list", ["a:read", "b:read"])
asking("tuple", ("a:read", "b:read"))
asking("list-any", ["a:read", "b:read"], require_all=False)
asking("any-action", "a:read:write", require_all_actions=False)
asking(
    "any-of-any",
    ["a:read:write", "b:read:write"],
    require_all=False,
    require_all_actions=False,
)
asking("all-actions", "a:read:write")
asking("empty-list", [])
asking("empty-list-any", [], require_all=False)
asking("empty-text", "")


def _by_request(request, *args, **kwargs):
    return "a:read" if "q" in request.args else "b"


async def _late_by_request(request, *args, **kwargs):
    return ["a:read", "b"]


def _raise(*args, **kwargs):
    raise ValueError("scope")


asking("by-function", _by_request)
asking("by-coroutine", _late_by_request)
asking("by-function-returning-none", lambda request: None, [["a"]])
asking("by-function-raising", _raise, [["a"]])


@here.scenario(
    "by-function-of-route-parameter",
    *[
        get(
            f"/shops/{number}",
            f"{number} with {scope}",
            bearer=crafted(scopes=[scope]),
        )
        for number in (1, 2)
        for scope in ("shop1", "shop2")
    ],
)
def _(front, app):
    shop(hooks=SCOPES)(front, app)

    @app.get("/shops/<number:int>")
    @front.scoped(lambda request, number, **kwargs: f"shop{number}")
    async def page(request, number):
        return json({"shop": number})


for label, scopes in {"none": None, "false": False}.items():

    @here.scenario(
        f"open-{label}",
        get("/page", "without token"),
        get("/page", "garbage", bearer="garbage"),
        get("/page", "with token", bearer=crafted(scopes=["x"])),
    )
    def _(front, app, scopes=scopes):
        shop(hooks=SCOPES)(front, app)
        scoped_page(front, app, "/page", scopes)


asking("override", "public:read", hooks=("override_scope_validator",))
asking("override-none-given", "a:read", hooks=("override_scope_validator",))
asking(
    "override-async",
    "public:read",
    hooks=("override_scope_validator",),
    settings={"awaitable": True},
)
asking(
    "override-async-of-another",
    "a:read",
    hooks=("override_scope_validator",),
    settings={"awaitable": True},
)
asking(
    "override-denies",
    "a:read",
    settings={"override_scope_validator": lambda *a, **k: False},
)
asking(
    "override-returns-none",
    "a:read",
    settings={"override_scope_validator": lambda *a, **k: None},
)
asking(
    "override-raises",
    "a:read",
    [["a"]],
    settings={"override_scope_validator": _raise},
)
asking(
    "override-without-scopes",
    "a:read",
    [[], [None]],
    settings={"override_scope_validator": lambda *a, **k: True},
)
asking("destructure", "a|read", hooks=("destructure_scopes",))
asking(
    "destructure-async",
    "a|read",
    hooks=("destructure_scopes",),
    settings={"awaitable": True},
)
asking(
    "destructure-to-list",
    "a|b",
    settings={"destructure_scopes": lambda scopes: scopes.split("|")},
)
asking(
    "destructure-raises",
    "a",
    [["a"]],
    settings={"destructure_scopes": _raise},
)
asking(
    "destructure-gets-function",
    _by_request,
    [["a"], ["b"]],
    settings={"destructure_scopes": lambda scopes: scopes},
)
