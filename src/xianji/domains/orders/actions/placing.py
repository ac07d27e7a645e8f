"""From wanting to paying: place an order, go to the provider, give up before paying."""

from collections.abc import Sequence

import msgspec

from xianji.domains import items, members, offers, payments
from xianji.domains.orders import deposits, rules, store
from xianji.domains.orders.events import OrderClosed, OrderPlaced
from xianji.domains.orders.model import (
    ADDRESS_NEEDED,
    ADDRESS_SEAL,
    BUYING_RESTRICTED,
    HANDOVER_NOT_OFFERED,
    NOTE_LONGEST,
    NOTHING_TO_PAY,
    REASON_LONGEST,
    RECONFIRM_FIRST,
    SEVERAL_SELLERS,
    Cancel,
    Deposit,
    Handover,
    Order,
    PlaceOrder,
)
from xianji.kernel import text
from xianji.kernel.work import Work

from .depositing import agreed_deposit
from .moving import move
from .paying import enter_paid
from .taking import TakenLine, judged_lines, take_lines


async def place_order(work: Work, ask: PlaceOrder) -> str:
    """Reserve every line and make the order; free orders are at once as good as paid. Returns the order's id.

    Refuses `several_sellers`, `line_twice`, `too_many_lines`, `handover_not_offered`, `address_needed`,
    `buying_restricted`, for a deposit `deposit_not_offered` and `earnest_not_understood`, for agreed prices
    `move_not_open`, `offer_other_item` and `offer_one_unit`, and whatever `items.reserve` refuses (sold out, not for
    sale, own item, blocked pair). A gift is ordered by the one it was promised to, one unit of it, and costs nothing.
    """
    need_buyer(work)
    lines = await take_lines(work, judged_lines(work, ask.lines), ask.offer, ask.link)
    if len({taken.line.seller for taken in lines}) > 1:
        raise SEVERAL_SELLERS()
    sealed = await sealed_address(work, ask.address) if ask.handover == "ship" else None
    deposit = await agreed_deposit(work, lines, ask.understood) if ask.deposit else None
    return await write_order(work, lines, ask.handover, ask.note, sealed, deposit=deposit)


def need_buyer(work: Work) -> None:
    """Refuses `sign_in_first` and `buying_restricted`."""
    if "buy" in work.actor.restrictions and work.actor.me:
        raise BUYING_RESTRICTED()


async def sealed_address(work: Work, address: str | None) -> str:
    """One of the actor's addresses as an order keeps it. Refuses `address_needed` and `not_found`."""
    if address is None:
        raise ADDRESS_NEEDED()
    found = await members.address_for(work, address, work.actor)
    return work.keys.seal(ADDRESS_SEAL, msgspec.json.encode(found).decode())


async def write_order(
    work: Work,
    lines: Sequence[TakenLine],
    handover: Handover,
    note: str,
    sealed: str | None,
    checkout: str | None = None,
    deposit: Deposit | None = None,
) -> str:
    """Make the order of lines that are reserved, all of one seller; returns its id. Refuses `handover_not_offered`."""
    if any(taken.line.handover and handover not in taken.line.handover for taken in lines):
        raise HANDOVER_NOT_OFFERED(handover=handover)
    note = text.line("note", note, work.config.get(NOTE_LONGEST), required=False)
    order = _new_order(work, handover, lines, checkout, deposit)
    await store.insert_order(work, order, sealed, note)
    await store.insert_lines(work, order.id, [(taken.line, taken.priced) for taken in lines])
    await store.insert_move(work, order.id, 1, "place", "", order.state, "buyer", {})
    await offers.note_order(work, [taken.agreed for taken in lines if taken.agreed], order.id)
    things = [taken.line.item for taken in lines]
    work.tell(OrderPlaced(order.id, order.buyer, order.seller, things, order.total, order.currency))
    if order.total == 0 or not order.terms.protected:
        await enter_paid(work, order, "system")
    return order.id


def _new_order(
    work: Work, handover: Handover, lines: Sequence[TakenLine], checkout: str | None, deposit: Deposit | None
) -> Order:
    taken = [one.line for one in lines]
    terms = rules.terms_in_force(work.config, min(line.confirmed_at for line in taken))
    consent = rules.is_for_one(handover, (line.kind for line in taken))
    terms = msgspec.structs.replace(terms, deposit=deposit, consent=consent)
    goods = sum(one.priced.amount for one in lines)
    shipping = rules.shipping(handover, (line.shipping.amount if line.shipping else None for line in taken))
    allowed = rules.time_allowed("awaiting_payment", terms)
    assert allowed is not None
    return Order(
        id=work.new_id("ord"),
        buyer=work.actor.me,
        seller=taken[0].seller,
        state="awaiting_payment",
        handover=handover,
        currency=taken[0].price.currency,
        goods=goods,
        shipping=shipping,
        total=goods + shipping,
        paid=0,
        refunded=0,
        charge=None,
        payment=None,
        terms=terms,
        version=1,
        extensions=0,
        due_at=work.now + allowed,
        paused_at=None,
        bundle=sum(one.priced.off for one in lines),
        checkout=checkout,
    )


async def start_payment(work: Work, id: str) -> str:
    """The payment with which the buyer pays what is due now of this order; returns its id for `payments.open_now`.

    Refuses `not_found`, `move_not_open`, `nothing_to_pay`, and `reconfirm_first` when the seller has changed the price.
    """
    order = await store.lock_for(work, id)
    need_payable(order, order.role_of(work.actor.me))
    assert order.due_at is not None
    title, seller = await store.pay_page_texts(work, order.id)
    return await payments.start_payment(
        work,
        payments.NewPayment(
            subject=order.id,
            payer=order.buyer,
            description=title,
            currency=order.currency,
            parts=(payments.PaymentPart(order.id, order.seller, deposits.due_now(order), seller),),
            expires_at=order.due_at,
        ),
    )


def need_payable(order: Order, role: str) -> None:
    """Refuses `move_not_open`, `nothing_to_pay` and `reconfirm_first`."""
    rules.MACHINE.decide(order.state, "start_payment", role)
    if order.total == 0:
        raise NOTHING_TO_PAY()
    if not order.confirmed:
        raise RECONFIRM_FIRST()


async def cancel(work: Work, id: str, ask: Cancel) -> None:
    """Either side gives up an order before it is paid. Refuses `not_found` and `move_not_open`."""
    reason = text.line("reason", ask.reason, work.config.get(REASON_LONGEST), required=False)
    order = await store.lock_for(work, id)
    await close(work, order, "cancel", order.role_of(work.actor.me), reason)


async def close(work: Work, order: Order, verb: str, role: str, reason: str = "") -> None:
    """End an unpaid order: units free again, and the provider told that nobody shall pay."""
    order = await move(work, order, verb, role, reason=reason)
    freed = await free_units(work, order, role)
    await payments.close_open(work, order.id)
    work.tell(OrderClosed(order.id, order.buyer, order.seller, verb, role, freed))


async def free_units(work: Work, order: Order, role: str) -> list[str]:
    """Put every unit back on the shelf; a gift goes back to its giver's list. Returns the items."""
    lines = await store.held_units(work, order.id)
    for line in lines:
        if line.gift:
            missed = role == "time" and order.handover == "meet"
            why: items.GaveUp = "withdrawn" if role == "buyer" else "no_show" if missed else "passed_over"
            await items.give_back(work, line.item, order.buyer, why)
        else:
            await items.release(work, line.item, line.quantity)
    return [line.item for line in lines]
