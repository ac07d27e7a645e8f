"""A job written in a work reaches the worker with its payload, once, and only when the work committed."""

import asyncpg
import msgspec
import pytest
from pgqueuer import PgQueuer
from pgqueuer.models import Job
from pgqueuer.types import QueueExecutionMode

from xianji.kernel import jobs
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM


class Greeting(msgspec.Struct):
    words: str


async def test_a_committed_job_is_done_once_and_a_rolled_back_one_never(database: Database) -> None:
    async with database.work(SYSTEM) as work:
        await jobs.enqueue(work, "greet", Greeting("你好"))
    with pytest.raises(RuntimeError):
        async with database.work(SYSTEM) as work:
            await jobs.enqueue(work, "greet", Greeting("never"))
            raise RuntimeError
    heard = []
    connection = await asyncpg.connect(database.dsn)
    queue = PgQueuer.from_asyncpg_connection(connection)

    @queue.entrypoint("greet")
    async def greet(job: Job) -> None:
        heard.append(job.payload)

    await queue.qm.run(mode=QueueExecutionMode.drain)
    await connection.close()
    assert heard == [msgspec.json.encode(Greeting("你好"))]
