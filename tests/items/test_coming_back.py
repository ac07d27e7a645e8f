"""What comes back and what does not: restored things and relisted ones."""

import pytest

from tests.items.build import a_member, an_item, snapshot, thing
from xianji.domains import items, media
from xianji.kernel.db import Database
from xianji.kernel.errors import MOVE_NOT_OPEN, Refusal
from xianji.kernel.work import SYSTEM, Actor

MODERATOR = Actor("mbr_01m80v9w8xettsg8c5j6p2kbhe", roles=frozenset({"moderator"}))


async def a_ready_picture(database: Database, owner: Actor) -> str:
    async with database.work(SYSTEM) as work:
        picture = work.new_id("med")
        await work.db.execute(
            "insert into media (id, owner, kind, state, width, height, placeholder, colour, sha256,"
            " variants, hashes, created_at)"
            " values ($1, $2, 'picture', 'ready', 640, 480, '', '#aabbcc', $1, '[]', '{}', $3)",
            picture,
            owner.me,
            work.now,
        )
    return picture


async def test_what_its_seller_removed_stays_removed(database: Database) -> None:
    seller = await a_member(database, "seller")
    own, taken = await an_item(database, seller), await an_item(database, seller)
    async with database.work(seller) as work:
        await items.remove(work, own)
    async with database.work(SYSTEM) as work:
        await items.take_down(work, taken, "replica")
    with pytest.raises(Refusal) as refused:
        async with database.work(MODERATOR) as work:
            await items.restore(work, own, "appeal")
    assert refused.value.code is MOVE_NOT_OPEN
    async with database.work(MODERATOR) as work:
        await items.restore(work, taken, "appeal")
    assert [(await snapshot(database, item))["state"] for item in (own, taken)] == ["removed", "live"]


async def test_a_hidden_picture_is_left_behind_when_relisting(database: Database) -> None:
    seller, buyer = await a_member(database, "seller"), await a_member(database, "buyer")
    shown, hidden = await a_ready_picture(database, seller), await a_ready_picture(database, seller)
    item = await an_item(database, seller, thing(media=[hidden, shown]))
    async with database.work(buyer) as work:
        await items.reserve(work, item, 1)
        await items.settle(work, item, 1)
    async with database.work(SYSTEM) as work:
        await media.set_hidden(work, [hidden], True)
    async with database.work(seller) as work:
        again = await items.relist(work, item)
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select item, media from item_media order by item, place")
    assert [tuple(row) for row in rows] == [(item, hidden), (item, shown), (again, shown)]
