"""Issue and verify access tokens.

`compact` reads the three segments of a token, strictly; `claims` says what
its claims must be; `codec` puts keys and claims together; `cache` keeps what
was verified. Nothing here knows of requests, and no claim is looked at before
the signature has held.
"""

from .cache import SCHEME, CacheInfo, TokenCache, VerifiedToken, cache_key
from .claims import (
    Claim,
    ClaimRules,
    Verification,
    check_verifications,
    make_claims,
)
from .codec import TokenCodec
from .compact import CompactToken

__all__ = [
    "SCHEME",
    "CacheInfo",
    "Claim",
    "ClaimRules",
    "CompactToken",
    "TokenCache",
    "TokenCodec",
    "Verification",
    "VerifiedToken",
    "cache_key",
    "check_verifications",
    "make_claims",
]
