"""Protected WebSockets.

`handshake` refuses before a socket opens; `opened` has what is known about an
open one.
"""

from .opened import OpenSocket, watch

__all__ = ["OpenSocket", "watch"]
