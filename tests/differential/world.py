"""Scenarios, their outcomes, and the function that runs one.

A ``Scenario`` is a way to build an application and the requests to send to
it; an ``Outcome`` is everything about it that a client or a programmer can
see and that does not depend on the clock or on chance. ``perform`` runs a
scenario on one front, in this process, without a socket.
"""

import asyncio
import itertools
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from sanic import Sanic

from .fronts import Front
from .normal import cookies_of, normal

Build = Callable[[Front, Sanic], Any]

_numbers = itertools.count()


@dataclass(frozen=True)
class Step:
    """One request.

    ``headers``, ``json``, ``cookies`` and ``query`` may hold callables at
    any depth: each is called with the ``Memory`` of the earlier answers.
    ``connection`` names a keep-alive connection: steps that share one run
    in one task, as they would on a server; others run in a task each.
    """

    name: str
    method: str
    path: str
    headers: Any = field(default_factory=dict)
    json: Any = None
    content: Any = None
    form: Any = None
    cookies: Any = field(default_factory=dict)
    query: Any = None
    connection: str = ""


@dataclass(frozen=True)
class Scenario:
    """An application and its requests."""

    id: str
    build: Build
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Answer:
    """What a client sees of one response.

    ``headers`` are those the comparison leaves out; rules about every
    answer look at them.
    """

    status: int
    body: Any
    cookies: Mapping[str, Any]
    location: str | None
    headers: Mapping[str, str] = field(compare=False, default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The compared parts, by name."""
        return {
            "status": self.status,
            "body": self.body,
            "cookies": dict(self.cookies),
            "location": self.location,
        }


@dataclass(frozen=True)
class Setup:
    """The outcome of building and starting the application.

    ``raised`` is the name of the exception's class; ``warned`` tells
    whether the programmer was warned about something other than a
    deprecation; ``value`` is what the scenario's builder returned.
    """

    raised: str | None = None
    warned: bool = False
    value: Any = None
    detail: str = field(compare=False, default="")

    def fields(self) -> dict[str, Any]:
        """The compared parts, by name."""
        return {
            "raised": self.raised,
            "warned": self.warned,
            "value": self.value,
        }


@dataclass(frozen=True)
class Outcome:
    """Everything that is compared: the set-up, then each response."""

    setup: Setup
    answers: Mapping[str, Answer] = field(default_factory=dict)

    def fields(self) -> dict[str, dict[str, Any]]:
        """The compared parts of every step, the set-up first."""
        return {
            "setup": self.setup.fields(),
            **{name: a.fields() for name, a in self.answers.items()},
        }


class Memory:
    """The raw responses so far, for steps that use their values."""

    def __init__(self) -> None:
        self._answers: dict[str, httpx.Response] = {}

    def keep(self, step: Step, response: httpx.Response) -> None:
        self._answers[step.name] = response

    def value(self, step: str, key: str) -> Any:
        """A member of a response's JSON body, or a placeholder."""
        try:
            return self._answers[step].json()[key]
        except (ValueError, KeyError, TypeError):
            return f"no-{key}"


def resolve(value: Any, memory: Memory) -> Any:
    """Replace every callable inside ``value`` by what it returns."""
    if callable(value):
        return resolve(value(memory), memory)
    if isinstance(value, dict):
        return {k: resolve(v, memory) for k, v in value.items()}
    if isinstance(value, list):
        return [resolve(v, memory) for v in value]
    return value


def perform(scenario: Scenario, front: Front) -> Outcome:
    """Build the scenario's application on ``front`` and run its steps."""
    front.forget()
    with event_loop() as loop, _quiet(scenario, front) as app:
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                value = scenario.build(front, app)
                if app.router.routes_all:
                    loop.run_until_complete(start(app))
        except Exception as error:
            detail = f"{type(error).__name__}: {error}"
            return Outcome(Setup(raised=type(error).__name__, detail=detail))
        finally:
            Sanic.unregister_app(app)
        setup = Setup(
            warned=any(_is_advice(w.category) for w in caught),
            value=normal(value),
        )
        if not scenario.steps:
            return Outcome(setup)
        responses = loop.run_until_complete(_requests(scenario, app))
        return Outcome(setup, responses)


def _application(scenario: Scenario, front: Front) -> Sanic:
    words = "".join(c if c.isalnum() else "_" for c in scenario.id)
    app = Sanic(
        f"{front.name}_{words}_{next(_numbers)}", configure_logging=False
    )
    app.config.TOUCHUP = False
    app.config.FALLBACK_ERROR_FORMAT = "json"
    return app


def _is_advice(category: type[Warning]) -> bool:
    """Deprecations concern the package, other warnings its user."""
    return issubclass(category, UserWarning)


@contextmanager
def _quiet(scenario: Scenario, front: Front) -> Iterator[Sanic]:
    """An application whose warnings and log records go nowhere.

    1.8.0 makes plenty of both. Sanic adds a filter of its own when an
    application is made, so ours comes after it.
    """
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            app = _application(scenario, front)
            warnings.simplefilter("ignore")
            yield app
    finally:
        logging.disable(before)


@contextmanager
def event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop of our own: 1.8.0 asks for the current one while set up."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()


async def start(app: Sanic) -> None:
    """Run the listeners that a server runs before the first request."""
    app.asgi = True
    await app._startup()
    await app._server_event("init", "before")
    await app._server_event("init", "after")


async def _requests(scenario: Scenario, app: Sanic) -> dict[str, Answer]:
    memory = Memory()
    responses: dict[str, Answer] = {}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://shop.test"
    ) as client:
        for _, steps in itertools.groupby(
            scenario.steps, key=lambda s: s.connection or s.name
        ):
            await asyncio.create_task(
                _connection(list(steps), client, memory, responses)
            )
        await app._server_event("shutdown", "before")
        await app._server_event("shutdown", "after")
    return responses


async def _connection(
    steps: list[Step],
    client: httpx.AsyncClient,
    memory: Memory,
    responses: dict[str, Answer],
) -> None:
    for step in steps:
        response = await _request(step, client, memory)
        memory.keep(step, response)
        responses[step.name] = _answer(response)


async def _request(
    step: Step, client: httpx.AsyncClient, memory: Memory
) -> httpx.Response:
    headers = dict(resolve(step.headers, memory))
    cookies = resolve(step.cookies, memory)
    if cookies:
        headers["cookie"] = "; ".join(f"{k}={v}" for k, v in cookies.items())
    client.cookies.clear()
    return await client.request(
        step.method,
        step.path,
        headers=headers,
        json=resolve(step.json, memory),
        content=step.content,
        data=step.form,
        params=resolve(step.query, memory),
    )


def _answer(response: httpx.Response) -> Answer:
    kind = response.headers.get("content-type", "")
    if kind.startswith("application/json") and response.content:
        body = normal(response.json())
    elif kind.startswith("text/html"):
        body = "<page>"
    else:
        body = normal(response.text)
    return Answer(
        status=response.status_code,
        body=body,
        cookies=cookies_of(response.headers.get_list("set-cookie")),
        location=response.headers.get("location"),
        headers=dict(response.headers),
    )
