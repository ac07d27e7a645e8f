"""The home folder, its lock, and the port."""

import fcntl
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

from xianji.host.home import Home, HomeLock, check_port, is_running, resolve_home, resolve_port
from xianji.host.refusal import HostRefusal

ROOT = os.geteuid() == 0


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_home_variable_comes_first(ground):
    home = resolve_home({"XIANJI_HOME": str(ground / "mine"), "XDG_DATA_HOME": "/elsewhere"})
    assert home.path == ground / "mine"
    assert not home.path.exists()


@pytest.mark.skipif(not ROOT, reason="the rule for root")
def test_root_keeps_the_database_under_the_system_state():
    home = resolve_home({"XDG_DATA_HOME": "/elsewhere"})
    assert home.path == Path("/var/lib/xianji/home")
    assert home.state == Path("/var/lib/xianji") / home.short_name


def test_new_folders_are_private_and_existing_ones_keep_their_mode(ground):
    umask = os.umask(0)
    try:
        Home(ground / "new", ground / "state").prepare()
        (ground / "old" / "keys").mkdir(parents=True, mode=0o755)
        (ground / "old").chmod(0o750)
        Home(ground / "old", ground / "state").prepare()
    finally:
        os.umask(umask)
    assert [mode(ground / "new" / name) for name in (".", "keys", "logs")] == [0o700, 0o700, 0o700]
    assert [mode(ground / "old" / name) for name in (".", "keys", "logs")] == [0o750, 0o755, 0o700]


def test_a_home_that_is_a_file_is_refused(ground):
    (ground / "file").write_text("")
    with pytest.raises(HostRefusal, match="cannot be used"):
        Home(ground / "file" / "home", ground / "state").prepare()


def test_who_is_refused_waits_for_the_name_of_the_one_that_was_faster(home):
    """The lock is taken before the name is written; what stands there until then is somebody who is gone."""
    home.prepare()
    with home.lock.open("w+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write('{"pid": 4194305, "run": "gone"}')
        file.flush()
        told = b'{"pid": %7d, "run": "here"}' % os.getpid()
        faster = threading.Timer(0.1, os.pwrite, (file.fileno(), told, 0))
        faster.start()
        with pytest.raises(HostRefusal, match=f"process {os.getpid()}"), HomeLock(home):
            pass
        faster.join()


def test_the_lock_refuses_the_second_and_frees_for_the_third(home):
    home.prepare()
    assert is_running(home) is False
    with HomeLock(home) as first:
        assert is_running(home) is True
        with pytest.raises(HostRefusal) as refused, HomeLock(home):
            pass
        assert f"进程 {os.getpid()}" in refused.value.zh
        assert refused.value.mend == f"kill -INT {os.getpid()}"
        assert first.previous_run is None
    assert is_running(home) is False
    with HomeLock(home) as third:
        assert third.previous_run is None
    assert mode(home.lock) == 0o600


def test_a_run_that_was_killed_leaves_its_mark_for_the_next(home):
    home.prepare()
    home.lock.write_text('{"pid": 1, "run": "abc"}')
    with HomeLock(home) as lock:
        assert lock.previous_run == "abc"
        assert lock.run != "abc"


@pytest.mark.parametrize("text", ["0", "65536", "-1", "abc", "８０００", "80.0"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(HostRefusal, match="XIANJI_PORT"):
        resolve_port({"XIANJI_PORT": text})


def test_ports_in_range_and_the_default():
    assert [resolve_port(env) for env in ({}, {"XIANJI_PORT": ""}, {"XIANJI_PORT": "65535"})] == [
        8000,
        8000,
        65535,
    ]


def test_a_taken_port_is_refused_and_a_free_one_is_not(port):
    check_port("127.0.0.1", port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(HostRefusal) as refused:
            check_port("127.0.0.1", port)
    assert "XIANJI_PORT" in refused.value.zh
    assert refused.value.mend == f"XIANJI_PORT={port + 1} make run"
