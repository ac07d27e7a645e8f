"""Reports: say that something breaks a rule, see how it ended, and ask for another look at a decision about me."""

from typing import Annotated

import msgspec
from litestar.params import QueryParameter
from litestar.types import ControllerRouterHandler

from xianji.domains import moderation
from xianji.domains.moderation import Appeal, OwnCase, OwnReport, Report
from xianji.kernel.pages import PAGE_SIZE, Page
from xianji.kernel.work import Look
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.pages import reports
from xianji.web.visit import Req, visit_of

Cursor = Annotated[str | None, QueryParameter()]
Limit = Annotated[int, QueryParameter(ge=1, le=100)]


class Reported(msgspec.Struct, frozen=True):
    """The case in which a report was gathered."""

    case: str


@reads("/api/v1/me/reports", operation_id="my_reports", tags=["reports"])
async def my_reports(request: Req, cursor: Cursor = None, limit: Limit = PAGE_SIZE) -> Page[OwnReport]:
    """What I reported and how it ended, newest first."""
    async with visit_of(request).look() as look:
        return await moderation.my_reports(look, cursor, limit)


@reads("/api/v1/me/cases", operation_id="my_cases", tags=["reports"])
async def my_cases(request: Req, cursor: Cursor = None, limit: Limit = PAGE_SIZE) -> Page[OwnCase]:
    """Decisions about what is mine, newest first: what, by which rule, until when, and whether I may appeal."""
    async with visit_of(request).look() as look:
        return await moderation.my_cases(look, cursor, limit)


async def _reported(_look: Look, case: str) -> Reported:
    return Reported(case)


async def _case(look: Look, _result: None, case: str) -> OwnCase:
    return await moderation.my_case(look, case)


COMMANDS: list[Command] = [
    Command(
        "report",
        "/reports",
        moderation.report,
        Report,
        view=_reported,
        returns=Reported,
        then=reports.thanks_at,
        again=reports.report_again,
        status=201,
        tag="reports",
    ),
    Command(
        "appeal",
        "/cases/{case}/appeal",
        moderation.appeal,
        Appeal,
        view=_case,
        returns=OwnCase,
        then=reports.appealed_at,
        again=reports.appeal_again,
        tag="reports",
    ),
]

ROUTES: list[ControllerRouterHandler] = [my_cases, my_reports]
