"""What the domains below have to say: who may sell, whose pictures these are."""

import msgspec
import pytest

from tests.build import a_member, a_seller
from tests.items.build import an_item, refused, snapshot, thing
from xianji.domains import items, media
from xianji.domains.items import EditItem, Picture
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM, Actor


async def a_picture(database: Database, owner: Actor, state: str = "ready") -> str:
    """A row as an upload leaves it, without the bytes that no item ever reads."""
    async with database.work(owner) as work:
        picture = work.new_id("med")
        await work.db.execute(
            "insert into media (id, owner, kind, state, width, height, placeholder, colour, sha256, variants, hashes,"
            " created_at) values ($1, $2, 'picture', $3, 900, 1200, 'data:,x', '#aabbcc', $1, '[]', '{}', $4)",
            picture,
            owner.me,
            state,
            work.now,
        )
    return picture


async def test_nobody_sells_before_they_may_but_everybody_drafts(database: Database) -> None:
    newcomer = await a_member(database)
    with pytest.raises(Refusal) as caught:
        await an_item(database, newcomer)
    assert refused(caught) == ("cannot_sell_yet", {"unmet": ["verified"]})
    draft = await an_item(database, newcomer, thing(draft=True))
    with pytest.raises(Refusal) as caught:
        async with database.work(newcomer) as work:
            await items.take_from_draft(work, draft)
    assert refused(caught)[0] == "cannot_sell_yet"
    assert (await snapshot(database, draft))["state"] == "draft"


async def test_a_restricted_seller_may_pause_but_not_resume(database: Database) -> None:
    seller = await a_seller(database)
    item = await an_item(database, seller)
    stopped = Actor(seller.me, restrictions=frozenset({"sell"}))
    async with database.work(stopped) as work:
        await items.pause(work, item)
    with pytest.raises(Refusal) as caught:
        async with database.work(stopped) as work:
            await items.resume(work, item)
    assert refused(caught)[0] == "restricted"
    assert (await snapshot(database, item))["state"] == "paused"


async def test_pictures_are_ones_own_ready_and_in_order(database: Database) -> None:
    seller, other = await a_seller(database), await a_seller(database)
    first, second = await a_picture(database, seller), await a_picture(database, seller)
    for strange in (await a_picture(database, other), await a_picture(database, seller, "hidden")):
        with pytest.raises(Refusal) as caught:
            await an_item(database, seller, thing(media=[first, strange]))
        assert refused(caught)[0] == "media_not_yours"
    item = await an_item(database, seller, thing(media=[second, first]))
    async with database.look(NOBODY) as look:
        card, page = (await items.cards(look, [item]))[0], await items.item_page(look, item)
    assert (card.picture, card.pictures) == (Picture(second, "picture", 900, 1200, "data:,x", "#aabbcc"), 2)
    assert [picture.id for picture in page.media] == [second, first]
    async with database.work(seller) as work:
        await items.edit_item(work, item, EditItem(1, media=[first]))
        await media.set_hidden(work, [first], True)
    async with database.look(NOBODY) as look:
        card = (await items.cards(look, [item]))[0]
    assert (card.picture, card.pictures) == (None, 0)


async def test_a_sale_counts_for_the_seller(database: Database) -> None:
    seller, buyer = await a_seller(database), await a_member(database)
    item, _other = await an_item(database, seller), await an_item(database, seller)
    async with database.work(buyer) as work:
        await items.reserve(work, item, 1)
        await items.settle(work, item, 1)
    async with database.look(SYSTEM) as look:
        row = await look.db.fetchrow("select sold_count, items_live from members where id = $1", seller.me)
    assert tuple(row) == (1, 1)


async def test_the_facts_of_a_reservation_are_plain_json(database: Database) -> None:
    seller, buyer = await a_seller(database), await a_member(database)
    item = await an_item(database, seller, thing(category="furniture", attributes={"width": "12 cm"}))
    async with database.work(buyer) as work:
        line = await items.reserve(work, item, 1)
    assert msgspec.json.decode(msgspec.json.encode(line), type=items.ReservedLine) == line
