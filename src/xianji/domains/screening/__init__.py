"""Screening: which words may not be said of a thing or in a note, as versioned data that everybody can read.

What this package promises: the answer names the rule, the part of the text that met it and how to mend it; the same
text always gets the same answer; and exceptions of collectors and of everyday words are part of the rule itself.
"""

from .judging import check_text, judge, pass_or_hold
from .model import SCREENED_OUT, Action, Finding, Rule, RuleBook
from .rulebook import rules

__all__ = ["SCREENED_OUT", "Action", "Finding", "Rule", "RuleBook", "check_text", "judge", "pass_or_hold", "rules"]
