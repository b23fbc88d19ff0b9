"""Where sanic-jwt kept `Initialize`; it is in `compat.py` here."""

from .compat import Initialize, initialize

__all__ = ["Initialize", "initialize"]
