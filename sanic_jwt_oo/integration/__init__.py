"""Connects the package to a Sanic application.

`installing` settles a `JWTAuth` object and refuses what cannot work, with
`session_setup`, `mistakes` and `contexts`. `views` and `mounting` make the
routes, `errors` responds to errors.
"""

from .installing import Installer
from .mounting import Target

__all__ = ["Installer", "Target"]
