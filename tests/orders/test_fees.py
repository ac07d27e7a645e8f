"""Fees in real orders: when they are decided, what becomes of them on refunds, and what a seller still owes."""

import msgspec
import pytest

from tests.conftest import FakeClock
from tests.orders.build import Market
from xianji.domains import fees, items, ledger, orders
from xianji.domains.fees import FeePolicy
from xianji.kernel.config import set_value
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM

ZERO, AT_PAYMENT, CAPPED, IN_PROPORTION = fees.PUBLISHED


async def charge_by(market: Market, policy: FeePolicy) -> int:
    async with market.database.work(SYSTEM) as work:
        number = await set_value(work, fees.POLICY.name, msgspec.to_builtins(policy), "for the test")
    market.database.book.forget()
    return number


async def complete(market: Market, order: str) -> None:
    page = await market.page(order)
    assert page.meet_code is not None
    async with market.database.work(market.seller) as work:
        assert (await orders.redeem(work, order, orders.Redeem(page.meet_code))).completed


async def sale(market: Market, order: str) -> orders.Sale:
    async with market.database.look(market.seller) as look:
        return next(one for one in (await orders.earnings(look)).items if one.order == order)


@pytest.mark.parametrize(("policy", "fee"), [(ZERO, 0), (AT_PAYMENT, 600), (CAPPED, 600), (IN_PROPORTION, 600)])
async def test_a_sale_of_a_thousand_completes(market: Market, policy: FeePolicy, fee: int) -> None:
    version = await charge_by(market, policy)
    order = await market.paid(item=await market.item(price=100_000))
    await complete(market, order)
    await market.provider_round()
    balances = {"platform_fee": fee, "platform_bank": -fee} if fee else {}
    assert await market.balances() == balances
    money = (await market.page(order)).money
    assert (money.fee.amount, money.fee_decided, money.net.amount, money.released.amount) == (
        fee,
        True,
        100_000 - fee,
        100_000 - fee,
    )
    assert (money.fee_policy, money.fee_policy_version) == (policy.name, version)
    assert (await market.proof()).holds


@pytest.mark.parametrize(("policy", "owed"), [(ZERO, 0), (AT_PAYMENT, 600), (CAPPED, 0), (IN_PROPORTION, 0)])
async def test_called_off_before_sending_the_buyer_gets_everything(
    market: Market, policy: FeePolicy, owed: int
) -> None:
    await charge_by(market, policy)
    order = await market.paid("ship", item=await market.item(price=100_000))
    async with market.database.work(market.seller) as work:
        await orders.cancel_paid(work, order, orders.Cancel())
    await market.provider_round()
    balances = {"platform_fee": owed, f"receivable:{market.seller.member}": -owed} if owed else {}
    assert await market.balances() == balances
    found = await sale(market, order)
    assert (found.refunded, found.net, found.fee, found.fee_owed) == (
        Money(100_000),
        Money(0),
        Money(owed),
        Money(owed),
    )
    assert (await market.proof()).holds


async def test_an_owed_fee_is_taken_from_the_next_sale(market: Market) -> None:
    await charge_by(market, AT_PAYMENT)
    off = await market.paid("ship", item=await market.item(price=100_000))
    async with market.database.work(market.seller) as work:
        await orders.cancel_paid(work, off, orders.Cancel())
    small = await market.paid(item=await market.item(price=500))
    await complete(market, small)
    await market.provider_round()
    assert await market.balances() == {
        "platform_fee": 603,
        "platform_bank": -150,
        f"receivable:{market.seller.member}": -453,
    }
    large = await market.paid(item=await market.item(price=50_000))
    await complete(market, large)
    await market.provider_round()
    assert await market.balances() == {"platform_fee": 903, "platform_bank": -903}
    async with market.database.look(SYSTEM) as look:
        paid_out = await look.db.fetch(
            "select reference, amount from ledger_transfers where kind = 'paid_out' order by at, reference"
        )
    assert {row["reference"]: row["amount"] for row in paid_out} == {small: 350, large: 50_000 - 300 - 453}
    found = await sale(market, large)
    assert (found.net, found.recovered, found.paid_out) == (Money(49_700), Money(453), Money(49_247))
    assert (await sale(market, small)).recovered == Money(147), "the provider gives the platform at most 30 %"
    assert (await market.proof()).holds


async def test_the_eleventh_sale_of_a_month_above_ten_thousand(market: Market) -> None:
    await charge_by(market, CAPPED)
    async with market.database.work(SYSTEM) as work:
        for _ in range(10):
            await fees.record_sale(work, market.seller.me, 110_000, "CNY")
    order = await market.paid(item=await market.item(price=100_000))
    assert (await sale(market, order)).fee == Money(600), "what the month adds is known on completion"
    await complete(market, order)
    found = await sale(market, order)
    assert (found.fee_regular, found.fee_excess, found.net) == (Money(600), Money(1_000), Money(98_400))
    assert (await market.proof()).holds


async def test_a_new_policy_reaches_only_what_is_confirmed_after_it(market: Market, clock: FakeClock) -> None:
    item = await market.item(price=100_000, stock=3)
    clock.move(minutes=1)
    version = await charge_by(market, CAPPED)
    before = await market.paid(item=item)
    assert (await market.page(before)).money.fee_policy == "zero"
    clock.move(minutes=1)
    async with market.database.look(market.seller) as look:
        current = (await items.item_page(look, item)).version
    async with market.database.work(market.seller) as work:
        await items.edit_item(work, item, items.EditItem(version=current, title="小相机，配件齐"))
    after = await market.paid(item=item)
    assert (await market.page(after)).money.fee_policy_version == version
    assert (await market.page(before)).money.fee_policy == "zero"


async def test_a_later_policy_needs_notice(market: Market) -> None:
    await charge_by(market, CAPPED)
    async with market.database.work(SYSTEM) as work:
        with pytest.raises(Exception, match="setting_needs_notice"):
            await set_value(work, fees.POLICY.name, msgspec.to_builtins(ZERO), "at once")
    async with market.database.look(SYSTEM) as look:
        assert look.config.get(fees.POLICY) == CAPPED
        assert await look.db.fetchval("select count(*) from config_versions") == 1


async def test_the_line_shares_sum_to_the_fee(market: Market) -> None:
    await charge_by(market, CAPPED)
    things = [await market.item(price=price) for price in (333, 1_000, 667)]
    async with market.database.work(market.buyer) as work:
        lines = [orders.WantedLine(item) for item in things]
        order = await orders.place_order(work, orders.PlaceOrder(lines, "meet"))
    page = await market.page(order)
    assert page.money.fee == Money(12)
    assert {line.price.amount: line.fee.amount for line in page.lines} == {333: 1, 1_000: 7, 667: 4}
    assert sum(line.fee.amount for line in page.lines) == 12
    async with market.database.look(SYSTEM) as look:
        assert await ledger.sums_of(look, order) is None
