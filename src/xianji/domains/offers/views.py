"""Offers, links and bundles for their readers. One round trip each."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from xianji.domains import items, members
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.money import Money
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from . import rules, store, tokens
from .model import (
    LOWEST_PPM,
    TRIES,
    TRIES_HOURS,
    Agreed,
    BundleView,
    FloorView,
    LinkView,
    OfferState,
    OfferView,
    Side,
)


async def offer_page(look: Look, id: str) -> OfferView:
    """An offer for its buyer or seller. Refuses `not_found` for everybody else."""
    row = await look.db.fetchrow(
        "select o.*, i.title, p.tries, p.tries_from,"
        " (select m.media from item_media m where m.item = i.id order by m.place limit 1) as picture"
        " from offers o join items i on i.id = o.item"
        " left join offer_pairs p on p.item = o.item and p.buyer = o.buyer"
        " where o.id = $1 and (o.buyer = $2 or o.seller = $2)",
        id,
        look.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    return _view(look, row)


async def offers_of(
    look: Look, role: Side, states: Sequence[OfferState] = (), cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[OfferView]:
    """My offers as buyer or as seller, newest first, in all or some states; what is overdue counts as expired."""
    (before,) = decode_cursor(cursor, tuple[str]) if cursor else (None,)
    find = _made if role == "buyer" else _received
    rows = await find(look, list(states or rules.OFFER.states), before, limit + 1)
    found = [_view(look, row) for row in rows[:limit]]
    return Page(found, encode_cursor(found[-1].id) if len(rows) > limit else None)


async def _made(look: Look, states: list[str], before: str | None, limit: int) -> list[Any]:
    return await look.db.fetch(
        "select o.*, i.title, p.tries, p.tries_from,"
        " (select m.media from item_media m where m.item = i.id order by m.place limit 1) as picture"
        " from offers o join items i on i.id = o.item"
        " left join offer_pairs p on p.item = o.item and p.buyer = o.buyer"
        " where o.buyer = $1 and case when o.due_at <= $3 then 'expired' else o.state end = any($2::text[])"
        " and ($4::text is null or o.id < $4) order by o.id desc limit $5",
        look.actor.me,
        states,
        look.now,
        before,
        limit,
    )


async def _received(look: Look, states: list[str], before: str | None, limit: int) -> list[Any]:
    return await look.db.fetch(
        "select o.*, i.title, p.tries, p.tries_from,"
        " (select m.media from item_media m where m.item = i.id order by m.place limit 1) as picture"
        " from offers o join items i on i.id = o.item"
        " left join offer_pairs p on p.item = o.item and p.buyer = o.buyer"
        " where o.seller = $1 and case when o.due_at <= $3 then 'expired' else o.state end = any($2::text[])"
        " and ($4::text is null or o.id < $4) order by o.id desc limit $5",
        look.actor.me,
        states,
        look.now,
        before,
        limit,
    )


async def offers_on(look: Look, item: str) -> list[OfferView]:
    """What stands between the viewer and a thing: their own last offer, or for its seller every one still alive."""
    rows = await look.db.fetch(
        "select o.*, i.title, p.tries, p.tries_from,"
        " (select m.media from item_media m where m.item = i.id order by m.place limit 1) as picture"
        " from offers o join items i on i.id = o.item"
        " left join offer_pairs p on p.item = o.item and p.buyer = o.buyer"
        " where o.item = $1 and (o.seller = $2 and p.offer = o.id or o.buyer = $2 and o.id ="
        " (select max(l.id) from offers l where l.item = $1 and l.buyer = $2)) order by o.amount desc, o.id",
        item,
        look.actor.member,
    )
    return [_view(look, row) for row in rows]


def _view(look: Look, row: Any) -> OfferView:
    def money(amount: int | None) -> Money | None:
        return None if amount is None else Money(amount, row["currency"])

    role: Side = "buyer" if row["buyer"] == look.actor.member else "seller"
    state = rules.state_at(row["state"], row["due_at"], look.now)
    alive = state in rules.TURN
    return OfferView(
        id=row["id"],
        role=role,
        item=row["item"],
        title=row["title"],
        picture=row["picture"],
        other=row["seller"] if role == "buyer" else row["buyer"],
        state=state,  # type: ignore[arg-type]
        asking=Money(row["asking"], row["currency"]),
        amount=Money(row["amount"], row["currency"]),
        counter=money(row["counter"]),
        agreed=money(row["agreed"]),
        message=row["message"],
        answer=row["answer"],
        order=row["order_id"],
        turn=rules.TURN.get(state, "nobody"),  # type: ignore[arg-type]
        until=row["due_at"] if alive else None,
        otherwise=rules.OTHERWISE.get(state, ""),
        actions=_actions(state, role),
        tries_left=_tries_left(look, row["tries"], row["tries_from"]) if role == "buyer" else None,
        made_at=row["made_at"],
        changed_at=row["changed_at"],
    )


def _actions(state: str, role: Side) -> list[str]:
    """The verbs of this side; a buyer answers a counter with a number of their own, and orders what was agreed."""
    found = list(rules.OFFER.open_to(state, role))
    if role == "buyer" and state == "countered":
        found.insert(1, "counter")
    if role == "buyer" and state == "accepted":
        found.insert(0, "order")
    return found


def _tries_left(look: Look, tries: int | None, since: Any) -> int:
    most = look.config.get(TRIES)
    if tries is None or since <= look.now - timedelta(hours=look.config.get(TRIES_HOURS)):
        return most
    return max(0, most - tries)


async def tries_left(look: Look, item: str) -> int:
    """How many offers the viewer may still make for a thing, whichever of their accounts made the others."""
    person = await members.same_person(look, look.actor.me)
    return max(0, look.config.get(TRIES) - await store.tries_of(look, item, person, look.config.get(TRIES_HOURS)))


def lowest_offer(look: Look, asking: Money) -> Money:
    """The lowest amount that may be offered for a thing at this price."""
    return Money(rules.lowest_offer(asking.amount, look.config.get(LOWEST_PPM)), asking.currency)


def presets_for(look: Look, asking: Money, percents: Sequence[int], unit: int) -> list[Money]:
    """Amounts to tap below this price, the highest first, in whole `unit`s where possible."""
    found = rules.presets(asking.amount, percents, look.config.get(LOWEST_PPM), unit)
    return [Money(amount, asking.currency) for amount in found]


async def agreed_for(look: Look, asked: Sequence[str]) -> dict[str, Agreed]:
    """The agreed prices that hold for the viewer for these things, by item; nothing is used up."""
    rows = await look.db.fetch(
        "select id, item, agreed, currency from offers where buyer = $1 and item = any($2) and state = 'accepted'"
        " and due_at > $3",
        look.actor.member,
        list(asked),
        look.now,
    )
    return {row["item"]: Agreed("offer", row["id"], row["item"], Money(row["agreed"], row["currency"])) for row in rows}


async def link_agreed(look: Look, token: str) -> Agreed:
    """The price behind a private link for the member it names. Refuses `not_found` for everybody else."""
    link = await link_for(look, token)
    return Agreed("link", link.id, link.item, link.price)


async def link_for(look: Look, token: str) -> LinkView:
    """A good private link, for the one member it names. Refuses `not_found` for everybody else and when it is over."""
    id = tokens.read(look.keys, token)
    row = await look.db.fetchrow(
        "select l.*, m.name as buyer_name from private_links l join members m on m.id = l.buyer"
        " where l.id = $1 and l.buyer = $2 and l.state = 'open' and l.due_at > $3",
        id,
        look.actor.me,
        look.now,
    )
    if row is None:
        raise NOT_FOUND()
    return _link(look, row)


async def links_of(look: Look, item: str) -> list[LinkView]:
    """The private links of my thing, the newest first. Refuses `not_found` when it is not mine."""
    await items.own_on_sale(look, item)
    rows = await look.db.fetch(
        "select l.*, m.name as buyer_name from private_links l join members m on m.id = l.buyer"
        " where l.item = $1 and l.seller = $2 order by l.id desc limit 50",
        item,
        look.actor.me,
    )
    return [_link(look, row) for row in rows]


async def link_page(look: Look, id: str) -> LinkView:
    """A link for its seller. Refuses `not_found` for everybody else."""
    row = await look.db.fetchrow(
        "select l.*, m.name as buyer_name from private_links l join members m on m.id = l.buyer"
        " where l.id = $1 and l.seller = $2",
        id,
        look.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    return _link(look, row)


def _link(look: Look, row: Any) -> LinkView:
    token = tokens.write(look.keys, row["id"])
    return LinkView(
        id=row["id"],
        item=row["item"],
        seller=row["seller"],
        buyer=row["buyer"],
        buyer_name=row["buyer_name"],
        price=Money(row["price"], row["currency"]),
        state=rules.state_at(row["state"], row["due_at"], look.now),  # type: ignore[arg-type]
        until=row["due_at"] or row["changed_at"],
        token=token,
        path=f"/items/{row['item']}?link={token}",
        made_at=row["made_at"],
    )


async def floor_view(look: Look, item: str) -> FloorView:
    """The secret floor of my thing. Refuses `not_found` when it is not mine."""
    thing = await items.own_on_sale(look, item)
    floor = await store.floor_of(look, item)
    return FloorView(None if floor is None else Money(floor, thing.currency))


async def bundle_of(look: Look, note: str) -> BundleView | None:
    """The bundle of a note, for everybody who may see the note."""
    row = await look.db.fetchrow("select note, seller, count, percent from note_bundles where note = $1", note)
    return BundleView(**row) if row else None


async def bundles_for(look: Look, asked: Sequence[str]) -> dict[str, BundleView]:
    """The bundle that each of these things belongs to, by item; things without one are left out."""
    rows = await look.db.fetch(
        "select i.id, b.note, b.seller, b.count, b.percent from items i"
        " join note_bundles b on b.note = i.note and b.seller = i.seller where i.id = any($1)",
        list(asked),
    )
    return {row["id"]: BundleView(row["note"], row["seller"], row["count"], row["percent"]) for row in rows}


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """A member's offers, links, floors and bundles; the other side only by id, a floor only for its seller."""
    made = await look.db.fetch(
        "select o.id, o.item, o.buyer, o.seller, o.state, o.asking, o.amount, o.counter, o.agreed, o.currency,"
        " case when o.buyer = $1 then o.message else '' end as message,"
        " case when o.seller = $1 then o.answer else '' end as answer, o.made_at,"
        " (select jsonb_agg(jsonb_build_object('verb', m.verb, 'role', m.role, 'state', m.to_state, 'at', m.at)"
        "  order by m.version) from offer_moves m where m.offer = o.id) as history"
        " from offers o where o.buyer = $1 or o.seller = $1 order by o.id",
        member,
    )
    links = await look.db.fetch(
        "select id, item, seller, buyer, price, currency, state, made_at from private_links"
        " where seller = $1 or buyer = $1 order by id",
        member,
    )
    floors = await look.db.fetch("select item, floor, set_at from offer_floors where seller = $1 order by item", member)
    tries = await look.db.fetch(
        "select item, tries, tries_from from offer_pairs where buyer = $1 order by item", member
    )
    bundles = await look.db.fetch(
        "select note, count, percent, set_at from note_bundles where seller = $1 order by note", member
    )
    return {
        "offers": [dict(row) for row in made],
        "private_links": [dict(row) for row in links],
        "floors": [dict(row) for row in floors],
        "tries": [dict(row) for row in tries],
        "bundles": [dict(row) for row in bundles],
    }
