"""What we accept, PyJWT accepts, with the same payload.

The other way round there is no such promise: we refuse more. `terms` says
what a token is verified by, and holds what PyJWT says under equivalent
options; `world` asks both sides, with and without the cache of verified
tokens; `vectors` and `strategies` make the tokens. `tests/fuzz` looks for
more of them, guided by coverage.
"""
