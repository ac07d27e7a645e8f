"""What waits for a member, for the number in the frame of every page. One query over indexes of this one member."""

from typing import Any

from xianji.kernel.work import Look

# In which states an order waits for its buyer, and in which for its seller.
BUYING: tuple[Any, ...] = ("awaiting_payment", "awaiting_balance", "shipped", "delivered")
SELLING: tuple[Any, ...] = ("awaiting_shipment", "awaiting_meeting")
# The same of refunds: an answer to give, goods to send or to look at.
ASKING: tuple[Any, ...] = ("waiting_buyer", "waiting_return", "refused")
ANSWERING: tuple[Any, ...] = ("waiting_seller", "returning", "waiting_replacement")


async def count_for(look: Look, member: str) -> int:
    """How many things wait: orders, offers, guests under my notes, gifts to give, decisions I may appeal."""
    found = await look.db.fetchval(
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
        " and exists (select from sanctions s where s.case_id = c.id and s.until > $4))",
        member,
        BUYING,
        SELLING,
        look.now,
        ASKING,
        ANSWERING,
    )
    return int(found)
