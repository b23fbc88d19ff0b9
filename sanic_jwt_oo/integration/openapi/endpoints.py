"""Describes the endpoints of an installation: what each takes and returns.

`docs/reference/endpoints.md` says the same in words. The responses are those
of the installation's settings: without cookies, for example, no request is
refused as cross-site.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from ...endpoints import (
    AuthenticateEndpoint,
    LogoutAllEndpoint,
    LogoutEndpoint,
    RefreshEndpoint,
    RetrieveUserEndpoint,
    SessionEndpoint,
    SessionsEndpoint,
    VerifyEndpoint,
)
from ...installation import Installation
from .schemas import FORMS, object_of, reference, schemas_of
from .security import AddComponent, Requirement, SecuritySchemes, together

Fields: TypeAlias = dict[str, Any]
"""The fields of an operation, or of something in it."""

_STRING, _NUMBER = {"type": "string"}, {"type": "number"}
_NO_TOKEN = "There is no valid access token."
_NO_REFRESH_TOKEN = "There is no valid token, or its session has ended."
_MALFORMED = "The request is malformed, or has several tokens."
_CSRF = (
    "The token is in a cookie and its CSRF value in no header, or the request "
    "comes from another site."
)
_SESSION = {
    "id": _STRING,
    "label": _STRING,
    "created": _NUMBER,
    "last_used": _NUMBER,
    "expires": _NUMBER,
    "current": {"type": "boolean"},
}


class EndpointDescriptions:
    """Describes the endpoints of one installation.

    Args:
        installation: The installation.
        schemes: Adds security schemes to the document.
        add_component: Adds other components.

    Attributes:
        schemes: As above.
    """

    def __init__(
        self,
        installation: Installation,
        schemes: SecuritySchemes,
        add_component: AddComponent,
    ) -> None:
        self._installation = installation
        self._settings = installation.policies.base.settings
        self.schemes: SecuritySchemes = schemes
        self._add_component = add_component
        self._kinds = {
            AuthenticateEndpoint: self._log_in,
            VerifyEndpoint: self._verify,
            RetrieveUserEndpoint: self._me,
            RefreshEndpoint: self._refresh,
            LogoutAllEndpoint: self._log_out_everywhere,
            LogoutEndpoint: self._log_out,
            SessionsEndpoint: self._sessions,
            SessionEndpoint: self._session,
        }

    def of(self, view_class: Any, method: str) -> Fields | None:
        """Return the description of an operation.

        Returns:
            `None` for a view of the application, and a method that it adds.
        """
        if method == "OPTIONS":
            return {
                "summary": "Get the methods",
                "responses": _success("The methods.", status="204"),
            }
        for kind in view_class.__mro__:
            if kind in self._kinds and hasattr(kind, method.lower()):
                return self._kinds[kind]()
        return None

    # --- the endpoints ------------------------------------------------------

    def _log_in(self) -> Fields:
        limited: Fields = {}
        if self._installation.throttle is not None:
            limited |= self.refusal(429, "Too many attempts.")
            limited |= self.refusal(503, "Logins cannot be counted.")
        return {
            "summary": "Log in",
            "description": "Returns tokens for valid credentials.",
            "requestBody": self._login_body(),
            "responses": {
                **self._tokens(self._settings.refresh_token_enabled),
                **self.refusal(400, "The body is malformed."),
                **self.refusal(401, "The credentials are not valid."),
                **self._with_cookies("The request is from another site."),
                **limited,
                **self._store_down(),
            },
        }

    def _verify(self) -> Fields:
        valid: Fields = {"valid": {"type": "boolean"}}
        refused = self.refusal(401, _NO_TOKEN)
        if "content" in refused["401"]:
            properties = {
                **valid,
                "reasons": {"type": "array", "items": _STRING},
                "exception": _STRING,
            }
            refused["401"]["content"] = _json(object_of(properties))
        return {
            "summary": "Verify the access token",
            "description": "Returns whether the access token is valid.",
            "security": self._access("GET"),
            "responses": {
                **_success("The token is valid.", object_of(valid, ["valid"])),
                **self.refusal(400, _MALFORMED),
                **refused,
                **self._store_down(),
            },
        }

    def _me(self) -> Fields:
        found = _success("The user.", object_of({"me": object_of({})}, ["me"]))
        no_user = self._no_user()
        if no_user and "find_user" not in self._installation.steps.own:
            found = {}
        return {
            "summary": "Get the user",
            "description": "Returns the user of the access token.",
            "security": self._access("GET"),
            "responses": {
                **found,
                **no_user,
                **self.refusal(400, _MALFORMED),
                **self.refusal(
                    401, f"{_NO_TOKEN[:-1]}, or the user no longer exists."
                ),
                **self._store_down(),
            },
        }

    def _refresh(self) -> Fields:
        settings, schemes = self._settings, self.schemes
        refresh = schemes.refresh(settings)
        access = self._access("POST")
        if self._installation.sessions is None:
            security = together([refresh, access])
        else:
            security = [
                {**one, **other}
                for one in refresh
                for other in (access if self._is_cookie(one) else [{}])
            ]
        return {
            "summary": "Refresh the access token",
            "description": "Returns a new access token for a refresh token. "
            "The old access token may have expired.",
            **_secured(security),
            **self._refresh_token_body(refresh, required=True),
            "responses": {
                **self._tokens(self._installation.sessions is not None),
                **self.refusal(
                    400, "There is no refresh token, or it is malformed."
                ),
                **self.refusal(401, _NO_REFRESH_TOKEN),
                **self._no_user(),
                **self._with_cookies(_CSRF),
                **self._store_down(),
            },
        }

    def _no_user(self) -> Fields:
        """Return the refusal where there may be no `retrieve_user`."""
        if self._installation.hooks.is_overridden("retrieve_user"):
            return {}
        return self.refusal(404, "Users are not published.")

    def _log_out(self) -> Fields:
        refresh = self.schemes.refresh(self._settings)
        security = [*refresh, *self._access("POST")]
        return {
            "summary": "Log out",
            "description": "Ends the session of the access token, or of the "
            "refresh token. The access token may have expired.",
            **_secured(security),
            **self._refresh_token_body(refresh, required=False),
            "responses": {
                **_success("The session has ended.", status="204"),
                **self.refusal(400, _MALFORMED),
                **self.refusal(401, _NO_REFRESH_TOKEN),
                **self._csrf(_CSRF),
                **self._store_down(),
            },
        }

    def _log_out_everywhere(self) -> Fields:
        fields = self._log_out()
        fields["summary"] = "Log out everywhere"
        fields["description"] = (
            "Ends all sessions of the user. The access token may have expired."
        )
        fields["responses"] |= _success("They have ended.", status="204")
        return fields

    def _sessions(self) -> Fields:
        session = object_of(_SESSION, [*_SESSION])
        page = {
            "sessions": {"type": "array", "items": session},
            "next": {**_STRING, "nullable": True},
        }
        limit = {"type": "integer", "minimum": 1, "maximum": 100}
        return {
            "summary": "List sessions",
            "description": "Returns a page of the sessions of the user, the "
            "most recently used first.",
            "security": self._access("GET"),
            "parameters": [
                _query("limit", limit, "How many sessions a page has."),
                _query("after", _STRING, "The `next` of another page."),
            ],
            "responses": {
                **_success("A page.", object_of(page, [*page])),
                **self.refusal(400, f"{_MALFORMED[:-1]}, or a wrong page."),
                **self.refusal(401, _NO_TOKEN),
                **self._store_down(),
            },
        }

    def _session(self) -> Fields:
        return {
            "summary": "End a session",
            "description": "Ends one of the sessions of the user.",
            "security": self._access("DELETE"),
            "responses": {
                **_success("The session has ended.", status="204"),
                **self.refusal(400, _MALFORMED),
                **self.refusal(401, _NO_TOKEN),
                **self._csrf(_CSRF),
                **self.refusal(404, "The user has no such session."),
                **self._store_down(),
            },
        }

    # --- what they have in common -------------------------------------------

    def refusal(self, status: int, description: str) -> Fields:
        """Return the response with an error, by its status."""
        response: Fields = {"description": description}
        headers = {401: "WWW-Authenticate", 429: "Retry-After"}
        header = headers.get(status, status == 503 and "Retry-After")
        if header:
            response["headers"] = {header: {"schema": _STRING}}
        hooks = self._installation.response_hooks
        if not hooks.is_overridden("exception_response"):
            properties: Fields = {
                "reasons": {"type": "array", "items": _STRING},
                "exception": _STRING,
            }
            name = self._add_component(
                "schemas", "AuthError", object_of(properties, [*properties])
            )
            response["content"] = _json(reference(name))
        return {str(status): response}

    def _access(self, method: str) -> list[Requirement]:
        return self.schemes.access(self._settings, method)

    def _is_cookie(self, requirement: Requirement) -> bool:
        """Return whether a refresh token needs a CSRF value beside it."""
        return self._settings.csrf_protect and any(
            name.startswith("refreshCookie") for name in requirement
        )

    def _login_body(self) -> Fields:
        model = self._installation.auth.login_body
        if model is None:
            if "check_log_in_body" in self._installation.steps.own:
                return {"content": {"*/*": {}}}
            return {"content": _forms(object_of({}))}
        name, schemas = schemas_of(model)
        names = {
            n: self._add_component("schemas", n, schemas[n]) for n in schemas
        }
        return {"content": _forms(reference(names[name])), "required": True}

    def _refresh_token_body(
        self, refresh: list[Requirement], *, required: bool
    ) -> Fields:
        """Return the body, if it is one of the places of a refresh token."""
        if {} not in refresh:
            return {}
        name = self._settings.refresh_token_name
        needed = required and refresh == [{}]
        schema = object_of({name: _STRING}, [name] if needed else [])
        return {"requestBody": {"content": _forms(schema), "required": needed}}

    def _tokens(self, with_refresh_token: Any) -> Fields:
        """Return the response with tokens, in cookies or in the body."""
        settings = self._settings
        hooks = self._installation.response_hooks
        if hooks.is_overridden("get_token_response"):
            return {"default": {"description": "The user is logged in."}}
        names = [settings.access_token_name]
        if with_refresh_token:
            names.append(settings.refresh_token_name)
        if not settings._puts_tokens_in_body or hooks.is_overridden(
            "get_access_token_output"
        ):
            names = []
        where = "in cookies" if settings.cookie_set else "in the body"
        schema = object_of({name: _STRING for name in names}, names)
        fields = _success(f"The tokens, {where}.", schema)
        if settings.cookie_set:
            fields["200"]["headers"] = {"Set-Cookie": {"schema": _STRING}}
        return fields

    def _csrf(self, description: str) -> Fields:
        settings = self._settings
        if settings.cookie_set and settings.csrf_protect:
            return self.refusal(403, description)
        return {}

    def _with_cookies(self, description: str) -> Fields:
        """Return the refusals where a response sets cookies."""
        if not self._settings.cookie_set:
            return {}
        too_large = self.refusal(431, "The token does not fit into a cookie.")
        return {**self._csrf(description), **too_large}

    def _store_down(self) -> Fields:
        if self._installation.sessions is None:
            return {}
        return self.refusal(503, "The session store does not respond.")


def _json(schema: Fields) -> Fields:
    return {"application/json": {"schema": schema}}


def _forms(schema: Fields) -> Fields:
    return {form: {"schema": schema} for form in FORMS}


def _success(
    description: str, schema: Fields | None = None, status: str = "200"
) -> Fields:
    response: Fields = {"description": description}
    if schema is not None:
        response["content"] = _json(schema)
    return {status: response}


def _query(name: str, schema: Fields, description: str) -> Fields:
    return {
        "name": name,
        "in": "query",
        "schema": schema,
        "description": description,
    }


def _secured(security: list[Requirement]) -> Fields:
    """Return the requirements, unless there are none."""
    return {"security": security} if any(security) else {}
