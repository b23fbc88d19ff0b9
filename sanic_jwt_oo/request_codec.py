"""A codec that knows where the settings have the token of a request."""

from __future__ import annotations

from collections.abc import Callable

from .configuration import Configuration
from .keys import KeyRing
from .locations import read_token
from .tokens import SCHEME, TokenCache, TokenCodec, VerifiedToken
from .types import Payload, Request

_START = f"{SCHEME} "
_TOKEN_AT = len(_START)


class RequestCodec(TokenCodec):
    """A codec that finds tokens in requests.

    Attributes:
        recalls: Whether to ask `recall`; it reads the header alone.
    """

    __slots__ = ("_find", "_header", "_touch", "recalls")

    def __init__(
        self,
        settings: Configuration,
        keys: KeyRing | None,
        cache: TokenCache | None = None,
        *,
        lasting: bool = True,
    ) -> None:
        super().__init__(settings, keys, cache, lasting=lasting)
        self._header: str = settings.authorization_header
        self._find: Callable[[str], VerifiedToken | None] = self.cache.find
        self._touch: Callable[[str], None] = self.cache.touch
        self.recalls: bool = (
            keys is not None
            and settings.authorization_header_prefix == SCHEME
            and not settings.cookie_set
            and not settings.query_string_set
        )

    def recall(self, request: Request, now: float) -> VerifiedToken | str:
        """Return the token of a request whose header was good before.

        A header that is the key of a kept token is not taken apart: as no
        such token has white space, there is one way to read it.

        Returns:
            The token; else the header for `examine` to read, empty if there
            is none or more than one.
        """
        key: str
        try:
            (key,) = request.headers.getall(self._header)
        except (KeyError, ValueError):  # there is none, or there are several
            return ""
        find, touch = self._find, self._touch  # locals are called quickest
        known = find(key)
        if (
            known is None
            or known.rules is not self.rules
            or not known.starts <= now < known.ends
        ):
            return key
        touch(key)
        self.cache.hits += 1
        return known

    def examine(
        self, request: Request, header: str, now: float
    ) -> tuple[VerifiedToken, Payload | None]:
        """Verify the token of a request.

        The usual header is not built again for the key of its token.

        Args:
            request: The request.
            header: As `recall` returned it, empty if it was not asked.
            now: Seconds since the epoch.

        Returns:
            As `verify` does.

        Raises:
            MissingCredentials: There is none.
            InvalidRequest: There is something else, or several.
            InvalidToken: It is not good.
        """
        if header.startswith(_START):
            token = header[_TOKEN_AT:]
            if token and " " not in token and "\t" not in token:
                return self.verify(token, now, header)
        token = read_token(request, self.settings, "access")
        return self.verify(token, now)
