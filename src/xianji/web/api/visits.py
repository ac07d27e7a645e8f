"""Visits over the API, and the forms that do the same."""

from litestar.types import ControllerRouterHandler

from xianji.domains import visits
from xianji.domains.visits import OfferSlot, SlotView
from xianji.kernel.work import Look
from xianji.web.answers import reads
from xianji.web.commands import Command
from xianji.web.pages import visits as pages
from xianji.web.visit import Req, visit_of


async def _slots(look: Look, *_: object) -> list[SlotView]:
    return await visits.slots_for_me(look)


def _to_visits(*_: object) -> str:
    return "/visits"


COMMANDS: list[Command] = [
    Command(
        "offer_visit_slot",
        "/visits",
        visits.offer_slot,
        OfferSlot,
        view=_slots,
        returns=list[SlotView],
        status=201,
        tag="visits",
    ),
    Command(
        "offer_visit_slot_form",
        "/visits",
        pages.offer,
        pages.SlotForm,
        then=_to_visits,
        again=pages.offer_again,
        outside=True,
        api=False,
    ),
    *(
        Command(
            f"{name}_visit_slot",
            f"/visits/{{slot}}/{path}",
            verb,
            view=_slots,
            returns=list[SlotView],
            then=_to_visits,
            again=pages.step_again,
            tag="visits",
        )
        for name, path, verb in (
            ("take", "take", visits.take_slot),
            ("leave", "leave", visits.leave_slot),
            ("call_off", "call-off", visits.call_off_slot),
        )
    ),
]


@reads("/api/v1/visits", operation_id="list_visit_slots", tags=["visits"])
async def list_visit_slots(request: Req) -> list[SlotView]:
    """My slots, and those of sellers who accepted me; the address only for who comes."""
    async with visit_of(request).look() as look:
        return await visits.slots_for_me(look)


ROUTES: list[ControllerRouterHandler] = [list_visit_slots]
