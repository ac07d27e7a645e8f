"""The embedded PostgreSQL: one cluster, one postmaster, reached by a unix socket only.

`EmbeddedPostgres(state).start()` makes the cluster when there is none, ends what an earlier run left
behind, starts the server and creates the database; `.stop()` shuts it down cleanly. Everyone who can
enter the socket folder (0700) is trusted, so there is no password to lose. The caller holds the start
lock of the home (`xianji.host.home.HomeLock`); this module does not look for rivals.
"""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from xianji.host import processes
from xianji.host.binaries import (
    Account,
    Binaries,
    can_enter,
    make_open_folders,
    reachable_binaries,
    server_account,
)
from xianji.host.cluster import make_cluster, read_major, write_settings
from xianji.host.home import make_folder
from xianji.host.logs import open_log, tail
from xianji.host.refusal import HostRefusal

NEWEST_MAJOR = 18
OWNER = "xianji"
SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 99

_START_SECONDS = 120.0
_POLL_SECONDS = 0.01
_LEFT_OVER = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 3.0), (signal.SIGKILL, 2.0))


@dataclass(frozen=True)
class Places:
    """Where one cluster keeps its things."""

    data: Path
    sockets: Path
    log: Path


class EmbeddedPostgres:
    """A supervised PostgreSQL of the wheel, in `state/pg<major>`.

    `major` is asked for when there is no cluster yet; an existing cluster keeps the version it was made
    with. `durable=False` gives up safety against power loss and is for tests only.
    """

    def __init__(self, state: Path, *, major: int = NEWEST_MAJOR, durable: bool = True) -> None:
        self.state = state
        self.major = _existing_major(state, major)
        self._durable = durable
        self._server: subprocess.Popen[bytes] | None = None
        self.places = Places(state / f"pg{self.major}", _socket_folder(state), state / "postgres.log")

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while it runs."""
        return self._server.pid if self._server is not None and self._server.poll() is None else None

    def dsn(self, database: str = OWNER) -> str:
        """The connection address for asyncpg and libpq. The role owns its databases; it is no superuser."""
        return f"postgresql://{OWNER}@/{database}?host={quote(str(self.places.sockets))}"

    def start(self) -> None:
        """Start the server and wait until it answers. Refuses with the log's end when it does not."""
        account = server_account()
        binaries = self._prepare(account)
        self._end_left_over()
        try:
            self._spawn(binaries, account)
            self._wait_ready()
            self._ensure_database(binaries)
        except BaseException:
            self.stop()
            raise

    def stop(self, seconds: float = 10.0) -> bool:
        """Fast shutdown: sessions are ended, everything is written. False when it had to be forced."""
        server, self._server = self._server, None
        if server is None:
            return True
        server.send_signal(signal.SIGINT)
        for number, patience in ((signal.SIGQUIT, seconds), (signal.SIGKILL, 3.0)):
            try:
                server.wait(patience)
                break
            except subprocess.TimeoutExpired:
                server.send_signal(number)
        server.wait()
        processes.wait_gone(processes.servers_in(self.places.data), 2.0)
        return server.returncode == 0

    def cluster_state(self) -> str:
        """What pg_controldata says of the cluster: `shut down`, `in production`, …"""
        binaries = reachable_binaries(self.major, server_account(), self.state.parent)
        answer = subprocess.run(
            [binaries.program("pg_controldata"), "-D", str(self.places.data)],
            capture_output=True,
            text=True,
            check=True,
            env={"LC_ALL": "C"},
            timeout=20,
        )
        lines = dict(line.split(":", 1) for line in answer.stdout.splitlines() if ":" in line)
        return lines["Database cluster state"].strip()

    def _prepare(self, account: Account | None) -> Binaries:
        owner = (account.uid, account.gid) if account else None
        if account is None:
            make_folder(self.state, 0o700)
        else:
            make_open_folders(self.state)
            if not can_enter(self.state, account):
                raise HostRefusal(
                    f"数据库的系统用户进不了 {self.state}。",
                    f"The database's system user cannot enter {self.state}.",
                    "XIANJI_STATE=/var/lib/xianji make run",
                )
        make_folder(self.places.sockets, 0o700, owner)
        _check_private(self.places.sockets, account)
        binaries = reachable_binaries(self.major, account, self.state.parent)
        if not (self.places.data / "PG_VERSION").exists():
            make_cluster(binaries, self.places.data, account, durable=self._durable)
        write_settings(self.places.data, self.places.sockets, durable=self._durable)
        return binaries

    def _end_left_over(self) -> None:
        """End a server an earlier run left in this data folder, and forget a pid file that names nobody.

        A pid file outlives a killed server; in containers its number soon belongs to somebody else, and
        the server would then refuse to start.
        """
        data = self.places.data
        pid_file = data / "postmaster.pid"
        left = processes.servers_in(data)
        postmaster = _first_number(pid_file)
        if postmaster in left:
            processes.end([postmaster], _LEFT_OVER[:1])
        still = processes.end(processes.servers_in(data), _LEFT_OVER[1:])
        if still:
            raise HostRefusal(
                f"上次留下的数据库进程结束不掉：{still}。",
                f"Database processes left by an earlier run cannot be ended: {still}.",
                "kill -9 " + " ".join(map(str, still)),
            )
        pid_file.unlink(missing_ok=True)

    def _spawn(self, binaries: Binaries, account: Account | None) -> None:
        with open_log(self.places.log) as log:
            self._server = subprocess.Popen(
                [binaries.program("postgres"), "-D", str(self.places.data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"LC_MESSAGES": "C", "TZ": "UTC", "PATH": os.defpath},
                # Ctrl-C goes to the terminal's whole process group; the database must outlive web and worker.
                start_new_session=True,
                # With SIGINT (fast shutdown) even the kill -9 of the supervisor ends the server in order.
                preexec_fn=processes.signal_when_parent_dies(signal.SIGINT),
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )

    def _wait_ready(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while self.pid is not None and time.monotonic() < until:
            if _is_ready(self.places.data / "postmaster.pid", self.pid):
                return
            time.sleep(_POLL_SECONDS)
        raise HostRefusal(
            "数据库没有起来，日志最后几行：\n" + tail(self.places.log),
            f"The database did not start; its log is {self.places.log}.",
            "xianji doctor",
        )

    def _ensure_database(self, binaries: Binaries) -> None:
        known = self._sql(binaries, "postgres", "select 1 from pg_database where datname = 'xianji'")
        if known:
            return
        # In template1, so that a database the role creates itself has it too: only a superuser may add it.
        self._sql(binaries, "template1", "create extension if not exists vector")
        if not self._sql(binaries, "postgres", "select 1 from pg_roles where rolname = 'xianji'"):
            self._sql(binaries, "postgres", "create role xianji login createdb")
        self._sql(binaries, "postgres", "create database xianji owner xianji")

    def _sql(self, binaries: Binaries, database: str, statement: str) -> str:
        answer = subprocess.run(
            [binaries.program("psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement],
            capture_output=True,
            text=True,
            check=True,
            env={"PGHOST": str(self.places.sockets), "PGUSER": SUPERUSER, "PGDATABASE": database},
            timeout=60,
        )
        return answer.stdout.strip()


def _existing_major(state: Path, asked: int) -> int:
    """The major of the cluster that is there; the asked one when it exists or none does."""
    found = [read_major(folder) for folder in sorted(state.glob("pg[0-9]*"))]
    majors = [major for major in found if major is not None]
    return asked if asked in majors or not majors else max(majors)


def _socket_folder(state: Path) -> Path:
    """`state/run`, or a short folder when the system could not bind a path that long."""
    near = state / "run"
    if len(os.fsencode(near / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return near
    name = f"xianji-{sha256(os.fsencode(state)).hexdigest()[:12]}"
    if os.geteuid() == 0:
        return Path("/run") / name
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 - checked by _check_private
    return runtime / name


def _check_private(folder: Path, account: Account | None) -> None:
    """Refuse a socket folder that others may enter: whoever enters it is trusted by the database."""
    status = folder.lstat()
    owner = account.uid if account else os.geteuid()
    if folder.is_symlink() or status.st_uid != owner or status.st_mode & 0o077:
        raise HostRefusal(
            f"数据库的套接字文件夹 {folder} 不是只属于我们的。",
            f"The database's socket folder {folder} is not ours alone.",
            f"rm -r {folder}",
        )


def _first_number(pid_file: Path) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(pid_file.read_text().splitlines()[0])
    return 0


def _is_ready(pid_file: Path, pid: int) -> bool:
    """The postmaster writes its state on the eighth line of its pid file (see PostgreSQL's pidfile.h)."""
    try:
        lines = pid_file.read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
