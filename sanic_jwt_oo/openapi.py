"""Copies the OpenAPI description of a handler to its wrapper.

sanic-ext stores the description made by `@openapi.*` under the decorated
function, but reads that of the function that a route calls. The decorators
of this package call `copy_description` for each wrapper. This module does not
import sanic-ext.
"""

import sys
from collections.abc import Callable, Hashable
from copy import copy
from typing import Any


def copy_description(
    function: Callable[..., Any], wrapper: Callable[..., Any]
) -> None:
    """Copy the OpenAPI description of a function to its wrapper.

    It is a copy because `function` may be a route itself, and because
    decorators above the wrapper add to its description.

    Args:
        function: The function, which `@openapi.*` may have decorated.
        wrapper: The function that replaces it.
    """
    builders = sys.modules.get("sanic_ext.extensions.openapi.builders")
    if builders is None or not isinstance(function, Hashable):
        return  # `@openapi.*` was not used
    descriptions = builders.OperationStore()
    if function in descriptions:
        description = copy(descriptions[function])
        for name, value in vars(description).items():
            if isinstance(value, dict | list):
                setattr(description, name, copy(value))
        descriptions[wrapper] = description
