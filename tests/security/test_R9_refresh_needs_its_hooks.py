"""R9: enabling refresh tokens without their hooks fails at install.

In the legacy form, a missing `retrieve_user` is a warning, and every refresh
is refused; `tests/compat/test_set_up.py` shows it.
"""

import pytest

from sanic_jwt_oo import Initialize, JWTAuth
from sanic_jwt_oo.exceptions import (
    InvalidConfiguration,
    RefreshTokenNotImplemented,
)

from .forging import SECRET
from .shops import new_app

pytestmark = pytest.mark.requirement("R9")

HOOKS = {
    "store_refresh_token": lambda user_id, refresh_token: None,
    "retrieve_refresh_token": lambda user_id: None,
    "retrieve_user": lambda payload: None,
}


def install(front, hooks):
    settings = {"secret": SECRET, "refresh_token_enabled": True}
    hooks = {"authenticate": lambda: {"user_id": 1}, **hooks}
    if front == "legacy":
        return Initialize(new_app(), **hooks, **settings)
    written = {name: staticmethod(hook) for name, hook in hooks.items()}
    return type("Auth", (JWTAuth,), written)(**settings).install(new_app())


def all_hooks_but(missing):
    return {name: hook for name, hook in HOOKS.items() if name != missing}


@pytest.mark.parametrize(
    "missing", ["store_refresh_token", "retrieve_refresh_token"]
)
async def test_each_missing_hook_fails_at_install(front, missing):
    with pytest.raises(RefreshTokenNotImplemented, match=missing):
        install(front, all_hooks_but(missing))


async def test_the_class_form_needs_retrieve_user_too():
    with pytest.raises(RefreshTokenNotImplemented, match="retrieve_user"):
        install("class", all_hooks_but("retrieve_user"))


async def test_no_hooks_at_all_fails_at_install(front):
    with pytest.raises(InvalidConfiguration):
        install(front, {})


async def test_with_all_hooks_it_installs(front):
    install(front, HOOKS)
