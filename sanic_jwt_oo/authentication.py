"""Where sanic-jwt kept `Authentication`; it is in `compat` here."""

from .compat import Authentication

__all__ = ["Authentication"]
