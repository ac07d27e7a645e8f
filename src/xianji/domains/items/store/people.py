"""What is kept of one member: for their copy of their data, and for forgetting them."""

from typing import Any

from xianji.kernel.work import Look, Work

from . import things


async def export(look: Look, member: str) -> dict[str, Any]:
    """Everything this domain keeps of the member, as plain data."""
    offered = await look.db.fetch(
        "select id, kind, state, title, description, price, original_price, shipping, currency, stock, sold, condition,"
        " category, attributes, handover, place_label, bargain, deadline, created_at,"
        " array(select media from item_media where item = items.id order by place) as media"
        " from items where seller = $1 order by id",
        member,
    )
    asked = await look.db.fetch(
        "select item, reason, state, asked_at from item_requests where member = $1 order by asked_at, item", member
    )
    wanted = await look.db.fetch(
        "select id, title, budget, currency, category, place_label, state, created_at from wanted_posts"
        " where member = $1 order by id",
        member,
    )
    answers = await look.db.fetch(
        "select wanted, item, at from wanted_answers where member = $1 order by at, wanted, item", member
    )
    saved = await look.db.fetch("select item, alerts, at from item_saves where member = $1 order by at, item", member)
    return {
        "items": [dict(row) for row in offered],
        "gift_requests": [dict(row) for row in asked],
        "wanted": [dict(row) for row in wanted],
        "wanted_answers": [dict(row) for row in answers],
        "saved_items": [dict(row) for row in saved],
    }


async def scrub(work: Work, member: str) -> None:
    """Forget the member: nothing of theirs stays on sale, no words or places stay; figures and states do.

    Whoever was promised a gift of theirs finds it removed; whatever the member was promised is free again.
    """
    promised = await work.db.fetch(
        "select item from item_requests where member = $1 and state = 'chosen' order by item", member
    )
    for row in promised:
        await things.release(work, row["item"], 1)
    await work.db.execute(
        "update item_requests set reason = '', moved_at = $2, state = case when state in ('waiting', 'chosen')"
        " then 'withdrawn' else state end where member = $1",
        member,
        work.now,
    )
    offered = await work.db.fetch("select id from items where seller = $1 and state <> 'removed' order by id", member)
    for row in offered:
        item = await things.lock_any(work, row["id"])
        await things.move(work, item, "remove", "seller", "account deleted")
    await work.db.execute(
        "update items set title = '', description = '', attributes = '{}', cell = null, place_label = null,"
        " serial_kind = null, serial_digest = null, note = null, resale_of = null where seller = $1",
        member,
    )
    await work.db.execute("delete from item_imports where seller = $1", member)
    await work.db.execute("delete from item_media where item in (select id from items where seller = $1)", member)
    await work.db.execute("delete from wanted_answers where member = $1", member)
    await work.db.execute("delete from item_saves where member = $1", member)
    await work.db.execute(
        "update wanted_posts set title = '', place_label = null, cell = null, state = 'closed',"
        " closed_at = coalesce(closed_at, $2) where member = $1",
        member,
        work.now,
    )
