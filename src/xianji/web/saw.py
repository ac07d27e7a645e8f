"""Who saw what, handed to the process's recorder: members by their session, others by a signed cookie of one day."""

import secrets
from collections.abc import Iterable

from litestar import Response

from xianji.domains.feed import Seen
from xianji.kernel import ids

from .here import cell_of
from .visit import Req, Visit, visit_of

COOKIE = "visitor"
_DAY_SECONDS = 86_400
_MOST_AT_ONCE = 100


def saw(request: Req, subjects: Iterable[str], *, opened: bool = False) -> None:
    """Count these notes and things as seen, or opened, by whoever asks; nobody waits for it."""
    viewer = visit_of(request).actor.member or _visitor(request)
    if viewer:
        count(visit_of(request), viewer, subjects, cell_of(request), opened=opened)


def count(visit: Visit, viewer: str, subjects: Iterable[str], cell: int | None, *, opened: bool = False) -> None:
    """The same for a viewer and a place that are known already."""
    visit.house.seen.add(
        Seen(viewer, one, member=bool(visit.actor.member), opened=opened, cell=cell)
        for one in list(dict.fromkeys(subjects))[:_MOST_AT_ONCE]
        if ids.is_id("nte", one) or ids.is_id("itm", one)
    )


def greet(request: Req, answer: Response[None]) -> None:
    """Give a browser that has no session a number for today, so that it counts once; a machine gets few of them."""
    visit = visit_of(request)
    if visit.actor.member or _visitor(request) or not visit.house.seen.welcomes(visit.origin):
        return
    number = secrets.token_urlsafe(12)
    signed = f"{number}.{visit.database.keys.sign('visitor', number)}"
    secure = visit.house.settings.base_url.startswith("https:")
    answer.set_cookie(COOKIE, signed, max_age=_DAY_SECONDS, path="/", samesite="lax", httponly=True, secure=secure)


def _visitor(request: Req) -> str:
    """The number in a cookie that we signed; empty for anything else."""
    number, _, signature = request.cookies.get(COOKIE, "")[:100].partition(".")
    return number if number and visit_of(request).database.keys.signed_by_us("visitor", number, signature) else ""
