"""Runs one installation with the stand-in application; started by the tests as a process of its own.

Arguments: port and mode. Modes: `fine`; `stubborn` has a worker that ignores SIGTERM; `broken` has a web
server that ends at once; `slow` has a migration that takes a minute; `loading` has a loader that ends when the file
`moved-in` appears in the home, `failing` one that ends badly at once.
"""

import asyncio
import os
import sys

import asyncpg

from xianji.host import children, run
from xianji.host.home import resolve_home

HERE = os.path.dirname(os.path.abspath(__file__))
IDLE = "import time\nwhile True: time.sleep(60)"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + IDLE
LOADER = """
import os, time
print("moving in", flush=True)
while not os.path.exists(os.environ["XIANJI_HOME"] + "/moved-in"):
    time.sleep(0.02)
"""
FAILING = "raise SystemExit(3)"
BROKEN = "raise SystemExit('the stand-in is broken on purpose')"
LOADERS = {"loading": LOADER, "failing": FAILING}


def web(port: int) -> tuple[str, ...]:
    server = (sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--workers", "2")
    return (*server, "--port", str(port), "--workers-kill-timeout", "2", "standin:create_app")


async def count_starts(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    await connection.execute("create table if not exists starts (at timestamptz not null default now())")
    await connection.execute("insert into starts default values")
    count = await connection.fetchval("select count(*) from starts")
    await connection.close()
    return count


def main() -> int:
    port, mode = int(sys.argv[1]), sys.argv[2]
    seen: list[int] = []
    idle = (sys.executable, "-c", STUBBORN if mode == "stubborn" else IDLE)
    first = (sys.executable, "-c", BROKEN) if mode == "broken" else web(port)
    plan = run.Plan(
        home=resolve_home(os.environ),
        port=port,
        env={**os.environ, "PYTHONPATH": HERE},
        children=(
            children.ChildSpec("web", "网页服务", "web server", first),
            children.ChildSpec("worker", "后台任务", "worker", idle),
        ),
        migrate=lambda dsn: (
            asyncio.run(asyncio.sleep(60)) if mode == "slow" else seen.append(asyncio.run(count_starts(dsn)))
        ),
        loader=children.ChildSpec("demo", "演示数据", "demo data", (sys.executable, "-c", LOADERS[mode]), shown=True)
        if mode in LOADERS
        else None,
        must_load=lambda dsn: True,
        greeting=lambda dsn: [("starts", str(seen[0]))],
    )
    return run.run_everything(plan)


if __name__ == "__main__":
    sys.exit(main())
