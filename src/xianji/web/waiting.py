"""What waits for a member, for the number in the frame of every page. One query over indexes of this one member."""

from datetime import datetime
from typing import Any

import msgspec

from xianji.kernel.work import Look

# In which states an order waits for its buyer, and in which for its seller.
BUYING: tuple[Any, ...] = ("awaiting_payment", "awaiting_balance", "shipped", "delivered")
SELLING: tuple[Any, ...] = ("awaiting_shipment", "awaiting_meeting")
# The same of refunds: an answer to give, goods to send or to look at.
ASKING: tuple[Any, ...] = ("waiting_buyer", "waiting_return", "refused")
ANSWERING: tuple[Any, ...] = ("waiting_seller", "returning", "waiting_replacement")


class Waiting(msgspec.Struct, frozen=True):
    """How many things wait, and until when the clock alone leaves it so; None is for ever."""

    count: int
    until: datetime | None


async def count_for(look: Look) -> Waiting:
    """What waits for the viewer: orders, offers, guests under my notes, gifts to give, decisions I may appeal; and
    what they were told and have not read.
    """
    row: Any = await look.db.fetchrow(
        "select (select count(*) from orders where buyer = $1 and state = any($2::text[]) and paused_at is null)"
        " + (select count(*) from orders where seller = $1 and state = any($3::text[]) and paused_at is null)"
        " + (select count(*) from offers where seller = $1 and state = 'open' and due_at > $4)"
        " + (select count(*) from offers where buyer = $1 and state in ('countered', 'accepted') and due_at > $4)"
        " + (select count(*) from refunds where buyer = $1 and state = any($5::text[]))"
        " + (select count(*) from refunds where seller = $1 and state = any($6::text[]))"
        " + (select count(*) from notes n join note_items b on b.note = n.id and b.state = 'waiting' and not b.hidden"
        " join items i on i.id = b.item and i.state = 'live' where n.author = $1 and n.state = 'live')"
        " + (select count(*) from items i where i.seller = $1 and i.kind = 'giveaway' and i.state = 'live'"
        " and exists (select from item_requests r where r.item = i.id and r.state = 'waiting'))"
        " + (select count(*) from cases c where c.owner = $1 and c.state = 'acted'"
        " and exists (select from sanctions s where s.case_id = c.id and s.until > $4))"
        " + (select count(*) from notices where member = $1 and read_at is null) as count,"
        " least((select min(due_at) from offers where seller = $1 and state = 'open' and due_at > $4),"
        " (select min(due_at) from offers where buyer = $1 and state in ('countered', 'accepted') and due_at > $4),"
        " (select min(until) from sanctions where member = $1 and until > $4)) as until",
        look.actor.me,
        BUYING,
        SELLING,
        look.now,
        ASKING,
        ANSWERING,
    )
    return Waiting(**row)
