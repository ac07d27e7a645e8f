"""Edits, price steps and deadlines by the injected clock; another installation's currency."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import START, FakeClock
from tests.items.build import a_member, an_item, refused, snapshot, thing, yuan
from xianji.domains import items
from xianji.domains.items import EditItem, NewItem, PriceStep, rules
from xianji.kernel.config import Config, set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import NOBODY, SYSTEM


def at(**ahead: float) -> Any:
    return START + timedelta(**ahead)


async def run_due(database: Database) -> dict[str, list[str]]:
    """What the worker does: find, then act in a work of its own."""
    done = {}
    for due in items.DUE:
        async with database.look(SYSTEM) as look:
            done[due.name] = list(await due.find(look, 100))
        for found in done[due.name]:
            async with database.work(SYSTEM) as work:
                await due.act(work, found)
    return done


async def test_the_price_falls_on_time_and_the_sale_ends(database: Database, clock: FakeClock) -> None:
    seller = await a_member(database, "lin")
    new = thing(
        deadline=at(days=3),
        price_steps=[PriceStep(at(days=1), yuan(60)), PriceStep(at(days=2), yuan(40))],
    )
    item = await an_item(database, seller, new)
    other = await an_item(database, seller)
    untouched = await snapshot(database, other)
    clock.move(days=1, seconds=-1)
    assert await run_due(database) == {"items.price_steps": [], "items.deadlines": []}
    clock.move(seconds=1)
    assert await run_due(database) == {"items.price_steps": [item], "items.deadlines": []}
    assert await run_due(database) == {"items.price_steps": [], "items.deadlines": []}
    assert (await snapshot(database, item))["price"] == 6000
    clock.move(days=2)
    assert await run_due(database) == {"items.price_steps": [item], "items.deadlines": [item]}
    row = await snapshot(database, item)
    assert (row["price"], row["state"]) == (4000, "expired")
    async with database.look(NOBODY) as look:
        page = await items.item_page(look, item)
    history = [(point.price.amount, point.why, point.at) for point in page.price_history]
    assert history == [(8000, "asked", START), (6000, "step", at(days=1)), (4000, "step", at(days=3))]
    assert (page.price_steps, page.actions) == ([], [])
    assert await snapshot(database, other) == untouched


async def test_a_late_worker_takes_only_the_last_step(database: Database, clock: FakeClock) -> None:
    steps = [PriceStep(at(days=day), yuan(80 - 10 * day)) for day in (1, 2, 3)]
    item = await an_item(database, await a_member(database, "lin"), thing(price_steps=steps))
    clock.move(days=2)
    await run_due(database)
    row = await snapshot(database, item)
    assert (row["price"], row["version"]) == (6000, 2)


async def test_a_paused_sale_still_ends_and_a_sold_one_does_not(database: Database, clock: FakeClock) -> None:
    seller = await a_member(database, "lin")
    paused = await an_item(database, seller, thing(deadline=at(hours=1)))
    draft = await an_item(database, seller, thing(deadline=at(hours=1), draft=True))
    async with database.work(seller) as work:
        await items.pause(work, paused)
    clock.move(hours=1)
    assert (await run_due(database))["items.deadlines"] == [paused]
    with pytest.raises(Refusal) as caught:
        async with database.work(seller) as work:
            await items.take_from_draft(work, draft)
    assert refused(caught)[0] == "deadline_not_valid"
    async with database.work(seller) as work:
        assert await items.relist(work, paused) == paused
    row = await snapshot(database, paused)
    assert (row["state"], row["deadline"]) == ("live", None)


@pytest.mark.parametrize(
    "steps",
    [
        [PriceStep(at(days=1), yuan(80))],
        [PriceStep(at(days=1), yuan(60)), PriceStep(at(days=2), yuan(60))],
        [PriceStep(at(days=2), yuan(60)), PriceStep(at(days=1), yuan(40))],
        [PriceStep(at(days=5), yuan(60))],
        [PriceStep(START, yuan(60))],
        [PriceStep(at(days=1), yuan(0))],
        [PriceStep(at(hours=hour), Money(8000 - hour)) for hour in range(1, 12)],
    ],
)
async def test_steps_that_do_not_fall_in_time_are_refused(database: Database, steps: list[PriceStep]) -> None:
    with pytest.raises(Refusal) as caught:
        await an_item(database, await a_member(database, "lin"), thing(deadline=at(days=5), price_steps=steps))
    assert refused(caught) == ("price_steps_not_valid", {"most": 10})


def test_even_steps_fall_to_the_lowest_price() -> None:
    steps = items.even_steps(yuan(100), yuan(10), 3, START, at(days=4))
    assert [(step.at, step.price) for step in steps] == [
        (at(days=1), yuan(70)),
        (at(days=2), yuan(40)),
        (at(days=3), yuan(10)),
    ]


async def test_an_edit_needs_the_version_that_was_seen(database: Database) -> None:
    seller, other = await a_member(database, "lin"), await a_member(database, "bo")
    item = await an_item(database, seller, thing(stock=3))
    async with database.work(other) as work:
        await items.reserve(work, item, 2)
    async with database.work(seller) as work:
        assert await items.edit_item(work, item, EditItem(1, title="书桌", price=yuan(70))) == 2
        assert await items.edit_item(work, item, EditItem(2, title="书桌")) == 2
    for edit, why in (
        (EditItem(1, title="x"), ("item_changed", {"version": 2})),
        (EditItem(2, stock=1), ("stock_promised", {"promised": 2})),
        (EditItem(2, price=yuan(0)), ("price_missing", {})),
    ):
        with pytest.raises(Refusal) as caught:
            async with database.work(seller) as work:
                await items.edit_item(work, item, edit)
        assert refused(caught) == why
    with pytest.raises(Refusal) as caught:
        async with database.work(other) as work:
            await items.edit_item(work, item, EditItem(2, title="mine"))
    assert refused(caught) == ("not_found", {})
    row = await snapshot(database, item)
    assert (row["title"], row["price"], row["stock"], row["reserved"], row["version"]) == ("书桌", 7000, 3, 2, 2)


LIMITS = rules.limits(Config({}, START), START, individual=True)
PRICES = st.integers(1, 1_100_000)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "title": st.text("书桌 ab\u202e", max_size=70),
            "price": st.builds(Money, PRICES, st.sampled_from(["CNY", "USD"])),
            "stock": st.integers(0, 1100),
            "original_price": st.none() | st.builds(Money, PRICES),
            "condition": st.sampled_from([None, "new", "used"]),
            "category": st.sampled_from([None, "books", "furniture", "moon"]),
            "attributes": st.sampled_from([{}, {"isbn": "9787111213826"}, {"width": "12 cm"}]),
            "deadline": st.none() | st.integers(-3, 400).map(lambda days: at(days=days)),
            "bargain": st.booleans(),
            "serial": st.sampled_from([None, "", "490154203237518", "490154203237517"]),
        },
    )
)
def test_whatever_is_edited_the_facts_stay_valid(changes: dict[str, Any]) -> None:
    """Either a refusal, or facts that a new item with the same fields would have been given."""
    before = rules.judge(thing(category="furniture", attributes={"width": "1 m"}), LIMITS, str.encode)
    try:
        after = rules.edited(before, EditItem(1, **changes), LIMITS, str.encode)
    except Refusal:
        return
    assert 1 <= len(after.title) <= 60
    assert 0 < after.price <= 1_000_000
    assert after.currency == "CNY"
    assert 1 <= after.stock <= 999
    assert after.original_price is None or after.original_price >= after.price
    assert after.serial_kind is None or after.stock == 1
    assert after.deadline is None or START < after.deadline <= at(days=365)
    named = {{"serial": "serial_digest"}.get(name, name) for name in changes}
    allowed = named | {"attributes", "serial_kind", "steps"}
    assert set(rules.changed(before, after)) <= allowed


async def test_a_dollar_city_refuses_yuan(database: Database) -> None:
    async with database.work(SYSTEM) as work:
        await set_value(work, "installation.currency", "USD", "we are in Oakland")
        await set_value(work, "installation.time_zone", "America/Los_Angeles", "we are in Oakland")
        await set_value(work, "items.individual_price_cap", 150_000, "1,500 dollars")
    database.book.forget()
    seller = await a_member(database, "ann")
    item = await an_item(database, seller, NewItem("Desk", Money(1250, "USD"), place_label="Temescal"))
    for new, why in (
        (NewItem("Desk", Money(1250, "CNY")), ("wrong_currency", {"currency": "USD"})),
        (NewItem("Desk", Money(150_001, "USD")), ("price_over_cap", {"cap": 150_000, "currency": "USD"})),
        (
            NewItem("Desk", Money(1250, "USD"), original_price=Money(2000, "CNY")),
            ("wrong_currency", {"currency": "USD"}),
        ),
    ):
        with pytest.raises(Refusal) as caught:
            await an_item(database, seller, new)
        assert refused(caught) == why
    async with database.look(NOBODY) as look:
        page = await items.item_page(look, item)
    assert (page.price, page.share.en) == (Money(1250, "USD"), "Desk\n$12.50 · Temescal")
