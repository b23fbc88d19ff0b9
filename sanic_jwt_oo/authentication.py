"""Where sanic-jwt kept `Authentication`; it is in `compat.py` here."""

from .compat import Authentication

__all__ = ["Authentication"]
