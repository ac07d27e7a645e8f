"""The index tells the truth: nothing that may not be seen is found, and it is what a build from nothing would be."""

from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import readable
from tests.items.build import a_member, thing
from xianji.domains import circles, items, members, notes, search
from xianji.domains.circles import EditCircle, FoundCircle
from xianji.domains.items import EditItem
from xianji.domains.members import EditProfile
from xianji.domains.notes import EditNote, NewNote
from xianji.domains.search import index
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor, Work

from .conftest import Bench

_WORLDS = count()
_WORDS = ("折叠书桌", "佳能相机", "iPhone 15 Pro")
_DEEDS = """publish edit pause resume remove sell price block note note_edit note_remove note_hide note_restore
rename dealer quick retell leave step build crash""".split()  # noqa: SIM905  more to read as a list
STEPS = st.lists(st.tuples(st.sampled_from(_DEEDS), st.integers(0, 7)), min_size=4, max_size=16)


class World:
    """Two sellers and a reader, and whatever they did; `n` of a deed picks whom or what it is done to."""

    def __init__(self, bench: Bench, sellers: list[Actor], reader: Actor, circle: str) -> None:
        self.bench, self.database = bench, bench.database
        self.sellers, self.reader, self.circle = sellers, reader, circle
        self.things: list[tuple[Actor, str]] = []
        self.notes: list[tuple[Actor, str]] = []

    async def do(self, deed: str, n: int) -> None:
        if deed == "step":
            await self.bench.follower.step()
        elif deed == "build":
            await search.build(self.database, self.bench.folder)
        elif deed == "crash":
            self.bench.crash()
        else:
            verb: Callable[[int], Awaitable[Any]] = getattr(self, deed)
            try:
                await verb(n)
            except (Refusal, IndexError):
                return

    async def _as(self, actor: Actor, verb: Callable[..., Awaitable[Any]], *what: Any) -> Any:
        async with self.database.work(actor) as work:
            return await verb(work, *what)

    async def publish(self, n: int) -> None:
        seller = self.sellers[n % 2]
        place = items.Place(30.246 + n / 100, 120.149)
        new = thing(_WORDS[n % 3], 10 + n, condition="used", category="digital" if n % 2 else None, place=place)
        self.things.append((seller, await self._as(seller, items.publish_item, new)))

    async def _version(self, table: str, one: str) -> int:
        async with self.database.look(SYSTEM) as look:
            if table == "items":
                return int(await look.db.fetchval("select version from items where id = $1", one))
            return int(await look.db.fetchval("select version from notes where id = $1", one))

    async def edit(self, n: int) -> None:
        seller, item = self.things[n % len(self.things)] if self.things else self.things[0]
        version = await self._version("items", item)
        await self._as(seller, items.edit_item, item, EditItem(version, title=_WORDS[(n + 1) % 3]))

    async def price(self, n: int) -> None:
        seller, item = self.things[n % len(self.things)] if self.things else self.things[0]
        version = await self._version("items", item)
        await self._as(seller, items.edit_item, item, EditItem(version, price=Money(100 * (n + 1), "CNY")))

    async def _thing(self, n: int, verb: Callable[..., Awaitable[Any]]) -> None:
        seller, item = self.things[n % len(self.things)] if self.things else self.things[0]
        await self._as(seller, verb, item)

    async def pause(self, n: int) -> None:
        await self._thing(n, items.pause)

    async def resume(self, n: int) -> None:
        await self._thing(n, items.resume)

    async def remove(self, n: int) -> None:
        await self._thing(n, items.remove)

    async def sell(self, n: int) -> None:
        _, item = self.things[n % len(self.things)] if self.things else self.things[0]

        async def sold(work: Work) -> None:
            await items.reserve(work, item, 1)
            await items.settle(work, item, 1)

        await self._as(self.reader, sold)

    async def block(self, n: int) -> None:
        await self._as(self.reader, members.block, self.sellers[n % 2].me)

    async def note(self, n: int) -> None:
        seller = self.sellers[n % 2]
        new = NewNote(
            title=_WORDS[n % 3],
            body=f"周末自提 #搬家{n % 3}# #出闲置#",
            kind="stall",
            circle=self.circle if n % 2 else None,
            items=[thing(_WORDS[(n + 2) % 3], 20)],
        )
        note = await self._as(seller, notes.publish_note, new)
        self.notes.append((seller, note))
        async with self.database.look(SYSTEM) as look:
            rows = await look.db.fetch("select item from note_items where note = $1", note)
        self.things += [(seller, row["item"]) for row in rows]

    async def note_edit(self, n: int) -> None:
        author, note = self.notes[n % len(self.notes)] if self.notes else self.notes[0]
        async with self.database.look(SYSTEM) as look:
            row = await look.db.fetchrow("select item from note_items where note = $1 and way = 'note'", note)
        edit = EditNote(
            await self._version("notes", note),
            body=f"改一下 #搬家{(n + 1) % 3}#",
            circle=None if n % 2 else self.circle,
            drop_items=[row["item"]] if row and n > 4 else [],
        )
        await self._as(author, notes.edit_note, note, edit)

    async def note_remove(self, n: int) -> None:
        author, note = self.notes[n % len(self.notes)] if self.notes else self.notes[0]
        await self._as(author, notes.remove_note, note)

    async def note_hide(self, n: int) -> None:
        _, note = self.notes[n % len(self.notes)] if self.notes else self.notes[0]
        await self._as(SYSTEM, notes.hide_note, note, "R1")

    async def note_restore(self, n: int) -> None:
        _, note = self.notes[n % len(self.notes)] if self.notes else self.notes[0]
        await self._as(Actor(self.reader.member, roles=frozenset({"admin"})), notes.restore_note, note, "错了")

    async def rename(self, n: int) -> None:
        seller = self.sellers[n % 2]
        async with self.database.look(SYSTEM) as look:
            version = await look.db.fetchval("select version from members where id = $1", seller.me)
        await self._as(
            seller, members.edit_profile, EditProfile(version, name=f"小店{n}", city=("杭州", "上海")[n % 2])
        )

    async def dealer(self, n: int) -> None:
        kind = ("individual", "professional")[n // 2 % 2]
        await self._as(SYSTEM, members.set_seller_type, self.sellers[n % 2].me, kind)

    async def quick(self, n: int) -> None:
        await self._as(SYSTEM, members.set_response_minutes, self.sellers[n % 2].me, n * 20)

    async def retell(self, n: int) -> None:
        async with self.database.look(SYSTEM) as look:
            version = await look.db.fetchval("select version from circles where id = $1", self.circle)
        wish = EditCircle(version=version, name=f"圈子{n}")
        await self._as(self.sellers[0], circles.edit_circle, self.circle, wish)

    async def leave(self, n: int) -> None:
        seller = self.sellers[n % 2]

        async def gone(work: Work) -> None:
            await items.scrub(work, seller.me)
            await notes.scrub(work, seller.me)
            await members.scrub(work, seller.me)
            work.tell(members.MemberDeleted(seller.me))

        if n == 7:
            await self._as(SYSTEM, gone)

    async def nothing_forbidden_is_found(self) -> None:
        """Asked for in every way, by the one who blocks and by nobody."""
        async with self.database.look(self.reader) as look:
            found = [
                card.id if hasattr(card, "id") else card.name
                for kind in ("item", "note", "member", "topic")
                for text in ("", *_WORDS, "小店", "搬家")
                for card in (await search.find(look, self.bench.reader, search.Ask(text=text, kind=kind))).items
            ]
            allowed = await look.db.fetch(
                "with mine as (select other from apart where member = $1)"
                " select id from items where state = 'live' and seller not in (select other from mine)"
                " union all select id from notes where state = 'live' and author not in (select other from mine)"
                " union all select id from members where scrubbed_at is null and id not in (select other from mine)"
                " union all select name from topics where notes > 0",
                self.reader.me,
            )
        assert set(found) <= {row["id"] for row in allowed}


async def a_world(database: Database, folder: Path) -> World:
    number = next(_WORLDS)
    sellers = [await a_member(database, f"seller{number}{one}") for one in "ab"]
    reader = await a_member(database, f"reader{number}")
    async with database.work(sellers[0]) as work:
        circle = await circles.found_circle(work, FoundCircle(slug=f"c{number}", kind="place", name="海淀闲置"))
    for seller in sellers[1:]:
        async with database.work(seller) as work:
            await circles.join_circle(work, circle)
    return World(Bench(database, folder), sellers, reader, circle)


def everything_in(reader: search.Reader) -> dict[str, int]:
    """Every document of an index with its print."""
    searcher = reader.searcher()
    assert searcher is not None
    kinds = index.Query.term_set_query(index.SCHEMA, "kind", ["item", "note", "member", "circle", "topic"])
    found = [index.said(searcher, address) for _, address in searcher.search(kinds, searcher.num_docs).hits]
    assert len({one.id for one in found}) == len(found), "a document stands in the index twice"
    return {one.id: one.print for one in found}


_QUICK = (Phase.explicit, Phase.reuse, Phase.generate)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=_QUICK)
@given(steps=STEPS)
async def test_whatever_happens_in_whatever_order(database: Database, tmp_path_factory: Any, steps: Any) -> None:
    """Deeds, indexing, crashes and rebuilds interleaved: what is found may be seen, and in the end nothing differs."""
    world = await a_world(database, tmp_path_factory.mktemp("node"))
    bench = world.bench
    for deed, n in steps:
        await world.do(deed, n)
        if bench.reader.searcher() is not None and deed not in ("publish", "note"):
            await world.nothing_forbidden_is_found()
    await bench.catch_up()
    other = search.Folder(tmp_path_factory.mktemp("other"))
    await readable(database)
    await search.build(database, other)
    assert everything_in(bench.reader) == everything_in(search.Reader(other))
    bench.follower.close()
