"""The files of a PostgreSQL cluster: making them with initdb, and the settings we write at each start."""

import locale
import os
import shutil
import subprocess
from pathlib import Path

from xianji.host.binaries import Account, Binaries
from xianji.host.home import make_folder
from xianji.host.refusal import HostRefusal

OUR_SETTINGS = "xianji.conf"
_MIB = 1024 * 1024

_ACCESS = """\
# Only the unix socket, and only for those who can enter its folder (mode 0700).
local all all trust
local replication all trust
"""

_SETTINGS = """\
# Written by xianji at each start. Your own settings go to postgresql.auto.conf (alter system).
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
wal_level = replica
max_wal_size = '1GB'
wal_compression = on
random_page_cost = 1.1
jit = off
huge_pages = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_line_prefix = '%m [%p] %q%u@%d '
log_min_duration_statement = '1s'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""

_DURABLE = "synchronous_commit = on\n"
# No autovacuum either: its workers hold a test's database open when the test wants to drop it.
_FORGETFUL = "synchronous_commit = off\nfsync = off\nfull_page_writes = off\nautovacuum = off\n"


def read_major(data: Path) -> int | None:
    """The major version a cluster was made with, or None when the folder holds no cluster."""
    try:
        return int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return None


def make_cluster(binaries: Binaries, data: Path, account: Account | None, *, durable: bool) -> None:
    """Make a new cluster: UTF-8, data checksums, superuser `postgres`; synced to disk when durable.

    It is made beside its place and renamed when complete, so a killed start leaves no half cluster.
    """
    unfinished = data.with_name(f"{data.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    make_folder(unfinished, 0o700, (account.uid, account.gid) if account else None)
    command = [binaries.program("initdb"), "-D", str(unfinished), "-U", "postgres", "--encoding=UTF8"]
    command += ["--data-checksums", "--auth=trust", "--no-instructions"]
    command += [] if durable else ["--no-sync"]
    try:
        subprocess.run(
            command + _locale_options(binaries.major),
            check=True,
            capture_output=True,
            text=True,
            cwd="/",
            env={"LC_MESSAGES": "C", "TZ": "UTC", "PATH": os.defpath},
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            timeout=300,
        )
    except subprocess.CalledProcessError as error:
        raise HostRefusal(
            f"建数据库没有成功：{error.stderr.strip()}",
            "The database cluster could not be made.",
            "xianji doctor",
        ) from error
    _keep_owner(unfinished / "pg_hba.conf", _ACCESS)
    settings = unfinished / "postgresql.conf"
    _keep_owner(settings, settings.read_text() + f"\ninclude_if_exists '{OUR_SETTINGS}'\n")
    unfinished.rename(data)


def _locale_options(major: int) -> list[str]:
    """Unicode letters without depending on the machine's locales, as far as the version allows it."""
    if major >= 17:
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--locale=C.UTF-8"] if _machine_has("C.UTF-8") else ["--locale=C"]


def _machine_has(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return True


def write_settings(data: Path, sockets: Path, *, durable: bool) -> None:
    """Write our settings for this machine; an eighth of its memory, 64 to 1024 MiB, is shared buffers."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // _MIB
    lines = [
        _SETTINGS + (_DURABLE if durable else _FORGETFUL),
        f"unix_socket_directories = '{str(sockets).replace(chr(39), chr(39) * 2)}'\n",
        f"shared_buffers = '{min(max(memory // 8, 64), 1024)}MB'\n",
        f"effective_cache_size = '{max(memory // 2, 128)}MB'\n",
    ]
    _keep_owner(data / OUR_SETTINGS, "".join(lines), like=data)


def _keep_owner(path: Path, text: str, like: Path | None = None) -> None:
    """Write a file of the cluster for its owner only, whoever we are.

    The folder belongs to the server's user; as root we follow no link that user could have put there.
    """
    owner = (like or path).stat(follow_symlinks=False)
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
        if os.geteuid() == 0:
            os.fchown(number, owner.st_uid, owner.st_gid)
