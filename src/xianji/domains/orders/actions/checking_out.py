"""Several sellers at once: an order for each, all or none, and one payment."""

from collections.abc import Sequence

from xianji.domains import items, payments
from xianji.domains.orders import cart_store, store
from xianji.domains.orders.events import CheckoutPlaced
from xianji.domains.orders.model import (
    CHECKOUT_SELLERS_MOST,
    NOTHING_TO_PAY,
    REASON_LONGEST,
    TOO_MANY_SELLERS,
    Cancel,
    Order,
    PlaceCheckout,
)
from xianji.kernel import text
from xianji.kernel.errors import MOVE_NOT_OPEN
from xianji.kernel.work import Work

from .placing import close, need_buyer, need_payable, sealed_address, write_order
from .taking import TakenLine, judged_lines, take_lines


async def place_checkout(work: Work, ask: PlaceCheckout) -> str:
    """Reserve every line of every seller and make one order a seller; returns the checkout's id.

    What was ordered leaves the buyer's cart. Refuses `too_many_sellers` and what `place_order` refuses of any of them.
    """
    need_buyer(work)
    lines = await take_lines(work, judged_lines(work, ask.lines))
    sellers = _by_seller(lines)
    most = work.config.get(CHECKOUT_SELLERS_MOST)
    if len(sellers) > most:
        raise TOO_MANY_SELLERS(most=most)
    ways = {seller: ask.handovers.get(seller, ask.handover) for seller in sellers}
    sealed = await sealed_address(work, ask.address) if "ship" in ways.values() else None
    checkout = work.new_id("chk")
    await store.insert_checkout(work, checkout)
    orders = [
        await write_order(
            work,
            mine,
            ways[seller],
            ask.notes.get(seller, ""),
            sealed if ways[seller] == "ship" else None,
            checkout,
        )
        for seller, mine in sellers.items()
    ]
    await cart_store.drop(work, [line.item for line in ask.lines])
    work.tell(CheckoutPlaced(checkout, work.actor.me, orders))
    return checkout


def _by_seller(lines: Sequence[TakenLine]) -> dict[str, list[TakenLine]]:
    """The lines of each seller, sellers in the order of their ids."""
    found: dict[str, list[TakenLine]] = {}
    for taken in sorted(lines, key=lambda taken: (taken.line.seller, taken.line.item)):
        found.setdefault(taken.line.seller, []).append(taken)
    return found


async def start_checkout_payment(work: Work, id: str) -> str:
    """One payment for every order of the checkout that is still to be paid; returns its id for `payments.open_now`.

    Refuses `not_found`, `nothing_to_pay`, and `reconfirm_first` when a seller has changed a price.
    """
    waiting = [order for order in await store.lock_checkout(work, id) if _is_unpaid(order)]
    if not waiting:
        raise NOTHING_TO_PAY()
    for order in waiting:
        need_payable(order, "buyer")
    texts = [await store.pay_page_texts(work, order.id) for order in waiting]
    parts = [
        payments.PaymentPart(order.id, order.seller, order.total, name)
        for order, (_, name) in zip(waiting, texts, strict=True)
    ]
    return await payments.start_payment(
        work,
        payments.NewPayment(
            subject=id,
            payer=work.actor.me,
            description=texts[0][0],
            currency=waiting[0].currency,
            parts=tuple(parts),
            expires_at=min(order.due_at for order in waiting if order.due_at),
        ),
    )


def _is_unpaid(order: Order) -> bool:
    return order.state == "awaiting_payment" and order.total > 0


async def cancel_checkout(work: Work, id: str, ask: Cancel) -> None:
    """The buyer gives up every order of the checkout that is not paid. Refuses `not_found` and `move_not_open`."""
    reason = text.line("reason", ask.reason, work.config.get(REASON_LONGEST), required=False)
    waiting = [order for order in await store.lock_checkout(work, id) if _is_unpaid(order)]
    if not waiting:
        raise MOVE_NOT_OPEN(state="closed", verb="cancel")
    units = [line.item for order in waiting for line in await store.held_units(work, order.id)]
    await items.lock_in_order(work, units)
    for order in waiting:
        await close(work, order, "cancel", "buyer", reason)
