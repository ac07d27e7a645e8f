"""What waits for me, and what I was told: the two halves of 消息."""

from itertools import groupby
from typing import Any
from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from xianji.domains import items, members, moderation, notes, notices, offers, orders, refunds
from xianji.domains.notices import Notice, Notices
from xianji.kernel.work import Look
from xianji.web import filters, notice_words, offer_words, order_words, refund_words, render, shapes, waiting
from xianji.web.going import see_other
from xianji.web.visit import Req, Visit, visit_of

from .reports import case_line

_ICONS = {
    "orders": "package",
    "decisions": "scale",
    "offers": "tag",
    "gifts": "gift",
    "visits": "map-pin",
    "talk": "message-circle",
    "likes": "heart",
    "follows": "users",
    "prices": "tag",
    "searches": "search",
}
# Notices that invite to a thing say when it has gone meanwhile; a sale is no news to its two sides.
_INVITES = ("prices", "searches")


@get("/messages", include_in_schema=False)
async def show(request: Req, cursor: FromQuery[str | None] = None) -> Response[Any]:
    """Everything that waits for the visitor, in the order in which it presses, and what they were told by days."""
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other("/sign-in?to=/messages")
    async with visit.look() as look:
        waits = {} if cursor else await _waiting(visit, look)
        told = await notices.my_notices(look, cursor)
    return render.page(
        visit,
        "pages/messages.html",
        me=visit.actor.me,
        waits=waits,
        **_told(visit, told),
        first=not cursor,
        more_href=f"/messages?cursor={quote(told.next_cursor)}" if told.next_cursor else None,
    )


async def _waiting(visit: Visit, look: Look) -> dict[str, Any]:
    mine = [
        *(await orders.orders_of(look, "buyer", list(waiting.BUYING))).items,
        *(await orders.orders_of(look, "seller", list(waiting.SELLING))).items,
    ]
    turn = sorted((card for card in mine if not card.waiting.paused), key=_presses)
    talks = [
        *(await offers.offers_of(look, "seller", ["open"])).items,
        *(await offers.offers_of(look, "buyer", ["countered", "accepted"])).items,
    ]
    claims = await refunds.my_turn(look)
    people = await members.cards(
        look, [card.other for card in turn] + [one.other for one in talks] + [one.other for one in claims]
    )
    cases = (await moderation.my_cases(look)).items
    found = {
        "orders": [order_words.row(visit, card, shapes.person(people[card.other])) for card in turn],
        "refunds": [refund_words.row(visit, one, shapes.person(people[one.other])) for one in claims],
        "offers": [offer_words.row(visit, one, shapes.person(people[one.other])) for one in talks],
        "stalls": await notes.stalls_waiting(look),
        "gifts": await items.gifts_to_give(look),
        "cases": [case_line(visit, one) for one in cases if one.state == "appealed" or "appeal" in one.actions],
    }
    return found if any(found.values()) else {}


def _presses(card: orders.OrderCard) -> tuple[bool, Any]:
    until = card.waiting.until
    return (until is None, until or card.placed_at)


def _told(visit: Visit, told: Notices) -> dict[str, Any]:
    """What the visitor was told, by days as they count them, and up to when it is shown."""
    filters.MOMENT.set(visit.database.clock.now())
    filters.ZONE.set(visit.zone)
    by_day = groupby(told.items, lambda one: filters.day(one.at, visit.language))
    return {
        "days": [(day, [_line(visit, one) for one in ones]) for day, ones in by_day],
        "unread": told.unread,
        "until": told.items[0].at.isoformat() if told.items else "",
    }


def _line(visit: Visit, one: Notice) -> dict[str, Any]:
    """One notice for `notice.line`."""
    return {
        "id": one.id,
        "text": notice_words.sentence(visit, one),
        "at": one.at,
        "read": one.read,
        "link": one.link,
        "who": shapes.person(one.person) if one.person else None,
        "icon": _ICONS[one.group],
        "picture": shapes.picture(one.picture, "") if one.picture else None,
        "gone": one.gone and one.group in _INVITES,
    }


ROUTES: list[ControllerRouterHandler] = [show]
