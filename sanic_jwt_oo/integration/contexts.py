"""`app.ctx` and `request.ctx`, in which an installation keeps what it knows.

An application may give both a class of its own. Whether that class leaves
room for an installation is checked at install: a request would come too late.
"""

from typing import Any

from ..access import STATE
from ..exceptions import InitializationFailure
from ..installation import INSTALLED
from ..types import Request

_ON_APPLICATION = ("sanic_jwt_oo", "sanic_jwt_oo_answers_errors", INSTALLED)


def check_contexts(app: Any) -> None:
    """Refuse an application whose contexts cannot be used.

    Args:
        app: The application.

    Raises:
        InitializationFailure: A context takes no attributes, or the one of a
            request does not belong to that request alone.
    """
    _check_room("app.ctx", app.ctx, *_ON_APPLICATION)
    kind: type[Request] = app.request_class
    request = kind.__new__(kind)
    try:
        context, other = request.make_context(), request.make_context()
    except Exception:  # this one is made from a request, and there is none
        return
    _check_room("request.ctx", context, STATE)
    if context is other or not context:
        raise InitializationFailure(
            f"{kind.__name__}.make_context must return a new object for each "
            "request, and one that is true: Sanic replaces any other. It "
            f"returns {type(context).__name__}."
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
    """Let an installation be found on a context, unless one is there.

    Args:
        context: That of an application or a blueprint.
        auth: The installation.
    """
    # a context may have a value for every name
    if getattr(context, INSTALLED, None) is None:
        setattr(context, INSTALLED, auth)
    if not hasattr(context, "auth"):
        context.auth = auth
