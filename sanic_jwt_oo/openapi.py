"""The OpenAPI description of a handler, carried over to its wrapper.

sanic-ext files what `@openapi.*` says under the function it decorates, and
looks only at the function that a route calls. The decorators call this for
each wrapper they make. Nothing here imports sanic-ext.
"""

import sys
from collections.abc import Callable, Hashable
from copy import copy
from typing import Any


def carry_description(
    function: Callable[..., Any], wrapper: Callable[..., Any]
) -> None:
    """Describe a wrapper as the function that it wraps is described.

    The wrapper gets a copy: `function` may be a route itself, and decorators
    above add to what is described below.

    Args:
        function: The function, which `@openapi.*` may have decorated.
        wrapper: The function that stands in its place.
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
