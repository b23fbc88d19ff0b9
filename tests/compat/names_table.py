"""What becomes of each name of sanic-jwt 1.8.0; prints the page about it.

    python -m tests.compat.names_table > docs/migration-names.md

A name that is in no table here works: it is found where 1.8 has it, and
accepts the arguments that it accepts there.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from sanic_jwt_oo import exceptions
from sanic_jwt_oo.compat.by_hand import UNCALLED
from sanic_jwt_oo.compat.initialization import UNCALLED as UNCALLED_OF_INIT
from sanic_jwt_oo.compat.module_names import GONE as GONE_FROM_MODULES
from sanic_jwt_oo.compat.taken_over import REPLACED

from .oracle_names import Name, every_name, oracle_module

BY_THE_CLASS = "Settings are read and checked once, at install."
OF_THE_ITEM = "An item only has its value: call it, or `.update(...)`."
GONE: dict[str, str] = {
    "authentication.BaseAuthentication.claims": "What tokens must carry is "
    "the setting `required_claims`.",
    "authentication.*._reasons": "Reasons are in the error of the request; "
    "1.8 shares them between requests.",
    "authentication.BaseAuthentication._extra_verifications": "Read "
    "`auth.extra_verifications`.",
    "authentication.BaseAuthentication._custom_claims": "Read "
    "`auth.custom_claims`.",
    "authentication.Authentication._get_token_from_*": "Call "
    "`auth.read_token(request)`.",
    "authentication.Authentication._is_asymmetric": "Ask "
    "`utils.algorithm_is_asymmetric(config.algorithm())`.",
    "authentication.Authentication._verify_extras": "Call "
    "`auth.verify_token(token)`, which checks all.",
    "authentication.Authentication._verify_custom_claims": "Call "
    "`auth.verify_token(token, custom_claims=[...])`.",
    "configuration.ConfigItem._inject_request": OF_THE_ITEM,
    "configuration.ConfigItem._override*": OF_THE_ITEM,
    "configuration.Configuration._*": BY_THE_CLASS,
}
"""Members of classes that are gone, with `*` for any text, and why."""

NEVER_CALLED = (
    "Define set_<name>() or get_<name>(request) for a setting, or pass "
    "settings to Initialize."
)
DIFFERS: dict[str, str] = {
    "authentication.BaseAuthentication.config": "A view of the settings, "
    "which cannot be replaced.",
    "cache.get_cached": "Values are kept on the request.",
    "cache.is_cached": "Values are kept on the request.",
    "cache.to_cache": "Values are kept on the request; the name of a setting "
    "is refused.",
    "cache.clear_cache": "Values are kept on the request.",
    "decorators.instant_config": "The settings end with the block, also if "
    "it raises.",
    "exceptions.InvalidConfiguration": "The message is as given.",
    "exceptions.InvalidPayload": "The message is as given.",
    "exceptions.Unauthorized": "Of the parameters of the challenge it takes "
    "`realm`, `error` and `scope`.",
    "base.BaseDerivative": "`Responses` and `BaseEndpoint` do not derive from "
    "it.",
    "utils.call": "Waits for whatever is awaitable.",
    "utils.*": "Replacing it changes nothing.",
    "validators.*": "Scopes of a wrong type are refused; replacing it "
    "changes nothing.",
}
"""What is to be known about names that work."""


def gone_because(name: Name) -> str | None:
    """Return why a name is gone, or `None` if it is not."""
    if not name.owner:
        for module, names in GONE_FROM_MODULES.items():
            place = module.__name__.rpartition(".")[2]
            if place == name.module and name.name in names:
                return names[name.name]
        return None
    return next(
        (why for pattern, why in GONE.items() if _fits(name, pattern)), None
    )


def refusal_of(name: Name) -> str | None:
    """Return the message for an application that defines a name.

    `None` for a name that counts where it is defined.
    """
    if name.module == "authentication" and name.owner:
        return REPLACED.get(name.name)
    if name.owner == "Configuration" and name.name in UNCALLED:
        return NEVER_CALLED
    if name.owner == "Initialize":
        return UNCALLED_OF_INIT.get(name.name)
    if str(name) == "claim.Claim._register":
        return "Name the claim in custom_claims."
    return None


def markdown() -> str:
    """Return the page."""
    page = [_HEAD]
    sections: dict[tuple[str, str], list[Name]] = {}
    for name in every_name():
        sections.setdefault((name.module, name.owner), []).append(name)
    for (module, owner), names in sections.items():
        if module == "exceptions" and owner:
            continue  # the statuses have a row together
        place = ".".join(filter(None, ("sanic_jwt", module, owner)))
        page.append(f"\n## `{place}`\n\n")
        page += _section(names)
        if module == "exceptions":
            page.append(_statuses())
    return "".join(page)


def _section(names: list[Name]) -> Iterator[str]:
    yield "| name | what becomes of it |\n|---|---|\n"
    verdicts: dict[str, list[Name]] = {}
    for name in names:
        verdicts.setdefault(verdict(name), []).append(name)
    for said, group in verdicts.items():
        listed = ", ".join(f"`{name.name}`" for name in group)
        yield f"| {listed} | {said} |\n"


def other_statuses() -> dict[str, tuple[int, int]]:
    """Return the errors whose status differs: theirs, and ours."""
    return {
        name.owner: (before, now)
        for name in every_name()
        if name.module == "exceptions" and name.owner
        if (before := _status(oracle_module("exceptions"), name.owner))
        != (now := _status(exceptions, name.owner))
    }


def _status(module: Any, name: str) -> int:
    status: int = getattr(module, name).status_code
    return status


def _statuses() -> str:
    others = ", ".join(
        f"{now} for `{name}` (1.8: {before})"
        for name, (before, now) in other_statuses().items()
    )
    return f"| `status_code` of each | **Works.** It is {others}. |\n"


def verdict(name: Name) -> str:
    """Return what the page says about a name."""
    why, refusal = gone_because(name), refusal_of(name)
    note = next((w for p, w in DIFFERS.items() if _fits(name, p)), "")
    said = [f"**Gone.** {why}"] if why else ["**Works.**", note]
    if refusal is not None:
        said.append(f"**Refused** if you define it: {refusal}")
    return " ".join(filter(None, said)).replace("<name>", "NAME")


def _fits(name: Name, pattern: str) -> bool:
    return fnmatchcase(str(name), pattern)


_HEAD = """\
# Names of sanic-jwt 1.8.0

<!-- Made by `python -m tests.compat.names_table`; do not edit. -->

This is every name of sanic-jwt that does not begin with two underscores:
of its modules, its public classes and their instances. `sanic_jwt.utils.call`
is `sanic_jwt_oo.utils.call`, and so on. A test compares this page with the
installed package.

- **Works**: it is found in the same place, and accepts the same arguments.
- **Gone**: importing it from a module raises an `ImportError` with these
  words. On a class or an object it does not exist.
- **Refused** if you define it: a subclass that defines it is an error with
  these words, because it would have no effect. So is a subclass of
  `Initialize` that defines one of its names with two underscores.

What works may still behave differently where 1.8 is unsafe or broken; see
[the differences](migration.md#differences-from-sanic-jwt-1-8-0).
"""

if __name__ == "__main__":
    print(markdown(), end="")
