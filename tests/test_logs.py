"""Which handlers receive records of the package, and what a refusal logs."""

from __future__ import annotations

import logging
import logging.config

import pytest
from sanic.exceptions import Forbidden
from sanic.response import text

from sanic_jwt_oo import JWTAuth
from sanic_jwt_oo.exceptions import Unauthorized
from sanic_jwt_oo.runtime import logs
from tests.conftest import SECRET, Auth

OURS, SANIC = map(logging.getLogger, ("sanic_jwt_oo", "sanic.root"))


class Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


@pytest.fixture
def root(monkeypatch):
    """Replace the root logger, which has handlers of pytest."""
    root = logging.RootLogger(logging.WARNING)
    for logger in (OURS, SANIC):
        monkeypatch.setattr(logger, "parent", root)
    return root


@pytest.fixture
def kept(root, monkeypatch):
    """Set a handler on Sanic's logger only, and undo all changes later."""
    handler = Kept()
    levels = OURS.level, SANIC.level
    for logger in (OURS, SANIC):
        monkeypatch.setattr(logger, "handlers", [])
        for name in ("disabled", "propagate"):
            monkeypatch.setattr(logger, name, getattr(logger, name))
    SANIC.addHandler(handler)
    SANIC.setLevel(logging.INFO)
    logs.attach()
    yield handler.records
    OURS.setLevel(levels[0])
    SANIC.setLevel(levels[1])


def configure():
    """Configure the package's logger and nothing else."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "loggers": {"sanic_jwt_oo": {"level": "WARNING"}},
        }
    )


@pytest.mark.requirement("L2")
def test_a_record_without_another_handler_goes_to_sanic(kept):
    OURS.warning("something")
    OURS.info("too much")
    assert [record.getMessage() for record in kept] == ["something"]


@pytest.mark.requirement("L2")
def test_the_handler_is_on_the_logger_after_import():
    assert sum(h is logs._to_sanic for h in OURS.handlers) == 1


@pytest.mark.parametrize("on_root", [False, True])
def test_a_handler_of_the_application_is_the_only_one(kept, root, on_root):
    own = Kept()
    (root if on_root else OURS).addHandler(own)
    OURS.warning("something")
    assert len(own.records) == 1
    assert not kept


def test_without_propagation_a_record_is_not_passed_on(kept):
    OURS.propagate = False
    OURS.warning("something")
    assert not kept


def test_a_disabled_logger_is_silent(kept):
    OURS.disabled = True  # by disable_existing_loggers, say
    OURS.warning("something")
    assert not kept


def test_the_level_of_the_sanic_logger_applies(kept):
    SANIC.setLevel(logging.ERROR)
    OURS.warning("something")
    OURS.error("something worse")
    assert [record.levelname for record in kept] == ["ERROR"]


def test_a_level_of_the_package_logger_overrides_that_of_sanic(kept):
    OURS.setLevel(logging.DEBUG)
    OURS.debug("something")
    assert len(kept) == 1


def test_filters_of_the_sanic_logger_apply(kept):
    def refuse(record):
        return False

    SANIC.addFilter(refuse)
    OURS.warning("something")
    SANIC.removeFilter(refuse)
    assert not kept


def test_without_any_handler_the_last_resort_is_used(kept, capsys):
    SANIC.handlers = []
    OURS.warning("something")
    assert capsys.readouterr().err == "something\n"


def test_installing_puts_the_handler_back_after_a_configuration(app, kept):
    configure()
    assert not OURS.handlers
    Auth(secret=SECRET, do_protection=False).install(app)
    assert len(kept) == 1


async def test_a_starting_server_puts_the_handler_back(app, client, kept):
    Auth(secret=SECRET).install(app)
    configure()
    await client.get("/auth/me")
    OURS.warning("something")
    (record,) = [record for record in kept if record.name == OURS.name]
    assert record.getMessage() == "something"


def test_a_worker_does_not_repeat_warnings_of_install(kept, monkeypatch):
    monkeypatch.setenv("SANIC_WORKER_NAME", "Sanic-Server-0-0")
    logs.warn_at_install("something")
    assert not kept


async def test_a_worker_logs_warnings_of_its_own_installations(
    kept, monkeypatch
):
    """For example in a listener, which the main process does not run."""
    monkeypatch.setenv("SANIC_WORKER_NAME", "Sanic-Server-0-0")
    logs.warn_at_install("something")
    assert len(kept) == 1


# --- the line about a refusal -----------------------------------------------


@pytest.fixture
def refusals(caplog):
    caplog.set_level(logging.DEBUG, logger="sanic_jwt_oo")

    def messages():
        return [
            record.getMessage()
            for record in caplog.records
            if record.name == "sanic_jwt_oo"
        ]

    return messages


@pytest.fixture
def shop(app):
    """Install, with a route for every decorator."""
    auth = Auth(secret=SECRET).install(app)

    @app.get("/orders/<number>")
    @auth.protected()
    async def orders(request, number):
        return text(number)

    @app.get("/scoped")
    @auth.scoped("orders:read")
    async def scoped(request):
        return text("scoped")

    @app.get("/page")
    @auth.protected(redirect_on_fail=True, redirect_url="/log-in")
    async def page(request):
        return text("page")

    @app.get("/user")
    @auth.protected()
    @auth.inject_user()
    async def user(request, user):
        return text("user")

    return auth


async def test_a_refusal_is_one_line_with_its_reason(shop, client, refusals):
    for path, token in (
        ("/orders/5", None),
        ("/orders/5", "not-a-token"),
        ("/scoped", await client.log_in()),
        ("/page", None),
        ("/auth/me", None),
        ("/auth/verify", "not-a-token"),
        ("/user", await shop.generate_access_token({"user_id": 2})),
    ):
        await client.get(path, token)
    assert refusals() == [
        "Refused GET /orders/<number:str> with 401: "
        "MissingAuthorizationHeader: Authorization header not present.",
        "Refused GET /orders/<number:str> with 401: "
        "InvalidToken: Not three segments of base64url.",
        "Refused GET /scoped with 403: Unauthorized: Invalid scope.",
        "Refused GET /page with 401: "
        "MissingAuthorizationHeader: Authorization header not present.",
        "Refused GET /auth/me with 401: "
        "MissingAuthorizationHeader: Authorization header not present.",
        "Refused GET /auth/verify with 401: "
        "InvalidToken: Not three segments of base64url.",
        "Refused GET /user with 401: "
        "AuthenticationFailed: Authentication failed.",
    ]


async def test_a_refusal_is_one_line_if_the_application_responds(
    app, shop, client, refusals
):
    @app.exception(Unauthorized)
    async def respond(request, error):
        return text("no", 401)

    await client.get("/orders/5")
    await client.get("/scoped", await client.log_in())
    assert len(refusals()) == 2


async def test_a_failed_login_is_one_line(app, client, refusals):
    class Nobody(JWTAuth):
        def authenticate(self, request):
            return None

    Nobody(secret=SECRET).install(app)
    await client.post("/auth", json={"username": "joe", "password": "hunter2"})
    assert refusals() == [
        "Refused POST /auth with 401: "
        "AuthenticationFailed: Authentication failed."
    ]


async def test_only_the_class_of_an_application_error_is_logged(
    app, client, refusals
):
    class Closed(JWTAuth):
        def authenticate(self, request):
            raise Forbidden("hunter2 is no password")

    Closed(secret=SECRET).install(app)
    await client.post("/auth", json={"username": "joe"})
    assert refusals() == ["Refused POST /auth with 403: Forbidden"]


async def test_without_level_debug_refusals_are_not_logged(
    shop, client, caplog
):
    await client.get("/orders/5")
    assert "Refused" not in caplog.text


@pytest.mark.requirement("I6")
async def test_a_path_with_a_token_is_not_logged(shop, client, refusals):
    token = await client.log_in()
    await client.get(f"/orders/{token}", f"{token}x")
    (line,) = refusals()
    assert not any(part in line for part in token.split("."))
