"""The words of the ledger: account kinds, transfer kinds, legs, and what a proof says."""

from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

import msgspec

from xianji.kernel.errors import Code, Kind
from xianji.kernel.money import Money

LEDGER_OVERDRAWN = Code("ledger_overdrawn", Kind.CONFLICT)
LEDGER_TRANSFER_DIFFERS = Code("ledger_transfer_differs", Kind.CONFLICT)

# The platform's own accounts are written by every order, so each is spread over this many rows. Not configuration:
# an order's money must come back to the row it went into.
SHARDS = 32

OWED, OWNED = 1, -1
# What each account kind is: money we owe to somebody (never below zero) or that is owed to us (never above).
ACCOUNT_KINDS: dict[str, int] = {
    "order_held": OWED,
    "seller_payable": OWED,
    "buyer_refund": OWED,
    "platform_fee": OWED,
    "provider_clearing": OWNED,
    "platform_bank": OWNED,
    "receivable": OWNED,
    "return_due": OWNED,
    "amends_due": OWED,
    "platform_paid": OWED,
}
SHARDED = frozenset({"platform_fee", "platform_paid", "provider_clearing", "platform_bank"})


@dataclass(frozen=True, slots=True)
class TransferKind:
    """From which account kind to which."""

    debit: str
    credit: str
    why: str


# Which of them count as which term of an order's equation is said once, in the view ledger_order_sums.
TRANSFER_KINDS: dict[str, TransferKind] = {
    "paid": TransferKind("provider_clearing", "order_held", "the provider holds the buyer's money"),
    "released": TransferKind("order_held", "seller_payable", "the seller may have it"),
    "fee": TransferKind("order_held", "platform_fee", "the platform's share of a sale"),
    "refunded": TransferKind("order_held", "buyer_refund", "the buyer gets it back"),
    "paid_out": TransferKind("seller_payable", "provider_clearing", "the provider paid the seller"),
    "refund_sent": TransferKind("buyer_refund", "provider_clearing", "the provider paid the buyer back"),
    "fee_collected": TransferKind("platform_bank", "provider_clearing", "the provider paid the platform"),
    "fee_owed": TransferKind("receivable", "platform_fee", "a fee kept after a refund"),
    "refund_owed": TransferKind("receivable", "buyer_refund", "refunded after release"),
    "refund_due": TransferKind("return_due", "buyer_refund", "refunded after release, out of the seller's money"),
    "returned": TransferKind("provider_clearing", "return_due", "the provider took it back from the seller"),
    "fee_back": TransferKind("platform_fee", "buyer_refund", "the fee's part of a refund after release"),
    "fee_returned": TransferKind("provider_clearing", "platform_bank", "the provider took it back from the platform"),
    "penalty_owed": TransferKind("receivable", "amends_due", "an earnest deposit that the seller broke, once more"),
    "claim_owed": TransferKind("receivable", "amends_due", "refunded where no provider can take the money back"),
    "repay_owed": TransferKind("receivable", "amends_due", "a refund that the buyer should not have had"),
    "amends_paid": TransferKind("amends_due", "platform_paid", "passed on from the platform's own account"),
    "recovered": TransferKind("seller_payable", "receivable", "a debt taken from later proceeds"),
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One movement to post. `id` is chosen by the caller and unique within `reference` (an order).

    The owners name whose account it is ("" for the platform's own accounts); the kinds of the two accounts follow
    from `kind`.
    """

    kind: str
    reference: str
    id: str
    amount: Money
    debit_owner: str = ""
    credit_owner: str = ""

    @property
    def debit(self) -> str:
        """The key of the account the money leaves."""
        return account_key(TRANSFER_KINDS[self.kind].debit, self.debit_owner, self.amount.currency, self.reference)

    @property
    def credit(self) -> str:
        """The key of the account the money enters."""
        return account_key(TRANSFER_KINDS[self.kind].credit, self.credit_owner, self.amount.currency, self.reference)


def account_key(kind: str, owner: str, currency: str, reference: str = "") -> str:
    """The key of an account. The platform's own are spread by `reference`; the others have exactly one row."""
    assert (kind in SHARDED) == (owner == ""), f"{kind} and owner {owner!r} do not fit"
    place = f"#{crc32(reference.encode()) % SHARDS}" if kind in SHARDED else owner
    return f"{kind}:{place}:{currency}"


class StatementLine(msgspec.Struct, frozen=True):
    """One movement on an account. `amount` is signed, minor units: positive came in, negative went out."""

    at: datetime
    kind: str
    reference: str
    id: str
    amount: int
    currency: str


class OrderSum(msgspec.Struct, frozen=True, kw_only=True):
    """The terms of one order's equation, minor units."""

    reference: str
    currency: str
    paid: int
    receivable: int
    released: int
    refunded: int
    fee: int
    penalty: int
    repaid: int
    held: int

    @property
    def holds(self) -> bool:
        """Whether paid + receivable = released + refunded + fee + penalty + repaid + held."""
        amends = self.penalty + self.repaid
        return self.paid + self.receivable == self.released + self.refunded + self.fee + amends + self.held


class Proof(msgspec.Struct, frozen=True):
    """What is wrong with the books; everything empty when they hold."""

    currencies_not_zero: dict[str, int]
    accounts_off: list[str]
    orders_off: list[OrderSum]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.currencies_not_zero or self.accounts_off or self.orders_off)
