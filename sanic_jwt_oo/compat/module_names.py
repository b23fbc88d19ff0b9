"""The module names of sanic-jwt that this package does not have as files.

`from sanic_jwt_oo.authentication import Authentication` works at run time, and
so does a pickle that names the module. Type checkers do not see these names;
for them there is `from sanic_jwt_oo import Authentication`.
"""

from __future__ import annotations

import sys

from ..tokens import claims
from . import authentication, initialization

_PACKAGE = __name__.partition(".")[0]
_MODULES = {
    "authentication": authentication,
    "claim": claims,
    "initialization": initialization,
}


def register() -> None:
    """Make the modules importable under the names of sanic-jwt."""
    for name, module in _MODULES.items():
        # what the import system does with a submodule that it has loaded
        sys.modules[f"{_PACKAGE}.{name}"] = module
        setattr(sys.modules[_PACKAGE], name, module)
