"""`python -m bench.feed_quality`: does the feed serve people? Beside newest, most popular and nearest, over many seeds.

The product's own code answers on a real PostgreSQL with its own tables and configuration; the three others choose from
memory with all knowledge of the world. All four hide what a reader has seen and what is sold, and meet the same
people at the same moments. The first day only fills the tables: all figures but evenness begin with the second.
"""

import argparse
import asyncio
import json
import shlex
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

from xianji.domains import feed
from xianji.domains.feed import Seen
from xianji.host.embedded import EmbeddedPostgres
from xianji.kernel.crypto import Keys, Ring
from xianji.kernel.db import Database
from xianji.kernel.migrations import migrate
from xianji.kernel.work import SYSTEM, Actor, Work

from . import report
from .feed_world import COLLECT_KM, PAGE, START, Person, Thing, World, build, kilometres

FLOOR, FLOOR_HOURS, LIFE_HOURS, ENOUGH = 100, 6, 24, 50
METRICS = ("could collect", "evenness", "floor", "hit rate", "hours to sale")
Pick = Callable[["State", Person], Awaitable[list[Thing]]]


@dataclass
class State:
    """What one feed has brought about so far."""

    world: World
    now: datetime = START
    live: dict[str, Thing] = field(default_factory=dict)  # by note
    seen: defaultdict[str, dict[str, datetime]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # person → note → when
    opened: Counter[str] = field(default_factory=Counter)
    sold: dict[str, datetime] = field(default_factory=dict)
    visited: list[tuple[datetime, Person]] = field(default_factory=list)
    supplied: set[tuple[datetime, str]] = field(default_factory=set)  # visits of people with enough close by

    def offered(self, person: Person) -> list[Thing]:
        """What a plain feed may choose from."""
        seen = self.seen[person.id]
        return [one for one in self.live.values() if one.owner is not person and one.note not in seen]


async def newest(state: State, person: Person) -> list[Thing]:
    return sorted(state.offered(person), key=lambda one: one.at, reverse=True)[:PAGE]


async def popular(state: State, person: Person) -> list[Thing]:
    return sorted(state.offered(person), key=lambda one: (-state.opened[one.note], one.id))[:PAGE]


async def nearest(state: State, person: Person) -> list[Thing]:
    return sorted(state.offered(person), key=lambda one: (kilometres(person, one.owner), one.id))[:PAGE]


class Ours:
    """The product's feed, over its own tables."""

    def __init__(self, database: Database, clock: "Clock") -> None:
        self.database, self.clock = database, clock

    async def pick(self, state: State, person: Person) -> list[Thing]:
        self.clock.moment = state.now
        async with self.database.look(Actor(member=person.id)) as look:
            page = await feed.home(look, person.cell, None, PAGE)
        return [state.live[card.id] for card in page.items]

    async def settle(self, world: World) -> None:
        """Put the people into the tables."""
        async with self.database.work(SYSTEM) as work:
            await work.db.executemany(
                "insert into members (id, handle, name, language, zone, seller_type, joined_at, verified_at)"
                " values ($1, right($1, 20), 'x', 'zh', 'Asia/Shanghai', $2, $3, $3)",
                [(one.id, "professional" if one.trader else "individual", START) for one in world.people],
            )

    async def publish(self, thing: Thing) -> None:
        """A thing in a note, at its time; the verb that the worker calls opens its reach."""
        self.clock.moment = thing.at
        async with self.database.work(SYSTEM) as work:
            await _insert(work, thing)
            await feed.open_reach(work, thing.note)

    async def tell(
        self, state: State, person: Person, seen: list[Thing], opened: set[str], bought: list[Thing]
    ) -> None:
        """What the visit leaves behind: views, likes of what was bought, things that are gone."""
        async with self.database.work(SYSTEM) as work:
            views = [Seen(person.id, one.note, opened=one.note in opened, cell=person.cell) for one in seen]
            await feed.record(work, views)
            for one in bought:
                await work.db.execute("update items set state = 'sold', sold = 1 where id = $1", one.id)
                await work.db.execute(
                    "insert into note_likes (note, member, at) values ($1, $2, $3)", one.note, person.id, work.now
                )


async def _insert(work: Work, thing: Thing) -> None:
    owner = thing.owner
    await work.db.execute(
        "insert into notes (id, author, kind, state, title, body, segments, cell, guest_stalls, created_at,"
        " published_at, changed_at) values ($1, $2, 'sale', 'live', 'x', '', '[]', $3, 'forbid', $4, $4, $4)",
        thing.note,
        owner.id,
        owner.cell,
        thing.at,
    )
    await work.db.execute(
        "insert into items (id, seller, kind, state, title, price, currency, stock, category, handover, cell, bargain,"
        " note, created_at, listed_at, changed_at, confirmed_at)"
        " values ($1, $2, 'sale', 'live', 'x', 1, 'CNY', 1, $3, $4, $5, true, $6, $7, $7, $7, $7)",
        thing.id,
        owner.id,
        thing.category,
        ["meet"] if thing.meets else ["ship"],
        owner.cell,
        thing.note,
        thing.at,
    )
    await work.db.execute(
        "insert into note_items (note, item, owner, way, state, place, added_at)"
        " values ($1, $2, $3, 'note', 'shown', 0, $4)",
        thing.note,
        thing.id,
        owner.id,
        thing.at,
    )


@dataclass
class Clock:
    """Where the simulated country is in time."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment


async def live_through(world: World, pick: Pick, ours: Ours | None) -> State:
    """All visits in order: things come, pages are shown, cards seen, opened, bought."""
    state, coming = State(world), iter([*world.things, None])
    following = next(coming)
    for at, person in world.visits:
        while following is not None and following.at <= at:
            state.live[following.note] = following
            if ours is not None:
                await ours.publish(following)
            following = next(coming)
        state.now = at
        page = (await pick(state, person))[: person.patience]
        state.visited.append((at, person))
        if sum(kilometres(person, one.owner) <= COLLECT_KM for one in state.live.values()) >= ENOUGH:
            state.supplied.add((at, person.id))
        opened = {one.note for one in page if world.opens(person, one)}
        bought = [one for one in page if world.buys(person, one)]
        for one in page:
            state.seen[person.id].setdefault(one.note, at)
        state.opened.update(opened)
        for one in bought:
            state.sold[one.note] = at
            del state.live[one.note]
        if ours is not None:
            await ours.tell(state, person, page, opened, bought)
    return state


def judge(state: State) -> dict[str, float]:
    """The five figures of a life; could collect is of readers with enough things on sale close by."""
    world, since = state.world, START + timedelta(days=1)
    shown = [(at, person, note) for person in world.people for note, at in state.seen[person.id].items() if at >= since]
    things = {one.note: one for one in world.things}
    could = [
        kilometres(who, things[note].owner) <= COLLECT_KM
        for at, who, note in shown
        if things[note].meets and (at, who.id) in state.supplied
    ]
    fresh = [one for one in world.things if since <= one.at <= world.end - timedelta(hours=FLOOR_HOURS)]
    wanted = [one for one in world.things if one.at >= START and any(world.buys(who, one) for who in world.people)]
    wanted = [one for one in wanted if one.at <= world.end - timedelta(hours=LIFE_HOURS)]
    hours = [((state.sold.get(one.note) or world.end) - one.at).total_seconds() / 3600 for one in wanted]
    return {
        "could collect": statistics.mean(could),
        "evenness": 1 - _gini(_impressions(state)),
        "floor": statistics.mean(_had_floor(state, one) for one in fresh),
        "hit rate": statistics.mean(one.note in state.sold for one in wanted),
        "hours to sale": statistics.mean(hours),
    }


def _impressions(state: State) -> list[int]:
    """How many people saw each note, over the whole time."""
    counts = Counter(note for seen in state.seen.values() for note in seen)
    return [counts[one.note] for one in state.world.things]


def _gini(counts: list[int]) -> float:
    counts, total = sorted(counts), sum(counts)
    return sum((2 * place - len(counts) - 1) * n for place, n in enumerate(counts, 1)) / (len(counts) * total)


def _had_floor(state: State, thing: Thing) -> bool:
    """A hundred people, or everybody near enough who came by, within six hours; or sold before that."""
    until = min(thing.at + timedelta(hours=FLOOR_HOURS), state.sold.get(thing.note, state.world.end))
    came = {
        who.id
        for at, who in state.visited
        if thing.at <= at <= until and who is not thing.owner and kilometres(who, thing.owner) <= COLLECT_KM
    }
    saw = {who for who, seen in state.seen.items() if thing.note in seen and seen[thing.note] <= until}
    return len(saw) >= FLOOR or came <= saw


def _good(name: str, value: float) -> float:
    """The same figure so that more is better."""
    return 1 / value if name == "hours to sale" else value


def standing(found: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Each feed's figures as shares of the best of the three plain feeds on that figure, and their sum."""
    best = {name: max(_good(name, found[who][name]) for who in found if who != "ours") for name in METRICS}
    shares = {who: {name: _good(name, of[name]) / best[name] for name in METRICS} for who, of in found.items()}
    return {who: of | {"sum": sum(of.values())} for who, of in shares.items()}


async def one_seed(seed: int, database: Database, clock: Clock) -> dict[str, dict[str, float]]:
    """All four feeds through the same world."""
    world, ours = build(seed), Ours(database, clock)
    await ours.settle(world)
    found = {"ours": judge(await live_through(world, ours.pick, ours))}
    for name, pick in (("newest", newest), ("popular", popular), ("nearest", nearest)):
        found[name] = judge(await live_through(world, pick, None))
    return found


def table(seeds: list[dict[str, dict[str, float]]]) -> str:
    """Means with the spread over the seeds, and each as a share of the best plain feed."""
    lines = ["| feed | " + " | ".join(METRICS) + " | sum of shares |", "|---|" + "--:|" * (len(METRICS) + 1)]
    shares = [standing(found) for found in seeds]
    for who in seeds[0]:
        cells = [_cell([found[who][name] for found in seeds]) for name in METRICS]
        cells.append(_cell([one[who]["sum"] for one in shares]))
        lines.append(f"| {who} | " + " | ".join(cells) + " |")
    means = [statistics.mean(one["ours"][name] for one in shares) for name in (*METRICS, "sum")]
    least = [min(one["ours"][name] for one in shares) for name in (*METRICS, "sum")]
    lines.append(
        "| ours ÷ best plain, mean (least) | "
        + " | ".join(f"{mean:.2f} ({low:.2f})" for mean, low in zip(means, least, strict=True))
        + " |"
    )
    return "\n".join(lines)


def _cell(values: list[float]) -> str:
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.2f} ± {spread:.2f}"


def measure(seed: int) -> dict[str, dict[str, float]]:
    """One seed on a PostgreSQL of its own."""
    folder = Path(tempfile.mkdtemp(prefix="xianji-feed-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as another user and must get in
    postgres = EmbeddedPostgres(folder, durable=False)
    postgres.start()
    try:
        began = time.perf_counter()
        found = asyncio.run(_measure(postgres.dsn(), seed))
        shares = {name: round(value, 2) for name, value in standing(found)["ours"].items()}
        print(f"seed {seed}: {time.perf_counter() - began:.0f} s {json.dumps(shares)}", flush=True)
        return found
    finally:
        postgres.stop()
        shutil.rmtree(folder)


async def _measure(dsn: str, seed: int) -> dict[str, dict[str, float]]:
    await migrate(dsn)
    clock = Clock()
    database = await Database(dsn, Keys(Ring.new()), clock, seed=1).open()
    try:
        return await one_seed(seed, database, clock)
    finally:
        await database.close()


def main() -> None:
    """Measure, print the table, and with --doc put it into docs/performance.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.feed_quality", description="Does the feed serve people?")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=1000, help="the first seed; the weights were tuned on 1 to 9")
    parser.add_argument("--doc", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--jobs", type=int, default=report.cores(), help="seeds at the same moment")
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn")) as pool:
        seeds = list(pool.map(measure, range(asked.first, asked.first + asked.seeds)))
    said = table(seeds)
    print(said)
    if asked.doc:
        command = shlex.join(["python", "-m", "bench.feed_quality", *sys.argv[1:]])
        report.write_doc(f"`{command}`, seeds {asked.first} to {asked.first + asked.seeds - 1}.\n\n{said}", "feed")


if __name__ == "__main__":
    main()
