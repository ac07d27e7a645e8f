"""Deposits: every money line of every way in which one may end, and the races between its two payments."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import FakeClock, readable
from tests.orders.build import Market
from tests.orders.test_fees import AT_PAYMENT, CAPPED, ZERO, charge_by
from xianji.domains import fees, ledger, orders, payments
from xianji.kernel import outbox
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.outbox import Cursor
from xianji.kernel.work import SYSTEM, Actor

EARNEST: dict[str, Any] = {"kind": "earnest", "percent": 20, "hours": 24, "silent": "forfeit", "understood": True}
REFUNDABLE: dict[str, Any] = {"kind": "refundable", "percent": 10, "hours": 24}


async def offered(market: Market, price: int = 100_000, **terms: Any) -> str:
    """A thing of the seller's that may be kept for a part of its price."""
    item = await market.item(price)
    async with market.database.work(market.seller) as work:
        await orders.set_deposit(work, item, orders.SetDeposit(**terms))
    return item


async def placed(market: Market, item: str, handover: Any = "meet", understood: bool = True) -> str:
    address = await market.address() if handover == "ship" else None
    async with market.database.work(market.buyer) as work:
        line = orders.WantedLine(item)
        ask = orders.PlaceOrder([line], handover, address, deposit=True, understood=understood)
        return await orders.place_order(work, ask)


async def pay(market: Market, order: str) -> None:
    await market.receive(market.provider.pay(await market.opened(order)))
    await market.book()


async def kept(market: Market, handover: str = "meet", **terms: Any) -> tuple[str, str]:
    """(order, item) with its deposit held."""
    item = await offered(market, **terms)
    order = await placed(market, item, handover)
    await pay(market, order)
    return order, item


async def does(market: Market, actor: Actor, verb: Any, order: str, *ask: Any) -> None:
    async with market.database.work(actor) as work:
        await verb(work, order, *ask)


async def refused(market: Market, actor: Actor, verb: Any, order: str, *ask: Any) -> str:
    with pytest.raises(Refusal) as no:
        await does(market, actor, verb, order, *ask)
    return no.value.code.name


async def settled(market: Market) -> dict[str, int]:
    """What is left on the books when the provider has done everything it owes."""
    for _ in range(3):
        await market.provider_round()
    assert (await market.proof()).holds
    return {name.split(":")[0]: amount for name, amount in (await market.balances()).items()}


def to_sellers(market: Market) -> list[int]:
    """What the provider paid to sellers, payment by payment."""
    lines = [line for one in market.provider.releases.values() for line in one.lines if line.kind == "seller"]
    return sorted(line.amount for line in lines)


def to_buyers(market: Market) -> list[int]:
    """What the provider sent back, call by call."""
    return sorted(one.amount for one in market.provider.refunds.values())


OFF = orders.Cancel("算了")


async def test_a_deposit_then_the_rest_then_the_usual_way(market: Market) -> None:
    await charge_by(market, CAPPED)
    order, item = await kept(market, **REFUNDABLE)
    page = await market.page(order)
    assert (page.state, page.money.held.amount, page.money.paid.amount) == ("awaiting_balance", 10_000, 10_000)
    assert page.deposit is not None
    assert (page.deposit.amount.amount, page.deposit.balance.amount) == (10_000, 90_000)
    assert page.actions == ["start_payment", "cancel_paid"]
    assert (await market.page(order, market.seller)).actions == ["extend", "cancel_paid"]
    assert await market.stock(item) == ("live", 1, 0)
    await pay(market, order)
    page = await market.page(order)
    assert (page.state, page.money.held.amount) == ("awaiting_meeting", 100_000)
    await does(market, market.seller, orders.redeem, order, orders.Redeem(str(page.meet_code)))
    page = await market.page(order, market.seller)
    assert (page.money.released.amount, page.money.fee.amount, page.money.net.amount) == (99_400, 600, 99_400)
    assert await settled(market) == {"platform_bank": -600, "platform_fee": 600}
    assert to_sellers(market) == [10_000, 89_400]
    assert await market.stock(item) == ("sold", 0, 1)


async def test_a_refundable_deposit_goes_back_whoever_ends_it(market: Market, clock: FakeClock) -> None:
    for who in (market.buyer, market.seller):
        order, item = await kept(market, **REFUNDABLE)
        assert await refused(market, market.buyer, orders.forfeit, order, OFF) == "move_not_open"
        await does(market, who, orders.cancel_paid, order, OFF)
        page = await market.page(order)
        assert (page.state, page.money.refunded.amount, page.money.released.amount) == ("refunded", 10_000, 0)
        assert await market.stock(item) == ("live", 0, 0)
    order, item = await kept(market, **REFUNDABLE)
    clock.moment += timedelta(hours=24)
    await market.time()
    assert (await market.page(order)).state == "refunded"
    assert await settled(market) == {}


async def test_an_earnest_is_lost_by_the_buyer_who_is_silent_or_gives_up(market: Market, clock: FakeClock) -> None:
    silent, item = await kept(market, **EARNEST)
    assert await refused(market, market.buyer, orders.cancel_paid, silent, OFF) == "move_not_open"
    assert (await market.page(silent)).actions == ["start_payment", "forfeit"]
    clock.moment += timedelta(hours=24)
    await market.time()
    page = await market.page(silent, market.seller)
    assert (page.state, page.money.released.amount, page.money.net.amount) == ("forfeited", 20_000, 20_000)
    assert (page.money.fee.amount, page.money.refunded.amount, page.actions) == (0, 0, [])
    assert await market.stock(item) == ("live", 0, 0)
    given_up, _ = await kept(market, **EARNEST)
    await does(market, market.buyer, orders.forfeit, given_up, OFF)
    paid_up, _ = await kept(market, **EARNEST)
    await pay(market, paid_up)
    await does(market, market.buyer, orders.forfeit, paid_up, OFF)
    page = await market.page(paid_up)
    assert (page.state, page.money.released.amount, page.money.refunded.amount) == ("forfeited", 20_000, 80_000)
    assert await settled(market) == {}
    async with market.database.look(market.seller) as look:
        sales = (await orders.earnings(look)).items
    assert sorted((sale.net.amount, sale.refunded.amount, sale.paid_out.amount) for sale in sales) == [
        (20_000, 0, 20_000),
        (20_000, 0, 20_000),
        (20_000, 80_000, 20_000),
    ]


async def test_a_seller_who_breaks_an_earnest_owes_as_much_again(market: Market, clock: FakeClock) -> None:
    await charge_by(market, CAPPED)
    order, _ = await kept(market, **EARNEST)
    await does(market, market.seller, orders.cancel_paid, order, OFF)
    page = await market.page(order)
    assert page.deposit is not None
    assert (page.state, page.money.refunded.amount, page.deposit.penalty.amount) == ("refunded", 20_000, 20_000)
    assert await settled(market) == {"receivable": -20_000, "amends_due": 20_000}
    item = await market.item()
    with pytest.raises(Refusal, match="seller_owes"):
        async with market.database.work(market.seller) as work:
            await orders.set_deposit(work, item, orders.SetDeposit(**EARNEST))
    unsent, _ = await kept(market, "ship", **REFUNDABLE)
    await pay(market, unsent)
    clock.moment += timedelta(hours=200)
    await market.time()
    assert (await market.page(unsent)).state == "refunded"
    assert await settled(market) == {"receivable": -20_000, "amends_due": 20_000}, "no penalty for a refundable one"
    sold = await market.paid("meet", await market.item(100_000))
    code = (await market.page(sold)).meet_code
    await does(market, market.seller, orders.redeem, sold, orders.Redeem(str(code)))
    assert await settled(market) == {"platform_bank": -20_600, "platform_fee": 600, "amends_due": 20_000}


async def test_a_parcel_never_sent_breaks_an_earnest_too(market: Market, clock: FakeClock) -> None:
    order, _ = await kept(market, "ship", **EARNEST)
    await pay(market, order)
    clock.moment += timedelta(hours=200)
    await market.time()
    page = await market.page(order)
    assert page.deposit is not None
    assert (page.state, page.money.refunded.amount, page.deposit.penalty.amount) == ("refunded", 100_000, 20_000)
    assert to_buyers(market) == []
    assert await settled(market) == {"receivable": -20_000, "amends_due": 20_000}
    assert to_buyers(market) == [20_000, 80_000]


async def test_finance_pays_the_penalty_once(market: Market) -> None:
    order, _ = await kept(market, **EARNEST)
    await does(market, market.seller, orders.cancel_paid, order, OFF)
    finance = Actor(market.seller.member, market.seller.session, frozenset({"finance"}))
    async with market.database.look(finance) as look:
        (owed,) = await orders.amends(look)
    assert (owed.order, owed.subject, owed.kind, owed.amount.amount) == (order, order, "penalty", 20_000)
    assert (owed.creditor, owed.debtor) == (market.buyer.member, market.seller.member)
    assert await refused(market, market.seller, orders.note_amends_paid, order, order) == "not_allowed"
    await does(market, finance, orders.note_amends_paid, order, order)
    await does(market, finance, orders.note_amends_paid, order, order)
    async with market.database.look(finance) as look:
        assert await orders.amends(look) == []
    page = await market.page(order)
    assert page.deposit is not None
    assert page.deposit.penalty_paid.amount == 20_000
    assert await settled(market) == {"receivable": -20_000, "platform_paid": 20_000}


async def test_more_time_for_the_rest_once(market: Market, clock: FakeClock) -> None:
    order, _ = await kept(market, **{**EARNEST, "silent": "extend"})
    first = (await market.page(order)).waiting
    assert first.otherwise == "extend"
    clock.moment += timedelta(hours=24)
    await market.time()
    page = await market.page(order)
    assert first.until is not None
    assert (page.state, page.waiting.until, page.waiting.otherwise) == (
        "awaiting_balance",
        first.until + timedelta(hours=24),
        "forfeit_timeout",
    )
    assert await refused(market, market.seller, orders.extend, order) == "no_more_extensions"
    clock.moment += timedelta(hours=24)
    await market.time()
    assert (await market.page(order)).state == "forfeited"


async def test_a_partial_refund_and_a_claim_take_from_both_payments(market: Market) -> None:
    await charge_by(market, CAPPED)
    order, _ = await kept(market, "ship", **EARNEST)
    await pay(market, order)
    await does(market, market.seller, orders.ship, order, orders.Ship("sf", "SF1234567890123"))
    async with market.database.work(SYSTEM) as work:
        locked = await orders.pause(work, await orders.lock_for_system(work, order), "rfd_one")
        locked = await orders.refund_part(work, locked, "rfd_one", 85_000)
        await orders.resume(work, locked, "rfd_one", timedelta(hours=24))
    await does(market, market.buyer, orders.confirm, order)
    assert await settled(market) == {"platform_bank": -90, "platform_fee": 90}
    assert to_buyers(market) == [5_000, 80_000]
    assert to_sellers(market) == [14_910]
    async with market.database.work(SYSTEM) as work:
        await orders.claim_back(work, await orders.lock_for_system(work, order), "rfd_two", 10_000)
    assert await settled(market) == {"platform_bank": -90, "platform_fee": 90}
    assert sum(to_buyers(market)) == 95_000


async def test_a_claim_over_both_payments(market: Market) -> None:
    await charge_by(market, CAPPED)
    order, _ = await kept(market, **EARNEST)
    await pay(market, order)
    code = (await market.page(order)).meet_code
    await does(market, market.seller, orders.redeem, order, orders.Redeem(str(code)))
    await settled(market)
    async with market.database.work(SYSTEM) as work:
        await orders.claim_back(work, await orders.lock_for_system(work, order), "rfd_all", 99_400)
    assert await settled(market) == {"platform_bank": -600, "platform_fee": 600}
    assert to_buyers(market) == [20_000, 79_400]


@pytest.mark.parametrize(("policy", "owed"), [(AT_PAYMENT, 600), (ZERO, 0)])
async def test_a_fee_at_payment_is_kept_only_when_all_was_paid(
    market: Market, policy: fees.FeePolicy, owed: int
) -> None:
    await charge_by(market, policy)
    early, _ = await kept(market, **EARNEST)
    await does(market, market.buyer, orders.forfeit, early, OFF)
    assert await settled(market) == {}
    late, _ = await kept(market, **EARNEST)
    await pay(market, late)
    await does(market, market.buyer, orders.forfeit, late, OFF)
    assert await settled(market) == ({"receivable": -owed, "platform_fee": owed} if owed else {})


async def test_what_a_deposit_may_not_be(market: Market) -> None:
    item = await market.item(100_000)

    async def no(**terms: Any) -> str:
        return await refused(market, market.seller, orders.set_deposit, item, orders.SetDeposit(**terms))

    assert await no(**{**EARNEST, "percent": 21}) == "deposit_too_large"
    assert await no(**{**REFUNDABLE, "percent": 31}) == "deposit_too_large"
    assert await no(**{**REFUNDABLE, "hours": 169}) == "deposit_too_long"
    assert await no(**{**REFUNDABLE, "silent": "forfeit"}) == "deposit_never_kept"
    assert await no(**{**EARNEST, "understood": False}) == "earnest_not_understood"
    ask = orders.SetDeposit(**REFUNDABLE)
    assert await refused(market, market.buyer, orders.set_deposit, item, ask) == "not_found"

    async def nobody(item: str, understood: bool = True) -> str:
        with pytest.raises(Refusal) as refusal:
            await placed(market, item, understood=understood)
        return refusal.value.code.name

    assert await nobody(item) == "deposit_not_offered"
    await does(market, market.seller, orders.set_deposit, item, orders.SetDeposit(**EARNEST))
    assert await nobody(item, understood=False) == "earnest_not_understood"
    tiny = await offered(market, 4, **EARNEST)
    assert await nobody(tiny) == "deposit_not_offered", "20 % of four fen is nothing"
    await does(market, market.seller, orders.set_deposit, item, orders.SetDeposit())
    assert await nobody(item) == "deposit_not_offered"
    assert (await market.stock(item), await market.stock(tiny)) == (("live", 0, 0), ("live", 0, 0))


async def test_the_quote_and_the_order_say_the_same(market: Market) -> None:
    item = await offered(market, 99_999, **EARNEST)
    async with market.database.look(market.buyer) as look:
        quote = await orders.quote(look, orders.PlaceOrder([orders.WantedLine(item)], "meet"))
    order = await placed(market, item)
    await does(market, market.seller, orders.set_deposit, item, orders.SetDeposit())
    page = await market.page(order)
    assert quote.deposit is not None
    assert quote.deposit == page.deposit
    assert (quote.deposit.amount.amount, quote.deposit.balance.amount) == (19_999, 80_000)


async def test_a_late_second_deposit_goes_back_and_is_never_the_rest(market: Market) -> None:
    item = await offered(market, **EARNEST)
    order = await placed(market, item)
    first = await market.opened(order)
    await does(market, market.seller, orders.change_price, order, orders.ChangePrice(1, goods=Money(90_000)))
    await does(market, market.buyer, orders.reconfirm, order, orders.Reconfirm(2))
    second = await market.opened(order)
    await market.receive(market.provider.pay(second))
    await market.receive(market.provider.pay(first))
    await market.book()
    page = await market.page(order)
    assert (page.state, page.money.held.amount) == ("awaiting_balance", 18_000)
    assert await settled(market) == {"order_held": 18_000, "provider_clearing": -18_000}


@pytest.mark.parametrize("first", ["paid", "time", "forfeit"])
async def test_the_rest_and_the_end_of_time_in_every_order(market: Market, clock: FakeClock, first: str) -> None:
    order, item = await kept(market, **EARNEST)
    payment = await market.opened(order)
    if first != "forfeit":
        clock.moment += timedelta(hours=24)
    steps: dict[str, Any] = {
        "paid": lambda: market.receive(market.provider.pay(payment)),
        "time": market.time,
        "forfeit": lambda: does(market, market.buyer, orders.forfeit, order, OFF),
    }
    await steps[first]()
    if first == "paid":
        await market.time()
        assert (await market.page(order)).state == "awaiting_balance", "money that has come is booked first"
        await market.book()
        assert (await market.page(order)).state == "awaiting_meeting"
        assert await settled(market) == {"order_held": 100_000, "provider_clearing": -100_000}
        return
    await market.receive(market.provider.pay(payment))
    await market.book()
    assert (await market.page(order)).state == "forfeited"
    assert await settled(market) == {}
    assert to_buyers(market) == [80_000]
    assert await market.stock(item) == ("live", 0, 0)


async def test_two_tabs_pay_the_rest_once(market: Market) -> None:
    order, _ = await kept(market, **REFUNDABLE)

    async def open_page() -> str:
        async with market.database.work(market.buyer) as work:
            return await orders.start_payment(work, order)

    one, other = await asyncio.gather(open_page(), open_page())
    assert one == other
    await payments.open_now(
        market.database, one, market.provider, payments.Site("https://a.example", "https://a.example")
    )
    fact = market.provider.pay(one)
    assert [await market.receive(fact), await market.receive(fact)] == ["stored", "known"]

    async def book() -> None:
        async with market.database.work(SYSTEM) as work:
            await orders.apply_payment_fact(work, "sandbox", fact.event_id)

    await asyncio.gather(book(), book())
    assert (await market.page(order)).money.held.amount == 100_000
    await readable(market.database)
    async with market.database.look(SYSTEM) as look:
        kinds = [one.kind for one in await outbox.read(look, Cursor(), 200)]
        moved = await ledger.moved(look, order)
    assert (kinds.count("orders.deposit_paid.v1"), kinds.count("orders.paid.v1"), moved) == (1, 1, {"paid": 100_000})
