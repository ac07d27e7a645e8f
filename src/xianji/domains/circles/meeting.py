"""Public places for handing over in person: the city's, and those that a circle's hosts know."""

from collections.abc import Sequence

import msgspec

from xianji.kernel import audit, config, text
from xianji.kernel.work import Look, Work

from . import store
from .model import (
    MEETING_PLACE_NEEDS_POINT,
    MEETING_PLACE_TWICE,
    MEETING_PLACES,
    MOST_MEETING_PLACES,
    TOO_MANY_MEETING_PLACES,
    MeetingPlace,
    NewMeetingPlace,
    RemoveMeetingPlace,
    SetMeetingPlaces,
)


async def set_meeting_places(work: Work, circle: str, asked: SetMeetingPlaces) -> int:
    """A new version of a circle's list, in force from now. Returns its number. For hosts and operators."""
    await store.lock_for_host(work, circle)
    reason = text.line("reason", asked.reason, 200)
    return await _set(work, circle, asked.places, reason)


async def add_meeting_place(work: Work, circle: str, asked: NewMeetingPlace) -> int:
    """One more public place of a circle, in force from now. For hosts and operators.

    Refuses `meeting_place_needs_point`, `meeting_place_twice` (by name), `too_many_meeting_places`, and empty texts.
    """
    await store.lock_for_host(work, circle)
    place = _judged(asked)
    places = await _newest(work, circle)
    if any(known.name == place.name for known in places):
        raise MEETING_PLACE_TWICE(name=place.name)
    most = work.config.get(MOST_MEETING_PLACES)
    if len(places) >= most:
        raise TOO_MANY_MEETING_PLACES(most=most)
    return await _set(work, circle, [*places, place], f"+ {place.name}")


async def remove_meeting_place(work: Work, circle: str, asked: RemoveMeetingPlace) -> None:
    """A circle's place is suggested no more; saying it twice changes nothing. For hosts and operators."""
    await store.lock_for_host(work, circle)
    places = await _newest(work, circle)
    left = [place for place in places if place.name != asked.name]
    if len(left) < len(places):
        await _set(work, circle, left, f"- {asked.name}")


def _judged(asked: NewMeetingPlace) -> MeetingPlace:
    if asked.lat is None or asked.lon is None:
        raise MEETING_PLACE_NEEDS_POINT()
    return MeetingPlace(
        name=text.line("name", asked.name, 60),
        district=text.line("district", asked.district, 30),
        address=text.line("address", asked.address, 100),
        lat=asked.lat,
        lon=asked.lon,
    )


async def _newest(look: Look, circle: str) -> list[MeetingPlace]:
    """The list as it was set last; not from the snapshot of the configuration, which may be a second old."""
    newest = await store.newest_values(look, circle, [MEETING_PLACES.name])
    return msgspec.convert(newest.get(MEETING_PLACES.name, []), list[MeetingPlace])


async def _set(work: Work, circle: str, places: Sequence[MeetingPlace], reason: str) -> int:
    await audit.record(work, "set_meeting_places", circle, reason, count=len(places))
    return await config.set_value(work, MEETING_PLACES.name, msgspec.to_builtins(places), reason, scope=circle)


async def meeting_places_of(look: Look, circle: str) -> list[MeetingPlace]:
    """A circle's own places, for its hosts and operators. Refuses `not_found` to everybody else."""
    await store.need_host(look, circle)
    return await _newest(look, circle)


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
