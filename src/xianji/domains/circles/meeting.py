"""Public places for handing over in person: the city's, and those that a circle's hosts know."""

from collections.abc import Sequence

import msgspec

from xianji.kernel import audit, config, text
from xianji.kernel.work import Look, Work

from . import store
from .model import MEETING_PLACES, MeetingPlace, SetMeetingPlaces


async def set_meeting_places(work: Work, circle: str, asked: SetMeetingPlaces) -> int:
    """A new version of a circle's list, in force from now. Returns its number. For hosts and operators."""
    await store.lock_for_host(work, circle)
    reason = text.line("reason", asked.reason, 200)
    value = msgspec.to_builtins(asked.places)
    await audit.record(work, "set_meeting_places", circle, reason, count=len(value))
    return await config.set_value(work, MEETING_PLACES.name, value, reason, scope=circle)


async def meeting_places_for(look: Look, people: Sequence[str]) -> list[MeetingPlace]:
    """The city's places and those of the circles that all these people are in, each once."""
    rows = await look.db.fetch(
        "select circle from circle_members where member = any($1::text[]) group by circle"
        " having count(*) = cardinality($1::text[]) order by circle",
        list(people),
    )
    found = [
        place for scope in ["", *(row["circle"] for row in rows)] for place in look.config.get(MEETING_PLACES, scope)
    ]
    return list(dict.fromkeys(found))
