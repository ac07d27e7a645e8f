"""The ledger: a double-entry mirror of provider facts and claims.

Every movement is a transfer with a caller-chosen id, posted once, in the caller's transaction, and never edited.
Balances change only by transfers, owed accounts never fall below zero, and `prove` recomputes everything. The
ledger holds no money and knows no order states; higher domains decide which legs to post.
"""

from .actions import debt_of, transfer
from .model import (
    ACCOUNT_KINDS,
    LEDGER_OVERDRAWN,
    LEDGER_TRANSFER_DIFFERS,
    TRANSFER_KINDS,
    Leg,
    OrderSum,
    Proof,
    StatementLine,
)
from .views import balance, export_for, prove, scrub, statement, sums_of

__all__ = [
    "ACCOUNT_KINDS",
    "LEDGER_OVERDRAWN",
    "LEDGER_TRANSFER_DIFFERS",
    "TRANSFER_KINDS",
    "Leg",
    "OrderSum",
    "Proof",
    "StatementLine",
    "balance",
    "debt_of",
    "export_for",
    "prove",
    "scrub",
    "statement",
    "sums_of",
    "transfer",
]
