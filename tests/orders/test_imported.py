"""From a table in somebody's spreadsheet to a sold thing."""

from pathlib import Path

from tests.orders.build import Market
from xianji.domains import orders
from xianji.importing import listings
from xianji.kernel.crypto import Keys, store_ring
from xianji.kernel.work import SYSTEM

TABLE = "名称\t要价\t成色\n折叠书桌\t80.00\t非全新\n高仿手表\t99.00\t全新\n坏价\t很便宜\t全新\n".encode("gb18030")


async def test_an_imported_thing_is_bought(market: Market, keys: Keys, tmp_path: Path) -> None:
    store_ring(tmp_path / "keys" / "ring.json", keys.ring)
    async with market.database.look(SYSTEM) as look:
        handle = await look.db.fetchval("select handle from members where id = $1", market.seller.me)
    table, refused = tmp_path / "things.tsv", tmp_path / "refused.tsv"
    table.write_bytes(TABLE)
    columns = "title=名称,price=要价,condition=成色"
    told = await listings(market.database.dsn, {"XIANJI_HOME": str(tmp_path)}, table, columns, handle, refused)
    assert (told.published, told.refused) == (1, 2)
    rows = [line.split("\t") for line in refused.read_text("utf-8").splitlines()]
    assert [row[:2] for row in rows] == [["2", "screened_out"], ["3", "price_not_readable"]]
    async with market.database.look(SYSTEM) as look:
        item = await look.db.fetchval("select id from items")
    order = await market.paid("meet", item)
    page = await market.page(order)
    assert (page.lines[0].snapshot.title, page.lines[0].snapshot.condition) == ("折叠书桌", "used")
    assert page.meet_code is not None
    async with market.database.work(market.seller) as work:
        await orders.redeem(work, order, orders.Redeem(page.meet_code))
    assert await market.stock(item) == ("sold", 0, 1)
    assert (await market.proof()).holds
