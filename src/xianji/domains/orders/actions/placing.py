"""From wanting to paying: place an order, go to the provider, give up before paying."""

import msgspec

from xianji.domains import items, members, payments
from xianji.domains.orders import rules, store
from xianji.domains.orders.events import OrderClosed, OrderPlaced
from xianji.domains.orders.model import (
    ADDRESS_NEEDED,
    ADDRESS_SEAL,
    BUYING_RESTRICTED,
    HANDOVER_NOT_OFFERED,
    LINE_TWICE,
    LINES_MOST,
    NOTE_LONGEST,
    NOTHING_TO_PAY,
    REASON_LONGEST,
    SEVERAL_SELLERS,
    TOO_MANY_LINES,
    Cancel,
    Order,
    PlaceOrder,
    WantedLine,
)
from xianji.kernel import text
from xianji.kernel.work import Work

from .moving import move
from .paying import enter_paid


async def place_order(work: Work, ask: PlaceOrder) -> str:
    """Reserve every line and make the order; free orders are at once as good as paid. Returns the order's id.

    Refuses `several_sellers`, `line_twice`, `too_many_lines`, `handover_not_offered`, `address_needed`,
    `buying_restricted` and whatever `items.reserve` refuses (sold out, not for sale, own item, blocked pair). A gift
    is ordered by the one it was promised to, one unit of it, and costs nothing.
    """
    if "buy" in work.actor.restrictions:
        raise BUYING_RESTRICTED()
    buyer = work.actor.me
    note = text.line("note", ask.note, work.config.get(NOTE_LONGEST), required=False)
    lines = await _taken(work, judged_lines(work, ask.lines))
    sellers = {line.seller for line in lines}
    if len(sellers) > 1:
        raise SEVERAL_SELLERS()
    if any(line.handover and ask.handover not in line.handover for line in lines):
        raise HANDOVER_NOT_OFFERED(handover=ask.handover)
    sealed = await _sealed_address(work, ask)
    order = _new_order(work, ask, buyer, sellers.pop(), lines)
    await store.insert_order(work, order, sealed, note)
    await store.insert_lines(work, order.id, lines)
    await store.insert_move(work, order.id, 1, "place", "", order.state, "buyer", {})
    work.tell(OrderPlaced(order.id, buyer, order.seller, [line.item for line in lines], order.total, order.currency))
    if order.total == 0:
        await enter_paid(work, order, "system")
    return order.id


def judged_lines(work: Work, lines: list[WantedLine]) -> list[WantedLine]:
    """The lines in item order. Refuses `line_twice` and `too_many_lines`."""
    if len({line.item for line in lines}) < len(lines):
        raise LINE_TWICE()
    most = work.config.get(LINES_MOST)
    if len(lines) > most:
        raise TOO_MANY_LINES(most=most)
    return sorted(lines, key=lambda line: line.item)


async def _taken(work: Work, wanted: list[WantedLine]) -> list[items.ReservedLine]:
    """Units for every line. Items are locked in the order given, so that two buyers cannot wait for each other."""
    gifts = await items.promised_to_me(work, [line.item for line in wanted])
    lines = []
    for line in wanted:
        if line.item not in gifts:
            lines.append(await items.reserve(work, line.item, line.quantity))
        elif line.quantity == 1:
            lines.append(await items.giveaway_line(work, line.item))
        else:
            raise items.ITEM_SOLD_OUT(left=1)
    return lines


async def _sealed_address(work: Work, ask: PlaceOrder) -> str | None:
    if ask.handover != "ship":
        return None
    if ask.address is None:
        raise ADDRESS_NEEDED()
    address = await members.address_for(work, ask.address, work.actor)
    return work.keys.seal(ADDRESS_SEAL, msgspec.json.encode(address).decode())


def _new_order(work: Work, ask: PlaceOrder, buyer: str, seller: str, lines: list[items.ReservedLine]) -> Order:
    terms = rules.terms_in_force(work.config, min(line.confirmed_at for line in lines))
    goods = sum(line.price.amount * line.quantity for line in lines)
    shipping = rules.shipping(ask.handover, (line.shipping.amount if line.shipping else None for line in lines))
    allowed = rules.time_allowed("awaiting_payment", terms)
    assert allowed is not None
    return Order(
        id=work.new_id("ord"),
        buyer=buyer,
        seller=seller,
        state="awaiting_payment",
        handover=ask.handover,
        currency=lines[0].price.currency,
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
    )


async def start_payment(work: Work, id: str) -> str:
    """The payment with which the buyer pays this order; returns its id for `payments.open_now`.

    Refuses `not_found`, `move_not_open` and `nothing_to_pay`.
    """
    order = await store.lock_for(work, id)
    rules.MACHINE.decide(order.state, "start_payment", order.role_of(work.actor.me))
    if order.total == 0:
        raise NOTHING_TO_PAY()
    assert order.due_at is not None
    title, seller = await store.pay_page_texts(work, order.id)
    return await payments.start_payment(
        work,
        payments.NewPayment(
            subject=order.id,
            payer=order.buyer,
            description=title,
            currency=order.currency,
            parts=(payments.PaymentPart(order.id, order.seller, order.total, seller),),
            expires_at=order.due_at,
        ),
    )


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
