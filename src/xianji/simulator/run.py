"""One simulation: so many steps from a seed, audited on the way; the same seed makes the same steps again."""

import logging
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from xianji.kernel.errors import Refusal
from xianji.kernel.migrations import migrate

from .auditor import audit, audit_at_rest
from .mortal import Killed, Turns
from .moves import MOVES, Kind
from .world import World, a_world

_AUDIT_EVERY = 20
_REST_EVERY = 400
_RACE_SHARE = 0.06
_TWINS_SHARE = 0.4  # of the races, those in which both want the same

Say = Callable[[str], None]


@dataclass
class Report:
    """How it went. `wrong` is empty when every invariant held; `step` is the last one made."""

    seed: int
    step: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    deaths: int = 0
    races: int = 0
    audits: int = 0
    trail: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


async def simulate(dsn: str, seed: int, steps: int, say: Say = lambda _: None) -> Report:
    """Run in an empty, migrated database at `dsn`. Stops at the first thing that is wrong."""
    report = Report(seed)
    with tempfile.TemporaryDirectory(prefix="xianji-simulate-") as folder:
        async with a_world(dsn, Path(folder), seed) as world:
            auditor = await asyncpg.connect(dsn)
            try:
                await _steps(world, report, steps, auditor, say)
            finally:
                await auditor.close()
    return report


async def _steps(world: World, report: Report, steps: int, auditor: "asyncpg.Connection", say: Say) -> None:
    for step in range(1, steps + 1):
        report.step = step
        await _step(world, report)
        if report.wrong:
            return
        at_rest = step % _REST_EVERY == 0 or step == steps
        if at_rest:
            world.revive()
            await world.settle_down()
            report.wrong = await audit_at_rest(auditor, world.bank.statements(), world.clock.moment)
            say(f"{step} steps")
        elif step % _AUDIT_EVERY == 0:
            report.wrong = await audit(auditor, world.bank.statements())
        else:
            continue
        report.audits += 1
        if report.wrong:
            return


async def _step(world: World, report: Report) -> None:
    kind = world.random.choices(MOVES, [one.weight for one in MOVES])[0]
    if kind.races and world.random.random() < _RACE_SHARE:
        await _race(world, report, kind)
    else:
        await _alone(world, report, kind)


async def _alone(world: World, report: Report, kind: Kind) -> None:
    try:
        await kind.do(world)
        _note(report, kind, "done")
    except BaseException as end:
        _ended(world, report, kind, end)


async def _race(world: World, report: Report, first: Kind) -> None:
    """Two moves at once, one statement at a time in an order drawn from the seed."""
    others = [one for one in MOVES if one.races]
    second = first if world.random.random() < _TWINS_SHARE else world.random.choice(others)
    report.races += 1
    turns = world.database.turns = Turns(world.database.dsn, world.random)
    world.racing = True
    try:
        ends = await turns.run({"a": first.do(world), "b": second.do(world)})
    finally:
        world.database.turns, world.racing = None, False
    for kind, end in zip((first, second), ends.values(), strict=True):
        if isinstance(end, BaseException):
            _ended(world, report, kind, end)
        else:
            _note(report, kind, "done")


def _ended(world: World, report: Report, kind: Kind, end: BaseException) -> None:
    match end:
        case Refusal():
            _note(report, kind, end.code.name)
        case Killed():
            report.deaths += 1
            world.revive()
            _note(report, kind, "killed")
        case asyncpg.DeadlockDetectedError() | asyncpg.LockNotAvailableError():
            report.wrong.append(f"{kind.do.__name__} met a deadlock: {end}")
        case Exception():
            report.wrong.append(f"{kind.do.__name__} failed: {end!r}")
        case _:
            raise end


def _note(report: Report, kind: Kind, outcome: str) -> None:
    report.outcomes[f"{kind.do.__name__}: {outcome}"] += 1
    report.trail = [*report.trail[-30:], f"{report.step} {kind.do.__name__}: {outcome}"]


async def in_scratch_database(server_dsn: str, seed: int, steps: int, say: Say) -> Report:
    """Simulate in a database of its own on this server; it is kept when something was wrong, for looking."""
    name = f"xianji_simulate_{seed}_{uuid.uuid4().hex[:8]}"
    server = await asyncpg.connect(server_dsn)
    try:
        await server.execute(f'create database "{name}"')
        dsn = _named(server_dsn, name)
        await migrate(dsn)
        report = await simulate(dsn, seed, steps, say)
        if report.wrong:
            say(f"kept for looking: database {name}")
        else:
            await server.execute(f'drop database "{name}" with (force)')
    finally:
        await server.close()
    return report


def _named(dsn: str, database: str) -> str:
    head, _, query = dsn.partition("?")
    return head.rsplit("/", 1)[0] + "/" + database + ("?" + query if query else "")


async def main(dsn: str, seed: int, steps: int, say: Say) -> bool:
    """Run, print what was checked, and say whether everything held."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    report = await in_scratch_database(dsn, seed, steps, say)
    for outcome, count in sorted(report.outcomes.items()):
        say(f"  {count:7d}  {outcome}")
    say(f"seed {seed}: {report.step} steps, {report.races} races, {report.deaths} deaths, {report.audits} audits")
    for line in report.wrong:
        say(f"wrong: {line}")
    if report.wrong:
        say("the last steps:\n  " + "\n  ".join(report.trail))
        say(f"again: xianji simulate --seed {seed} --steps {report.step}")
    return not report.wrong
