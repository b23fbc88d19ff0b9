"""Login, refresh and logout.

`flows` logs users in, `issuing` makes access tokens, `grants` says for whom.
`refreshing` and `own_sessions` do the work of the endpoints, `responding` and
`token_cookies` make their responses. `throttling` counts attempts, by
`accounts`. `users` reads ids and fields of users.
"""

from .accounts import usual_accounts
from .flows import Flows
from .grants import Grant, Tokens
from .issuing import Issuer
from .own_sessions import OwnSessions
from .refreshing import Refreshed, Refreshing
from .responding import NO_STORE, Responder
from .throttling import Throttle
from .token_cookies import TokenCookies
from .users import serialize_user

__all__ = [
    "NO_STORE",
    "Flows",
    "Grant",
    "Issuer",
    "OwnSessions",
    "Refreshed",
    "Refreshing",
    "Responder",
    "Throttle",
    "TokenCookies",
    "Tokens",
    "serialize_user",
    "usual_accounts",
]
