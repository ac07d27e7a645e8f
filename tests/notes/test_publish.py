"""Publishing notes with their things, the page that shows them, and the limits."""

import pytest

from tests.notes.build import a_comment, a_note, a_seller, page, refused, thing, yuan
from xianji.domains import notes
from xianji.domains.items import Place
from xianji.domains.notes import BoardFilter, NewNote
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM


async def rows_of(database: Database) -> dict[str, int]:
    async with database.look(SYSTEM) as look:
        return {
            "notes": await look.db.fetchval("select count(*) from notes"),
            "items": await look.db.fetchval("select count(*) from items"),
            "board": await look.db.fetchval("select count(*) from note_items"),
            "topics": await look.db.fetchval("select count(*) from topics"),
        }


async def test_a_note_with_25_things_is_one_commit_and_one_page(database: Database) -> None:
    host = await a_seller(database)
    things = [thing(f"第{number}件", 10 + number) for number in range(25)]
    note = await a_note(
        database, host, kind="sale", body="都在这了 #搬家# 求带走", items=things, place=Place(30.246, 120.149, "西湖区")
    )
    seen = await page(database, note)
    assert [one.card.title for one in seen.board.things] == [f"第{number}件" for number in range(25)]
    assert (seen.board.total, seen.board.unsold, seen.board.guests) == (25, 25, 0)
    assert (seen.board.low, seen.board.high) == (yuan(10), yuan(34))
    assert {one.card.note for one in seen.board.things} == {note}
    assert {one.card.place_label for one in seen.board.things} == {"西湖区"}
    assert [(piece.kind, piece.text) for piece in seen.segments] == [
        ("text", "都在这了 "),
        ("topic", "#搬家#"),
        ("text", " 求带走"),
    ]
    assert seen.share.zh == "搬家出闲置\n25 件 · ¥10-¥34 · 西湖区"
    assert await rows_of(database) == {"notes": 1, "items": 25, "board": 25, "topics": 1}


async def test_a_thing_that_is_refused_leaves_nothing_behind(database: Database) -> None:
    host = await a_seller(database)
    with pytest.raises(Refusal) as error:
        await a_note(database, host, body="#搬家", items=[thing(), thing("台灯", 0)])
    assert error.value.code.name == "price_missing"
    assert await rows_of(database) == {"notes": 0, "items": 0, "board": 0, "topics": 0}


async def test_a_note_carries_60_things_and_not_61(database: Database) -> None:
    host = await a_seller(database)
    with pytest.raises(Refusal) as error:
        await a_note(database, host, items=[thing() for _ in range(61)])
    assert refused(error) == ("too_many_things", {"most": 60, "count": 61})
    note = await a_note(database, host, items=[thing() for _ in range(60)])
    with pytest.raises(Refusal) as error:
        await a_comment(database, host, note, item=thing("第六十一件"))
    assert refused(error) == ("too_many_things", {"most": 60, "count": 61})
    assert (await page(database, note)).board.total == 60


async def test_an_empty_note_is_refused_but_may_be_a_draft(database: Database) -> None:
    host = await a_seller(database)
    with pytest.raises(Refusal) as error:
        await a_note(database, host, title=" ", body="")
    assert refused(error) == ("note_empty", {})
    draft = await a_note(database, host, title=" ", body="", draft=True)
    with pytest.raises(Refusal) as error:
        await page(database, draft)
    assert refused(error) == ("not_found", {})
    assert (await page(database, draft, host)).state == "draft"


async def test_the_board_can_be_filtered_and_sorted(database: Database) -> None:
    host = await a_seller(database)
    note = await a_note(database, host, items=[thing("贵", 300), thing("便宜", 20), thing("中等", 90)])
    kept = (await page(database, note, board=BoardFilter(low=5000, sort="price_desc"))).board
    assert [one.card.title for one in kept.things] == ["贵", "中等"]
    assert (kept.total, kept.low, kept.high) == (3, yuan(20), yuan(300))


async def test_a_gift_needs_no_kind_of_its_own_in_a_giveaway(database: Database) -> None:
    host = await a_seller(database)
    note = await a_note(database, host, kind="giveaway", items=[thing("旧书", 0)])
    assert [one.card.kind for one in (await page(database, note)).board.things] == ["giveaway"]


async def test_the_feed_shows_cards_by_page(database: Database) -> None:
    host = await a_seller(database)
    made = [await a_note(database, host, title=f"第{number}篇", items=[thing(price=number + 1)]) for number in range(5)]
    async with database.look(NOBODY) as look:
        first = await notes.feed(look, limit=3)
        rest = await notes.feed(look, limit=3, cursor=first.next_cursor)
    cards = [*first.items, *rest.items]
    assert [card.id for card in cards] == sorted(made, reverse=True)
    assert rest.next_cursor is None
    price = yuan(made.index(cards[0].id) + 1)
    assert (cards[0].items, cards[0].unsold, cards[0].low, cards[0].why) == (1, 1, price, "new")


async def test_nobody_publishes_without_signing_in(database: Database) -> None:
    async with database.work(NOBODY) as work:
        with pytest.raises(Refusal) as error:
            await notes.publish_note(work, NewNote("标题"))
    assert refused(error) == ("sign_in_first", {})
