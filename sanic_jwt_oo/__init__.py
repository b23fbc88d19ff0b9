"""Authentication with JSON Web Tokens and permission scoping for Sanic.

Subclass `JWTAuth`, define its hooks, and call `.install(app)`. Applications
written for sanic-jwt 1.8 keep working with `Initialize`.
"""

__version__ = "2.0.0.dev0"

from . import exceptions
from .auth import JWTAuth
from .compat import Authentication, Claim, Initialize, initialize
from .configuration import Configuration
from .decorators import inject_user, protected, scoped
from .endpoints import BaseEndpoint
from .exceptions import AuthenticationFailed, SanicJWTException
from .login import Tokens
from .responses import Responses
from .runtime.logs import attach
from .types import Claims, Payload

attach()

__all__ = [
    "Authentication",
    "AuthenticationFailed",
    "BaseEndpoint",
    "Claim",
    "Claims",
    "Configuration",
    "Initialize",
    "JWTAuth",
    "Payload",
    "Responses",
    "SanicJWTException",
    "Tokens",
    "exceptions",
    "initialize",
    "inject_user",
    "protected",
    "scoped",
]
