"""The provider on bad days: refunds that fail, answers that are lost, callbacks twice, a hold that runs out."""

import pytest

from tests.payments.fake_provider import AT
from xianji.domains import payments
from xianji.domains.payments import ProviderBusy, ProviderUnknown

from .build import Desk

PAID = 12_900


async def test_a_refund_that_fails_at_the_provider_is_sent_anew(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "partial", 4_000)
    desk.provider.fails_next = 1
    await desk.agree(refund)
    await desk.provider_round()
    assert (await desk.refund(refund)).payout == "on_its_way"
    assert (await desk.books())[f"buyer_refund:{desk.buyer.member}"] == 4_000
    await desk.settle()
    assert desk.provider.asked.count("refund") == 2
    assert (await desk.refund(refund)).payout == "sent"
    assert await desk.books() == {"provider_clearing": -8_900, f"order_held:{order}": 8_900}


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_pays_once(desk: Desk, when: str) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "keep_goods")
    getattr(desk.provider, when).append(ProviderBusy("503") if when == "before" else ProviderUnknown("timeout"))
    await desk.agree(refund)
    await desk.settle()
    assert len(desk.provider.refunds) == 1
    assert await desk.books() == {}
    assert (await desk.refund(refund)).payout == "sent"


async def test_the_callback_after_the_answer_and_twice_changes_nothing(desk: Desk) -> None:
    order = await desk.completed()
    refund = await desk.asked(order, "partial", 4_000)
    await desk.agree(refund)
    await desk.settle()
    (state,) = desk.provider.returns.values()
    fact = payments.ProviderFact(
        event_id="evt_returned",
        kind="split_returned",
        out_no=state.out_no,
        part=state.part,
        amount=state.amount,
        currency="CNY",
        occurred_at=AT,
        provider_ref=state.provider_no,
        request_no=state.out_return_no,
        lines=(
            payments.provider.SplitState(payee=state.payee, amount=state.amount, kind=state.kind, state="returned"),
        ),
    )
    assert await desk.receive(fact) == "stored"
    assert await desk.receive(fact) == "known"
    await desk.settle()
    assert await desk.books() == {}
    assert len(desk.provider.refunds) == 1


async def test_a_return_for_somebody_else_is_not_believed(desk: Desk) -> None:
    order = await desk.completed()
    await desk.agree(await desk.asked(order, "partial", 4_000))
    async with desk.database.look(desk.buyer) as look:
        call = await look.db.fetchrow("select payment, id from payment_calls where kind = 'split_return'")
    assert call is not None
    for amount, payee in ((4_001, desk.seller.me), (4_000, desk.buyer.me)):
        fact = payments.ProviderFact(
            event_id=f"evt_{payee}_{amount}",
            kind="split_returned",
            out_no=call["payment"],
            part=order,
            amount=amount,
            currency="CNY",
            occurred_at=AT,
            provider_ref="ret",
            request_no=call["id"],
            lines=(payments.provider.SplitState(payee=payee, amount=amount, kind="seller", state="returned"),),
        )
        assert await desk.receive(fact) == "refused"
    assert (await desk.books())[f"return_due:{desk.seller.member}"] == -4_000


def hold_released(order: str, payment: str, seller: str, amount: int) -> payments.ProviderFact:
    return payments.ProviderFact(
        event_id="evt_hold",
        kind="hold_released",
        out_no=payment,
        part=order,
        amount=amount,
        currency="CNY",
        occurred_at=AT,
        provider_ref="hold",
        request_no="",
        lines=(payments.provider.SplitState(payee=seller, amount=amount, kind="seller", state="succeeded"),),
    )


async def test_a_hold_that_runs_out_completes_the_order_and_an_open_refund_becomes_a_debt(desk: Desk) -> None:
    order = await desk.delivered()
    refund = await desk.asked(order, "partial", 4_000)
    async with desk.database.look(desk.buyer) as look:
        payment = await look.db.fetchval("select payment from orders where id = $1", order)
    await desk.receive(hold_released(order, payment, desk.seller.me, PAID))
    await desk.settle()
    page = await desk.page(order)
    assert (page.state, page.waiting.paused, page.money.released.amount) == ("completed", False, PAID)
    assert await desk.books() == {}
    await desk.agree(refund)
    await desk.settle()
    page = await desk.refund(refund)
    assert (page.state, page.payout, page.amends.amount) == ("refunded", "amends_owed", 4_000)
    assert await desk.books() == {
        f"receivable:{desk.seller.member}": -4_000,
        f"amends_due:{desk.buyer.member}": 4_000,
    }


async def test_a_hold_that_ran_out_before_the_house_heard_of_the_payment_is_booked_behind_it(desk: Desk) -> None:
    order = await desk.placed("ship")
    payment = await desk.opened(order)
    paid = desk.provider.pay(payment)
    await desk.receive(hold_released(order, payment, desk.seller.me, PAID))
    await desk.react()
    assert ((await desk.page(order)).state, await desk.balances()) == ("awaiting_payment", {})
    await desk.receive(paid)
    await desk.settle()
    page, proof = await desk.page(order), await desk.proof()
    assert (page.state, page.money.released.amount, proof.unbooked, proof.holds) == ("completed", PAID, [], True)
    assert await desk.books() == {}


async def test_a_hold_that_ends_with_another_amount_waits_for_an_operator(desk: Desk) -> None:
    order = await desk.delivered()
    async with desk.database.look(desk.buyer) as look:
        payment = await look.db.fetchval("select payment from orders where id = $1", order)
    await desk.receive(hold_released(order, payment, desk.seller.me, PAID - 1))
    await desk.settle()
    proof = await desk.proof()
    assert (proof.holds, [fact.kind for fact in proof.unbooked]) == (True, ["hold_released"])
    assert (await desk.page(order)).state == "delivered"
