"""Where sanic-jwt kept `Claim`; it is in `tokens/claims.py` here."""

from .tokens import Claim

__all__ = ["Claim"]
