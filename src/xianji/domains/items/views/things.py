"""What readers see of items: cards in lists and the page of one item. One round trip each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import asyncpg
import msgspec

from xianji.domains.items import places, rules
from xianji.domains.items.model import Condition, GiveawayWay, Handover, ItemKind, State
from xianji.domains.items.share import ShareText, share_text
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.money import Money
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look


class Picture(msgspec.Struct, frozen=True):
    """A picture (or a film's poster) with what a page needs to keep its place free until it is there."""

    id: str
    kind: str
    width: int
    height: int
    placeholder: str
    colour: str


class Seller(msgspec.Struct, frozen=True):
    """The seller as shown beside an item."""

    id: str
    handle: str
    name: str
    avatar: str | None
    city: str
    verified: bool
    seller_type: str
    response_minutes: int | None
    sold_count: int


class ItemCard(msgspec.Struct, frozen=True):
    """An item in a list. `left` may still be reserved; `distance_km` is from the viewer's cell, when one was given."""

    id: str
    title: str
    price: Money
    original_price: Money | None
    condition: Condition | None
    category: str | None
    state: State
    left: int
    reserved: int
    kind: ItemKind
    picture: Picture | None
    pictures: int
    place_label: str | None
    distance_km: float | None
    seller: Seller
    bargain: bool
    handover: list[Handover]
    deadline: datetime | None
    created_at: datetime
    note: str | None


class Postage(msgspec.Struct, frozen=True):
    """What sending costs and who pays it; `origin` is the district it is sent from, as coarse as the seller says."""

    payer: Literal["buyer", "seller"]
    amount: Money
    origin: str | None


class LikeGift(msgspec.Struct, frozen=True):
    """A gift that this thing looks like, given to its seller shortly before it was put on sale."""

    id: str
    title: str


class PricePoint(msgspec.Struct, frozen=True):
    """One line of the price history; `why` is asked, edited or step."""

    price: Money
    why: str
    at: datetime


class ItemPage(msgspec.Struct, frozen=True):
    """Everything about one item for one viewer. `actions` are the verbs open to this viewer.

    `why` tells its seller which rules hold it (`a,b`), or by which rule it was not let through.
    `has_history`: it was bought here before, or sold; `orders.history_of` tells more.
    `saved` says whether this viewer keeps it in mind: `alerts` if they want to hear of a lower price, else `quiet`.
    `like_gift` is a hint that only the seller, the gift's giver and operators see.
    """

    id: str
    version: int
    title: str
    description: str
    price: Money
    original_price: Money | None
    shipping: Money | None
    postage: Postage | None
    condition: Condition | None
    category: str | None
    attributes: dict[str, str | int | dict[str, str]]
    state: State
    stock: int
    left: int
    reserved: int
    sold: int
    kind: ItemKind
    way: GiveawayWay | None
    media: list[Picture]
    place_label: str | None
    distance_km: float | None
    seller: Seller
    mine: bool
    bargain: bool
    handover: list[Handover]
    deadline: datetime | None
    price_steps: list[PricePoint]
    price_history: list[PricePoint]
    has_serial: bool
    serial_state: str | None
    serial_checked_at: datetime | None
    note: str | None
    has_history: bool
    created_at: datetime
    changed_at: datetime
    actions: list[str]
    asked: str | None
    saved: Literal["alerts", "quiet"] | None
    why: str | None
    like_gift: LikeGift | None
    share: ShareText


def seller_of(row: asyncpg.Record) -> Seller:
    """The seller columns of a row."""
    return Seller(
        row["seller"],
        row["handle"],
        row["name"],
        row["avatar"],
        row["city"],
        row["verified_at"] is not None,
        row["seller_type"],
        row["response_minutes"],
        row["sold_count"],
    )


def _picture(row: asyncpg.Record) -> Picture | None:
    if row["picture"] is None:
        return None
    return Picture(
        row["picture"],
        row["picture_kind"],
        row["picture_width"],
        row["picture_height"],
        row["picture_placeholder"],
        row["picture_colour"],
    )


def distance(row: asyncpg.Record, cell: int | None) -> float | None:
    """Kilometres between a row's cell and the viewer's; None when either is not known."""
    if cell is None or row["cell"] is None:
        return None
    return places.kilometres(places.metres_between(cell, row["cell"]))


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def card_of(row: asyncpg.Record, cell: int | None) -> ItemCard:
    """A card from a row of `items` with the seller's columns, `pictures` and `picture`."""
    return ItemCard(
        id=row["id"],
        title=row["title"],
        price=Money(row["price"], row["currency"]),
        original_price=_money(row["original_price"], row["currency"]),
        condition=row["condition"],
        category=row["category"],
        state=row["state"],
        left=row["stock"] - row["reserved"] - row["sold"],
        reserved=row["reserved"],
        kind=row["kind"],
        picture=_picture(row),
        pictures=row["pictures"],
        place_label=row["place_label"],
        distance_km=distance(row, cell),
        seller=seller_of(row),
        bargain=row["bargain"],
        handover=list(row["handover"]),
        deadline=row["deadline"],
        created_at=row["created_at"],
        note=row["note"],
    )


async def cards(look: Look, ids: Sequence[str], cell: int | None = None) -> list[ItemCard]:
    """The cards of these items, in the order of `ids`; those that this viewer may not see are left out.

    The ids come out of a subquery so that PostgreSQL keeps one plan for any number of them: for a list it can count
    it plans anew each time, which takes three times as long as reading the cards.
    """
    if not ids:
        return []
    rows = await look.db.fetch(
        "select i.* from item_cards i"
        " where i.id = any(array(select unnest($1::text[]))) and (i.state in ('live', 'paused', 'sold', 'expired')"
        " or i.seller = $2 and i.state <> 'removed')"
        " and not exists (select from apart where member = $2 and other = i.seller)",
        list(ids),
        look.actor.member,
    )
    found = {row["id"]: card_of(row, cell) for row in rows}
    return [found[item] for item in dict.fromkeys(ids) if item in found]


async def seller_items(
    look: Look,
    member: str,
    states: Sequence[State] = ("live",),
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
    alone: bool = False,
) -> Page[ItemCard]:
    """What a member offers, newest first. Strangers see what is live, paused, sold or expired; the seller all.

    `alone` leaves out what belongs to a note: such a draft is published and edited with its note.
    """
    mine = look.actor.member == member
    allowed = [state for state in states if state in rules.SHOWN or (mine and state != "removed")]
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select i.* from item_cards i"
        " where i.seller = $1 and i.state = any($2) and ($3::timestamptz is null or (i.created_at, i.id) < ($3, $4))"
        " and (not $7 or i.note is null)"
        " and not exists (select from apart where member = $5 and other = $1)"
        " order by i.created_at desc, i.id desc limit $6",
        member,
        allowed,
        at,
        after,
        look.actor.member,
        limit + 1,
        alone,
    )
    more = encode_cursor(rows[limit - 1]["created_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page([card_of(row, None) for row in rows[:limit]], more)


async def saved_items(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[ItemCard]:
    """What the viewer keeps in mind, the last saved first; sold things stay, those out of sight do not show."""
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select i.*, s.at as saved_at from item_saves s join item_cards i on i.id = s.item"
        " where s.member = $1 and ($2::timestamptz is null or (s.at, s.item) < ($2, $3))"
        " and i.state in ('live', 'paused', 'sold', 'expired')"
        " and not exists (select from apart where member = $1 and other = i.seller)"
        " order by s.at desc, s.item desc limit $4",
        look.actor.me,
        at,
        after,
        limit + 1,
    )
    more = encode_cursor(rows[limit - 1]["saved_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page([card_of(row, None) for row in rows[:limit]], more)


async def item_page(look: Look, item: str, cell: int | None = None) -> ItemPage:
    """The page of one item. Refuses `not_found` for what this viewer may not see."""
    row = await look.db.fetchrow(
        "select i.*, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes,"
        " m.sold_count,"
        " array(select (d.id, d.kind, d.width, d.height, d.placeholder, d.colour) from item_media p"
        " join media d on d.id = p.media where p.item = i.id and d.state = 'ready' order by p.place) as pictures,"
        " array(select (price, why, at) from item_prices where item = i.id order by version) as history,"
        " array(select (price, at) from item_price_steps where item = i.id order by at) as steps,"
        " (select r.state from item_requests r where r.item = i.id and r.member = $2) as asked,"
        " (select case when s.alerts then 'alerts' else 'quiet' end from item_saves s"
        " where s.item = i.id and s.member = $2) as saved,"
        " (select v.reason from item_moves v where v.item = i.id and i.state in ('screening', 'rejected')"
        " order by v.version desc limit 1) as why,"
        " (select (g.id, g.title) from items g where g.id = i.resale_of and ($3 or $2 in (i.seller, g.seller)))"
        " as like_gift"
        " from items i join members m on m.id = i.seller where i.id = $1 and i.state <> 'removed'"
        " and not exists (select from apart where member = $2 and other = i.seller)",
        item,
        look.actor.member,
        _operates(look),
    )
    if row is None or not _may_see(look, row):
        raise NOT_FOUND()
    return _page(look, row, cell)


def _may_see(look: Look, row: asyncpg.Record) -> bool:
    return row["state"] in rules.SHOWN or row["seller"] == look.actor.member or _operates(look)


def _operates(look: Look) -> bool:
    return look.actor.system or bool(look.actor.roles & {"moderator", "admin"})


def _page(look: Look, row: asyncpg.Record, cell: int | None) -> ItemPage:
    price = Money(row["price"], row["currency"])
    return ItemPage(
        id=row["id"],
        version=row["version"],
        title=row["title"],
        description=row["description"],
        price=price,
        original_price=_money(row["original_price"], row["currency"]),
        shipping=_money(row["shipping"], row["currency"]),
        postage=_postage(row),
        condition=row["condition"],
        category=row["category"],
        attributes=row["attributes"],
        state=row["state"],
        stock=row["stock"],
        left=row["stock"] - row["reserved"] - row["sold"],
        reserved=row["reserved"],
        sold=row["sold"],
        kind=row["kind"],
        way=row["way"],
        media=[Picture(*picture) for picture in row["pictures"]],
        place_label=row["place_label"],
        distance_km=distance(row, cell),
        seller=seller_of(row),
        mine=row["seller"] == look.actor.member,
        bargain=row["bargain"],
        handover=list(row["handover"]),
        deadline=row["deadline"],
        price_steps=[PricePoint(Money(step[0], row["currency"]), "step", step[1]) for step in row["steps"]],
        price_history=[PricePoint(Money(was[0], row["currency"]), was[1], was[2]) for was in row["history"]],
        has_serial=row["serial_kind"] is not None,
        serial_state=row["serial_state"],
        serial_checked_at=row["serial_checked_at"],
        note=row["note"],
        has_history=row["bought_in"] is not None or row["sold"] > 0,
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        actions=_actions(look, row),
        asked=row["asked"],
        saved=row["saved"],
        why=row["why"],
        like_gift=LikeGift(*row["like_gift"]) if row["like_gift"] else None,
        share=share_text(
            row["id"], row["title"], price, row["kind"], row["state"], row["condition"], row["place_label"]
        ),
    )


def _postage(row: asyncpg.Record) -> Postage | None:
    """None when the thing is not sent at all; a thing that names no handover may be."""
    if row["kind"] == "service" or (row["handover"] and "ship" not in row["handover"]):
        return None
    payer: Literal["buyer", "seller"] = "buyer" if row["shipping"] else "seller"
    return Postage(payer, Money(row["shipping"] or 0, row["currency"]), row["place_label"] or row["city"] or None)


def _actions(look: Look, row: asyncpg.Record) -> list[str]:
    """The verbs open to this viewer, from the machine for the seller and operators, from the counts for buyers."""
    if row["seller"] == look.actor.member:
        own = [verb for verb in rules.ITEM.open_to(row["state"], "seller") if verb != "submit"]
        own += ["edit"] if row["state"] in rules.EDITABLE else []
        return own + {"sold": ["relist"], "rejected": ["publish"]}.get(row["state"], [])
    if look.actor.roles & {"moderator", "admin"}:
        return list(rules.ITEM.open_to(row["state"], "operator"))
    if row["state"] != "live" or row["stock"] - row["reserved"] - row["sold"] < 1:
        return []
    if row["kind"] == "giveaway":
        return ["ask_for"] if row["asked"] in (None, "withdrawn") else []
    return ["buy", "offer"] if row["bargain"] else ["buy"]


async def public_items(look: Look, most: int) -> list[tuple[str, datetime]]:
    """What is on sale with the moment of its last change, newest first: for those who read the whole site."""
    rows = await look.db.fetch(
        "select id, changed_at from items where state = 'live' order by listed_at desc, id desc limit $1", most
    )
    return [(row["id"], row["changed_at"]) for row in rows]
