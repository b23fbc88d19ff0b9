"""Who logs in and what they get: the way of a login, a refresh, a log-out.

`flows` logs users in, `issuing` makes access tokens, `grants` says what for,
`refreshing` and `own_sessions` do what the endpoints of those names do,
`responding` and `token_cookies` make the responses; `throttling` counts
attempts, by `accounts`; `users` reads users.
"""

from .accounts import usual_accounts
from .flows import Flows
from .grants import Grant, Tokens
from .issuing import Issuer
from .own_sessions import OwnSessions
from .refreshing import Refreshed, Refreshing
from .responding import Responder
from .throttling import Throttle
from .token_cookies import TokenCookies
from .users import serialize_user

__all__ = [
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
