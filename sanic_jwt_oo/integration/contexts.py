"""`app.ctx` and `request.ctx`, which hold the state of an installation.

An application may replace the class of both. Whether an installation can set
its attributes there is checked at install, not when the first request fails.
"""

from typing import Any

from ..access import STATE
from ..exceptions import InitializationFailure
from ..installation import INSTALLED
from ..runtime.sanic_internals import is_finalized
from ..types import Request
from .errors import MARK

_ON_APPLICATION = ("sanic_jwt_oo", MARK, INSTALLED)


def check_contexts(app: Any) -> None:
    """Refuse an application whose contexts an installation cannot use.

    Args:
        app: The application.

    Raises:
        InitializationFailure: A context accepts no attributes, or requests
            share one.
    """
    _check_room("app.ctx", app.ctx, *_ON_APPLICATION)
    kind: type[Request] = app.request_class
    request = kind.__new__(kind)
    try:
        context, other = request.make_context(), request.make_context()
    except Exception:  # it needs a real request, and there is none yet
        return
    _check_room("request.ctx", context, STATE)
    if context is other or not context:
        raise InitializationFailure(
            f"{kind.__name__}.make_context must return a new, truthy object "
            "for each request, because Sanic replaces a falsy one. It returns "
            f"{type(context).__name__}."
        )


def _check_room(place: str, context: Any, *names: str) -> None:
    for name in names:
        if hasattr(context, name):
            continue
        try:
            setattr(context, name, None)
            delattr(context, name)
        except (AttributeError, TypeError, ValueError) as exc:
            raise InitializationFailure(
                f"{place} is an object of {type(context).__name__}, on which "
                f"{name!r} cannot be set. Derive the class from "
                'types.SimpleNamespace, or add "__dict__" to its __slots__.'
            ) from exc


def install_on(context: Any, auth: Any) -> None:
    """Make an installation available on a context, unless one is.

    Args:
        context: The context of an application or a blueprint.
        auth: The `JWTAuth` object.
    """
    # a context may have a value for every name
    if getattr(context, INSTALLED, None) is None:
        setattr(context, INSTALLED, auth)
    if not hasattr(context, "auth"):
        context.auth = auth


def joins_late(app: Any, installation: Any) -> bool:
    """Return whether an application starts already, or has started.

    It does not keep an installation without endpoints then, except the first:
    a handler may make any number of them (S3).
    """
    if not is_finalized(app):
        return False
    if getattr(app.ctx, "sanic_jwt_oo", None) is None:
        app.ctx.sanic_jwt_oo = [installation]
    return True
