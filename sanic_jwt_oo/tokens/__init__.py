"""Issue and verify access tokens.

`compact` parses the three segments of a token strictly, `claims` checks its
claims, `codec` combines keys and claim rules, and `cache` keeps verified
tokens. Nothing here depends on a request, and no claim is read before the
signature is verified.
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
