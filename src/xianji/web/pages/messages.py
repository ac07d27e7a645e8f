"""What waits for me: orders, refunds, offers, guests under my notes, gifts to give, decisions about me."""

from typing import Any

from litestar import Response, get
from litestar.types import ControllerRouterHandler

from xianji.domains import items, members, moderation, notes, offers, orders, refunds
from xianji.web import offer_words, order_words, refund_words, render, shapes, waiting
from xianji.web.going import see_other
from xianji.web.visit import Req, visit_of

from .reports import case_line


@get("/messages", include_in_schema=False)
async def show(request: Req) -> Response[Any]:
    """Everything that waits for the visitor, in the order in which it presses."""
    visit = visit_of(request)
    if visit.actor.member is None:
        return see_other("/sign-in?to=/messages")
    async with visit.look() as look:
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
        stalls = await notes.stalls_waiting(look)
        gifts = await items.gifts_to_give(look)
        cases = (await moderation.my_cases(look)).items
    return render.page(
        visit,
        "pages/messages.html",
        orders=[order_words.row(visit, card, shapes.person(people[card.other])) for card in turn],
        refunds=[refund_words.row(visit, one, shapes.person(people[one.other])) for one in claims],
        offers=[offer_words.row(visit, one, shapes.person(people[one.other])) for one in talks],
        stalls=stalls,
        gifts=gifts,
        cases=[case_line(visit, one) for one in cases if one.state == "appealed" or "appeal" in one.actions],
    )


def _presses(card: orders.OrderCard) -> tuple[bool, Any]:
    until = card.waiting.until
    return (until is None, until or card.placed_at)


ROUTES: list[ControllerRouterHandler] = [show]
