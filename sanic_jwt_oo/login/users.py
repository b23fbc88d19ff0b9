"""The id of a user, and its serialization.

A user is a mapping, or a database row with keys; an object with `to_dict` or
`__json__` (methods, sync or async, or attributes); or any object with an
attribute that contains its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ..exceptions import InvalidRetrieveUserObject
from ..hooks import resolve


async def user_id_of(user: Any, name: str) -> Any:
    """Return the id of a user, or `None` if it has none.

    Args:
        user: The user.
        name: The key or attribute that contains the id.

    Raises:
        InvalidRetrieveUserObject: The user is not a mapping and has neither
            that attribute nor `to_dict`.
    """
    if _is_record(user):
        return user[name] if name in user.keys() else None  # noqa: SIM118
    if hasattr(user, "to_dict"):
        fields = await _value(user.to_dict)
        if isinstance(fields, Mapping) and name in fields:
            return fields[name]
    elif not hasattr(user, name):
        raise InvalidRetrieveUserObject(missing_id_message(user, name))
    return getattr(user, name, None)


async def serialize_user(user: Any) -> Any:
    """Return a user as a JSON value.

    Raises:
        InvalidRetrieveUserObject: The user is not a mapping and has neither
            `to_dict` nor `__json__`.
    """
    output = user
    if _is_record(user):
        output = {name: user[name] for name in user.keys()}  # noqa: SIM118
    else:
        for name in ("to_dict", "__json__"):
            if hasattr(user, name):
                output = await _value(getattr(user, name))
                break
        else:
            raise InvalidRetrieveUserObject(
                f"A user of class {type(user).__name__} cannot be serialized. "
                "Give it a method to_dict that returns its public fields."
            )
    if not isinstance(output, Mapping):
        return output
    return {k: str(v) if isinstance(v, UUID) else v for k, v in output.items()}


def missing_id_message(user: Any, name: str) -> str:
    """Return the error message for a user without an id."""
    return (
        f"The user, of class {type(user).__name__}, has no {name!r}. Set "
        "user_id to the name of the key or attribute that contains the id, "
        'for example user_id = "id".'
    )


def _is_record(user: Any) -> bool:
    """Return whether a user has keys, like a mapping or a database row."""
    return isinstance(user, Mapping) or (
        hasattr(type(user), "keys") and hasattr(type(user), "__getitem__")
    )


async def _value(attribute: Any) -> Any:
    return await resolve(attribute() if callable(attribute) else attribute)
