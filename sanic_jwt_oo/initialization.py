"""Where sanic-jwt kept `Initialize`; it is in `compat` here."""

from .compat import Initialize, initialize

__all__ = ["Initialize", "initialize"]
