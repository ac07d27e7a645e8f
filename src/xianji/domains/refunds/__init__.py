"""Refunds: what a buyer asks back of an order, how the seller answers, what time does, and how operators rule.

An order has at most one open refund, which stops its clock; all refunds together never exceed what was paid. Money
moves only through orders, with the move of the refund in one transaction. Silence pays for what was never sent or never
arrived, and for nothing that may be with the buyer. After the money was released it is taken back from the seller
through the provider; what they cannot pay they owe, and the buyer never does.
"""

from .actions.answering import accept_counter, agree, counter, escalate, refuse
from .actions.applying import apply, withdraw
from .actions.deciding import hurry, note_returned, note_short, reopen, retry, rule, time_out
from .actions.keeping import reseal, scrub
from .actions.returning import (
    correct_return,
    mark_signed,
    note_signed,
    receive,
    refuse_received,
    replace,
    ship_back,
)
from .events import DisputeEnded, RefundDisputed, RefundMoved, RefundShort
from .jobs import DUE
from .model import (
    Agree,
    Apply,
    BuyerRecord,
    CaseFacts,
    Choice,
    Choices,
    CounterRefund,
    DisputeLine,
    Escalate,
    RefundCard,
    RefundPage,
    RefundTurn,
    Refuse,
    RefuseReceived,
    Replacement,
    RuleOn,
    ShipBack,
)
from .policy import Ruling, rulings
from .rules import MACHINE
from .views import case_facts, choices, disputed, export_for, in_the_way, my_turn, refund_page, refunds_of

__all__ = [
    "DUE",
    "MACHINE",
    "Agree",
    "Apply",
    "BuyerRecord",
    "CaseFacts",
    "Choice",
    "Choices",
    "CounterRefund",
    "DisputeEnded",
    "DisputeLine",
    "Escalate",
    "RefundCard",
    "RefundDisputed",
    "RefundMoved",
    "RefundPage",
    "RefundShort",
    "RefundTurn",
    "Refuse",
    "RefuseReceived",
    "Replacement",
    "RuleOn",
    "Ruling",
    "ShipBack",
    "accept_counter",
    "agree",
    "apply",
    "case_facts",
    "choices",
    "correct_return",
    "counter",
    "disputed",
    "escalate",
    "export_for",
    "hurry",
    "in_the_way",
    "mark_signed",
    "my_turn",
    "note_returned",
    "note_short",
    "note_signed",
    "receive",
    "refund_page",
    "refunds_of",
    "refuse",
    "refuse_received",
    "reopen",
    "replace",
    "reseal",
    "retry",
    "rule",
    "rulings",
    "scrub",
    "ship_back",
    "time_out",
    "withdraw",
]
