"""Every Python block of the documentation compiles and runs."""

import doctest
import inspect
import re
from configparser import ConfigParser
from doctest import DocTestParser, DocTestRunner

import pytest

from sanic_jwt_oo import Configuration, JWTAuth, Responses
from sanic_jwt_oo.exceptions import InsecureSecretWarning
from sanic_jwt_oo.hooks import hooks_of, steps_of

from .snippets import (
    ALL,
    PAGES,
    README,
    ROOT,
    SECRET,
    TYPED,
    shop,
    snippets,
)

_BLOCK = re.DOTALL | re.MULTILINE
PROGRAMS = [snippet for snippet in ALL if snippet.is_program]


def test_there_are_snippets():
    assert len(ALL) > 50
    assert len([s for s in PROGRAMS if s.page == README]) == 2


@pytest.mark.parametrize("snippet", ALL, ids=str)
def test_a_snippet_compiles(snippet):
    snippet.compile()


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_a_complete_program_runs(program):
    assert program.run()["app"].ctx.auth


@pytest.mark.parametrize("number", [0, 1])
def test_the_programs_of_the_readme_need_no_secret(monkeypatch, number):
    monkeypatch.delenv("SHOP_SECRET")
    with pytest.warns(InsecureSecretWarning):
        assert PROGRAMS_OF_README[number].run()["app"].ctx.auth


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in PAGES
        if page.parent.name in ("howto", "docs") and page not in TYPED
    ],
    ids=lambda page: page.stem,
)
def test_the_snippets_of_a_page_run_in_order(page):
    names = shop(page)
    for snippet in snippets(page):
        if not snippet.is_program:
            snippet.run(names)
    defined = names["ShopAuth"]
    # the part of the class on a page is combined with the rest of it
    assert issubclass(defined, JWTAuth)


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if "```pycon" in page.read_text()],
    ids=lambda page: page.stem,
)
def test_sessions_of_the_python_shell_are_as_printed(page):
    text = page.read_text()
    printed = "\n".join(re.findall(r"^```pycon\n(.*?)^```$", text, _BLOCK))
    session = DocTestParser().get_doctest(
        printed, shop(page), page.name, str(page), 0
    )

    outcome = DocTestRunner(optionflags=doctest.ELLIPSIS).run(session)

    assert outcome.failed == 0


async def test_the_quick_start_of_the_class_form(client):
    app = PROGRAMS_OF_README[0].run()["app"]

    refused = await client(app, "get", "/orders")
    assert refused.status == 401
    assert refused.text == (
        '{"reasons":["Authorization header not present."],'
        '"exception":"Unauthorized"}'
    )

    logged_in = await client(
        app,
        "post",
        "/auth",
        content=b'{"name": "ada", "password": "correct horse"}',
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    token = logged_in.json["access_token"]
    orders = await client(app, "get", "/orders", token)
    assert orders.text == '{"orders":[17,23],"of":"ada"}'

    me = await client(app, "get", "/auth/me", token)
    assert me.json == {"me": {"user_id": 1, "name": "ada"}}


@pytest.mark.requirement("H11")
@pytest.mark.parametrize(
    "fields",
    [
        {"name": "ada", "password": "wrong"},
        {"name": "eve", "password": "correct horse"},
        {"name": ["ada"], "password": {}},
        {},
    ],
    ids=["password", "name", "types", "empty"],
)
async def test_the_quick_start_gives_all_failed_logins_the_same_response(
    client, fields
):
    app = PROGRAMS_OF_README[0].run()["app"]

    response = await client(app, "post", "/auth", json=fields)

    assert response.status == 401
    assert response.json["reasons"] == ["Wrong name or password."]


async def test_the_quick_start_of_the_legacy_form(client):
    app = PROGRAMS_OF_README[1].run()["app"]

    refused = await client(app, "get", "/orders")
    wrong = await client(app, "post", "/auth", json={"magic_link": "guess"})
    right = await client(
        app, "post", "/auth", json={"magic_link": "sent-by-mail"}
    )
    orders = await client(app, "get", "/orders", right.json["access_token"])

    assert (refused.status, wrong.status, right.status) == (401, 401, 200)
    assert orders.json == {"orders": [17, 23]}


def test_the_table_of_hooks_is_complete():
    page = (ROOT / "docs" / "reference" / "hooks.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page, re.MULTILINE)
    shown = {hook: tuple(re.findall(r"\w+", rest)) for hook, rest in rows}

    assert shown == {
        hook: names for hook, (names, *_) in hooks_of(JWTAuth).items()
    }


HOOKS_PAGE = ROOT / "docs" / "reference" / "hooks.md"
CALLS_PAGE = ROOT / "docs" / "reference" / "calls.md"


def test_the_table_of_responses_is_complete():
    page = (ROOT / "docs" / "howto" / "responses.md").read_text()
    rows = re.findall(
        r"^\| `(\w+)` \| [^|]+ \| ([^|;]+)[;|]", page, re.MULTILINE
    )
    shown = {hook: tuple(re.findall(r"\w+", names)) for hook, names in rows}

    assert shown == {
        hook: offer.names for hook, offer in hooks_of(Responses).items()
    }


def methods_shown(page):
    """Return the methods in the tables of a page, with their parameters."""
    rows = re.findall(
        r"^\| `(\w+)\(([\w, .]*)\)` \| ?([^|]*?) ?\|",
        page.read_text(),
        re.MULTILINE,
    )
    return {name: (re.findall(r"\w+", how), kind) for name, how, kind in rows}


def test_the_table_of_steps_is_complete():
    shown = methods_shown(HOOKS_PAGE)

    assert sorted(shown) == sorted(steps_of(JWTAuth))
    for name, (parameters, _) in shown.items():
        signature = inspect.signature(getattr(JWTAuth, name))
        assert ["self", *parameters] == [*signature.parameters], name


def test_the_steps_that_the_page_calls_sync_are_those_that_are():
    text = HOOKS_PAGE.read_text().partition("cannot be async")[2]
    sync = re.findall(r"^\| `(\w+)\(", text, re.MULTILINE)

    assert sync == [
        name
        for name in methods_shown(HOOKS_PAGE)
        if not inspect.iscoroutinefunction(getattr(JWTAuth, name))
    ]


def test_every_hook_and_step_is_described_one_by_one():
    text = HOOKS_PAGE.read_text()
    described = dict(
        re.findall(r"automethod:: sanic_jwt_oo\.JWTAuth\.(\w+)(.*)", text)
    )

    assert described == {
        **{
            name: f"({', '.join(offer.names)})"
            for name, offer in hooks_of(JWTAuth).items()
        },
        **dict.fromkeys(steps_of(JWTAuth), ""),
    }


def test_the_table_of_verbs_is_complete():
    shown = methods_shown(CALLS_PAGE)
    verbs = {
        name: value
        for name, value in vars(JWTAuth).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }

    assert shown.keys() == verbs.keys()
    for name, (parameters, kind) in shown.items():
        signature = inspect.signature(verbs[name])
        assert {*parameters} <= {*signature.parameters}, name
        is_async = inspect.iscoroutinefunction(verbs[name])
        assert kind == ("await" if is_async else ""), name


def test_the_table_of_attributes_is_complete():
    text = CALLS_PAGE.read_text().partition("## Attributes")[2]
    shown = {
        name
        for row in re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    own = {*vars(JWTAuth()), *vars(JWTAuth)} - methods_shown(CALLS_PAGE).keys()

    assert shown == {name for name in own if not name.startswith("_")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_settings_that_a_page_names_exist(page):
    named = set(re.findall(r"\{setting\}`(\w+)`", page.read_text()))

    assert named <= Configuration.names()


def test_lines_that_install_the_package_work_from_a_checkout():
    """There is no release yet, so it cannot be installed by name."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    sources = [
        *PAGES,
        *(ROOT / "examples").rglob("*.py"),
        *(ROOT / "sanic_jwt_oo").rglob("*.py"),
    ]
    lines = [
        line
        for source in sources
        for line in re.findall(r"pip install ([^`\n]+)", source.read_text())
    ]

    assert not [line for line in lines if "sanic_jwt_oo" in line]
    named = re.findall(r"'\.\[([^\]]+)\]'", " ".join(lines))
    extras = {extra for names in named for extra in names.split(",")}
    assert {"crypto", "limits", "redis", "sql"} <= extras
    assert extras - {"{extra}"} <= {*setup["options.extras_require"]}


def test_every_example_is_shown():
    text = "".join(page.read_text() for page in PAGES)
    examples = {path.name for path in (ROOT / "examples").glob("*.py")}
    shown = set(re.findall(r"literalinclude\} .*examples/(\w+\.py)", text))

    assert examples - {"demo.py", "__init__.py"} == shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_local_link_of_a_page_is_broken(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_secret_of_these_tests_is_long_enough():
    assert len(SECRET) >= 64


PROGRAMS_OF_README = [s for s in PROGRAMS if s.page == README]
