"""The machine: every (state, verb, role), against a table written out by hand."""

import itertools

import pytest

from tests.items.build import a_member, an_item, refused, snapshot, thing
from xianji.domains import items
from xianji.domains.items.store import things
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM, Actor

OPEN = {
    ("draft", "publish", "seller"): "live",
    ("draft", "submit", "seller"): "screening",
    ("draft", "remove", "seller"): "removed",
    ("screening", "pass", "operator"): "live",
    ("screening", "reject", "operator"): "rejected",
    ("screening", "take_down", "operator"): "removed",
    ("screening", "take_down", "system"): "removed",
    ("screening", "sell_out", "order"): "sold",
    ("screening", "remove", "seller"): "removed",
    ("live", "hold", "operator"): "screening",
    ("live", "hold", "system"): "screening",
    ("live", "pause", "seller"): "paused",
    ("live", "expire", "time"): "expired",
    ("live", "expire", "seller"): "expired",
    ("live", "sell_out", "order"): "sold",
    ("live", "take_down", "operator"): "removed",
    ("live", "take_down", "system"): "removed",
    ("live", "remove", "seller"): "removed",
    ("paused", "hold", "operator"): "screening",
    ("paused", "hold", "system"): "screening",
    ("paused", "resume", "seller"): "live",
    ("paused", "expire", "time"): "expired",
    ("paused", "expire", "seller"): "expired",
    ("paused", "sell_out", "order"): "sold",
    ("paused", "take_down", "operator"): "removed",
    ("paused", "take_down", "system"): "removed",
    ("paused", "remove", "seller"): "removed",
    ("rejected", "submit", "seller"): "screening",
    ("rejected", "remove", "seller"): "removed",
    ("expired", "relist", "seller"): "live",
    ("expired", "sell_out", "order"): "sold",
    ("expired", "take_down", "operator"): "removed",
    ("expired", "take_down", "system"): "removed",
    ("expired", "remove", "seller"): "removed",
    ("sold", "take_down", "operator"): "removed",
    ("sold", "take_down", "system"): "removed",
    ("sold", "remove", "seller"): "removed",
    ("removed", "restore", "operator"): "live",
    ("rejected", "restore", "operator"): "live",
}
VERBS = sorted({verb for _, verb, _ in OPEN})
ROLES = ("seller", "buyer", "operator", "system", "time", "order")


async def test_every_state_verb_and_role(database: Database) -> None:
    """576 tries on real rows: what is in the table moves, leaves one line of history, and nothing else moves."""
    seller = await a_member(database, "lin")
    item = await an_item(database, seller, thing(draft=True))
    bystander = await an_item(database, seller)
    before = await snapshot(database, bystander)
    for state, verb, role in itertools.product(items.ITEM.states, VERBS, ROLES):
        async with database.work(SYSTEM) as work:
            await work.db.execute("update items set state = $2, listed_at = null where id = $1", item, state)
            await work.db.execute("delete from item_moves where item = $1", item)
        expected = OPEN.get((state, verb, role))
        if expected is None:
            with pytest.raises(Refusal) as caught:
                async with database.work(SYSTEM) as work:
                    await things.move(work, await things.lock_any(work, item), verb, role)
            assert refused(caught) == ("move_not_open", {"state": state, "verb": verb})
            expected = state
        else:
            async with database.work(SYSTEM) as work:
                assert await things.move(work, await things.lock_any(work, item), verb, role) == expected
        async with database.look(SYSTEM) as look:
            history = await look.db.fetch(
                "select verb, from_state, to_state, role from item_moves where item = $1", item
            )
        moved = (state, verb, role) in OPEN
        assert (await snapshot(database, item))["state"] == expected
        assert [tuple(row) for row in history] == ([(verb, state, expected, role)] if moved else [])
    assert await snapshot(database, bystander) == before


async def test_others_items_do_not_exist_for_a_seller(database: Database) -> None:
    seller, other = await a_member(database, "lin"), await a_member(database, "bo")
    item = await an_item(database, seller)
    verbs = (
        items.pause, items.resume, items.remove, items.expire, items.relist, items.take_from_draft,
        items.draw_request,
    )  # fmt: skip
    for verb in verbs:
        with pytest.raises(Refusal) as caught:
            async with database.work(other) as work:
                await verb(work, item)
        assert refused(caught) == ("not_found", {})
    with pytest.raises(Refusal) as caught:
        async with database.work(other) as work:
            await items.take_down(work, item, "R1")
    assert refused(caught) == ("not_found", {})
    assert (await snapshot(database, item))["state"] == "live"


async def test_relist_in_one_tap(database: Database) -> None:
    """An expired item comes back with its own id; a sold one becomes a new item with the same facts."""
    seller, buyer = await a_member(database, "lin"), await a_member(database, "bo")
    item = await an_item(database, seller, thing(condition="used", category="furniture", attributes={"width": "120"}))
    async with database.work(seller) as work:
        await items.expire(work, item)
        assert await items.relist(work, item) == item
    async with database.work(buyer) as work:
        await items.reserve(work, item, 1)
    async with database.work(SYSTEM) as work:
        await items.settle(work, item, 1)
    async with database.work(seller) as work:
        again = await items.relist(work, item)
    row, old = await snapshot(database, again), await snapshot(database, item)
    assert again != item
    assert (old["state"], row["state"], row["relisted_from"], row["stock"], row["sold"]) == ("sold", "live", item, 1, 0)
    assert row["attributes"] == {"width": {"value": "120", "unit": "cm"}}


async def test_a_held_item_waits_for_a_person(database: Database) -> None:
    seller = await a_member(database, "lin")
    moderator = Actor((await a_member(database, "mod")).me, roles=frozenset({"moderator"}))
    async with database.work(seller) as work:
        item = await items.publish_item(work, thing(), hold=True)
    assert (await snapshot(database, item))["state"] == "screening"
    async with database.work(moderator) as work:
        await items.reject(work, item, "R3")
    async with database.work(seller) as work:
        await items.edit_item(work, item, items.EditItem(version=2, title="书桌"))
        await items.take_from_draft(work, item)
    async with database.work(moderator) as work:
        await items.pass_screening(work, item, "fine now")
    row = await snapshot(database, item)
    assert (row["state"], row["title"]) == ("live", "书桌")
    assert row["listed_at"] == row["created_at"]
