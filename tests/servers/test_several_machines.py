"""Two machines with several workers each, and one Redis for both.

Requests use separate connections, many at once, until every worker of a
machine has responded. A busy machine may respond with a 503 now and then, as
the timeout of the store is three seconds here.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.effort import sample
from tests.sessions.servers import Server, redis_server
from tests.sessions.shop import Device

from .conftest import servers

SHOP = "tests.servers.several"
SECRET = "the secret that all machines of this shop have in common"
STALENESS = 1.5
AT_ONCE = 12
PATIENCE = 90


@dataclass
class Answer:
    """A response, and when its request was sent."""

    asked: float
    status: int
    worker: int
    headers: Any


@dataclass
class Machine:
    """An address, and its workers."""

    address: str
    workers: frozenset[int] = frozenset()
    client: httpx.AsyncClient = field(init=False)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Open a client that does not reuse connections."""
        async with httpx.AsyncClient(
            base_url=self.address,
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=PATIENCE,
        ) as self.client:
            yield

    def device(self) -> Device:
        return Device(self.client)

    async def ask(self, path: str, device: Device | None = None) -> Answer:
        asked = time.monotonic()
        headers = {"x-busy": "1", **(device.headers if device else {})}
        response = await self.client.get(path, headers=headers)
        worker = int(response.headers["x-worker"])
        return Answer(asked, response.status_code, worker, response.headers)

    async def ask_each(
        self, path: str, device: Device | None, status: int
    ) -> list[Answer]:
        """Send requests until each worker has responded with a status."""
        responses: list[Answer] = []
        waiting = set(self.workers)
        ends = time.monotonic() + PATIENCE
        while waiting:
            assert time.monotonic() < ends, (path, status, responses[-50:])
            new = await asyncio.gather(
                *(self.ask(path, device) for _ in range(AT_ONCE))
            )
            responses += new
            waiting -= {a.worker for a in new if a.status == status}
        return responses

    async def refuses(self, path: str, device: Device, since: float) -> None:
        """Assert that each worker refuses tokens revoked before a time.

        Within the staleness bound of the feed, a worker may not know yet.
        """
        bound = STALENESS if path == "/feed" else 0
        for response in await self.ask_each(path, device, 401):
            late = response.asked > since + bound
            assert response.status != 200 or not late, response
        for response in await self.ask_each(path, device, 401):
            assert response.status != 200, "refused before"


async def machine_at(address: str, workers: int) -> Machine:
    """Return the machine at an address, once all its workers respond."""
    machine = Machine(address)
    known: set[int] = set()
    ends = time.monotonic() + PATIENCE
    async with machine.connected():
        while len(known) < workers:
            assert time.monotonic() < ends, known
            asked = (machine.ask("/") for _ in range(AT_ONCE))
            known |= {a.worker for a in await asyncio.gather(*asked)}
    machine.workers = frozenset(known)
    return machine


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = redis_server(tmp_path_factory.mktemp("redis"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def addresses(
    redis: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The addresses of the machines."""
    with servers(
        tmp_path_factory.mktemp("machines"),
        SHOP_SECRET=SECRET,
        SHOP_STALENESS=str(STALENESS),
        SHOP_SESSIONS=f"redis://127.0.0.1:{redis.port}/0",
    ) as serve:
        yield (
            serve(
                *("-m", "sanic", f"{SHOP}:app", "--port", "{port}"),
                *("--workers", "4", "--no-access-logs"),
            ),
            serve(
                *("-m", "uvicorn", f"{SHOP}:app", "--port", "{port}"),
                *("--workers", "2", "--no-access-log"),
            ),
        )


@pytest.fixture
async def machines(
    addresses: tuple[str, str],
) -> AsyncIterator[tuple[Machine, Machine]]:
    here = await machine_at(addresses[0], 4)
    there = await machine_at(addresses[1], 2)
    async with here.connected(), there.connected():
        yield here, there


@pytest.fixture
def here(machines: tuple[Machine, Machine]) -> Machine:
    """A machine on which Sanic runs four workers."""
    return machines[0]


@pytest.fixture
def there(machines: tuple[Machine, Machine]) -> Machine:
    """A machine on which uvicorn runs two workers."""
    return machines[1]


def moved(device: Device, machine: Machine) -> Device:
    """Return a copy of a device that uses another machine."""
    device.client = machine.client
    return device


@pytest.mark.long
async def test_a_session_continues_on_any_machine(here, there):
    device = here.device()
    await device.log_in()
    first = device.access
    for machine in (there, here):
        for path in ("/never", "/feed", "/store"):
            await machine.ask_each(path, device, 200)
        response = await moved(device, machine).renew()
        assert response.status_code == 200
    assert device.access != first
    assert await moved(device, there).get("/store") == 200


@pytest.mark.requirement("R2")
@pytest.mark.long
async def test_a_retry_on_another_machine_gets_the_same_successor(here, there):
    device = here.device()
    await device.log_in()
    presented = device.refresh
    await device.renew(presented)
    successor = device.refresh
    for machine in (there, here, there):
        response = await moved(device, machine).renew(presented)
        assert response.status_code == 200
        assert device.refresh == successor
    assert (await device.renew()).status_code == 200


@pytest.mark.requirement("R2")
@pytest.mark.long
async def test_concurrent_refreshes_get_the_same_successor(here, there):
    device = here.device()
    await device.log_in()
    tabs = [m.device() for m in (here, there) for _ in range(AT_ONCE)]
    responses = await asyncio.gather(
        *(tab.renew(device.refresh) for tab in tabs)
    )
    assert {response.status_code for response in responses} == {200}
    assert len({tab.refresh for tab in tabs}) == 1


@pytest.mark.requirement("R3")
@pytest.mark.parametrize("late", [{"x-late": "1"}, {}])
@pytest.mark.long
async def test_reuse_on_another_machine_ends_the_session(here, there, late):
    """After the grace window, or with the token before the last."""
    thief, device = there.device(), here.device()
    await device.log_in()
    stolen = device.refresh
    await device.renew()
    if not late:
        await device.renew()
    assert (await thief.renew(stolen, headers=late)).status_code == 401
    since = time.monotonic()
    for machine in (here, there):
        response = await moved(device, machine).renew()
        assert response.status_code == 401
        for path in ("/store", "/feed"):
            await machine.refuses(path, device, since)


@pytest.mark.long
@pytest.mark.requirement("R1")
@pytest.mark.parametrize(
    "path", sample(["/auth/logout", "/auth/logout/all"], "/auth/logout")
)
async def test_a_logout_reaches_every_worker_of_every_machine(
    here, there, path
):
    phone, laptop = here.device(), there.device()
    await phone.log_in(f"of {path}")
    await laptop.log_in(f"of {path}")
    for machine in (here, there):
        for device in (phone, laptop):
            await machine.ask_each("/feed", device, 200)
    assert (await phone.post(path)).status_code == 204
    since = time.monotonic()
    ended = [phone, laptop] if path.endswith("all") else [phone]
    for machine in (here, there):
        for check in ("/store", "/feed"):
            for device in ended:
                await machine.refuses(check, device, since)
        assert await moved(phone, machine).get("/never") == 200
        assert (await moved(phone, machine).renew()).status_code == 401
    if laptop not in ended:
        await here.ask_each("/feed", laptop, 200)
        await there.ask_each("/store", laptop, 200)


@pytest.mark.requirement("I9")
@pytest.mark.parametrize("crash", [False, True], ids=["hangs", "crashes"])
@pytest.mark.long
async def test_without_redis_tokens_that_may_be_revoked_are_refused(
    redis, here, there, crash
):
    device, gone = here.device(), here.device()
    await device.log_in("bob")
    await gone.log_in("bob")
    assert (await gone.post("/auth/logout")).status_code == 204
    if crash:
        redis.kill()
    else:
        redis.signal(signal.SIGSTOP)
    try:
        await asyncio.gather(
            *(
                refuses_everyone(machine, device, gone)
                for machine in (here, there)
            )
        )
    finally:
        if crash:
            redis.start()
        else:
            redis.signal(signal.SIGCONT)
    for machine in (there, here):
        for path in ("/feed", "/store"):
            for response in await machine.ask_each(path, device, 200):
                assert response.status in (200, 503)
            for response in await machine.ask_each(path, gone, 401):
                assert response.status in (401, 503)
        assert (await moved(device, machine).renew()).status_code == 200


async def refuses_everyone(machine: Machine, device: Device, gone: Device):
    """Assert that a machine refuses everyone once its store is unavailable."""
    for responses in await asyncio.gather(
        *(machine.ask_each(p, device, 503) for p in ("/feed", "/store"))
    ):
        for response in responses:
            assert response.status in (200, 503)
            if response.status == 503:
                assert int(response.headers["Retry-After"]) > 0
    for path in ("/never", "/"):
        for response in await machine.ask_each(path, device, 200):
            assert response.status == 200
    for response in await asyncio.gather(
        machine.device().log_in(), machine.device().renew(device.refresh)
    ):
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
    for response in await machine.ask_each("/feed", gone, 503):
        assert response.status != 200


@pytest.mark.long
async def test_a_killed_worker_loses_nothing(here, there):
    """uvicorn starts another worker in its place, Sanic does not."""
    device, gone = here.device(), here.device()
    await device.log_in("carl")
    await gone.log_in("carl")
    assert (await gone.post("/auth/logout")).status_code == 204
    for machine, left in ((here, 3), (there, 2)):
        await machine.refuses("/feed", gone, time.monotonic())
        victim = min(machine.workers)
        load = asyncio.create_task(
            under_load(machine, device, gone, victim, left)
        )
        await machine.ask_each("/", None, 200)
        os.kill(victim, signal.SIGKILL)
        await load
        assert (await moved(device, machine).renew()).status_code == 200


async def under_load(
    machine: Machine, device: Device, gone: Device, victim: int, left: int
) -> None:
    """Send requests while a worker dies, until the others have responded."""
    asked = [("/feed", device, 200), ("/store", device, 200)] * 3
    asked += [("/feed", gone, 401), ("/store", gone, 401)] * 3
    cut_off = 0
    workers: set[int] = set()
    ends = time.monotonic() + PATIENCE
    while len(workers) < left:
        assert time.monotonic() < ends, (workers, victim, machine.workers)
        alive = is_running(victim)
        responses = await asyncio.gather(
            *(machine.ask(path, who) for path, who, _ in asked),
            return_exceptions=True,
        )
        for response, (_, _, status) in zip(responses, asked, strict=True):
            if isinstance(response, Answer):
                assert response.status in (status, 503)
                if response.status == status and not alive:
                    workers.add(response.worker)
            else:
                assert isinstance(response, httpx.TransportError), response
                cut_off += 1
    assert cut_off <= 2 * AT_ONCE
    assert victim not in workers


def is_running(worker: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        state = Path(f"/proc/{worker}/stat").read_text()
    except FileNotFoundError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"
