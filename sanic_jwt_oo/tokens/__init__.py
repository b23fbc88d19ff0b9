"""Issue and verify access tokens.

`compact` parses the three segments of a token strictly, `claims` checks its
claims, `codec` combines keys and claim rules, and `cache` keeps verified
tokens. Nothing here depends on a request, and no claim is read before the
signature is verified.
"""

from .cache import (
    CSRF_CLAIM,
    SCHEME,
    CacheInfo,
    TokenCache,
    VerifiedToken,
    cache_key,
)
from .claims import (
    Claim,
    ClaimRules,
    Verification,
    check_verifications,
    make_claims,
)
from .codec import TokenCodec
from .compact import CompactToken
from .pyjwt_errors import become_pyjwt_error
from .scope_claims import (
    held_scopes,
    listed_scopes,
    named_scopes,
    scope_claim,
)

__all__ = [
    "CSRF_CLAIM",
    "SCHEME",
    "CacheInfo",
    "Claim",
    "ClaimRules",
    "CompactToken",
    "TokenCache",
    "TokenCodec",
    "Verification",
    "VerifiedToken",
    "become_pyjwt_error",
    "cache_key",
    "check_verifications",
    "held_scopes",
    "listed_scopes",
    "make_claims",
    "named_scopes",
    "scope_claim",
]
