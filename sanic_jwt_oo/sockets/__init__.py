"""Protected WebSockets.

`handshake` refuses before a socket opens; `opened` has what is known about an
open one. `watching` closes it when its access ends, with `deadlines`,
`revocations` and `closing`; `renewal` replaces its token.
"""

from .handshake import guard_handshakes, restore_handlers
from .opened import OpenSocket
from .renewal import renew
from .watching import end_watches, watch_of

__all__ = [
    "OpenSocket",
    "end_watches",
    "guard_handshakes",
    "renew",
    "restore_handlers",
    "watch_of",
]
