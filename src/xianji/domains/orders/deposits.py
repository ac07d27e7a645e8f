"""Deposits as rules: what is due when, what each side may do, and which payment money is taken from. Pure."""

from collections.abc import Iterable

from xianji.domains.ledger import Leg
from xianji.kernel.ids import PaymentId
from xianji.kernel.money import Money

from .model import Deposit, Order, Terms

# The states in which the buyer owes money.
PAYABLE = ("awaiting_payment", "awaiting_balance")
Part = tuple[PaymentId, int]


def amount_of(deposit: Deposit, goods: int) -> int:
    """What is paid first of these goods, minor units; rounded down, since the law caps an earnest."""
    return goods * deposit.percent // 100


def due_now(order: Order) -> int:
    """What the buyer has to pay next: the deposit, the rest, or everything."""
    deposit = order.terms.deposit
    if deposit is not None and order.state == "awaiting_payment":
        return amount_of(deposit, order.goods)
    return order.total - order.paid


def is_earnest(order: Order) -> bool:
    """Whether who breaks this order loses the deposit, or gives it back twice."""
    return _is_earnest(order.terms)


def _is_earnest(terms: Terms) -> bool:
    return terms.deposit is not None and terms.deposit.kind == "earnest"


def fits(order: Order, verb: str, role: str) -> bool:
    """An earnest deposit is given up, not called off, and who needs consent asks; any other way out is open to both."""
    match verb:
        case "forfeit":
            return is_earnest(order)
        case "cancel_paid":
            return role != "buyer" or not needs_consent(order.terms)
        case _:
            return True


def needs_consent(terms: Terms) -> bool:
    """Whether a buyer who has second thoughts must ask the seller, before anything was handed over."""
    return terms.consent or _is_earnest(terms)


def otherwise(deposit: Deposit, extensions: int) -> str:
    """What time does when the rest was not paid: more time once, or what the kind of deposit says."""
    if deposit.silent == "extend" and extensions < deposit.extensions:
        return "extend"
    kept = deposit.kind == "earnest" and deposit.silent != "refund"
    return "forfeit_timeout" if kept else "balance_timeout"


def parts(order: Order) -> list[Part]:
    """The payments of an order with what each brought; money is taken from them in this order."""
    rest = [(order.payment, order.paid - order.deposit)] if order.payment else []
    return [*rest, *([(order.deposit_payment, order.deposit)] if order.deposit_payment else [])]


def drawn(parts: Iterable[Part], amount: int, before: int = 0) -> list[Part]:
    """`amount` out of the parts one after the other, when `before` was taken from them already."""
    found = []
    for payment, brought in parts:
        spent = min(brought, before)
        taken = min(brought - spent, amount)
        before, amount = before - spent, amount - taken
        if taken:
            found.append((payment, taken))
    assert amount == 0, "no more is taken than was paid"
    return found


def held_parts(order: Order) -> list[Part]:
    """What is still held, by payment. The first of them bears the fee."""
    return drawn(parts(order), order.paid - order.refunded, order.refunded)


def fee_room(order: Order, share_ppm: int) -> int:
    """The most that the platform may take of what is held: a share of what the payment that bears the fee brought."""
    held = held_parts(order)
    if not held:
        return 0
    payment, left = held[0]
    return min(left, dict(parts(order))[payment] * share_ppm // 1_000_000)


def to_seller(order: Order, fee: int) -> list[Part]:
    """What the seller gets of each payment when the first of them bears `fee`."""
    return drawn(held_parts(order), order.paid - order.refunded - fee, fee)


def penalty_legs(order: Order) -> list[Leg]:
    """Money "penalty": the seller who broke an earnest deposit owes the buyer as much again."""
    owed = Money(order.deposit if is_earnest(order) else 0, order.currency)
    return [Leg("penalty_owed", order.id, f"amends:{order.id}", owed, order.seller, order.buyer)]
