"""A codec that knows where the settings have the token of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .configuration import Configuration
from .keys import KeyRing
from .locations import read_token
from .tokens import SCHEME, TokenCache, TokenCodec, VerifiedToken
from .types import Payload

if TYPE_CHECKING:
    from sanic import Request


class RequestCodec(TokenCodec):
    """A codec that finds tokens in requests."""

    __slots__ = ("_finds_keys", "_header")

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
        self._finds_keys: bool = (
            keys is not None
            and settings.authorization_header_prefix == SCHEME
            and not settings.cookie_set
            and not settings.query_string_set
        )

    def verify_request(
        self, request: Request, now: float
    ) -> tuple[VerifiedToken, Payload | None]:
        """Check the token of a request; see `read_token` and `verify`.

        A header that is the key of a kept token is not taken apart: as no
        such token has white space, there is one way to read it.
        """
        if self._finds_keys:
            values = request.headers.getall(self._header, ())
            if len(values) == 1:
                cache, key = self.cache, values[0]
                known = cache.get(key)
                if (
                    known is not None
                    and known.rules is self.rules
                    and known.starts <= now < known.ends
                ):
                    cache.move_to_end(key)
                    cache.hits += 1
                    return known, None
        return self.verify(read_token(request, self.settings, "access"), now)
