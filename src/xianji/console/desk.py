"""The frame of the desk: its rooms and the cells of its tables."""

from typing import Any

from litestar import Response

from xianji.domains.members import MemberCard
from xianji.web import filters, render
from xianji.web.visit import Visit

# Address, name, and the roles that may come in; the rooms themselves judge, this only hides closed doors.
_ROOMS: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("/console", "案件", frozenset({"admin", "moderator"})),
    ("/console/refunds", "退款纠纷", frozenset({"admin", "moderator"})),
    ("/console/members", "成员", frozenset({"admin", "moderator"})),
    ("/console/feed", "推荐与话题", frozenset({"admin", "moderator"})),
    ("/console/config", "配置", frozenset({"admin"})),
    ("/console/audit", "操作记录", frozenset({"admin"})),
    ("/console/money", "对账", frozenset({"admin", "finance"})),
    ("/console/prices", "行情", frozenset({"admin", "moderator"})),
    ("/console/machine", "事件与支付", frozenset({"admin"})),
)


def page(visit: Visit, template: str, here: str, status: int = 200, **context: Any) -> Response[Any]:
    """A page of the console."""
    top = [
        {"text": render.translate(visit, text), "href": href, "on": href == here, "count": None}
        for href, text, roles in _ROOMS
        if visit.actor.roles & roles
    ]
    return render.page(visit, template, status, top=top, **context)


def heads(visit: Visit, *texts: str) -> list[dict[str, Any]]:
    """Column heads from Chinese texts."""
    return [{"text": render.translate(visit, text), "num": False} for text in texts]


def cell(text: Any, href: str = "") -> dict[str, Any]:
    """One cell."""
    return {"text": str(text), "href": href, "num": False, "press": ""}


def member(people: dict[str, MemberCard], who: str) -> dict[str, Any]:
    """A member by name, leading to their page; an unknown one by id."""
    known = people.get(who)
    return cell(f"{known.name} @{known.handle}", f"/u/{known.handle}") if known else cell(who)


def press(visit: Visit, text: str, action: str) -> dict[str, Any]:
    """A cell with one verb in it: a button that sends a form to `action`."""
    return cell(render.translate(visit, text)) | {"press": action}


def cells(*texts: Any) -> list[dict[str, Any]]:
    """Several plain cells."""
    return [cell(text) for text in texts]


def at(visit: Visit, moment: Any) -> dict[str, Any]:
    """A moment in the operator's zone."""
    filters.ZONE.set(visit.zone)
    filters.MOMENT.set(visit.database.clock.now())
    return cell(filters.exact(moment, visit.language))
