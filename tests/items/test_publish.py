"""Publishing: three fields are enough, every limit is kept, the point on the map is gone."""

import msgspec
import pytest

from tests.conftest import FakeClock, readable
from tests.items.build import WEST_LAKE, a_member, an_item, refused, snapshot, thing, yuan
from xianji.domains import items
from xianji.domains.items import NewItem, Place
from xianji.kernel import outbox
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.outbox import Cursor
from xianji.kernel.work import NOBODY, SYSTEM


async def test_title_price_and_stock_are_enough(database: Database) -> None:
    seller = await a_member(database, "lin")
    item = await an_item(database, seller, NewItem("  折叠书桌 ", yuan(80)))
    await readable(database)
    async with database.look(NOBODY) as look:
        page = await items.item_page(look, item)
        card = (await items.cards(look, [item]))[0]
        told = await outbox.read(look, Cursor(), 10)
    assert (page.title, page.price, page.state, page.stock, page.left) == ("折叠书桌", yuan(80), "live", 1, 1)
    assert (card.title, card.price, card.left, card.picture, card.note) == ("折叠书桌", yuan(80), 1, None, None)
    assert (card.seller.id, card.seller.name, card.seller.verified) == (seller.me, "lin", True)
    assert page.actions == ["buy", "offer"]
    assert [(event.kind, msgspec.json.decode(event.body)["item"]) for event in told] == [("items.published.v1", item)]


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (thing(title="  "), "text_empty"),
        (thing(title="长" * 61), "text_too_long"),
        (thing(price=0), "price_missing"),
        (thing(price=1, kind="giveaway"), "gift_has_price"),
        (thing(price=10_001), "price_over_cap"),
        (NewItem("desk", Money(100, "USD")), "wrong_currency"),
        (thing(stock=0), "stock_not_valid"),
        (thing(stock=1000), "stock_not_valid"),
        (thing(original_price=yuan(79)), "original_price_lower"),
        (thing(category="spaceships"), "unknown_category"),
        (thing(attributes={"isbn": "9787111213826"}), "unknown_attribute"),
        (thing(stock=2, serial="490154203237518"), "serial_means_one"),
        (thing(media=["med_" + "0" * 26] * 2), "same_picture_twice"),
    ],
)
async def test_a_wrong_field_is_refused_and_leaves_nothing(database: Database, new: NewItem, code: str) -> None:
    seller = await a_member(database, "lin")
    with pytest.raises(Refusal) as caught:
        await an_item(database, seller, new)
    assert refused(caught)[0] == code
    await readable(database)
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from items") == 0
        assert await outbox.read(look, Cursor(), 10) == []


async def test_the_cap_holds_for_individuals_only(database: Database) -> None:
    await an_item(database, await a_member(database, "lin"), thing(price=10_000))
    await an_item(database, await a_member(database, "shop", "merchant"), thing(price=10_001))


async def test_only_the_cell_of_a_place_is_kept(database: Database) -> None:
    seller = await a_member(database, "lin")
    item = await an_item(database, seller, thing(place=Place(*WEST_LAKE, "西湖区")))
    row = await snapshot(database, item)
    assert row["cell"] == items.cell_of(*WEST_LAKE)
    assert row["place_label"] == "西湖区"
    assert not any(str(number)[:6] in str(value) for number in WEST_LAKE for value in row.values())


async def test_a_draft_is_seen_by_nobody_else_and_becomes_live(database: Database, clock: FakeClock) -> None:
    seller = await a_member(database, "lin")
    item = await an_item(database, seller, thing(draft=True))
    async with database.look(NOBODY) as look:
        assert await items.cards(look, [item]) == []
        with pytest.raises(Refusal) as caught:
            await items.item_page(look, item)
    assert refused(caught) == ("not_found", {})
    clock.move(hours=1)
    async with database.work(seller) as work:
        await items.take_from_draft(work, item)
    row = await snapshot(database, item)
    assert (row["state"], row["listed_at"], row["version"]) == ("live", clock.now(), 2)
