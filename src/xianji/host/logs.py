"""Log files of supervised processes: opened for appending, kept from growing without end."""

import os
import shutil
from pathlib import Path
from typing import IO

LARGEST_LOG = 50 * 1024 * 1024


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, readable by its owner only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, from at most its last 8 KiB."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 8192))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def trim(path: Path, largest: int = LARGEST_LOG) -> bool:
    """Move a log that grew too large to `<name>.1` and empty it in place: its writer keeps it open."""
    if not path.exists() or path.stat().st_size <= largest:
        return False
    kept = path.with_name(f"{path.name}.1")
    shutil.copyfile(path, kept)
    kept.chmod(0o600)
    os.truncate(path, 0)
    return True
