"""Moderation 举报与处理: reports gathered in cases, an operator's decision by a named rule, sanctions, appeals.

What this package promises: one open report per person and subject; a decision always has a rule, words, evidence, an
end and an appeal; hiding and restricting go through the doors of the domains that own the subject; who reported is
never told to the one reported; every decision is in the audit chain.
"""

from .actions import appeal, decide, hold, item_moved, report, restrict_by_hand
from .events import CaseAppealed, CaseDecided, SubjectHeld, SubjectReported
from .model import Appeal, Decision, Report, Restriction
from .people import export_for, scrub
from .policy import Policy, Words, policy
from .rules import CASE
from .views import (
    CaseCard,
    CasePage,
    Figures,
    OwnCase,
    OwnReport,
    ReportLine,
    SanctionLine,
    case_page,
    figures,
    my_case,
    my_cases,
    my_reports,
    my_suspension,
    queue,
)

__all__ = [
    "CASE",
    "Appeal",
    "CaseAppealed",
    "CaseCard",
    "CaseDecided",
    "CasePage",
    "Decision",
    "Figures",
    "OwnCase",
    "OwnReport",
    "Policy",
    "Report",
    "ReportLine",
    "Restriction",
    "SanctionLine",
    "SubjectHeld",
    "SubjectReported",
    "Words",
    "appeal",
    "case_page",
    "decide",
    "export_for",
    "figures",
    "hold",
    "item_moved",
    "my_case",
    "my_cases",
    "my_reports",
    "my_suspension",
    "policy",
    "queue",
    "report",
    "restrict_by_hand",
    "scrub",
]
