"""Both sides and their outcomes for a token, at one time.

A world has a clock, installations for terms, and data for their hooks.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from sanic import Sanic

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.exceptions import InvalidToken
from tests.security.forging import NOW

from .keys import SigningKey
from .payloads import same, spoil
from .terms import Terms, another_key

Sanic.test_mode = True  # allow an application name to be used again

# How installations differ apart from their terms.
OFF = {"token_cache_entries": 0}
SMALL = {"token_cache_entries": 3}
LARGE = {"token_cache_entries": 1000}
STRANGERS = {"token_cache_entries": 10}


@dataclass(frozen=True, eq=False)
class Verdict:
    """The outcome for a token.

    Attributes:
        payload: Its payload, if it is accepted.
        refusal: Type and reasons of the refusal, if not.
    """

    payload: dict[str, Any] | None = None
    refusal: tuple[type[InvalidToken], str, str] | None = None

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Verdict)
            and self.refusal == other.refusal
            and same(self.payload, other.payload)
        )

    @property
    def is_good(self) -> bool:
        return self.refusal is None


class Verifier(JWTAuth[Any]):
    """Verifies tokens in a world."""

    def __init__(self, world: World, **settings: Any) -> None:
        super().__init__(
            extra_verifications=[self.is_welcome],
            auth_mode=False,
            **settings,
        )
        self.world = world
        self.fillers: tuple[str, ...] = ()

    def now(self) -> float:
        return self.world.now

    def is_welcome(self, payload: Any) -> bool:
        return payload.get("user_id") not in self.world.unwelcome

    def retrieve_user_secret(self, user_id: Any) -> str:
        return self.world.users[user_id].verifier


class World:
    """Installations for terms, with and without a cache.

    Attributes:
        now: The time, in seconds since the epoch.
        users: The key of each user.
        unwelcome: Users whose tokens an extra verification refuses.
    """

    def __init__(self, cache: Any = LARGE) -> None:
        self._cache = cache
        self._installed: dict[str, dict[str, Verifier]] = {}
        self.begin()
        self.forget()

    def begin(self) -> None:
        """Reset the clock to where all tests begin, and accept all users."""
        self.now: float = NOW
        self.users: Mapping[Any, SigningKey] = {}
        self.unwelcome: list[Any] = []

    def forget(self) -> None:
        """Make new installations with empty caches."""
        self._app = Sanic("agreement")
        self._seen: dict[int, tuple[Verifier, Terms]] = {}
        self._installed.pop(str(self._cache), None)

    def crowd_out(self) -> None:
        """Evict all tokens from the caches.

        With small caches, that is quicker than `forget`.
        """
        self.begin()
        for verifier, terms in [*self._seen.values()]:
            if not verifier.fillers:
                verifier.fillers = tuple(
                    terms.token(x=f"filler {number}")
                    for number in range(self._cache["token_cache_entries"])
                )
            for token in verifier.fillers:
                assert self.verdict(terms, token, self._cache).is_good
        self._seen.clear()

    def verifier(self, terms: Terms, cache: Any = OFF) -> Verifier:
        """Return the installation for terms."""
        installed = self._installed.setdefault(str(cache), {})
        settings = terms.settings()
        name = repr(settings)
        if name not in installed:
            verifier = Verifier(self, **settings, **cache)
            installed[name] = verifier.install(self._app)
        return installed[name]

    def verdict(
        self, terms: Terms, token: Any, cache: Any = OFF, **changes: Any
    ) -> Verdict:
        """Return the outcome for a token in an installation, under `changes`.

        Anything but a payload or `InvalidToken` is an error.
        """
        self.users = terms.users or {}
        verifier = self.verifier(terms, cache)
        try:
            if not changes:
                payload = finished(verifier.verify_token(token))
            else:
                with verifier.override(**changes):
                    payload = finished(verifier.verify_token(token))
        except InvalidToken as exc:
            return Verdict(None, (type(exc), str(exc), str(exc.detail)))
        if cache is self._cache and not changes:
            self._seen.setdefault(id(verifier), (verifier, terms))
        return Verdict(payload)

    def agree(
        self, terms: Terms, token: Any, installed: Terms | None = None
    ) -> bool:
        """Check that both sides agree on a token.

        However often it is verified, and whatever happens to the payloads,
        an installation with a cache agrees with one without; another key is
        refused; and PyJWT accepts every token that we accept.

        Args:
            terms: The terms of the token.
            token: The token.
            installed: Terms of the installation, which are then overridden.

        Returns:
            Whether it was accepted.
        """
        expected = self._without_cache(terms, token)
        self._check_cache(expected, terms, token, installed or terms)
        if not expected.is_good:
            return False
        self._check_stranger(terms, token)
        self._check_pyjwt(expected, terms, token)
        return True

    def _without_cache(self, terms: Terms, token: Any) -> Verdict:
        # at the same call depth as the next method: the deeper the call, the
        # less deep JSON can be parsed
        return self.verdict(terms, token)

    def _check_cache(
        self, expected: Verdict, terms: Terms, token: Any, installed: Terms
    ) -> None:
        before = {"verification_keys": {}, **installed.settings()}
        changes = {
            name: value
            for name, value in terms.settings().items()
            if before.get(name, ...) != value
        }
        for time in ("first", "second", "third"):
            seen = self.verdict(installed, token, self._cache, **changes)
            assert seen == expected, (
                f"The {time} answer differs from that without a cache.\n"
                f"expected: {expected}\nseen:     {seen}\n"
                f"{self._scene(terms, token)}"
            )
            if seen.payload is not None:
                spoil(seen.payload)

    def _check_stranger(self, terms: Terms, token: Any) -> None:
        # user keys are not settings: they use the same installation
        cache = STRANGERS if terms.users is None else self._cache
        stranger = self.verdict(another_key(terms), token, cache)
        assert not stranger.is_good, (
            f"Accepted under another key.\n{self._scene(terms, token)}"
        )

    def _check_pyjwt(
        self, expected: Verdict, terms: Terms, token: Any
    ) -> None:
        try:
            theirs = terms.decode(token, self.now)
        except Exception as exc:
            raise AssertionError(
                f"Accepted here, refused by PyJWT: {exc!r}\n"
                f"{self._scene(terms, token)}"
            ) from exc
        assert same(expected.payload, theirs), (
            f"PyJWT reads something else: {theirs!r}\n"
            f"{self._scene(terms, token)}"
        )

    def _scene(self, terms: Terms, token: Any) -> str:
        return f"token: {token!r}\ntime:  {self.now!r}\nterms: {terms}"


def finished(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    raise AssertionError("Verifying a token waited for something.")
