"""上门来挑: the times at which I receive people, and those at which I may come to others."""

from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from xianji.domains import members, visits
from xianji.domains.visits import OfferSlot, SlotView
from xianji.kernel.errors import MALFORMED, Refusal
from xianji.web import order_words, render, shapes
from xianji.web.errors import beside
from xianji.web.refused import STATUS
from xianji.web.visit import Req, Visit, visit_of

_FIELDS = ("begins_at", "ends_at", "capacity", "address")
Time = Annotated[str, Meta(max_length=30)]


class SlotForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slot as typed, times in the member's own zone ("2026-03-02T18:00")."""

    begins_at: Time
    ends_at: Time
    address: Annotated[str, Meta(max_length=40)] = ""
    capacity: Annotated[int, Meta(ge=1, le=1_000)] = 1


async def offer(visit: Visit, form: SlotForm) -> None:
    """Offer a slot. Refuses what `visits.offer_slot` refuses, and a time that cannot be read."""
    begins, ends = _moment(visit, "begins_at", form.begins_at), _moment(visit, "ends_at", form.ends_at)
    async with visit.work() as work:
        await visits.offer_slot(work, OfferSlot(begins, ends, form.address, form.capacity))


def _moment(visit: Visit, field: str, typed: str) -> datetime:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(visit.zone))
    except ValueError:
        raise MALFORMED(why=typed, field=field) from None


@get("/visits", include_in_schema=False)
async def visits_page(request: Req) -> Response[Any]:
    """What lies ahead, and a form for one more slot."""
    return await _page(visit_of(request), {}, None)


async def offer_again(request: Req, refusal: Refusal, typed: dict[str, str]) -> Response[Any]:
    """The form once more, with what was typed."""
    return await _page(visit_of(request), typed, refusal)


async def step_again(request: Req, refusal: Refusal, typed: dict[str, str], _slot: str) -> Response[Any]:
    """The list as it is now, with the reason above it."""
    return await _page(visit_of(request), typed, refusal)


async def _page(visit: Visit, typed: dict[str, str], refusal: Refusal | None) -> Response[Any]:
    async with visit.look() as look:
        slots = await visits.slots_for_me(look)
        people = await members.cards(look, list({id for slot in slots for id in (slot.seller, *slot.guests)}))
        places = await members.list_addresses(look)
    shown = [_shown(visit, slot, people) for slot in slots]
    return render.sheet(
        visit,
        "pages/visits.html",
        title="上门来挑",
        back="/me",
        status=STATUS[refusal.code.kind] if refusal else 200,
        mine=[one for one in shown if one["mine"]],
        others=[one for one in shown if not one["mine"]],
        places=places,
        typed=typed,
        errors=beside(visit, refusal, _FIELDS),
    )


def _shown(visit: Visit, slot: SlotView, people: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": slot.id,
        "mine": slot.mine,
        "coming": slot.coming,
        "left": slot.left,
        "capacity": slot.capacity,
        "when": f"{order_words.when(visit, slot.begins_at)} – {order_words.when(visit, slot.ends_at)}",
        "seller": shapes.person(people[slot.seller]),
        "guests": [shapes.person(people[id]) for id in slot.guests],
        "address": slot.address,
    }


ROUTES: list[ControllerRouterHandler] = [visits_page]
