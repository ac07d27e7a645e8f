"""The worker: reactions to events, whatever has become due, and jobs for right now."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.models import Job
from prometheus_client import Gauge

from . import reactions, settings
from .domains import search
from .kernel import idempotency, log, rates, stashes, touched, trace
from .kernel.db import LOST, Database
from .kernel.errors import Refusal
from .kernel.jobs import Due
from .kernel.work import SYSTEM
from .ports import Ports, open_ports
from .reactions.engine import Engine

_BUSY_SECONDS = 0.02
_IDLE_SECONDS = 0.3
_DUE_SECONDS = 1.0
_INDEX_SECONDS = 2.0
_TIDY_SECONDS = 600.0
_DUE_BATCH = 100

_DUE_OPEN = Gauge("xianji_due_found", "Rows found due at the last look", ["due"])


def main() -> None:
    """Run until SIGINT or SIGTERM."""
    log.configure()
    trace.start("worker")
    asyncio.run(_main())
    trace.stop()


async def _main() -> None:
    here = settings.read()
    database = await Database(here.database_url, here.keys()).open(readers=4, writers=4)
    ports = open_ports(here, database)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        await run(database, ports, stopping, search.Folder(here.search_folder))
    finally:
        await ports.close()
        await database.close()


async def run(database: Database, ports: Ports, stopping: asyncio.Event, found: search.Folder) -> None:
    """All loops of the worker until `stopping` is set; each finishes the piece it is in."""
    engine = Engine(database, reactions.TABLE)
    loops = [
        asyncio.create_task(_repeat(lambda: _react(engine, stopping), _IDLE_SECONDS, stopping)),
        asyncio.create_task(_repeat(lambda: do_due(database, reactions.DUE), _DUE_SECONDS, stopping)),
        asyncio.create_task(_repeat(lambda: _tidy(database), _TIDY_SECONDS, stopping)),
        asyncio.create_task(_repeat(lambda: _work_off(database, ports, stopping), _IDLE_SECONDS, stopping)),
        asyncio.create_task(_repeat(lambda: search.follow(database, found, stopping), _INDEX_SECONDS, stopping)),
        asyncio.create_task(_repeat(lambda: _match(database, search.Reader(found), stopping), _DUE_SECONDS, stopping)),
    ]
    await stopping.wait()
    await asyncio.gather(*loops, return_exceptions=True)


async def do_due(database: Database, dues: Sequence[Due]) -> int:
    """Call the verb of everything that is due now; returns how many were called.

    A refusal means that the thing moved on in between, which is fine; a mistake is logged and tried again later.
    """
    called = 0
    for due in dues:
        async with database.look(SYSTEM) as look:
            found = await due.find(look, _DUE_BATCH)
        _DUE_OPEN.labels(due.name).set(len(found))
        for one in found:
            called += 1
            try:
                async with database.work(SYSTEM) as work:
                    await due.act(work, one)
            except Refusal as refusal:
                structlog.get_logger().info("due_moved_on", due=due.name, subject=one, code=refusal.code.name)
            except Exception as error:
                structlog.get_logger().error("due_failed", due=due.name, subject=one, exc_info=error)
    return called


async def _react(engine: Engine, stopping: asyncio.Event) -> None:
    """Follow the events, more closely for a while after some came, until `stopping` is set."""
    pause = _IDLE_SECONDS
    while not stopping.is_set():
        pause = _BUSY_SECONDS if await engine.drain() else min(_IDLE_SECONDS, pause * 1.5)
        await _pause(stopping, pause)


async def _repeat(do: Callable[[], Awaitable[object]], seconds: float, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await do()
        except LOST as lost:
            structlog.get_logger().warning("worker_lost_database", why=str(lost))
        except Exception as error:  # a loop that ends would not be missed until somebody waits for it in vain
            structlog.get_logger().error("worker_loop_failed", exc_info=error)
        await _pause(stopping, seconds)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return


async def _match(database: Database, reader: search.Reader, stopping: asyncio.Event) -> None:
    """Whatever is new for saved searches, until nothing is left."""
    while await search.match_news(database, reader) and not stopping.is_set():
        pass


async def _tidy(database: Database) -> None:
    async with database.work(SYSTEM) as work:
        await idempotency.forget_old(work)
        await rates.forget_old(work)
        await stashes.forget_old(work)
        await touched.forget_old(work)


async def _work_off(database: Database, ports: Ports, stopping: asyncio.Event) -> None:
    """Do jobs as they come, until `stopping` is set or the connection that listens for them is lost."""
    connection = await asyncpg.connect(database.dsn)
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _: ended.set())
    queue = job_queue(database, ports, connection)
    waits = [asyncio.create_task(one) for one in (queue.run(), ended.wait(), stopping.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        await waits[0]
    finally:
        for wait in waits:
            wait.cancel()
        await connection.close()


def job_queue(database: Database, ports: Ports, connection: "asyncpg.Connection[asyncpg.Record]") -> PgQueuer:
    """The queue with every job of `reactions.JOBS`, listening on a connection of its own."""
    queue = PgQueuer.from_asyncpg_connection(connection)
    for name, do in reactions.JOBS.items():

        async def perform(job: Job, do: reactions.JobVerb = do) -> None:
            with trace.span("job", job=job.entrypoint):
                await do(database, ports, job.payload or b"")

        queue.entrypoint(name)(perform)
    return queue
