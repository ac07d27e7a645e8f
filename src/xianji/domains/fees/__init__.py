"""Fees: what the platform keeps of a sale, and nothing else.

A policy is data with a version. Which one binds a sale was settled when the seller last confirmed the thing
(published or edited it), so a new policy reaches nobody who has not seen it. `charge` decides a fee once, from the
money that stays with the sale; what is given back after a refund follows from that very decision. No money moves here.
"""

from .actions import record_sale
from .model import NO_CHARGE, NOTICE_DAYS, POLICY, PUBLISHED, Charge, Excess, FeePolicy, Standing, UpperRate
from .rules import base_of, charge, given_back, likely, policy_for, shares
from .views import export_for, scrub

__all__ = [
    "NOTICE_DAYS",
    "NO_CHARGE",
    "POLICY",
    "PUBLISHED",
    "Charge",
    "Excess",
    "FeePolicy",
    "Standing",
    "UpperRate",
    "base_of",
    "charge",
    "export_for",
    "given_back",
    "likely",
    "policy_for",
    "record_sale",
    "scrub",
    "shares",
]
