"""What exists for the sake of applications written for sanic-jwt 1.8.

Built on `JWTAuth` and nothing else: `initialization` makes hooks of handlers,
`authentication` has the names that applications override, `configuration`
the old defaults and the callable form of settings. Where 1.8 was unsafe or
broken this differs on purpose; the migration page has the table.
"""

from .. import exceptions
from ..configuration import ConfigItem, Configuration
from ..decorators import inject_user, protected, scoped
from ..endpoints import BaseEndpoint
from ..responses import Responses
from ..tokens import Claim
from .authentication import Authentication
from .configuration import LegacyConfiguration, LegacyConfigurationView
from .initialization import Initialize, initialize

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
