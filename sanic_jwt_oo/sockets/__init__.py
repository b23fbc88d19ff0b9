"""Protected WebSockets.

`handshake` refuses before a socket opens; `opened` has what is known about an
open one.
"""

from .handshake import (
    FORBIDDEN,
    UNAUTHORIZED,
    guard_handshakes,
    restore_handlers,
)
from .opened import OpenSocket, watch

__all__ = [
    "FORBIDDEN",
    "UNAUTHORIZED",
    "OpenSocket",
    "guard_handshakes",
    "restore_handlers",
    "watch",
]
