"""What was bought goes on: a draft with the facts that were frozen, and the link to where it came from."""

import msgspec

from xianji.domains import items
from xianji.domains.orders import rules, store
from xianji.domains.orders.model import RESOLD_ALREADY, Order, Resell, Snapshot
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND
from xianji.kernel.money import Money
from xianji.kernel.work import Work

from .claiming import refunded_so_far


async def resell(work: Work, id: str, ask: Resell) -> str:
    """A draft of a thing the actor bought, as many as were bought; the one that waits already when there is one.

    Title, words, category, answers and the price paid are those of the snapshot. Its pictures are the other seller's
    and stay behind, and the condition is to be judged anew. What was a gift is a gift again. Refuses `not_found`,
    `move_not_open` (not completed, not the buyer, or gone back) and `resold_already`.
    """
    order = await store.lock_for(work, id)
    if order.role_of(work.actor.me) != "buyer" or not await _is_kept(work, order):
        raise MOVE_NOT_OPEN(state=order.state, verb="resell")
    line = await store.line_of(work, order.id, ask.item)
    if line is None:
        raise NOT_FOUND()
    draft, made = await items.made_of(work, order.id, line["item"])
    if draft is not None:
        return draft
    if made >= line["quantity"]:
        raise RESOLD_ALREADY()
    paid = Money(line["amount"] // line["quantity"], order.currency)
    new = _draft_of(msgspec.convert(line["snapshot"], Snapshot), paid)
    return await items.draft_bought(work, new, order.id, line["item"])


async def _is_kept(work: Work, order: Order) -> bool:
    """Whether the buyer still has it: the sale is done, and neither goods nor all of the money went back."""
    if order.state != "completed" or await store.happened(work, order.id, rules.GOODS_BACK):
        return False
    return order.paid == 0 or await refunded_so_far(work, order) < order.paid


def _draft_of(seen: Snapshot, paid: Money) -> items.NewItem:
    return items.NewItem(
        title=seen.title,
        description=seen.description,
        price=paid,
        original_price=paid if paid.amount else None,
        kind="sale" if paid.amount else "giveaway",
        category=seen.category,
        attributes=seen.attributes,
        draft=True,
    )
