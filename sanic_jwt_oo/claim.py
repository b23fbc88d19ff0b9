"""Where sanic-jwt kept `Claim`; it is in `tokens` here."""

from .tokens import Claim

__all__ = ["Claim"]
