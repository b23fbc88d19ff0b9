"""Normalizes accounts and IP addresses for the counts of `throttling`.

The database of an application may find an account by several spellings. All
of them must share one count, or a guesser would use them in turn.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from ..locations import read_both_ways
from ..types import Request

MAX_LENGTH = 256
"""The length of a normalized account, in characters; longer ones are cut.

An email address has at most 254 characters.
"""
MAX_RAW_LENGTH = 512
"""The length of an account before normalization, in characters.

All longer ones share one count: they are not real accounts.
"""

FIELDS = ("username", "email", "name", "login")
"""Fields of a login body that usually name the account."""
_TOO_LONG = "\0"
_LATIN_VARIANT = re.compile(
    r"(?:\bLATIN .*?(?:LETTER|LIGATURE)|MODIFIER LETTER|SQUARED)"
    r"(?: SMALL| CAPITAL| ANGLICANA| INSULAR| LONG| MIDDLE-WELSH| SIGMOID)*"
    r" ([A-Z]{1,2})(?: |$)"
)
"""Finds the base letters in the Unicode name of a variant."""
_IOTA = "\u0345"
"""A combining mark that `casefold` turns into a letter."""
_IRREGULAR_VARIANTS = str.maketrans(
    {
        **dict.fromkeys("\xb7\u0640\u07fa\u0824\u0828\u180a\u1cd3", ""),
        **dict.fromkeys("\u1cf2\u1cf3\ufe73", ""),
        **{chr(0xF29 + digit): str(digit % 10) for digit in range(1, 11)},
        "\u018d": "zw",
        "\u01be": "ts",
        "\u0131": "i",
        "\u1dd3": "a",
        "\ua79b": "a",
        "\ua79d": "o",
        "\ua79f": "u",
        "\ua7c1": "a",
        **dict.fromkeys("\xf0\u1dd9", "d"),
    }
)
"""Variants whose base is not in their names, found with ICU's collations."""


def normalize_account(account: Any) -> str:
    """Return the normalized form of an account.

    Accounts that some database considers equal have the same form. It ignores
    case, diacritics and variants of letters, the script of digits, spaces and
    invisible characters; a number equals its text. If an application
    distinguishes two such accounts, they share a count.
    """
    text = _to_text(account).strip()
    if len(text) <= MAX_RAW_LENGTH:
        text = unicodedata.normalize("NFKD", text).replace(_IOTA, "")
        text = unicodedata.normalize("NFKD", text.casefold())
    if len(text) > MAX_RAW_LENGTH:
        return _TOO_LONG
    printable = filter(str.isprintable, text.translate(_IRREGULAR_VARIANTS))
    plain = "".join(map(_base_character, printable)).replace(" ", "")
    return (
        plain[:MAX_LENGTH]
        or "".join(filter(_is_private_use, text))[:MAX_LENGTH]
    )


def _to_text(account: Any) -> str:
    """Return an account as text; an application may use numbers."""
    if account is None:
        return ""
    if isinstance(account, float) and account.is_integer():
        account = int(account)
    if isinstance(account, int):
        is_small = -(2**63) <= account < 2**64
        return str(int(account)) if is_small else "\0" * (MAX_RAW_LENGTH + 1)
    return str(account)


@lru_cache(4096)
def _base_character(character: str) -> str:
    """Return the ASCII letters or digits that a character is a variant of.

    Unicode does not decompose letters with a stroke or in a black square,
    but the collations of databases do.
    """
    if character.isascii():
        return character
    latin = _LATIN_VARIANT.search(unicodedata.name(character, ""))
    if latin:
        return latin[1].lower()
    number = unicodedata.numeric(character, 0.5)
    category = unicodedata.category(character)
    if category.startswith("N") and number == int(number):
        return str(int(number))
    return "" if category.startswith("M") else character


def _is_private_use(character: str) -> bool:
    return unicodedata.category(character) == "Co"


def normalize_address(address: Any) -> str:
    """Return the normalized form of an IP address.

    An IPv6 address is reduced to its first 64 bits, since a client usually
    controls that whole network. A port, which some proxies add, is removed.
    Text that is not an IP address is kept.
    """
    text = str(address or "").strip()[:MAX_LENGTH].lower()
    for candidate in (
        text,
        text.strip("[]"),
        text.rpartition(":")[0].strip("[]"),
    ):
        try:
            found = ip_address(candidate)
        except ValueError:
            continue
        if isinstance(found, IPv6Address):
            if found.ipv4_mapped:
                return str(found.ipv4_mapped)
            return f"{int(found) >> 64:x}/64"
        return str(found)
    return text


def usual_accounts(request: Request) -> list[str | float]:
    """Return the accounts that a login body names; see `login_account`."""
    accounts: list[str | float] = []
    for fields in read_both_ways(request):
        for name in FIELDS:
            account = fields.get(name)
            while isinstance(account, list) and account:
                account = account[0]
            if isinstance(account, (str, int, float)):
                accounts.append(account)
    return accounts
