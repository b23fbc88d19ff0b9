"""How the package meets Sanic: installing, routes, errors, contexts.

`installing` settles a `JWTAuth` object and refuses what cannot work, with
`mistakes` and `contexts`; `views` and `mounting` make the routes, `errors`
responds to errors.
"""

from .installing import Installer
from .mounting import Target

__all__ = ["Installer", "Target"]
