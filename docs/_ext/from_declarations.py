"""Reference pages that are made from the declarations in the package.

A page asks for them with comments: `% settings: cookie_*` puts the settings
with such names there, `% errors: request` the table of errors. A setting that
no page asks for is a warning, and so fails the build: nothing is forgotten.
"""

import ast
import inspect
import logging
import re
import textwrap
from fnmatch import fnmatchcase

from sanic_jwt_oo import compat, configuration, exceptions

# what is logged under this name is a warning of the build
logger = logging.getLogger("sphinx.from_declarations")

ASKED = re.compile(r"^% (settings|errors): (.+)$", re.MULTILINE)
SETTINGS_PAGE = "reference/settings"
LEGACY = compat.LegacyConfiguration


def documented(cls):
    """Yield name, type as it is written and docstring of each setting."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    body = tree.body[0].body
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(statement, ast.AnnAssign):
            continue
        kind, meaning = statement.annotation, ""
        if ast.unparse(kind).startswith("Annotated["):
            kind = kind.slice.elts[0]  # the markers speak for themselves
        if isinstance(following, ast.Expr):
            meaning = inspect.cleandoc(following.value.value)
        yield statement.target.id, ast.unparse(kind), meaning


def default_of(cls, name):
    """Return the default of a setting, worked out as a class does."""
    values = {n: setting.default for n, setting in cls.declarations().items()}
    cls._complete(values)
    return values[name]


def setting(name, base=configuration.Configuration, other=LEGACY):
    """Return the entry of one setting.

    Args:
        name: Its name.
        base: The class whose default counts.
        other: A class with further settings, and defaults of its own.
    """
    kind, meaning = read(base, other)[name]
    facts = [f"Type: `{kind}`"]
    if name in base.declarations():
        default = default_of(base, name)
        facts.append(f"default: `{default!r}`")
        if default_of(other, name) != default:
            facts.append(f"with `Initialize`: `{default_of(other, name)!r}`")
    else:
        facts.append(f"with `Initialize` only: `{default_of(other, name)!r}`")
    markers = other.declarations()[name].markers
    facts += [marker.note for marker in markers if marker.note]
    return "\n".join(
        [f"```{{setting}} {name}", meaning, "", "; ".join(facts), "```", ""]
    )


def read(*classes):
    """Return type and meaning of every setting that the classes declare."""
    found = {
        name: (kind, meaning)
        for cls in classes
        for name, kind, meaning in documented(cls)
        if meaning
    }
    for name in classes[-1].declarations():
        if name not in found:
            logger.warning("The setting %s has no docstring.", name)
            found[name] = ("", "")
    return found


DECLARED = read(configuration.Configuration, LEGACY)


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


def warn(docname, message):
    """Warn about a page."""
    logger.warning(message, extra={"location": docname})


def put_in(app, docname, source):
    """Replace what a page asks for."""
    placed = set()

    def answer(match):
        if match[1] == "errors":
            return errors(match[2])
        chosen, text = settings(match[2])
        for name in placed.intersection(chosen):
            warn(docname, f"{name} is in two places.")
        placed.update(chosen)
        return text

    source[0] = ASKED.sub(answer, source[0])
    if docname == SETTINGS_PAGE and set(DECLARED) - placed:
        missing = ", ".join(sorted(set(DECLARED) - placed))
        warn(docname, f"No place for {missing}.")


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
