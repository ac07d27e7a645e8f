"""Many at once: every row answers for itself."""

from collections import Counter
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest

from tests.build import a_seller
from tests.conftest import readable
from tests.items.build import a_member, refused, thing
from xianji import importing
from xianji.domains import items, members
from xianji.domains.items import RowResult
from xianji.kernel import outbox
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.outbox import Cursor
from xianji.kernel.work import NOBODY, SYSTEM

TABLE = """name,cost,was,state,kind_of,where,count
折叠书桌,80.5,200,全新,家具,浙江杭州,2
,10,,,,,
台灯,一百,,,,,
自行车,20000,,9成新,运动,,
相机,"¥1,200",0,非全新,相机,上海,1.5
小说,5,3,二手,图书,,
"""
COLUMNS = "title=name,price=cost,original_price=was,condition=state,category=kind_of,place=where,stock=count"


async def import_table(database: Database, data: bytes, columns: str | None = COLUMNS) -> list[RowResult]:
    seller = await a_member(database, "lin")
    rows = items.read_listings(data, "CNY", items.parse_map(columns) if columns else None)
    async with database.work(seller) as work:
        return await items.import_listings(work, rows)


async def found(database: Database) -> list[tuple[object, ...]]:
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch(
            "select title, price, original_price, condition, category, place_label, stock from items order by title"
        )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_every_row_gets_its_own_answer(database: Database, encoding: str) -> None:
    report = await import_table(database, TABLE.encode(encoding))
    assert [(row.row, row.item is not None, row.code, row.facts) for row in report] == [
        (1, True, None, {}),
        (2, False, "text_empty", {"field": "title"}),
        (3, False, "price_not_readable", {"written": "一百"}),
        (4, False, "price_over_cap", {"cap": 1_000_000, "currency": "CNY"}),
        (5, False, "number_not_readable", {"written": "1.5"}),
        (6, True, None, {}),
    ]
    assert await found(database) == [
        ("小说", 500, None, "used", "books", None, 1),
        ("折叠书桌", 8050, 20000, "new", "furniture", "浙江杭州", 2),
    ]


async def test_tabs_and_plain_headers(database: Database) -> None:
    report = await import_table(database, b"title\tprice\r\nDesk\t12.50\r\n\r\nLamp\t3\r\n", None)
    assert [row.code for row in report] == [None, None]
    assert [row[:2] for row in await found(database)] == [("Desk", 1250), ("Lamp", 300)]


@pytest.mark.parametrize(
    ("data", "columns", "code"),
    [
        (b"\xff\xff\xff", None, "table_not_readable"),
        (b"name,price\nx,1\n", None, "table_has_no_column"),
        (b"title,price\nx,1\n", "place=city", "table_has_no_column"),
        (b"", None, "table_has_no_column"),
    ],
)
def test_a_table_that_cannot_be_read(data: bytes, columns: str | None, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        items.read_listings(data, "CNY", items.parse_map(columns) if columns else None)
    assert refused(caught)[0] == code


async def test_a_refused_row_leaves_no_trace_and_stops_no_other(database: Database) -> None:
    seller = await a_member(database, "lin")
    many = [thing("一"), thing("二", serial="490154203237518"), thing("三", serial="490154203237518"), thing("四")]
    async with database.work(seller) as work:
        report = await items.publish_many(work, many)
    assert [row.code for row in report] == [None, None, "serial_on_sale", None]
    await readable(database)
    async with database.look(SYSTEM) as look:
        titles = [row["title"] for row in await look.db.fetch("select title from items order by id")]
        told = await outbox.read(look, Cursor(), 20)
        live = await look.db.fetchval("select items_live from members where id = $1", seller.me)
    assert sorted(titles) == sorted(["一", "二", "四"])
    assert [event.kind for event in told] == ["items.published.v1"] * 3
    assert live == 3


async def test_what_a_batch_touches_is_noted_once_a_table(database: Database) -> None:
    seller = await a_member(database, "lin")
    async with database.work(seller) as work:
        before = await work.db.fetchval("select coalesce(max(number), 0) from touched")
        made = [row.item for row in await items.publish_many(work, [thing("一"), thing("二")])]
        noted = await work.db.fetch("select id from touched where number > $1", before)
    counted = Counter(row["id"] for row in noted)
    assert counted.pop(seller.me) == 2, "as the seller of things, and as a member with more of them"
    assert counted == {"items": 1, **dict.fromkeys(made, 3)}, "its row, its price, its move"


async def test_a_thousand_and_one_are_too_many(database: Database) -> None:
    seller = await a_member(database, "lin")
    with pytest.raises(Refusal) as caught:
        async with database.work(seller) as work:
            await items.publish_many(work, [thing()] * 1001)
    assert refused(caught) == ("too_many_items", {"most": 1000})


async def imported(database: Database, tmp_path: Path, handle: str, data: str) -> tuple[list[int], list[str]]:
    """(published, already there, refused) and the lines of the report."""
    table, report = tmp_path / "table.csv", tmp_path / "refused.tsv"
    table.write_text(data, "utf-8")
    told = await importing.listings(database.dsn, {"XIANJI_HOME": str(tmp_path)}, table, COLUMNS, handle, report)
    return [told.published, told.again, told.refused], report.read_text("utf-8").splitlines()


async def handle_of_a_seller(database: Database) -> str:
    seller = await a_seller(database)
    async with database.look(NOBODY) as look:
        return (await members.member_page(look, seller.me)).card.handle


async def test_a_table_brought_in_again_makes_nothing_twice(database: Database, tmp_path: Path) -> None:
    handle = await handle_of_a_seller(database)
    counts, refused_rows = await imported(database, tmp_path, handle, TABLE)
    assert counts == [2, 0, 4]
    assert [line.split("\t")[:2] for line in refused_rows] == [
        ["2", "text_empty"],
        ["3", "price_not_readable"],
        ["4", "price_over_cap"],
        ["5", "number_not_readable"],
    ]
    assert refused_rows[1] == "3\tprice_not_readable\t价格「一百」看不懂，写成 12.50 这样就好。"
    longer = TABLE.replace("一百", "100") + "小说,5,3,二手,图书,,\n"
    counts, refused_rows = await imported(database, tmp_path, handle, longer)
    assert (counts, len(refused_rows)) == ([1, 3, 3], 3), "the mended row is new, the repeated one is not"
    assert [row[0] for row in await found(database)] == ["台灯", "小说", "折叠书桌"]


async def test_an_import_that_is_killed_goes_on_where_it_stood(database: Database) -> None:
    seller = await a_member(database, "lin")
    async with database.work(SYSTEM) as work:
        await set_value(work, "items.batch_most", 2, "small batches")
    database.book.forget()
    table = "key,title,price\n" + "".join(f"{n},一样的书,{n}\n" for n in range(1, 8))
    kept: list[RowResult] = []

    def die(report: Sequence[RowResult]) -> None:
        kept.extend(report)
        if len(kept) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await items.import_table(database, seller, items.stream_listings(StringIO(table), "CNY"), die)
    before = [row.item for row in kept]
    kept.clear()
    await items.import_table(database, seller, items.stream_listings(StringIO(table), "CNY"), kept.extend)
    assert [row.again for row in kept] == [True] * 4 + [False] * 3
    assert [row.item for row in kept][:4] == before
    async with database.look(SYSTEM) as look:
        counts = await look.db.fetchrow(
            "select (select count(*) from items), (select count(*) from item_prices),"
            " (select count(*) from item_moves), (select items_live from members where id = $1)",
            seller.me,
        )
        keys = await look.db.fetchval("select count(*) from item_imports where seller = $1", seller.me)
    assert (list(counts or ()), keys) == ([7, 7, 7, 7], 7)


SENT = """title,price,shipping
书架,80,12.50
台灯,20,
杯子,20,包邮
盘子,20,0
碗,20,很贵
锅,20,501
"""


async def test_a_table_says_what_sending_costs(database: Database) -> None:
    report = await import_table(database, SENT.encode(), None)
    assert [(row.row, row.code, row.facts) for row in report] == [
        (1, None, {}),
        (2, None, {}),
        (3, None, {}),
        (4, None, {}),
        (5, "price_not_readable", {"written": "很贵", "field": "shipping"}),
        (6, "shipping_over_cap", {"cap": 50_000, "currency": "CNY"}),
    ]
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select title, shipping from items order by title")
    assert {row["title"]: row["shipping"] for row in rows} == {"书架": 1_250, "台灯": None, "杯子": None, "盘子": None}
