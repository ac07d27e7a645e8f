"""Rows of items for writing. A loader takes the row's lock and answers only to those who may write it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
import msgspec

from xianji.domains.items import rules, sellers
from xianji.domains.items.events import ItemMoved, ItemPublished, ItemsAttached
from xianji.domains.items.model import (
    BLOCKED_PAIR,
    ITEM_NOT_FOR_SALE,
    ITEM_SOLD_OUT,
    OWN_ITEM,
    SERIAL_ON_SALE,
    Facts,
    ReservedLine,
    State,
)
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.money import Money
from xianji.kernel.work import Look, Work


class Row(msgspec.Struct, frozen=True):
    """An item under lock: its facts, what the machine and the counts say, and when its seller last confirmed it."""

    id: str
    seller: str
    state: State
    version: int
    reserved: int
    sold: int
    confirmed_at: datetime
    facts: Facts

    @property
    def left(self) -> int:
        return self.facts.stock - self.reserved - self.sold


async def lock_own(work: Work, item: str) -> Row:
    """The actor's own item, locked. Everybody else's, and none, is `not_found`."""
    record = await work.db.fetchrow(
        "select i.*, array(select media from item_media where item = i.id order by place) as media"
        " from items i where id = $1 and seller = $2 and state <> 'removed' for update",
        item,
        work.actor.me,
    )
    return await _row(work, record)


async def lock_any(work: Work, item: str) -> Row:
    """An item, locked, for verbs of operators, time and orders; the caller has checked the right to it."""
    record = await work.db.fetchrow(
        "select i.*, array(select media from item_media where item = i.id order by place) as media"
        " from items i where id = $1 for update",
        item,
    )
    return await _row(work, record)


async def _row(work: Work, record: asyncpg.Record | None) -> Row:
    if record is None:
        raise NOT_FOUND()
    steps = await work.db.fetch("select at, price from item_price_steps where item = $1 order by at", record["id"])
    return _plain_row(record, tuple((step["at"], step["price"]) for step in steps))


def _plain_row(record: asyncpg.Record, steps: tuple[tuple[datetime, int], ...]) -> Row:
    facts = Facts(
        **{name: record[name] for name in Facts.__struct_fields__ if name not in _COLLECTED},
        media=tuple(record["media"]),
        handover=tuple(record["handover"]),
        steps=steps,
    )
    return Row(
        record["id"],
        record["seller"],
        record["state"],
        record["version"],
        record["reserved"],
        record["sold"],
        record["confirmed_at"],
        facts,
    )


_COLLECTED = frozenset(("media", "handover", "steps"))


class Fresh(NamedTuple):
    """A new item to be written. `verb` is the first move ("publish", "submit") for `reason`, or "" for a draft."""

    item: str
    facts: Facts
    verb: str
    reason: str = ""
    relisted_from: str | None = None

    @property
    def state(self) -> str:
        return rules.ITEM.decide("draft", self.verb, "seller").to if self.verb else "draft"


async def insert(work: Work, fresh: Fresh) -> None:
    """Write a new item with all that belongs to it. Refuses `serial_on_sale`."""
    await insert_plain(work, [fresh])
    await write_media(work, fresh.item, fresh.facts.media)
    await write_steps(work, fresh.item, fresh.facts.steps)
    if fresh.state in rules.HOLDS_SERIAL:
        await claim_serial(work, fresh.item, fresh.facts.serial_digest)


async def insert_plain(work: Work, many: Sequence[Fresh]) -> None:
    """Write new items of the actor, one statement a table; pictures, price steps and serials are the caller's."""
    if not many:
        return
    await work.db.execute(
        "insert into items (id, state, relisted_from, kind, title, description, price, original_price, currency, stock,"
        " condition, category, attributes, handover, cell, place_label, bargain, way, deadline, serial_kind,"
        " serial_digest, shipping, seller, created_at, changed_at, confirmed_at, listed_at)"
        " select id, state, relisted_from, kind, title, description, price, original_price, currency, stock,"
        " condition, category, attributes, string_to_array(handover, ','), cell, place_label, bargain, way, deadline,"
        " serial_kind, serial_digest, shipping, $1, now, now, now, case when state = 'live' then now end"
        " from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[],"
        " $10::bigint[], $11::text[], $12::integer[], $13::text[], $14::text[], $15::jsonb[], $16::text[],"
        " $17::bigint[], $18::text[], $19::boolean[], $20::text[], $21::timestamptz[], $22::text[], $23::bytea[],"
        " $24::bigint[])"
        " as given (id, state, relisted_from, kind, title, description, price, original_price, currency, stock,"
        " condition, category, attributes, handover, cell, place_label, bargain, way, deadline, serial_kind,"
        " serial_digest, shipping), (select $2::timestamptz) as moment (now)",
        work.actor.me,
        work.now,
        *zip(*map(_columns, many), strict=True),
    )
    await _note_prices(work, [(one.item, 1, one.facts.price, "asked", work.now) for one in many])
    await _note_moves(
        work,
        [
            (one.item, 1, one.verb, "draft", one.state, "seller", work.actor.member, one.reason, work.now)
            for one in many
            if one.verb
        ],
    )
    live = [one for one in many if one.state == "live"]
    await sellers.count_live(work, work.actor.me, "draft", "live", len(live))
    for one in live:
        tell_published(work, one.item, work.actor.me, one.facts)


def _columns(fresh: Fresh) -> tuple[object, ...]:
    facts = fresh.facts
    return (
        fresh.item,
        fresh.state,
        fresh.relisted_from,
        facts.kind,
        facts.title,
        facts.description,
        facts.price,
        facts.original_price,
        facts.currency,
        facts.stock,
        facts.condition,
        facts.category,
        facts.attributes,
        ",".join(facts.handover),
        facts.cell,
        facts.place_label,
        facts.bargain,
        facts.way,
        facts.deadline,
        facts.serial_kind,
        facts.serial_digest,
        facts.shipping,
    )


async def set_bought(work: Work, item: str, order: str, bought_as: str) -> None:
    """Where the seller of a fresh draft bought it."""
    await work.db.execute("update items set bought_in = $2, bought_as = $3 where id = $1", item, order, bought_as)


async def made_of(look: Look, order: str, item: str) -> tuple[str | None, int]:
    """Of what was bought in an order as an item: the draft of it, and how many things were made of it in all."""
    row = await look.db.fetchrow(
        "select min(id) filter (where state = 'draft') as draft, count(*)::integer as count from items"
        " where bought_in = $1 and bought_as = $2 and state <> 'removed'",
        order,
        item,
    )
    assert row is not None
    return row["draft"], row["count"]


def tell_published(work: Work, item: str, seller: str, facts: Facts) -> None:
    """Say that a thing is on sale for the first time."""
    work.tell(ItemPublished(item, seller, facts.kind, facts.category, facts.cell, facts.price, facts.currency))


async def write_media(work: Work, item: str, media: Sequence[str]) -> None:
    """Replace the list of pictures."""
    await work.db.execute("delete from item_media where item = $1", item)
    if media:
        await work.db.execute(
            "insert into item_media (item, place, media)"
            " select $1, place - 1, media from unnest($2::text[]) with ordinality as given (media, place)",
            item,
            list(media),
        )


async def write_steps(work: Work, item: str, steps: Sequence[tuple[datetime, int]]) -> None:
    """Replace the price steps that are still to come."""
    await work.db.execute("delete from item_price_steps where item = $1", item)
    if steps:
        await work.db.execute(
            "insert into item_price_steps (item, at, price) select $1, * from unnest($2::timestamptz[], $3::bigint[])",
            item,
            [at for at, _ in steps],
            [price for _, price in steps],
        )


async def note_price(work: Work, item: str, version: int, price: int, why: str) -> None:
    """Add a line to the price history; `why` is asked, edited or step."""
    await _note_prices(work, [(item, version, price, why, work.now)])


async def _note_prices(work: Work, rows: Sequence[tuple[object, ...]]) -> None:
    await work.db.execute(
        "insert into item_prices (item, version, price, why, at)"
        " select * from unnest($1::text[], $2::integer[], $3::bigint[], $4::text[], $5::timestamptz[])",
        *zip(*rows, strict=True),
    )


async def write_facts(work: Work, row: Row, facts: Facts) -> None:
    """Write edited facts over the locked row and count its version up."""
    await work.db.execute(
        "update items set title = $2, description = $3, price = $4, original_price = $5, stock = $6, condition = $7,"
        " category = $8, attributes = $9, handover = $10, cell = $11, place_label = $12, bargain = $13,"
        " deadline = $14, serial_kind = $15, serial_digest = $16, version = version + 1, changed_at = $17,"
        " confirmed_at = $17, shipping = $18,"
        " serial_state = case when serial_digest is distinct from $16 then null else serial_state end,"
        " serial_checked_at = case when serial_digest is distinct from $16 then null else serial_checked_at end"
        " where id = $1",
        row.id,
        facts.title,
        facts.description,
        facts.price,
        facts.original_price,
        facts.stock,
        facts.condition,
        facts.category,
        facts.attributes,
        list(facts.handover),
        facts.cell,
        facts.place_label,
        facts.bargain,
        facts.deadline,
        facts.serial_kind,
        facts.serial_digest,
        work.now,
        facts.shipping,
    )
    if facts.media != row.facts.media:
        await write_media(work, row.id, facts.media)
    if facts.steps != row.facts.steps:
        await write_steps(work, row.id, facts.steps)
    if facts.price != row.facts.price:
        await note_price(work, row.id, row.version + 1, facts.price, "edited")


async def set_price(work: Work, row: Row, price: int) -> None:
    """An automatic step: only the price moves."""
    await work.db.execute(
        "update items set price = $2, version = version + 1, changed_at = $3 where id = $1", row.id, price, work.now
    )
    await note_price(work, row.id, row.version + 1, price, "step")


async def forget_steps(work: Work, item: str, until: datetime) -> None:
    """Drop the steps whose moment has been handled."""
    await work.db.execute("delete from item_price_steps where item = $1 and at <= $2", item, until)


async def move(work: Work, row: Row, verb: str, who: str, reason: str = "") -> State:
    """Move a locked item by the machine; the only function that writes `state`. Returns the new state.

    Refuses `move_not_open`, and `serial_on_sale` when the item may come back on sale only as the second of a serial.
    """
    to: State = rules.ITEM.decide(row.state, verb, who).to  # type: ignore[assignment]
    done = await work.db.fetchval(
        "update items set state = $3, version = version + 1, changed_at = $4,"
        " listed_at = case when $3 = 'live' then coalesce(listed_at, $4) else listed_at end,"
        " deadline = case when $5 and deadline <= $4 then null else deadline end,"
        " confirmed_at = case when $6 then $4 else confirmed_at end"
        " where id = $1 and state = $2 returning version",
        row.id,
        row.state,
        to,
        work.now,
        verb in ("relist", "restore"),
        who == "seller" and to in ("live", "screening"),
    )
    assert done is not None, "a locked item changed its state"
    move = (row.id, done, verb, row.state, to, who, work.actor.member, reason, work.now)
    await _note_moves(work, [move])
    if to in rules.HOLDS_SERIAL:
        await claim_serial(work, row.id, row.facts.serial_digest)
    elif row.state in rules.HOLDS_SERIAL:
        await free_serial(work, row.id, row.facts.serial_digest)
    await sellers.count_live(work, row.seller, row.state, to)
    work.tell(ItemMoved(row.id, row.seller, verb, row.state, to, who, reason))
    return to


async def _note_moves(work: Work, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        await work.db.execute(
            "insert into item_moves (item, version, verb, from_state, to_state, role, actor, reason, at)"
            " select * from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[],"
            " $7::text[], $8::text[], $9::timestamptz[])",
            *zip(*rows, strict=True),
        )


async def last_verb(work: Work, item: str) -> str | None:
    """The verb of the newest move."""
    verb: str | None = await work.db.fetchval(
        "select verb from item_moves where item = $1 order by version desc limit 1", item
    )
    return verb


async def claim_serial(work: Work, item: str, digest: bytes | None) -> None:
    """Take the serial for this item. Refuses `serial_on_sale` when another item holds it."""
    if digest is None:
        return
    holder = await work.db.fetchval(
        "insert into item_serials (digest, item) values ($1, $2)"
        " on conflict (digest) do update set item = item_serials.item returning item",
        digest,
        item,
    )
    if holder != item:
        raise SERIAL_ON_SALE()


async def free_serial(work: Work, item: str, digest: bytes | None) -> None:
    """Let the serial go, when this item held it."""
    if digest is not None:
        await work.db.execute("delete from item_serials where digest = $1 and item = $2", digest, item)


async def reserve(work: Work, item: str, quantity: int, buyer: str, gift: bool) -> ReservedLine:
    """Take units off the shelf in one conditional update, so that the last one goes to exactly one buyer."""
    record = await work.db.fetchrow(
        "update items set reserved = reserved + $2"
        " where id = $1 and state = 'live' and stock - sold - reserved >= $2 and (kind = 'giveaway') = $3"
        " and ($3 or seller <> $4)"
        " returning *, array(select media from item_media where item = items.id order by place) as media",
        item,
        quantity,
        gift,
        buyer,
    )
    if record is None:
        raise await _why_not(work, item, gift, buyer)
    if await are_blocked(work, buyer, record["seller"]):
        raise BLOCKED_PAIR()
    return line_of(_plain_row(record, ()), quantity)


def line_of(row: Row, quantity: int) -> ReservedLine:
    """The frozen facts of an item for an order's snapshot."""
    facts = row.facts
    return ReservedLine(
        item=row.id,
        seller=row.seller,
        version=row.version,
        kind=facts.kind,
        quantity=quantity,
        title=facts.title,
        description=facts.description,
        price=Money(facts.price, facts.currency),
        shipping=Money(facts.shipping, facts.currency) if facts.shipping else None,
        condition=facts.condition,
        category=facts.category,
        attributes=facts.attributes,
        handover=list(facts.handover),
        media=list(facts.media),
        place_label=facts.place_label,
        confirmed_at=row.confirmed_at,
    )


async def _why_not(work: Work, item: str, gift: bool, buyer: str) -> Exception:
    row = await work.db.fetchrow(
        "select seller, kind, state, stock - sold - reserved as left_over from items where id = $1", item
    )
    if row is None or row["state"] not in rules.SHOWN:
        return NOT_FOUND()
    if row["seller"] == buyer and not gift:
        return OWN_ITEM()
    if row["state"] == "sold":
        return ITEM_SOLD_OUT(left=0)
    if row["state"] != "live" or (row["kind"] == "giveaway") != gift:
        return ITEM_NOT_FOR_SALE()
    return ITEM_SOLD_OUT(left=row["left_over"])


async def are_blocked(work: Look, one: str, other: str) -> bool:
    """Whether either has blocked the other."""
    return bool(
        await work.db.fetchval(
            "select exists (select from apart where member = $1 and other = $2)",
            one,
            other,
        )
    )


async def release(work: Work, item: str, quantity: int) -> None:
    """Put reserved units back."""
    done = await work.db.fetchval(
        "update items set reserved = reserved - $2 where id = $1 and reserved >= $2 returning true", item, quantity
    )
    assert done, "more units were released than reserved"


async def settle(work: Work, item: str, quantity: int) -> None:
    """Turn reserved units into sold ones; the row is locked by the caller."""
    done = await work.db.fetchval(
        "update items set reserved = reserved - $2, sold = sold + $2 where id = $1 and reserved >= $2 returning true",
        item,
        quantity,
    )
    assert done, "more units were settled than reserved"


async def take_out(work: Work, item: str, quantity: int) -> None:
    """Reserved units leave the listing; the row is locked by the caller, and more units than these are in it."""
    done = await work.db.fetchval(
        "update items set reserved = reserved - $2, stock = stock - $2 where id = $1 and reserved >= $2"
        " and stock > $2 returning true",
        item,
        quantity,
    )
    assert done, "more units were taken out than reserved"


async def attach_to_note(work: Work, items: Sequence[str], note: str | None) -> int:
    """Remember the note that carries these items of the actor; returns how many there were."""
    done = await work.db.execute(
        "update items set note = $2 where id = any($1) and seller = $3", list(items), note, work.actor.me
    )
    work.tell(ItemsAttached(note, list(items)))
    return int(done.split()[-1])


async def due_deadlines(look: Look, limit: int) -> Sequence[str]:
    """Items on sale whose deadline has come."""
    rows = await look.db.fetch(
        "select id from items where deadline <= $1 and state in ('live', 'paused') order by deadline limit $2",
        look.now,
        limit,
    )
    return [row["id"] for row in rows]


async def due_steps(look: Look, limit: int) -> Sequence[str]:
    """Items with a price step whose moment has come."""
    rows = await look.db.fetch(
        "select item, min(at) as first from item_price_steps where at <= $1 group by item order by first limit $2",
        look.now,
        limit,
    )
    return [row["item"] for row in rows]


async def note_serial(work: Work, item: str, state: str) -> None:
    """What the registry said, and when."""
    await work.db.execute(
        "update items set serial_state = $2, serial_checked_at = $3 where id = $1", item, state, work.now
    )
