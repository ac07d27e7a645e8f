"""How PostgreSQL walks the lists when there are many notes, and how often a page asks it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.build import a_member
from tests.notes.build import a_comment, a_follow, a_note, a_seller, page, thing
from xianji.domains import items, notes
from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY, SYSTEM, Look

CELL = items.cell_of(30.2460, 120.1490)
METHODS = ("fetch", "fetchrow", "fetchval")


class Recorder:
    """A connection that notes what it is asked and, when told, asks for the plan instead of the rows."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.inner, name)
        if name not in METHODS:
            return call

        async def recorded(sql: str, *arguments: Any) -> Any:
            self.asked.append((sql, arguments))
            return await call(sql, *arguments)

        return recorded


@contextmanager
def recording(look: Look) -> Iterator[Recorder]:
    recorder = Recorder(look.db)
    look.db = recorder  # type: ignore[assignment]
    yield recorder


async def many_notes(database: Database, author: str) -> None:
    """20,000 notes of 2,000 authors in 469 cells and 200 topics, a thing and a picture each."""
    async with database.work(SYSTEM) as work:
        await work.db.execute(
            "insert into members (id, handle, name, language, zone, joined_at)"
            " select 'mbr_' || n, 'many' || n, '某人', 'zh', 'Asia/Shanghai', $1 from generate_series(1, 2000) n",
            work.now,
        )
        await work.db.execute(
            "insert into notes (id, author, kind, state, title, body, segments, cell, guest_stalls, created_at,"
            " published_at, changed_at) select 'nte_' || lpad(n::text, 6, '0'), 'mbr_' || n % 2000 + 1,"
            " (array['share', 'sale', 'stall'])[n % 3 + 1], case when n % 20 = 0 then 'removed' else 'live' end,"
            " '标题', '正文', '[]', ($2::bigint[])[n % 469 + 1], 'allow', $1::timestamptz - n * interval '1 minute',"
            " $1::timestamptz - n * interval '1 minute', $1 from generate_series(1, 20000) n",
            work.now,
            items.around(CELL, 12)[0],
        )
        await work.db.execute(
            "insert into note_topics (note, topic, at) select id, 'topic' || substr(id, 5)::integer % 200, published_at"
            " from notes"
        )
        await work.db.execute(
            "insert into items (id, seller, kind, state, title, price, currency, stock, bargain, created_at,"
            " listed_at, changed_at, confirmed_at) select 'itm_' || substr(id, 5), author, 'sale', 'live', '宝贝', 9,"
            " 'CNY', 1, true, $1, $1, $1, $1 from notes where id like 'nte_0%'",
            work.now,
        )
        await work.db.execute(
            "insert into note_items (note, item, owner, way, state, place, added_at)"
            " select 'nte_' || substr(id, 5), id, seller, 'note', 'shown', 1, $1 from items",
            work.now,
        )
        await work.db.execute(
            "insert into ties (member, kind, other, at) select $1, 'follows', 'mbr_' || n, $2"
            " from generate_series(1, 50) n",
            author,
            work.now,
        )
        await work.db.execute("analyze notes, note_topics, note_items, items, members, ties, note_media, media")


def scanned_whole(plan: dict[str, Any]) -> set[str]:
    """Tables that a plan reads from end to end."""
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    for part in plan.get("Plans", []):
        found |= scanned_whole(part)
    return found


def rows_touched(plan: dict[str, Any]) -> float:
    """The most rows that any one step produced, over all its loops."""
    here = plan["Actual Rows"] * plan["Actual Loops"]
    return max([here, *(rows_touched(part) for part in plan.get("Plans", []))])


async def test_every_list_walks_an_index_over_twenty_thousand_notes(database: Database) -> None:
    viewer = await a_member(database)
    await many_notes(database, viewer.me)
    lists: dict[str, dict[str, Any]] = {
        "new": {},
        "kind": {"kind": "sale"},
        "author": {"author": "mbr_7"},
        "topic": {"topic": "topic7"},
        "following": {"tab": "following"},
        "nearby": {"tab": "nearby", "cell": CELL},
    }
    for name, which in lists.items():
        async with database.look(viewer) as look:
            with recording(look) as recorder:
                first = await notes.feed(look, **which)
                if first.next_cursor:
                    await notes.feed(look, **which, cursor=first.next_cursor)
            assert first.items, name
            for sql, arguments in recorder.asked:
                plan = await recorder.inner.fetchval("explain (analyze, timing off, format json) " + sql, *arguments)
                tree = json.loads(plan)[0]["Plan"]
                assert scanned_whole(tree) <= {"media", "note_media", "ties"}, (name, tree)
                assert rows_touched(tree) <= 2_000, (name, rows_touched(tree))
        assert len(recorder.asked) <= 2, name


async def test_a_note_with_its_talk_is_three_questions(database: Database) -> None:
    host, guest = await a_seller(database), await a_seller(database)
    note = await a_note(database, host, items=[thing() for _ in range(25)])
    for _ in range(5):
        await a_comment(database, guest, note, item=thing("客人的"))
    await a_follow(database, guest, host)
    async with database.look(guest) as look:
        with recording(look) as recorder:
            seen, talk = await notes.note_and_talk(look, note)
            assert len(recorder.asked) == 3
            assert await notes.note_page(look, note) == seen
            assert await notes.comments(look, note) == talk
            assert len(recorder.asked) == 7
    assert [thread.comment.thing and thread.comment.thing.guest for thread in talk.items] == [True] * 5
    assert (seen.board.total, len(talk.items), seen.following) == (30, 5, True)


@pytest.mark.parametrize("tab", ["new", "following"])
async def test_a_list_is_one_question(database: Database, tab: Any) -> None:
    host = await a_seller(database)
    await a_note(database, host, items=[thing()])
    async with database.look(NOBODY) as look:
        with recording(look) as recorder:
            await notes.feed(look, tab)
    assert len(recorder.asked) == 1


async def test_a_page_of_a_share_without_things(database: Database) -> None:
    host = await a_seller(database)
    assert (await page(database, await a_note(database, host))).board.things == []
