"""The security schemes of the places that tokens are read from.

A requirement is what one request sends together. Several requirements are
alternatives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from ...configuration import Configuration
from ...locations import (
    SAFE_METHODS,
    CookieLocation,
    HeaderLocation,
    Places,
    QueryLocation,
    access_cookie_name,
    argument_name,
    refresh_cookie_name,
    signature_cookie_name,
)

Requirement: TypeAlias = dict[str, list[str]]
"""Names of security schemes, each with its scopes, of which there are none."""
AddComponent: TypeAlias = Callable[[str, str, dict[str, Any]], str]
"""Adds a component to a section of the document, and returns its name."""


class SecuritySchemes:
    """Adds security schemes to a document where they are used.

    Args:
        add_component: Adds a component to the document.
        source: A sentence about where tokens come from.
    """

    def __init__(self, add_component: AddComponent, source: str = "") -> None:
        self._add_component = add_component
        self._source = source

    def access(
        self, settings: Configuration, method: str
    ) -> list[Requirement]:
        """Return the alternatives for an access token.

        Args:
            settings: The settings of the route.
            method: The method of the request. With an unsafe one, a token in
                a cookie needs its CSRF value.
        """
        found = []
        for place in Places(settings, "access").enabled:
            if place is HeaderLocation:
                found.append(self._header(settings))
            elif place is QueryLocation:
                name = argument_name(settings, "access")
                found.append(self._key("queryAuth", "query", name))
            else:
                found.append(self._cookies(settings, method))
        return found

    def refresh(self, settings: Configuration) -> list[Requirement]:
        """Return the alternatives for a refresh token.

        One that is in the body is not a security scheme; its alternative is
        empty.
        """
        found: list[Requirement] = []
        for place in Places(settings, "refresh").enabled:
            if place is CookieLocation:
                name = refresh_cookie_name(settings)
                found.append(self._key("refreshCookie", "cookie", name))
            elif place is QueryLocation:
                name = argument_name(settings, "refresh")
                found.append(self._key("refreshQuery", "query", name))
            else:
                found.append({})
        return found

    def _header(self, settings: Configuration) -> Requirement:
        header = settings.authorization_header
        scheme = settings.authorization_header_prefix
        if (header.lower(), scheme.lower()) == ("authorization", "bearer"):
            return self._add(
                "bearerAuth",
                {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            )
        form = f"{scheme} <token>".strip()
        return self._key("headerAuth", "header", header, f"`{form}`.")

    def _cookies(self, settings: Configuration, method: str) -> Requirement:
        name = access_cookie_name(settings)
        requirement = self._key("cookieAuth", "cookie", name)
        if settings.cookie_split:
            name = signature_cookie_name(settings)
            requirement |= self._key("signatureCookie", "cookie", name)
        if settings.csrf_protect and method not in SAFE_METHODS:
            requirement |= self._key(
                "csrfHeader",
                "header",
                settings.csrf_header_name,
                "The value of the CSRF cookie.",
            )
        return requirement

    def _key(
        self, scheme: str, place: str, name: str, description: str = ""
    ) -> Requirement:
        fields = {"type": "apiKey", "in": place, "name": name}
        return self._add(scheme, fields, description)

    def _add(
        self, name: str, fields: dict[str, str], description: str = ""
    ) -> Requirement:
        description = f"{description} {self._source}".strip()
        if description:
            fields["description"] = description
        return {self._add_component("securitySchemes", name, fields): []}


def together(requirements: list[list[Requirement]]) -> list[Requirement]:
    """Return the alternatives where each of several is required."""
    combined: list[Requirement] = [{}]
    for i, alternatives in enumerate(requirements):
        if alternatives not in requirements[:i]:
            combined = [
                {**one, **other} for one in combined for other in alternatives
            ]
    return combined
