"""What the package needs to know of a user: an id, and a form to show.

A user is a mapping, or an object with `to_dict` or `__json__` (methods, sync
or async, or attributes), or simply with the attribute that holds its id.
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
    if isinstance(user, Mapping):
        return user.get(name)
    if hasattr(user, "to_dict"):
        fields = await _value(user.to_dict)
        if isinstance(fields, Mapping) and name in fields:
            return fields[name]
    elif not hasattr(user, name):
        raise InvalidRetrieveUserObject()
    return getattr(user, name, None)


async def shown(user: Any) -> Any:
    """Return the form of a user that JSON can hold.

    Raises:
        InvalidRetrieveUserObject: It has none.
    """
    form = user
    if not isinstance(user, Mapping):
        for name in ("to_dict", "__json__"):
            if hasattr(user, name):
                form = await _value(getattr(user, name))
                break
        else:
            raise InvalidRetrieveUserObject()
    if not isinstance(form, Mapping):
        return form
    return {k: str(v) if isinstance(v, UUID) else v for k, v in form.items()}


async def _value(attribute: Any) -> Any:
    return await resolve(attribute() if callable(attribute) else attribute)
