"""A whole run with the stand-in application: start, serve, stop, crash, and start again."""

import contextlib
import http.client
import os
import signal
import time
from pathlib import Path

from tests.host.conftest import home_of

from xianji.host import processes
from xianji.host.embedded import EmbeddedPostgres
from xianji.host.home import Home
from xianji.host.run import FAILED, REFUSED, STOPPED

UP = "Ctrl-C stops it"


def body(port, path="/"):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read()


def streams(port, count):
    opened = []
    for _ in range(count):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/stream")
        opened.append((connection, connection.getresponse()))
        assert opened[-1][1].readline() == b"data: hello\n"
    return opened


def descendants(pid):
    """Every process below this one, by the parent each names in /proc."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry)] = _parent(int(entry))
    found, fresh = set(), {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def postgres_of(ground):
    return EmbeddedPostgres(home_of(ground).state)


def state_of(ground):
    return postgres_of(ground).cluster_state()


def test_ctrl_c_with_fifty_open_streams_stops_everything_in_time(start, ground, port):
    run = start(port)
    run.wait_for(UP)
    assert body(port) == b"data: hello\n\n"
    opened = streams(port, 50)
    below = descendants(run.process.pid)
    assert len(below) >= 6  # postmaster and helpers, Granian with two workers, the worker

    begun = time.monotonic()
    assert run.interrupt() == STOPPED
    took = time.monotonic() - begun

    assert took < 6.0, run.text()
    assert [pid for pid in below if processes.is_alive(pid)] == []
    assert state_of(ground) == "shut down"
    assert "Everything has stopped" in run.text()
    for connection, response in opened:
        response.close()
        connection.close()


def test_a_second_start_keeps_the_data_and_is_quick(start, ground, port):
    first = start(port)
    first.wait_for(UP)
    assert "starts  1" in first.text()
    assert first.interrupt() == STOPPED

    begun = time.monotonic()
    second = start(port)
    second.wait_for(UP)
    assert time.monotonic() - begun < 5.0, second.text()
    assert "starts  2" in second.text()
    assert second.interrupt() == STOPPED


def test_two_starts_of_one_home_and_a_taken_port_are_refused(start, ground, port):
    run = start(port)
    run.wait_for(UP)

    same_home = start(port + 1)
    assert same_home.process.wait(10) == REFUSED
    assert f"（进程 {run.process.pid}）" in same_home.text()
    assert f"(process {run.process.pid})" in same_home.text()

    other_home = start(port, XIANJI_HOME=str(ground / "other"))
    assert other_home.process.wait(10) == REFUSED
    assert f"Port {port} cannot be used" in other_home.text()
    assert f"XIANJI_PORT={port + 1} make run" in other_home.text()
    assert not any((ground / "other").rglob("PG_VERSION"))

    assert body(port) == b"data: hello\n\n"
    assert run.interrupt() == STOPPED


def test_everything_ends_with_a_killed_supervisor_and_starts_again(start, ground, port):
    run = start(port)
    run.wait_for(UP)
    below = descendants(run.process.pid)
    os.kill(run.process.pid, signal.SIGKILL)
    run.process.wait(5)

    again = start(port)
    again.wait_for(UP)
    assert "starts  2" in again.text()
    assert [pid for pid in below if processes.is_alive(pid)] == []
    assert again.interrupt() == STOPPED
    assert state_of(ground) == "shut down"


def test_killed_processes_come_back_and_it_says_so(start, ground, port):
    run = start(port)
    run.wait_for(UP)
    (worker,) = [pid for pid in descendants(run.process.pid) if _words(pid)[1:2] == ["-c"]]
    (server,) = [
        pid for pid in descendants(run.process.pid) if "granian" in _words(pid) and _parent(pid) == run.process.pid
    ]
    postmaster = postgres_of(ground).places.data / "postmaster.pid"

    os.kill(worker, signal.SIGKILL)
    run.wait_for("The worker ended by itself (-9)")
    os.kill(server, signal.SIGKILL)
    run.wait_for("The web server ended by itself (-9)")
    os.kill(int(postmaster.read_text().split()[0]), signal.SIGKILL)
    run.wait_for("Database is back")
    until = time.monotonic() + 10
    while not _up(port):
        assert time.monotonic() < until, run.text()
        time.sleep(0.05)

    assert run.interrupt() == STOPPED
    assert state_of(ground) == "shut down"


def test_a_worker_that_ignores_the_request_is_killed(start, ground, port):
    run = start(port, "stubborn")
    run.wait_for(UP)
    below = descendants(run.process.pid)
    begun = time.monotonic()
    assert run.interrupt() == STOPPED
    assert time.monotonic() - begun < 6.0
    assert "The worker did not stop in time; killed" in run.text()
    assert [pid for pid in below if processes.is_alive(pid)] == []


def test_a_web_server_that_cannot_start_ends_the_run_with_its_log(start, ground, port):
    run = start(port, "broken")
    assert run.process.wait(20) == FAILED
    assert "| the stand-in is broken on purpose" in run.text()
    assert "The web server did not come up" in run.text()
    assert state_of(ground) == "shut down"


def test_a_stop_breaks_off_a_long_step(start, ground, port):
    run = start(port, "slow")
    home = Home(ground / "home", ground)
    until = time.monotonic() + 15
    while "Database (PostgreSQL 18)" not in run.text():
        assert time.monotonic() < until
        time.sleep(0.02)
    begun = time.monotonic()
    assert run.interrupt() == STOPPED
    assert time.monotonic() - begun < 3.0
    assert state_of(ground) == "shut down"
    assert home.lock.read_text() == ""


def test_pages_answer_while_the_loader_works_and_the_others_follow_it(start, ground, port):
    run = start(port, "loading")
    run.wait_for("moving in")
    assert body(port) == b"data: hello\n\n"
    assert "Pages answer already" in run.text()
    assert UP not in run.text()
    assert not (ground / "home" / "logs" / "worker.log").exists()

    (ground / "home" / "moved-in").touch()
    run.wait_for(UP)
    assert "starts  1" in run.text()
    assert (ground / "home" / "logs" / "worker.log").exists()
    assert run.interrupt() == STOPPED


def test_a_stop_ends_the_loader_too(start, ground, port):
    run = start(port, "loading")
    run.wait_for("moving in")
    below = descendants(run.process.pid)
    begun = time.monotonic()
    assert run.interrupt() == STOPPED
    assert time.monotonic() - begun < 6.0
    assert [pid for pid in below if processes.is_alive(pid)] == []
    assert "did not stop in time" not in run.text()
    assert state_of(ground) == "shut down"


def test_a_loader_that_breaks_is_named_and_the_site_goes_on(start, port):
    run = start(port, "failing")
    run.wait_for(UP)
    assert "The demo data could not all be loaded (3); the next start goes on" in run.text()
    assert body(port) == b"data: hello\n\n"
    assert run.interrupt() == STOPPED


def test_an_outside_database_is_used_and_left_running(start, ground, port):
    outside = EmbeddedPostgres(ground / "elsewhere", durable=False)
    outside.start()
    try:
        run = start(port, DATABASE_URL=outside.dsn())
        run.wait_for(UP)
        assert "starts  1" in run.text()
        assert "PostgreSQL" not in run.text()
        assert run.interrupt() == STOPPED
        assert processes.is_alive(outside.pid)
        assert list(ground.rglob("PG_VERSION")) == list(outside.places.data.rglob("PG_VERSION"))
    finally:
        assert outside.stop() is True


def started_with(what, start, port):
    """A run that inherits this answer to a closed terminal, whatever the tests themselves were started under."""
    before = signal.signal(signal.SIGHUP, what)
    try:
        return start(port)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_started_with_nohup_it_outlives_the_terminal(start, port):
    run = started_with(signal.SIG_IGN, start, port)
    run.wait_for(UP)
    os.kill(run.process.pid, signal.SIGHUP)
    assert body(port) == b"data: hello\n\n"
    run.process.terminate()
    assert run.process.wait(10) == STOPPED


def test_a_closed_terminal_stops_it_in_order(start, ground, port):
    run = started_with(signal.SIG_DFL, start, port)
    run.wait_for(UP)
    os.kill(run.process.pid, signal.SIGHUP)
    assert run.process.wait(10) == STOPPED
    assert state_of(ground) == "shut down"


def _words(pid):
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def _parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _up(port):
    try:
        return body(port) == b"data: hello\n\n"
    except OSError:
        return False
