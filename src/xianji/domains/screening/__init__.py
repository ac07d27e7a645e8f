"""Screening: which words may not be said of a thing or in a note, as versioned data that everybody can read.

What this package promises: the answer names the rule, the part of the text that met it and how to mend it; the same
text always gets the same answer; exceptions of collectors and of everyday words are part of the rule itself. A member
may object to a block: what they say is then held until a person has looked.
"""

from .actions import screen
from .judging import check_text, judge, pass_or_hold
from .model import SCREENED_OUT, SECOND_LOOKS, Action, Change, Finding, Rule, RuleBook, SecondLook, Texts
from .rulebook import rule_of, rules

__all__ = [
    "SCREENED_OUT",
    "SECOND_LOOKS",
    "Action",
    "Change",
    "Finding",
    "Rule",
    "RuleBook",
    "SecondLook",
    "Texts",
    "check_text",
    "judge",
    "pass_or_hold",
    "rule_of",
    "rules",
    "screen",
]
