"""Everything that exists only for applications written for sanic-jwt 1.8.

It is built on `JWTAuth` and nothing else. `initialization` turns handlers
into hooks, `authentication` has the names that applications override,
`configuration` the old defaults and the callable form of settings.
`module_names` has the old import paths; `base`, `cache`, `claim`, `helpers`,
`utils` and `validators` are what applications find there. It differs from 1.8
where that was unsafe or broken; the migration page lists the differences.
"""

from .. import exceptions
from ..configuration import ConfigItem, Configuration
from ..decorators import inject_user, protected, scoped
from ..endpoints import BaseEndpoint
from ..responses import Responses
from .authentication import Authentication
from .by_hand import construct
from .claim import Claim
from .configuration import LegacyConfiguration, LegacyConfigurationView
from .initialization import Initialize, initialize
from .module_names import register

register()
Configuration._construct = construct

__all__ = [
    "Authentication",
    "BaseEndpoint",
    "Claim",
    "ConfigItem",
    "Configuration",
    "Initialize",
    "LegacyConfiguration",
    "LegacyConfigurationView",
    "Responses",
    "exceptions",
    "initialize",
    "inject_user",
    "protected",
    "scoped",
]
