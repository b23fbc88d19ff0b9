"""Reference pages that are made from the declarations in the package.

A page asks for them with comments: `% settings: cookie_*` puts the settings
with such names there, `% errors: request` the table of errors. A setting that
no page asks for is a warning, and so fails the build: nothing is forgotten.
"""

import ast
import inspect
import re
from fnmatch import fnmatchcase

from sphinx.util import logging

from sanic_jwt_oo import compat, configuration, exceptions

logger = logging.getLogger(__name__)

ASKED = re.compile(r"^% (settings|errors): (.+)$", re.MULTILINE)
SETTINGS_PAGE = "reference/settings"
LEGACY = compat.LegacyConfiguration


def declarations(cls):
    """Yield name, annotation and docstring of each attribute of a class."""
    tree = ast.parse(inspect.getsource(cls))
    body = tree.body[0].body
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(statement, ast.AnnAssign):
            continue
        name = statement.target.id
        if name.startswith("_"):
            continue
        meaning = ""
        if isinstance(following, ast.Expr):
            meaning = inspect.cleandoc(following.value.value)
        yield name, ast.unparse(statement.annotation), meaning


DECLARED = {
    name: (annotation, meaning)
    for cls in (configuration.Configuration, LEGACY)
    for name, annotation, meaning in declarations(cls)
    if meaning
}


def legacy_default(name):
    """Return the default of the legacy front, worked out as it does."""
    values = {known: getattr(LEGACY, known) for known in LEGACY.names()}
    LEGACY.complete(values)
    return values[name]


def setting(name):
    """Return the entry of one setting."""
    annotation, meaning = DECLARED[name]
    own = name in configuration.Configuration.names()
    facts = [f"Type: `{annotation}`"]
    if own:
        default = getattr(configuration.Configuration, name)
        facts.append(f"default: `{default!r}`")
        if legacy_default(name) != default:
            facts.append(f"with `Initialize`: `{legacy_default(name)!r}`")
    else:
        facts.append(f"with `Initialize` only: `{legacy_default(name)!r}`")
    for alias, canonical in configuration.ALIASES.items():
        if canonical == name:
            facts.append(f"also called: `{alias}`")
    if name in configuration.INSTALL_ONLY:
        facts.append("**fixed at install**")
    if name in configuration.SECRETS:
        facts.append("never shown in a `repr`")
    return "\n".join(
        [f"```{{setting}} {name}", meaning, "", "; ".join(facts), "```", ""]
    )


def settings(patterns):
    """Return the entries of the settings that the patterns ask for."""
    chosen = []
    for pattern in patterns.split():
        found = [n for n in sorted(DECLARED) if fnmatchcase(n, pattern)]
        if not found:
            logger.warning("No setting is called %s.", pattern)
        chosen += [n for n in found if n not in chosen]
    return chosen, "\n".join(map(setting, chosen))


def errors(kind):
    """Return the table of the errors of requests, or of set-up."""
    own = [
        cls
        for cls in vars(exceptions).values()
        if isinstance(cls, type)
        and issubclass(cls, exceptions.SanicJWTException)
        and cls is not exceptions.SanicJWTException
    ]
    own.sort(key=lambda cls: inspect.getsourcelines(cls)[1])
    if kind == "request":
        rows = [
            "| name | status | challenge `error` | reason | when |",
            "|---|---|---|---|---|",
        ]
        rows += [
            f"| `{cls.__name__}` | {cls.status_code} "
            f"| {f'`{cls.error}`' if cls.error else ''} "
            f"| {cls.default_message} | {first_line(cls)} |"
            for cls in own
            if cls.status_code < 500
        ]
    else:
        rows = ["| name | message | when |", "|---|---|---|"]
        rows += [
            f"| `{cls.__name__}` | {cls.default_message} | {first_line(cls)} |"
            for cls in own
            if cls.status_code >= 500
        ]
    return "\n".join(rows)


def first_line(cls):
    """Return the summary of a class."""
    return inspect.getdoc(cls).partition("\n")[0]


def put_in(app, docname, source):
    """Replace what a page asks for."""
    placed = set()

    def answer(match):
        if match[1] == "errors":
            return errors(match[2])
        chosen, text = settings(match[2])
        for name in placed.intersection(chosen):
            logger.warning("%s is in two places.", name, location=docname)
        placed.update(chosen)
        return text

    source[0] = ASKED.sub(answer, source[0])
    if docname == SETTINGS_PAGE and set(DECLARED) - placed:
        missing = ", ".join(sorted(set(DECLARED) - placed))
        logger.warning("No place for %s.", missing, location=docname)


def always_read(app, env, added, changed, removed):
    """Have the generated pages made anew: their sources are not pages."""
    return [
        docname
        for docname in (SETTINGS_PAGE, "reference/errors")
        if docname in env.found_docs
    ]


def mark_code(app, what, name, obj, options, lines):
    """Make a code block of an indented paragraph after a colon."""
    for number in range(len(lines) - 2):
        line, blank, code = lines[number : number + 3]
        if line.endswith(":") and not blank and code.startswith("    "):
            lines[number] = f"{line}:"


def setup(app):
    """Register the extension with Sphinx."""
    app.add_object_type(
        "setting", "setting", indextemplate="pair: %s; setting"
    )
    app.connect("source-read", put_in)
    app.connect("env-get-outdated", always_read)
    # before napoleon has its turn
    app.connect("autodoc-process-docstring", mark_code, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
