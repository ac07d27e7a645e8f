"""The whole site as `make run` starts it, without the demo's people: stopped, killed, started again."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from tests.host.conftest import GATEWAYS, SOURCE
from tests.host.test_run import descendants, postgres_of, state_of

from xianji.host import processes
from xianji.host.embedded import EmbeddedPostgres
from xianji.host.run import REFUSED, STOPPED

UP = "Ctrl-C stops it"
REAL = [sys.executable, "-m", "xianji.cli", "run"]


@pytest.fixture
def real(start, ground, port):
    """Start the site on this test's home and port, with a town that counts as loaded."""

    def starter(**env):
        return start(port, command=REAL, XIANJI_DEMO="1", XIANJI_STATE=str(ground / "state"), **env)

    return starter


def ask(port, method, path, body=None):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(
            method, path, json.dumps(body) if body is not None else None, {"content-type": "application/json"}
        )
        answer = connection.getresponse()
        return answer.status, answer.read()


def sign_in(port, phone):
    assert ask(port, "POST", "/api/v1/auth/codes", {"phone": phone})[0] == 202
    status, content = ask(port, "POST", "/api/v1/auth/sessions", {"phone": phone, "code": "000000"})
    assert status == 201, content


def dsn_of(ground):
    return postgres_of(ground).dsn()


def fetch(dsn, statement):
    async def one():
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(one())


def eventually(true, run, seconds=30.0):
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, run.text()
        time.sleep(0.05)


def answers(port):
    try:
        return ask(port, "GET", "/")[0] == 200
    except OSError:
        return False


def without_town(ground):
    """Make home and schema, and mark the demo's people as loaded: this test does not need them."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SOURCE),
        "XIANJI_HOME": str(ground / "home"),
        "XIANJI_STATE": str(ground / "state"),
    }
    code = (
        "import os, asyncio, asyncpg\n"
        "from xianji.host.database import database\n"
        "from xianji.host.home import resolve_home\n"
        "from xianji.kernel.migrations import migrate\n"
        "async def mark(dsn):\n"
        "    await migrate(dsn)\n"
        "    connection = await asyncpg.connect(dsn)\n"
        "    await connection.execute(\"insert into demo_made (name, id) values ('done', '')\")\n"
        "    await connection.close()\n"
        "with database(resolve_home(os.environ), os.environ) as dsn:\n"
        "    asyncio.run(mark(dsn))\n"
    )
    subprocess.run([sys.executable, "-c", code], env=env, check=True, timeout=120)


def open_streams(port, count):
    opened = []
    for _ in range(count):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/api/v1/events?watch=itm_1")
        opened.append((connection, connection.getresponse()))
        assert opened[-1][1].readline() == b": open\n"
    return opened


def test_two_starts_at_once_fifty_streams_an_ordered_stop_and_the_data_is_kept(real, ground, port):
    without_town(ground)
    runs = [real(), real()]
    eventually(lambda: any(run.process.poll() is not None for run in runs), runs[0])
    (lost,) = [run for run in runs if run.process.poll() is not None]
    (run,) = [one for one in runs if one is not lost]
    assert lost.process.returncode == REFUSED
    assert f"(process {run.process.pid})" in lost.text()
    run.wait_for(UP, 60)
    assert "one-time password" in run.text()
    sign_in(port, "+8613900139000")
    opened = open_streams(port, 50)
    below = descendants(run.process.pid)

    begun = time.monotonic()
    assert run.interrupt() == STOPPED
    assert time.monotonic() - begun < 6.0, run.text()
    assert [pid for pid in below if processes.is_alive(pid)] == []
    assert "did not stop in time" not in run.text()
    assert state_of(ground) == "shut down"
    for connection, response in opened:
        response.close()
        connection.close()

    again = real()
    again.wait_for(UP, 60)
    assert "one-time password" not in again.text()
    assert fetch(dsn_of(ground), "select count(*) from members where phone_sealed is not null") == 1
    assert again.interrupt() == STOPPED


def handled(ground):
    """Whether reactions have handled every event and the queue every job."""
    return fetch(
        dsn_of(ground),
        "select (select (transaction, sequence) from outbox order by 1 desc limit 1)"
        " = (select (transaction, sequence) from outbox_cursors where consumer = 'reactions')"
        " and not exists (select from pgqueuer)",
    )


def queue_a_job(ground):
    moment = datetime.now(UTC).isoformat()
    fetch(
        dsn_of(ground),
        "insert into pgqueuer (priority, status, entrypoint, payload, execute_after)"
        f" values (0, 'queued', 'media.delete_files', '{{\"keys\":[]}}', '{moment}') returning id",
    )


def process_named(run, *words):
    """The supervisor's own child whose command line has these words."""
    found = []
    for pid in descendants(run.process.pid):
        with contextlib.suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            if parent == run.process.pid and set(words) <= set(line):
                found.append(pid)
    (pid,) = found
    return pid


def test_killed_parts_come_back_and_do_their_work_again(real, ground, port):
    without_town(ground)
    run = real()
    run.wait_for(UP, 60)

    os.kill(process_named(run, "granian"), signal.SIGKILL)
    run.wait_for("The web server ended by itself (-9)")
    eventually(lambda: answers(port), run)

    os.kill(process_named(run, "worker"), signal.SIGKILL)
    run.wait_for("The worker ended by itself (-9)")
    sign_in(port, "+8613900139001")
    eventually(lambda: handled(ground), run)

    os.kill(int((postgres_of(ground).places.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    run.wait_for("Database is back")
    eventually(lambda: answers(port), run)
    sign_in(port, "+8613900139002")
    queue_a_job(ground)
    eventually(lambda: handled(ground), run)

    below = descendants(run.process.pid)
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait(5)
    again = real()
    again.wait_for(UP, 60)
    assert [pid for pid in below if processes.is_alive(pid)] == []
    assert fetch(dsn_of(ground), "select count(*) from members where phone_sealed is not null") == 2
    assert again.interrupt() == STOPPED
    assert state_of(ground) == "shut down"


@pytest.mark.parametrize("major", [16, 18])
def test_an_outside_database_of_either_version_serves_the_same(start, ground, port, major):
    outside = EmbeddedPostgres(ground / "elsewhere", major=major, durable=False)
    outside.start()
    try:
        real = {**GATEWAYS, "XIANJI_PAYMENT_PROVIDER": "offline"}
        run = start(port, command=REAL, DATABASE_URL=outside.dsn(), XIANJI_DEMO="0", **real)
        run.wait_for(UP, 60)
        assert "PostgreSQL" not in run.text()
        assert answers(port)
        assert ask(port, "GET", "/healthz") == (200, b"ok")
        assert ask(port, "GET", "/api/v1/feed")[0] == 200
        below = descendants(run.process.pid)
        assert run.interrupt() == STOPPED
        assert [pid for pid in below if processes.is_alive(pid)] == []
        assert processes.is_alive(outside.pid)
    finally:
        assert outside.stop() is True
