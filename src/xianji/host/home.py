"""Where an installation keeps its things, who may use them, and which port it answers on."""

import fcntl
import hashlib
import json
import os
import secrets
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

from xianji.host import processes
from xianji.host.refusal import HostRefusal

DEFAULT_PORT = 8000
SYSTEM_STATE = Path("/var/lib/xianji")


@dataclass(frozen=True)
class Home:
    """The folders of one installation. `path` is XIANJI_HOME, `state` holds the embedded database."""

    path: Path
    state: Path

    @property
    def keys(self) -> Path:
        """Secrets of this installation; the folder is 0700, files in it are 0600."""
        return self.path / "keys"

    @property
    def logs(self) -> Path:
        """One log file for each supervised process."""
        return self.path / "logs"

    @property
    def lock(self) -> Path:
        """The file whose lock says that somebody is running this home."""
        return self.path / "xianji.lock"

    @property
    def short_name(self) -> str:
        """Twelve hex digits that stand for this home where a path must be short."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]

    def prepare(self) -> None:
        """Create what is missing. A folder that exists keeps its mode, whatever it is."""
        try:
            make_folder(self.path, 0o700)
            make_folder(self.keys, 0o700)
            make_folder(self.logs, 0o700)
        except OSError as error:
            raise HostRefusal(
                f"数据文件夹 {self.path} 不能用：{error.strerror}。",
                f"The data folder {self.path} cannot be used: {error.strerror}.",
                "XIANJI_HOME=/a/folder/of/yours make run",
            ) from error


def resolve_home(env: Mapping[str, str]) -> Home:
    """Find the home folder from the environment and the user we run as; creates nothing.

    Order: XIANJI_HOME; as root /var/lib/xianji/home; $XDG_DATA_HOME/xianji; ~/.local/share/xianji.
    The database lies under the home, except as root: then under /var/lib/xianji (or XIANJI_STATE),
    because the server must run as an unprivileged user who may not enter root's folders.
    """
    as_root = os.geteuid() == 0
    if env.get("XIANJI_HOME"):
        path = Path(env["XIANJI_HOME"]).expanduser()
    elif as_root:
        path = SYSTEM_STATE / "home"
    elif env.get("XDG_DATA_HOME"):
        path = Path(env["XDG_DATA_HOME"]) / "xianji"
    else:
        path = Path("~/.local/share/xianji").expanduser()
    path = Path(os.path.realpath(path))
    if not as_root:
        return Home(path, path / "postgres")
    system = Path(os.path.realpath(env.get("XIANJI_STATE") or SYSTEM_STATE))
    return Home(path, system / Home(path, path).short_name)


def make_folder(path: Path, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Create a folder with exactly this mode and owner; one that exists is left as it is."""
    if path.is_dir():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700)
    if owner is not None:
        os.chown(path, *owner)
    path.chmod(mode)


class HomeLock:
    """The start lock of a home: held by the one process that runs it, released by the kernel at its end."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._file: IO[str] | None = None
        self.run = secrets.token_hex(8)
        self.previous_run: str | None = None

    def __enter__(self) -> "HomeLock":
        file = os.fdopen(os.open(self._home.lock, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with file:
                pid = _living_holder(file)
            raise HostRefusal(
                f"这个数据文件夹已经有一个闲集在运行（进程 {pid}）：{self._home.path}",
                f"Xianji is already running in this data folder (process {pid}): {self._home.path}",
                f"kill -INT {pid}",
            ) from None
        previous = _holder(file).get("run")
        self.previous_run = str(previous) if previous else None
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "run": self.run}, file)
        file.flush()
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.close()
            self._file = None


def is_running(home: Home) -> bool:
    """Whether some process holds the start lock of this home."""
    try:
        file = home.lock.open("r+")
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def resolve_port(env: Mapping[str, str]) -> int:
    """Read XIANJI_PORT (default 8000). Refuses what is not a port number."""
    text = env.get("XIANJI_PORT") or str(DEFAULT_PORT)
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise HostRefusal(
        f"XIANJI_PORT 要是 1 到 65535 之间的数字，现在是“{text}”。",
        f"XIANJI_PORT must be a number from 1 to 65535; it is “{text}”.",
        f"XIANJI_PORT={DEFAULT_PORT} make run",
    )


def check_port(host: str, port: int) -> None:
    """Refuse when something else already answers on the port, naming the variable that moves ours."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise HostRefusal(
                f"端口 {port} 用不了（{error.strerror}）。可以用 XIANJI_PORT 换一个。",
                f"Port {port} cannot be used ({error.strerror}). Choose another with XIANJI_PORT.",
                f"XIANJI_PORT={port + 1 if port < 65535 else DEFAULT_PORT} make run",
            ) from error


def _living_holder(file: IO[str]) -> object:
    """Who holds the lock; "?" when it does not say so in a second. It takes the lock first and writes its name then."""
    for _ in range(100):
        pid = _holder(file).get("pid")
        if isinstance(pid, int) and processes.is_alive(pid):
            return pid
        time.sleep(0.01)
    return "?"


def _holder(file: IO[str]) -> dict[str, object]:
    file.seek(0)
    try:
        content = json.loads(file.read() or "{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
