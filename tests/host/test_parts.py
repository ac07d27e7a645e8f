"""The small parts: logs that do not grow for ever, the command's help, a database for one command."""

import io
import os
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from xianji.host.console import Console
from xianji.host.database import database
from xianji.host.home import Home, HomeLock, is_running
from xianji.host.logs import open_log, tail, trim
from xianji.host.refusal import HostRefusal

SOURCE = Path(__file__).parent.parent.parent / "src"


def test_a_log_is_private_trimmed_in_place_and_goes_on(ground):
    path = ground / "web.log"
    with open_log(path) as log:
        log.write(b"one\ntwo\nthree\n")
        log.flush()
        assert tail(path, 2) == "two\nthree"
        assert trim(path, largest=14) is False
        assert trim(path, largest=13) is True
        log.write(b"four\n")
    assert path.read_bytes() == b"four\n"
    assert (ground / "web.log.1").read_bytes() == b"one\ntwo\nthree\n"
    assert [stat.S_IMODE((ground / name).stat().st_mode) for name in ("web.log", "web.log.1")] == [
        0o600,
        0o600,
    ]
    assert tail(ground / "nothing.log") == ""


def test_the_console_says_both_languages_and_the_command():
    stream = io.StringIO()
    console = Console(stream)
    console.say("好了", "Done")
    console.refuse(HostRefusal("不行。", "No.", "make setup"))
    with console.step("数据表", "Schema"):
        pass
    lines = stream.getvalue().splitlines()
    assert lines[:4] == ["  好了 · Done", "✗ 不行。", "  No.", "    → make setup"]
    assert lines[4].startswith("✓ 数据表 · Schema  (0.0")


def test_help_is_quick_and_imports_no_application():
    code = "import sys, xianji.cli; print(sorted({'asyncpg', 'litestar', 'granian'} & sys.modules.keys()))"
    environment = {"PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"]}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=20
    )
    assert answer.stdout == "[]\n"


async def one(dsn):
    connection = await asyncpg.connect(dsn)
    answer = await connection.fetchval("select 1")
    await connection.close()
    return answer


async def test_a_command_gets_a_database_and_leaves_none_behind(home):
    with database(home, {}) as dsn:
        assert await one(dsn) == 1
        assert is_running(home) is True
        with database(home, {}) as same:
            assert same == dsn
    assert is_running(home) is False
    with pytest.raises((OSError, asyncpg.PostgresError)):
        await one(dsn)


def test_a_given_database_is_used_as_it_is(ground):
    untouched = Home(ground / "home", ground / "state")
    with database(untouched, {"DATABASE_URL": "postgresql://elsewhere/x"}) as dsn:
        assert dsn == "postgresql://elsewhere/x"
    assert list(ground.iterdir()) == []
    untouched.prepare()
    with HomeLock(untouched), database(untouched, {"DATABASE_URL": "postgresql://elsewhere/x"}) as dsn:
        assert dsn == "postgresql://elsewhere/x"
