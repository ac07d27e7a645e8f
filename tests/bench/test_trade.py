"""The trade bench in small: the recorded statements, run by pgbench, make the same rows as the house does."""

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from bench import replay, rows
from xianji.host.binaries import wheel_binaries
from xianji.kernel.crypto import Keys

RUNS = 4


async def grown(db: Any) -> dict[str, int]:
    """How many rows each table has that grows with trades."""
    return {
        table: await db.fetchval(f"select count(*) from {table}")
        for table in ("orders", "order_lines", "order_moves", "payments", "provider_facts", "ledger_transfers")
    }


def pgbench(dsn: str, script: Path) -> str:
    where = urlsplit(dsn)
    host = parse_qs(where.query).get("host", [where.hostname or ""])[0]
    argv = ["--no-vacuum", "--protocol=prepared", f"--transactions={RUNS}", f"--file={script}", "--host", host]
    account = ["--username", where.username or "postgres", where.path.lstrip("/")]
    done = subprocess.run([wheel_binaries(18).program("pgbench"), *argv, *account], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_pgbench_does_what_the_house_did_and_rows_are_multiplied(dsn: str, keys: Keys, tmp_path: Path) -> None:
    db = await asyncpg.connect(dsn)
    await rows.people(db)
    await rows.things(db, 0, 10)
    sent = await replay.record(dsn, keys, 1)
    two = await grown(db)
    assert two == {
        "orders": 2,
        "order_lines": 2,
        "order_moves": 8,
        "payments": 2,
        "provider_facts": 2,
        "ledger_transfers": 4,
    }
    assert (sent[0].sql, sent[-1].sql, sum(one.sql == "begin" for one in sent)) == ("begin", "commit", 7)
    await rows.things(db, 2_018, RUNS)
    await db.execute("select setval('bench_trades', 2017)")
    script = tmp_path / "trade.pgbench"
    script.write_text(replay.script(sent, 2), "utf-8")
    assert f"number of transactions actually processed: {RUNS}/{RUNS}" in pgbench(dsn, script)
    assert await grown(db) == {table: count // 2 * (2 + RUNS) for table, count in two.items()}
    done = await db.fetch(
        "select o.seller, o.buyer, o.state, i.state as thing, a.balance from orders o join order_lines l"
        " on l.order_id = o.id join items i on i.id = l.item join ledger_accounts a on a.kind = 'order_held'"
        " and a.owner = o.id where l.item = 'itm_' || lpad('2020', 26, '0')"
    )
    people = [f"mbr_{number:026d}" for number in (2, 3)]
    assert [tuple(row) for row in done] == [(*people, "completed", "sold", 0)]
    await rows.grow(db, 1, 5_000, 30)
    assert await grown(db) == {table: count // 2 * (2 + RUNS + 30) for table, count in two.items()}
    await db.close()
