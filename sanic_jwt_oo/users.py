"""What the package needs to know of a user: an id, and a form to show.

A user is a mapping, or a record with keys as database drivers return it; an
object with `to_dict` or `__json__` (methods, sync or async, or attributes); or
simply one with the attribute that holds its id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from .exceptions import InvalidRetrieveUserObject
from .hooks import resolve


async def user_id_of(user: Any, name: str) -> Any:
    """Return the id of a user, or `None` if it has none.

    Args:
        user: The user.
        name: Key or attribute that holds the id.

    Raises:
        InvalidRetrieveUserObject: It is no object that could have an id.
    """
    if _is_record(user):
        return user[name] if name in user.keys() else None  # noqa: SIM118
    if hasattr(user, "to_dict"):
        fields = await _value(user.to_dict)
        if isinstance(fields, Mapping) and name in fields:
            return fields[name]
    elif not hasattr(user, name):
        raise InvalidRetrieveUserObject(without_id(user, name))
    return getattr(user, name, None)


async def shown(user: Any) -> Any:
    """Return the form of a user that JSON can hold.

    Raises:
        InvalidRetrieveUserObject: It has none.
    """
    form = user
    if _is_record(user):
        form = {name: user[name] for name in user.keys()}  # noqa: SIM118
    else:
        for name in ("to_dict", "__json__"):
            if hasattr(user, name):
                form = await _value(getattr(user, name))
                break
        else:
            raise InvalidRetrieveUserObject(
                f"A user of class {type(user).__name__} cannot be shown; give "
                "it a method to_dict that returns what its user may read."
            )
    if not isinstance(form, Mapping):
        return form
    return {k: str(v) if isinstance(v, UUID) else v for k, v in form.items()}


def without_id(user: Any, name: str) -> str:
    """Return what to tell the programmer of a user without an id."""
    return (
        f"The user, of class {type(user).__name__}, has no {name!r}. Set "
        "user_id to the name of the key or attribute that holds the id, for "
        'example user_id = "id".'
    )


def _is_record(user: Any) -> bool:
    """Tell whether a user has keys, as mappings and rows of databases do."""
    return isinstance(user, Mapping) or (
        hasattr(type(user), "keys") and hasattr(type(user), "__getitem__")
    )


async def _value(attribute: Any) -> Any:
    return await resolve(attribute() if callable(attribute) else attribute)
