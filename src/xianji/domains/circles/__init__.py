"""Circles: communities of an interest or a place, with rules of their own. The package promises that a circle's rule is
a version with a reason, never an edit, and that a circle with members always has a host."""

from .actions import edit_circle, found_circle, join_circle, leave_circle, make_host, set_circle_rule
from .model import GUEST_STALLS, KINDS_WELCOME, CircleJoined, CircleLeft, EditCircle, FoundCircle, SetRule
from .store import scrub
from .views import CircleCard, CirclePage, CircleRules, circle_page, circles, export_for, rules_of

__all__ = [
    "GUEST_STALLS",
    "KINDS_WELCOME",
    "CircleCard",
    "CircleJoined",
    "CircleLeft",
    "CirclePage",
    "CircleRules",
    "EditCircle",
    "FoundCircle",
    "SetRule",
    "circle_page",
    "circles",
    "edit_circle",
    "export_for",
    "found_circle",
    "join_circle",
    "leave_circle",
    "make_host",
    "rules_of",
    "scrub",
    "set_circle_rule",
]
