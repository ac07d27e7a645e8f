"""The one way in which a refund changes its state, and what each end does to the order and its money."""

from datetime import timedelta
from typing import Any

from xianji.domains import media, orders, parcels
from xianji.domains.orders import Goods, Order
from xianji.domains.refunds import rules, store
from xianji.domains.refunds.events import DisputeEnded, RefundDisputed, RefundMoved
from xianji.domains.refunds.model import (
    EVIDENCE_MOST,
    EVIDENCE_NEEDED,
    EXCHANGED_HOURS,
    RESUME_HOURS,
    TOO_MUCH_EVIDENCE,
    Refund,
    Step,
)
from xianji.kernel.errors import MOVE_NOT_OPEN
from xianji.kernel.work import Work

# Where the units go when all the money goes back, by kind.
_GOODS: dict[str, Goods] = {
    "unshipped": "shelf",
    "not_received": "back",
    "return": "back",
    "keep_goods": "gone",
    "partial": "gone",
}


async def move(
    work: Work, order: Order, refund: Refund, verb: str, role: str, step: Step | None = None, **facts: Any
) -> Refund:
    """Move a locked refund by one row of the machine and do what its end means; `facts` change the refund itself.

    Refuses `move_not_open`.
    """
    row = rules.MACHINE.decide(refund.state, verb, role)
    if not rules.fits(refund, verb):
        raise MOVE_NOT_OPEN(state=refund.state, verb=verb)
    changed = store.changed(refund, **facts)
    due_at = refund.due_at if verb == "correct_waybill" else _deadline(work, changed, row.to)
    after = store.changed(changed, state=row.to, version=refund.version + 1, due_at=due_at)
    ended = row.to in rules.MACHINE.final
    await store.move_refund(work, refund, after, ended)
    await store.insert_move(work, refund, after.version, verb, row.to, role, step or Step())
    tell_move(work, after, verb, role, refund.state)
    if ended and after.waybill:
        await parcels.let_go(work, refund.id)
    if row.to == "disputed" and refund.state != "disputed":
        work.tell(RefundDisputed(refund.id, refund.order_id, refund.buyer, refund.seller, verb))
    if refund.state == "disputed" and row.to != "disputed" and role != "operator":
        work.tell(DisputeEnded(refund.id, verb, "", "", "", ""))
    if row.money == "refund":
        await _pay_back(work, order, after)
    elif ended:
        await _go_on(work, order, after)
    return after


def tell_move(work: Work, refund: Refund, verb: str, role: str, before: str) -> None:
    """Say that a refund moved."""
    work.tell(
        RefundMoved(
            refund.id,
            refund.order_id,
            refund.buyer,
            refund.seller,
            refund.kind,
            verb,
            role,
            before,
            refund.state,
            refund.amount,
            refund.currency,
        )
    )


def _deadline(work: Work, refund: Refund, to: str) -> Any:
    allowed = rules.time_allowed(to, refund.signed_at is not None, work.config.as_of(refund.opened_at))
    return None if allowed is None else work.now + allowed


async def _pay_back(work: Work, order: Order, refund: Refund) -> None:
    """The amount on the table goes back to the buyer, and the order ends or goes on for the rest."""
    if order.state in orders.MACHINE.final:
        await orders.claim_back(work, order, refund.id, refund.amount)
        return
    if refund.amount == order.paid - order.refunded:
        await orders.refund_all(work, order, refund.id, _GOODS[refund.kind])
        return
    if refund.amount:
        order = await orders.refund_part(work, order, refund.id, refund.amount)
    if refund.kind == "return":
        await orders.complete_rest(work, order, refund.id)
    else:
        await _resume(work, order, refund, RESUME_HOURS)


async def _go_on(work: Work, order: Order, refund: Refund) -> None:
    """The refund ended without money; the order's clock goes on."""
    if order.paused_at is not None:
        await _resume(work, order, refund, EXCHANGED_HOURS if refund.state == "exchanged" else RESUME_HOURS)


async def _resume(work: Work, order: Order, refund: Refund, key: Any) -> None:
    hours = work.config.as_of(refund.opened_at).get(key)
    await orders.resume(work, order, refund.id, timedelta(hours=hours))


async def judged_evidence(work: Work, evidence: list[str], *, needed: bool) -> list[str]:
    """The pictures of a step, all the actor's. Refuses `evidence_needed`, `too_much_evidence`, `media_not_yours`."""
    found = list(dict.fromkeys(evidence))
    most = work.config.get(EVIDENCE_MOST)
    if needed and not found:
        raise EVIDENCE_NEEDED()
    if len(found) > most:
        raise TOO_MUCH_EVIDENCE(most=most)
    await media.claim(work, found)
    return found
