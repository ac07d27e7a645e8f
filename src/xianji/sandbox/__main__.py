"""`python -m xianji.sandbox`: run the provider as a process of its own."""

import argparse
import asyncio
import contextlib
import logging
import os
import signal
from datetime import timedelta
from pathlib import Path
from typing import get_args

from granian.constants import Interfaces
from granian.server.embed import Server

from xianji.sandbox.app import Provider, build_app
from xianji.sandbox.books import Books
from xianji.sandbox.carrier import Carrier, Postman
from xianji.sandbox.courier import Courier
from xianji.sandbox.crypto import open_carrier, open_keys
from xianji.sandbox.model import Fault, FaultName, Limits


def parser() -> argparse.ArgumentParser:
    """The command line; every option may also come from a XIANJI_SANDBOX_… variable."""
    env = os.environ.get
    p = argparse.ArgumentParser(prog="python -m xianji.sandbox", description=__doc__)
    p.add_argument("--host", default=env("XIANJI_SANDBOX_HOST", "127.0.0.1"))
    p.add_argument("--port", type=int, default=int(env("XIANJI_SANDBOX_PORT", "8790")))
    p.add_argument("--state", type=Path, default=env("XIANJI_SANDBOX_STATE"), help="state file (SQLite)")
    p.add_argument("--keys", type=Path, default=env("XIANJI_SANDBOX_KEYS"), help="default: keys/ beside --state")
    p.add_argument("--base-url", default=env("XIANJI_SANDBOX_URL"), help="public address for pay pages")
    p.add_argument("--merchant", default=env("XIANJI_SANDBOX_MERCHANT", "xianji"))
    p.add_argument("--seed", type=int, default=env("XIANJI_SANDBOX_SEED"), help="repeatable chance")
    p.add_argument("--hold-days", type=int, default=180)
    p.add_argument("--hold-notice-days", type=int, default=7)
    p.add_argument("--fee-share-bp", type=int, default=3000, help="largest fee share of a part, in 1/10000")
    p.add_argument("--release-seconds", type=int, default=1)
    p.add_argument("--refund-seconds", type=int, default=0, help="0 settles refunds in the answer")
    p.add_argument("--parcel-step-seconds", type=int, default=60, help="the shortest stretch of a parcel's way")
    p.add_argument("--callback-timeout", type=float, default=5.0)
    p.add_argument(
        "--fault",
        action="append",
        default=[],
        type=read_fault,
        metavar="NAME[:times=N][:rate_bp=N][:seconds=N]",
        help="script a fault: " + ", ".join(get_args(FaultName)),
    )
    return p


def read_fault(text: str) -> Fault:
    """Read one --fault option; without times or rate it hits once."""
    name, *rest = text.split(":")
    fields = dict(pair.partition("=")[::2] for pair in rest)
    if name not in get_args(FaultName) or set(fields) - {"times", "rate_bp", "seconds"}:
        raise argparse.ArgumentTypeError(f"unknown fault: {text}")
    try:
        numbers = {key: int(value) for key, value in fields.items()}
    except ValueError as wrong:
        raise argparse.ArgumentTypeError(f"not a number in fault: {text}") from wrong
    times = numbers.get("times", 0 if "rate_bp" in numbers else 1)
    return Fault(
        name=name,  # type: ignore[arg-type]  # checked against FaultName above
        times=times,
        rate_bp=numbers.get("rate_bp", 0),
        seconds=numbers.get("seconds", 60),
    )


def open_provider(options: argparse.Namespace) -> Provider:
    """Open keys and books as the options say."""
    limits = Limits(
        hold_seconds=options.hold_days * 86400,
        hold_notice_seconds=options.hold_notice_days * 86400,
        fee_share_bp=options.fee_share_bp,
        release_seconds=options.release_seconds,
        refund_seconds=options.refund_seconds,
    )
    keys = open_keys(_keys_folder(options), options.merchant)
    books = Books(options.state, limits, options.seed, timedelta(seconds=options.parcel_step_seconds))
    for fault in options.fault:
        books.engine.faults.script(fault)
    base_url = (options.base_url or f"http://{options.host}:{options.port}").rstrip("/")
    return Provider(books, keys, Courier(books, keys, options.callback_timeout), base_url)


def _keys_folder(options: argparse.Namespace) -> Path:
    return Path(options.keys or options.state.parent / "keys")


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM; books are safe at every moment in between."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    provider = open_provider(options)
    carrier = Carrier(provider.books, open_carrier(_keys_folder(options)))
    postman = Postman(carrier, options.callback_timeout)
    app = build_app(provider, carrier)
    server = Server(app, options.host, options.port, interface=Interfaces.ASGINL, log_enabled=False)
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)
    tasks = [asyncio.create_task(work) for work in (provider.courier.run(), server.serve(), _wait(stop), postman.run())]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    tasks[0].cancel()
    tasks[3].cancel()
    server.stop()  # type: ignore[no-untyped-call]
    with contextlib.suppress(asyncio.CancelledError, TimeoutError):
        await asyncio.wait_for(tasks[1], 5)
    await provider.courier.close()
    await postman.close()
    provider.books.close()
    for task in done:
        task.result()


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


def main(arguments: list[str] | None = None) -> None:
    """Entry point; `arguments` default to those of the process."""
    options = parser().parse_args(arguments)
    if options.state is None:
        parser().error("--state FILE (or XIANJI_SANDBOX_STATE) is needed")
    asyncio.run(serve(options))


if __name__ == "__main__":
    main()
