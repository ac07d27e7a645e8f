"""The rows of offers, floors, private links and bundles. Who may see a row is part of loading it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from .model import Bundle, Link, Offer


async def lock_pair(work: Work, item: str, buyer: str, tries_hours: int) -> str | None:
    """The offer of one buyer for one thing that is alive, their turn locked; old tries are forgotten."""
    row = await work.db.fetchrow(
        "insert into offer_pairs (item, buyer, tries_from) values ($1, $2, $3)"
        " on conflict (item, buyer) do update set"
        " tries = case when offer_pairs.tries_from <= $4 then 0 else offer_pairs.tries end,"
        " tries_from = case when offer_pairs.tries_from <= $4 then $3 else offer_pairs.tries_from end"
        " returning offer",
        item,
        buyer,
        work.now,
        work.now - timedelta(hours=tries_hours),
    )
    assert row is not None, "an upsert returns its row"
    offer: str | None = row["offer"]
    return offer


async def one_person_at_a_time(work: Work, item: str, members: Sequence[str]) -> None:
    """Let one transaction at a time count the tries of a person, whichever account they use."""
    await work.db.execute("select pg_advisory_xact_lock(hashtextextended('tries ' || $1 || $2, 0))", item, members[0])


async def tries_of(look: Look, item: str, members: Sequence[str], tries_hours: int) -> int:
    """The tries of these members at one thing within the time that counts, together."""
    found: int = await look.db.fetchval(
        "select coalesce(sum(tries), 0)::integer from offer_pairs"
        " where item = $1 and buyer = any($2::text[]) and tries_from > $3",
        item,
        members,
        look.now - timedelta(hours=tries_hours),
    )
    return found


async def take_pair(work: Work, offer: Offer) -> None:
    """This offer is the one that is alive, and it was a try."""
    await work.db.execute(
        "update offer_pairs set offer = $3, tries = tries + 1 where item = $1 and buyer = $2",
        offer.item,
        offer.buyer,
        offer.id,
    )


async def free_pair(work: Work, offer: Offer) -> None:
    """The buyer may make another offer for the thing."""
    await work.db.execute(
        "update offer_pairs set offer = null where item = $1 and buyer = $2 and offer = $3",
        offer.item,
        offer.buyer,
        offer.id,
    )


async def waiting_of(work: Work, buyer: str) -> tuple[int, int]:
    """(offers of this buyer that wait for an answer, agreed ones that wait for their order); theirs are serialised."""
    await work.db.execute("select pg_advisory_xact_lock(hashtextextended('offers of ' || $1, 0))", buyer)
    row = await work.db.fetchrow(
        "select count(*) filter (where o.state in ('open', 'countered')) as waiting,"
        " count(*) filter (where o.state = 'accepted') as held"
        " from offer_pairs p join offers o on o.id = p.offer where p.buyer = $1 and p.offer is not null",
        buyer,
    )
    assert row is not None, "a count has a row"
    return row["waiting"], row["held"]


async def lock_for(work: Work, id: str) -> Offer:
    """An offer of the actor's, locked. Refuses `not_found` for strangers and for what is not there."""
    row = await work.db.fetchrow(
        "select id, item, buyer, seller, state, asking, amount, counter, agreed, currency, version, due_at"
        " from offers where id = $1 and (buyer = $2 or seller = $2) for update",
        id,
        work.actor.me,
    )
    return _offer(row)


async def lock_for_system(work: Work, id: str) -> Offer:
    """An offer, locked, for time and for a thing that is gone."""
    assert work.actor.system, "a member must come through lock_for"
    row = await work.db.fetchrow(
        "select id, item, buyer, seller, state, asking, amount, counter, agreed, currency, version, due_at"
        " from offers where id = $1 for update",
        id,
    )
    return _offer(row)


def _offer(row: Any) -> Offer:
    if row is None:
        raise NOT_FOUND()
    return Offer(**row)


async def lock_agreed(work: Work, items: Sequence[str]) -> list[Offer]:
    """The actor's accepted offers for these things, locked in the order of their ids; overdue ones are left out."""
    rows = await work.db.fetch(
        "select id, item, buyer, seller, state, asking, amount, counter, agreed, currency, version, due_at"
        " from offers where buyer = $1 and item = any($2) and state = 'accepted' and due_at > $3"
        " order by id for update",
        work.actor.me,
        list(items),
        work.now,
    )
    return [Offer(**row) for row in rows]


async def insert(work: Work, offer: Offer, message: str) -> None:
    """A new offer and the first line of its history."""
    await work.db.execute(
        "insert into offers (id, item, buyer, seller, state, asking, amount, currency, message, due_at, made_at,"
        " changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
        offer.id,
        offer.item,
        offer.buyer,
        offer.seller,
        offer.state,
        offer.asking,
        offer.amount,
        offer.currency,
        message,
        offer.due_at,
        work.now,
    )
    await insert_move(work, offer, 1, "make", "", "buyer", offer.amount)


async def move(work: Work, before: Offer, after: Offer, answer: str | None) -> None:
    """Write a moved offer; the version must be the one that was locked."""
    done = await work.db.execute(
        "update offers set state = $3, counter = $4, agreed = $5, due_at = $6, answer = coalesce($7, answer),"
        " version = version + 1, changed_at = $8 where id = $1 and version = $2",
        before.id,
        before.version,
        after.state,
        after.counter,
        after.agreed,
        after.due_at,
        answer,
        work.now,
    )
    assert done == "UPDATE 1", "the row is locked, so its version cannot have changed"


async def insert_move(work: Work, offer: Offer, version: int, verb: str, frm: str, role: str, amount: int) -> None:
    """One entry of the history; the offer stands in its new state."""
    await work.db.execute(
        "insert into offer_moves (offer, version, verb, from_state, to_state, role, actor, amount, at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        offer.id,
        version,
        verb,
        frm,
        offer.state,
        role,
        work.actor.member,
        amount,
        work.now,
    )


async def set_order(work: Work, offers: Sequence[str], links: Sequence[str], order: str) -> None:
    """Which order used these."""
    if offers:
        await work.db.execute("update offers set order_id = $2 where id = any($1)", list(offers), order)
    if links:
        await work.db.execute("update private_links set order_id = $2 where id = any($1)", list(links), order)


async def due_offers(look: Look, limit: int) -> list[str]:
    """Offers whose time is up."""
    rows = await look.db.fetch("select id from offers where due_at <= $1 order by due_at limit $2", look.now, limit)
    return [row["id"] for row in rows]


async def alive_on(work: Work, item: str) -> list[str]:
    """Offers for a thing that have not ended."""
    rows = await work.db.fetch(
        "select offer as id from offer_pairs where item = $1 and offer is not null order by offer", item
    )
    return [row["id"] for row in rows]


async def alive_of(look: Look, member: str) -> list[str]:
    """Offers of a member, on either side, that have not ended."""
    rows = await look.db.fetch(
        "select id from offers where (buyer = $1 or seller = $1) and state in ('open', 'countered', 'accepted')"
        " order by id",
        member,
    )
    return [row["id"] for row in rows]


async def floor_of(look: Look, item: str) -> int | None:
    """The secret floor; only for verbs that answer in the seller's name and for the seller."""
    floor: int | None = await look.db.fetchval("select floor from offer_floors where item = $1", item)
    return floor


async def put_floor(work: Work, item: str, floor: int) -> None:
    """Set or change the floor of the actor's thing."""
    await work.db.execute(
        "insert into offer_floors (item, seller, floor, set_at) values ($1, $2, $3, $4)"
        " on conflict (item) do update set floor = excluded.floor, set_at = excluded.set_at",
        item,
        work.actor.me,
        floor,
        work.now,
    )


async def drop_floor(work: Work, item: str) -> None:
    """No floor any more."""
    await work.db.execute("delete from offer_floors where item = $1 and seller = $2", item, work.actor.me)


async def insert_link(work: Work, link: Link) -> None:
    """A new private link."""
    await work.db.execute(
        "insert into private_links (id, item, seller, buyer, price, currency, state, due_at, made_at, changed_at)"
        " values ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $8)",
        link.id,
        link.item,
        link.seller,
        link.buyer,
        link.price,
        link.currency,
        link.due_at,
        work.now,
    )


async def open_links_of(work: Work, item: str) -> int:
    """How many links of a thing are good, the thing's links locked against more of them."""
    await work.db.execute("select pg_advisory_xact_lock(hashtextextended('links of ' || $1, 0))", item)
    found: int = await work.db.fetchval(
        "select count(*) from private_links where item = $1 and state = 'open' and due_at > $2", item, work.now
    )
    return found


async def lock_link(work: Work, id: str, side: str) -> Link:
    """A link of the actor's, as `buyer` or `seller`, locked. Refuses `not_found` for everybody else."""
    row = await work.db.fetchrow(
        "select id, item, seller, buyer, price, currency, state, version, due_at from private_links where id = $1"
        " and case $3 when 'buyer' then buyer = $2 else seller = $2 end for update",
        id,
        work.actor.me,
        side,
    )
    if row is None:
        raise NOT_FOUND()
    return Link(**row)


async def lock_link_for_system(work: Work, id: str) -> Link:
    """A link, locked, for time."""
    assert work.actor.system, "a member must come through lock_link"
    row = await work.db.fetchrow(
        "select id, item, seller, buyer, price, currency, state, version, due_at from private_links"
        " where id = $1 for update",
        id,
    )
    if row is None:
        raise NOT_FOUND()
    return Link(**row)


async def move_link(work: Work, link: Link, state: str) -> None:
    """Put a locked link into a final state."""
    done = await work.db.execute(
        "update private_links set state = $3, due_at = null, version = version + 1, changed_at = $4"
        " where id = $1 and version = $2",
        link.id,
        link.version,
        state,
        work.now,
    )
    assert done == "UPDATE 1", "the row is locked, so its version cannot have changed"


async def due_links(look: Look, limit: int) -> list[str]:
    """Links whose time is up."""
    rows = await look.db.fetch(
        "select id from private_links where due_at <= $1 order by due_at limit $2", look.now, limit
    )
    return [row["id"] for row in rows]


async def member_called(look: Look, member: str | None, handle: str) -> str | None:
    """The id of a member by id or handle, if there is one."""
    found: str | None = await look.db.fetchval(
        "select m.id from members m where m.scrubbed_at is null and m.id = coalesce($1, (select h.member from handles h"
        " where h.handle = lower($2)))",
        member,
        handle.strip().removeprefix("@"),
    )
    return found


async def put_bundle(work: Work, note: str, seller: str, bundle: Bundle) -> None:
    """Set or change the bundle of a note."""
    await work.db.execute(
        "insert into note_bundles (note, seller, count, percent, set_at) values ($1, $2, $3, $4, $5)"
        " on conflict (note) do update set count = excluded.count, percent = excluded.percent,"
        " set_at = excluded.set_at",
        note,
        seller,
        bundle.count,
        bundle.percent,
        work.now,
    )


async def drop_bundle(work: Work, note: str) -> bool:
    """No bundle any more; whether there was one."""
    return await work.db.execute("delete from note_bundles where note = $1", note) == "DELETE 1"


async def scrub(work: Work, member: str) -> None:
    """Forget what a member said and kept secret; the prices that were agreed stay with their orders."""
    await work.db.execute("update offers set message = '' where buyer = $1", member)
    await work.db.execute("update offers set answer = '' where seller = $1", member)
    await work.db.execute("update offer_moves set actor = null where actor = $1", member)
    await work.db.execute("delete from offer_pairs where buyer = $1 and offer is null", member)
    await work.db.execute("delete from offer_floors where seller = $1", member)
    await work.db.execute("delete from note_bundles where seller = $1", member)
    await work.db.execute(
        "update private_links set state = 'revoked', due_at = null, version = version + 1, changed_at = $2"
        " where (seller = $1 or buyer = $1) and state = 'open'",
        member,
        work.now,
    )
