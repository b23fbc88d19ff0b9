"""What counts as one account, and as one address, when log-ins are counted.

A guess under another spelling of an account is a guess all the same, if the
database of the application finds the account by it. `throttling` asks here;
nothing is looked up, and nothing is let in or refused.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

LETTERS = 256
"""Letters of an account or address that count; addresses of mail have 254."""
LONGEST = 512
"""Letters, those that cannot be seen as well, that an account may have. All
that have more are counted as one, for nobody can be called so."""

_TOO_LONG = "\0"
_LATIN = re.compile(
    r"(?:\bLATIN .*?(?:LETTER|LIGATURE)|MODIFIER LETTER|SQUARED)"
    r"(?: SMALL| CAPITAL| ANGLICANA| INSULAR| LONG| MIDDLE-WELSH| SIGMOID)*"
    r" ([A-Z]{1,2})(?: |$)"
)
"""The letters in the name of one that is a variant of them."""
_IOTA = "\u0345"
"""A mark that becomes a letter without case."""
_OTHERS = str.maketrans(
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
"""Variants whose names do not tell, found with the collations of ICU."""


def plain_account(account: Any) -> str:
    """Return an account as it is counted.

    Spellings that some database takes for the same are the same here: case,
    marks on letters and changes to them, digits of all scripts, space, what
    cannot be seen, and a number for its text. Some of these may be two
    accounts all the same; they share a count then.
    """
    text = _as_text(account).strip()
    if len(text) <= LONGEST:
        text = unicodedata.normalize("NFKD", text).replace(_IOTA, "")
        text = unicodedata.normalize("NFKD", text.casefold())
    if len(text) > LONGEST:
        return _TOO_LONG
    seen = filter(str.isprintable, text.translate(_OTHERS))
    plain = "".join(map(_plain_letter, seen)).replace(" ", "")
    return plain[:LETTERS] or "".join(filter(_is_private, text))[:LETTERS]


def _as_text(account: Any) -> str:
    """Return what an account is called; a database may look for a number."""
    if account is None:
        return ""
    if isinstance(account, float) and account.is_integer():
        account = int(account)
    if isinstance(account, int):
        small = -(2**63) <= account < 2**64
        return str(int(account)) if small else "\0" * (LONGEST + 1)
    return str(account)


@lru_cache(4096)
def _plain_letter(letter: str) -> str:
    """Return the letters from a to z, or the digits, that one stands for.

    Unicode takes no letter with a stroke apart, and none in a black square;
    what databases compare by does.
    """
    if letter.isascii():
        return letter
    latin = _LATIN.search(unicodedata.name(letter, ""))
    if latin:
        return latin[1].lower()
    number = unicodedata.numeric(letter, 0.5)
    category = unicodedata.category(letter)
    if category.startswith("N") and number == int(number):
        return str(int(number))
    return "" if category.startswith("M") else letter


def _is_private(letter: str) -> bool:
    return unicodedata.category(letter) == "Co"


def network_of(address: Any) -> str:
    """Return an address as it is counted.

    Of an IPv6 address, the first 64 bits: who has one has all that begin
    with them. Without its port, which proxies may add. What is no IP address
    counts as it is.
    """
    text = str(address or "").strip()[:LETTERS].lower()
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
