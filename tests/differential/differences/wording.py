"""Answers that many rows speak of."""

from typing import Any

NOT_PRESENT = "Authorization header not present."
NOT_VALID = "Authorization header is invalid."
OLD_USER_ERROR = (
    "The retrieve_user method should return either a dict or an object "
    "with a to_dict or __json__ method."
)


class AnyText:
    """Equal to any text that says something: its words are not compared."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other not in ("", "Auth required.")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<our words>"


OUR_WORDS: Any = AnyText()


def refused(
    reason: str = "Auth required.", exception: str = "Unauthorized"
) -> dict[str, Any]:
    """The body of a refusal."""
    return {"reasons": [reason], "exception": exception}


def invalid(reason: str = "Auth required.") -> dict[str, Any]:
    """The body of ``/verify`` for a token that is no good."""
    return {"valid": False, **refused(reason, "InvalidToken")}


def token(**payload: Any) -> dict[str, Any]:
    """An access token, as the comparison sees it."""
    return {
        "token": {
            "header": {"alg": "HS256", "typ": "JWT"},
            "payload": {"exp": "now+1800", **payload},
        }
    }


ADA = token(user_id=1)
SCOPE_DENIED = refused("Invalid scope.")
LOGIN_FAILED = refused("Authentication failed.", "AuthenticationFailed")
OLD_USER_REFUSED = refused(OLD_USER_ERROR, "InvalidRetrieveUserObject")
BODY_REFUSED = refused(OUR_WORDS, "InvalidRequestBody")

BROKEN = "1.8.0 is broken on current Sanic"
