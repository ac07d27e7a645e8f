"""Refunds after release: the seller's money comes back through the provider, and goes to the buyer.

Where no provider can move it the one owes it to the other (`orders.amends`).
"""

from xianji.domains import ledger, payments
from xianji.domains.ledger import Leg
from xianji.domains.orders import deposits, rules, store
from xianji.domains.orders.events import TakenBack
from xianji.domains.orders.model import Order
from xianji.kernel.money import Money
from xianji.kernel.work import Work

from .purse import take_back


async def refunded_so_far(work: Work, order: Order) -> int:
    """What was refunded of an order before and after its end and is not to be repaid, minor units."""
    moved = await ledger.moved(work, order.id)
    return order.refunded + rules.claimed(moved) - moved.get("repay_owed", 0)


async def claim_back(work: Work, order: Order, refund: str, amount: int) -> None:
    """Refund `amount` of an order that is over, which the caller has locked.

    The books say at once who owes what; the provider is asked to take it back, and pays the buyer when it has it.
    """
    moved = await ledger.moved(work, order.id)
    if not await _provider_can(work, order, moved):
        await _owe(work, order, "claim_owed", refund, amount, order.seller, order.buyer)
        return
    share = rules.claim_shares(order, moved, amount)
    await ledger.transfer(work, rules.claim_legs(order, refund, share))
    await take_back(work, order, share, moved, refund)


async def _provider_can(work: Work, order: Order, moved: dict[str, int]) -> bool:
    """Whether the provider still has a release of ours to take back: not of what ended by itself, nor twice."""
    if order.state != "completed" or moved.get("repay_owed"):
        return False
    return not await store.happened(work, order.id, ["hold_ended"])


async def repay(work: Work, order: Order, refund: str, amount: int) -> None:
    """The buyer of an order that is over owes its seller `amount` of what was refunded: a ruling found it wrong."""
    await _owe(work, order, "repay_owed", refund, amount, order.buyer, order.seller)


async def _owe(work: Work, order: Order, kind: str, refund: str, amount: int, debtor: str, creditor: str) -> None:
    """The one owes it to the other, for what a refund came to."""
    owed = Money(amount, order.currency)
    await ledger.transfer(work, [Leg(kind, order.id, f"amends:{refund}", owed, debtor, creditor)])


async def still_owed(work: Work, order: Order, refund: str) -> list[tuple[str, int]]:
    """What the seller could not give back of a refund, by payment."""
    return await payments.missing_returns(work, [payment for payment, _ in deposits.parts(order)], refund)


async def claim_again(work: Work, order: Order, refund: str) -> None:
    """Ask the provider once more for what the seller still owes of a refund, of each payment what it lacks."""
    for payment, missing in await still_owed(work, order, refund):
        split = payments.seller_split(order.seller, missing)
        await payments.request_return(work, payment, order.id, split, refund)


async def taken_back(work: Work, stored: payments.StoredFact) -> list[ledger.Leg]:
    """The provider has taken released money back into the hold; now it goes to the buyer."""
    fact = stored.fact
    assert fact.part is not None, "payments keeps only returns that answer one of ours"
    order = await store.lock_for_system(work, fact.part)
    await payments.request_refund(work, stored.payment, order.id, fact.amount, stored.reason)
    work.tell(TakenBack(order.id, stored.reason, fact.lines[0].kind, fact.amount, fact.currency))
    money, id = Money(fact.amount, fact.currency), f"{fact.lines[0].kind}_returned:{fact.request_no}"
    if fact.lines[0].kind == "seller":
        return [ledger.Leg("returned", order.id, id, money, credit_owner=order.seller)]
    return [ledger.Leg("fee_returned", order.id, id, money)]
