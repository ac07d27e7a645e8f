"""Public places between the two sides of an order: districts before payment, names and addresses only after it."""

import msgspec

from xianji.domains import circles, items
from xianji.kernel.config import Key
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look

SPOTS_MOST = Key("orders.meeting_spots_most", 5, "public places suggested for one order")

_AHEAD = ("awaiting_payment", "awaiting_meeting")


class MeetingSpot(msgspec.Struct, frozen=True):
    """A public place, so far from the thing's grid cell. `name` and `address` are empty until the order is paid."""

    district: str
    kilometres: float | None
    name: str = ""
    address: str = ""


async def meeting_spots(look: Look, order: str, mine: int | None = None) -> list[MeetingSpot]:
    """Where the two sides of an order may meet, the place whose longer way is shortest first.

    `mine` is the viewer's own grid cell, if they tell it. Only for the two sides (`not_found` to others), and only
    while a meeting is ahead; before payment there are districts alone, each once.
    """
    row = await look.db.fetchrow(
        "select o.buyer, o.seller, o.state, o.handover, i.cell from orders o"
        " join order_lines n on n.order_id = o.id and n.number = 1 join items i on i.id = n.item"
        " where o.id = $1 and (o.buyer = $2 or o.seller = $2)",
        order,
        look.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    if row["handover"] != "meet" or row["state"] not in _AHEAD:
        return []
    places = await circles.meeting_places_for(look, [row["buyer"], row["seller"]])
    ends = [cell for cell in (row["cell"], mine) if cell is not None]
    near = sorted(places, key=lambda place: _ways(place, ends))
    spots = [_spot(place, row["cell"], exact=row["state"] == "awaiting_meeting") for place in near]
    return list({(spot.district, spot.name): spot for spot in reversed(spots)}.values())[::-1][
        : look.config.get(SPOTS_MOST)
    ]


def _ways(place: circles.MeetingPlace, ends: list[int]) -> list[int]:
    """How far the two have to go, metres, the longer way first; nothing where neither end is known."""
    return sorted((items.metres_between(_cell(place), end) for end in ends), reverse=True)


def _cell(place: circles.MeetingPlace) -> int:
    return items.cell_of(place.lat, place.lon)


def _spot(place: circles.MeetingPlace, cell: int | None, exact: bool) -> MeetingSpot:
    away = None if cell is None else items.kilometres(items.metres_between(_cell(place), cell))
    if not exact:
        return MeetingSpot(place.district, away)
    return MeetingSpot(place.district, away, place.name, place.address)
