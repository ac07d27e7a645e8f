"""One PostgreSQL with one migrated template for a whole run of suites: `python -m tests.server COMMAND …`.

The command finds them in XIANJI_TEST_DSN and XIANJI_TEST_TEMPLATE, where `tests/conftest.py` looks first.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from xianji.host.embedded import SUPERUSER, EmbeddedPostgres
from xianji.kernel.migrations import migrate


@contextmanager
def server() -> Iterator[str]:
    """The address of an embedded PostgreSQL that lives as long as the block and keeps nothing."""
    folder = Path(tempfile.mkdtemp(prefix="xianji-test-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as another user and must get in
    postgres = EmbeddedPostgres(folder, durable=False)
    postgres.start()
    try:
        yield postgres.dsn("postgres")
    finally:
        postgres.stop()
        shutil.rmtree(folder)


def named(dsn: str, database: str) -> str:
    """The address of another database of the same server."""
    head, _, query = dsn.partition("?")
    return head.rsplit("/", 1)[0] + "/" + database + ("?" + query if query else "")


async def make_template(dsn: str, name: str) -> None:
    """A migrated database for others to clone, on a server where a test's database may be emptied."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(f'create database "{name}"')
    if not await connection.fetchval("select rolsuper from pg_roles where rolname = current_user"):
        superuser = await asyncpg.connect(dsn, user=SUPERUSER)
        await superuser.execute("grant set on parameter session_replication_role to public")
        await superuser.close()
    await connection.close()
    await migrate(named(dsn, name))


def main() -> int:
    """Run the command with a server of its own; returns its exit code."""
    with server() as dsn:
        asyncio.run(make_template(dsn, "template_xianji"))
        env = {**os.environ, "XIANJI_TEST_DSN": dsn, "XIANJI_TEST_TEMPLATE": "template_xianji"}
        return subprocess.run(sys.argv[1:], env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
