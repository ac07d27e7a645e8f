"""One trade from order to completion through the real verbs, and the ids with which it can be done again and again.

Every id of a trade ends in the number of the trade, twelve digits, so that rows and statements of one trade become
those of another by exchanging the number.
"""

from datetime import UTC, datetime

from xianji.domains import orders, payments
from xianji.domains.payments import PaymentPart, ProviderFact
from xianji.domains.payments.provider import PartState, PaymentAsk, PaymentState
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM, Actor

# Who trade with each other, so that nobody's money account is a narrow place. A prime, so that processes that begin at
# round numbers do not walk through the same people side by side.
PEOPLE = 1_009
SAMPLES = 10  # the first trades are recorded and multiplied
SITE = payments.Site("https://xianji.example/hooks/payments/sandbox", "https://xianji.example/orders/{subject}/paid")
_AT = datetime(2026, 11, 1, tzinfo=UTC)


def id_of(prefix: str, number: int) -> str:
    """The id that ends in this number."""
    return f"{prefix}_{number:026d}"


def seller_of(number: int) -> int:
    """Whose thing the trade is about. Samples are between people of their own, whose ids no other trade has."""
    return PEOPLE + number if number < SAMPLES else number % PEOPLE


def buyer_of(number: int) -> int:
    """Who buys it."""
    return PEOPLE + SAMPLES + number if number < SAMPLES else (number + 1) % PEOPLE


class Instantly:
    """A provider that takes no time: what is measured is the house. It opens payments, which are paid at once."""

    async def create_payment(self, ask: PaymentAsk) -> PaymentState:
        """The page is open."""
        return PaymentState(
            out_no=ask.out_no,
            provider_no=f"prv{ask.out_no}",
            state="pending",
            amount=ask.amount,
            currency=ask.currency,
            pay_url=f"https://pay.example/{ask.out_no}",
            expires_at=ask.expires_at,
            paid_at=None,
            closed_at=None,
            hold_until=None,
            parts=tuple(PartState(p.part, p.payee, p.amount, 0, 0, 0, 0, 0) for p in ask.parts),
        )

    def paid(self, payment: str, part: PaymentPart) -> ProviderFact:
        """The callback that says so."""
        return ProviderFact(
            event_id=f"evt{payment}",
            kind="paid",
            out_no=payment,
            part=None,
            amount=part.amount,
            currency="CNY",
            occurred_at=_AT,
            provider_ref=f"prv{payment}",
            request_no="",
            parts=(part,),
        )


async def trade(database: Database, provider: Instantly, number: int) -> str:
    """Place, open the payment, hear that it is paid, book it, deliver, confirm; returns the order."""
    buyer, seller = Actor(id_of("mbr", buyer_of(number))), Actor(id_of("mbr", seller_of(number)))
    async with database.work(buyer) as work:
        ask = orders.PlaceOrder([orders.WantedLine(id_of("itm", number))], "digital")
        order = await orders.place_order(work, ask)
    async with database.work(buyer) as work:
        payment = await orders.start_payment(work, order)
    await payments.open_now(database, payment, provider, SITE)  # type: ignore[arg-type]
    fact = provider.paid(payment, PaymentPart(order, seller.me, 12_900, "卖家"))
    async with database.work(SYSTEM) as work:
        assert await payments.receive(work, "sandbox", fact) == "stored"
    async with database.work(SYSTEM) as work:
        await orders.apply_payment_fact(work, "sandbox", fact.event_id)
    async with database.work(seller) as work:
        await orders.deliver_in_writing(work, order, orders.DeliverInWriting("兑换码 1234"))
    async with database.work(buyer) as work:
        await orders.confirm(work, order)
    return order
