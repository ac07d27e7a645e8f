"""What an order's payments are asked to do. With a deposit there are two, and sums are drawn from them in one order."""

from xianji.domains import payments
from xianji.domains.orders import deposits, rules
from xianji.domains.orders.model import Order
from xianji.kernel.work import Work


async def give_back(work: Work, order: Order, amount: int, reason: str) -> None:
    """Let the provider give held money back to the buyer; `order` as it stands before."""
    for payment, part in deposits.drawn(deposits.parts(order), amount, order.refunded):
        await payments.request_refund(work, payment, order.id, part, reason)


async def pay_out(work: Work, order: Order, split: rules.Settlement) -> None:
    """Let the provider pay out all that is held: to the platform its part, the rest to the seller."""
    fee = split.fee + split.recovered
    sellers = dict(deposits.to_seller(order, fee))
    for number, (payment, _) in enumerate(deposits.held_parts(order)):
        await payments.request_release(
            work, payment, order.id, order.seller, sellers.get(payment, 0), 0 if number else fee
        )


async def take_back(work: Work, order: Order, share: rules.ClaimShares, moved: dict[str, int], refund: str) -> None:
    """Let the provider take released money back into the hold. `moved`: the order's sums by kind before it."""
    sellers = deposits.to_seller(order, moved.get("fee", 0) + moved.get("recovered", 0))
    for payment, part in deposits.drawn(sellers, share.seller, moved.get("refund_due", 0)):
        split = payments.seller_split(order.seller, part)
        await payments.request_return(work, payment, order.id, split, refund)
    if share.platform:
        payment, _ = deposits.held_parts(order)[0]
        await payments.request_return(work, payment, order.id, payments.fee_split(work, share.platform), refund)
