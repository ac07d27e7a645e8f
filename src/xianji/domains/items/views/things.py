"""What readers see of items: cards in lists and the page of one item. One round trip each."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from xianji.domains.items import places, rules
from xianji.domains.items.model import NEAR_RINGS, Condition, GiveawayWay, Handover, ItemKind, State, Tab
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


class PricePoint(msgspec.Struct, frozen=True):
    """One line of the price history; `why` is asked, edited or step."""

    price: Money
    why: str
    at: datetime


class ItemPage(msgspec.Struct, frozen=True):
    """Everything about one item for one viewer. `actions` are the verbs open to this viewer."""

    id: str
    version: int
    title: str
    description: str
    price: Money
    original_price: Money | None
    shipping: Money | None
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
    created_at: datetime
    changed_at: datetime
    actions: list[str]
    asked: str | None
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


def _distance(row: asyncpg.Record, cell: int | None) -> float | None:
    if cell is None or row["cell"] is None:
        return None
    return places.kilometres(places.metres_between(cell, row["cell"]))


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def _card(row: asyncpg.Record, cell: int | None) -> ItemCard:
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
        distance_km=_distance(row, cell),
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
        " and not exists (select from ties t where t.member = $2 and t.kind in ('blocks', 'blocked_by')"
        " and t.other = i.seller)",
        list(ids),
        look.actor.member,
    )
    found = {row["id"]: _card(row, cell) for row in rows}
    return [found[item] for item in dict.fromkeys(ids) if item in found]


async def seller_items(
    look: Look, member: str, states: Sequence[State] = ("live",), cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[ItemCard]:
    """What a member offers, newest first. Strangers see what is live, paused, sold or expired; the seller all."""
    mine = look.actor.member == member
    allowed = [state for state in states if state in rules.SHOWN or (mine and state != "removed")]
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    rows = await look.db.fetch(
        "select i.* from item_cards i"
        " where i.seller = $1 and i.state = any($2) and ($3::timestamptz is null or (i.created_at, i.id) < ($3, $4))"
        " and not exists (select from ties t where t.member = $5 and t.kind in ('blocks', 'blocked_by')"
        " and t.other = $1)"
        " order by i.created_at desc, i.id desc limit $6",
        member,
        allowed,
        at,
        after,
        look.actor.member,
        limit + 1,
    )
    more = encode_cursor(rows[limit - 1]["created_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page([_card(row, None) for row in rows[:limit]], more)


async def live_items(
    look: Look,
    tab: Tab = "new",
    cell: int | None = None,
    cursor: str | None = None,
    category: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[ItemCard]:
    """What is on sale: newest first, nearest first (without `cell` the same as `new`), or of those I follow."""
    if tab == "near" and cell is not None:
        return await _near(look, cell, cursor, category, limit)
    if tab == "following":
        rows = await _following(look, cursor, category, limit + 1)
    else:
        rows = await _new(look, cursor, category, limit + 1)
    more = encode_cursor(rows[limit - 1]["listed_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page([_card(row, cell) for row in rows[:limit]], more)


async def _new(look: Look, cursor: str | None, category: str | None, limit: int) -> list[asyncpg.Record]:
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    return await look.db.fetch(
        "select i.* from item_cards i"
        " where i.state = 'live' and ($1::timestamptz is null or (i.listed_at, i.id) < ($1, $2))"
        " and ($3::text is null or i.category = $3)"
        " and not exists (select from ties t where t.member = $4 and t.kind in ('blocks', 'blocked_by')"
        " and t.other = i.seller)"
        " order by i.listed_at desc, i.id desc limit $5",
        at,
        after,
        category,
        look.actor.member,
        limit,
    )


async def _following(look: Look, cursor: str | None, category: str | None, limit: int) -> list[asyncpg.Record]:
    at, after = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, "")
    return await look.db.fetch(
        "with picked as (select i.id, i.listed_at as at from ties f join items i on i.seller = f.other"
        " where f.member = $4 and f.kind = 'follows'"
        " and i.state = 'live' and ($1::timestamptz is null or (i.listed_at, i.id) < ($1, $2))"
        " and ($3::text is null or i.category = $3)"
        " and not exists (select from ties t where t.member = $4 and t.kind in ('blocks', 'blocked_by')"
        " and t.other = i.seller)"
        " order by i.listed_at desc, i.id desc limit $5)"
        " select i.* from picked p join item_cards i on i.id = p.id order by p.at desc, p.id desc",
        at,
        after,
        category,
        look.actor.member,
        limit,
    )


async def _near(look: Look, cell: int, cursor: str | None, category: str | None, limit: int) -> Page[ItemCard]:
    """Nearest cell first; within a cell's distance the newest first. The rings that count are configuration."""
    if not places.is_cell(cell):
        return Page([])
    cells, metres = places.around(cell, look.config.get(NEAR_RINGS))
    far, at, after = decode_cursor(cursor, tuple[int, datetime, str]) if cursor else (-1, None, "")
    rows = await look.db.fetch(
        "with picked as (select i.id, i.listed_at as at, near.metres from items i"
        " join unnest($1::bigint[], $2::integer[]) as near (cell, metres) on near.cell = i.cell"
        " where i.state = 'live' and i.cell = any($1)"
        " and (near.metres > $3 or near.metres = $3 and (i.listed_at, i.id) < ($4, $5))"
        " and ($6::text is null or i.category = $6)"
        " and not exists (select from ties t where t.member = $7 and t.kind in ('blocks', 'blocked_by')"
        " and t.other = i.seller)"
        " order by near.metres, i.listed_at desc, i.id desc limit $8)"
        " select i.*, p.metres from picked p join item_cards i on i.id = p.id order by p.metres, p.at desc, p.id desc",
        cells,
        metres,
        far,
        at,
        after,
        category,
        look.actor.member,
        limit + 1,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    more = encode_cursor(last["metres"], last["listed_at"], last["id"]) if last else None
    return Page([_card(row, cell) for row in rows[:limit]], more)


async def item_page(look: Look, item: str, cell: int | None = None) -> ItemPage:
    """The page of one item. Refuses `not_found` for what this viewer may not see."""
    row = await look.db.fetchrow(
        "select i.*, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes,"
        " m.sold_count,"
        " array(select (d.id, d.kind, d.width, d.height, d.placeholder, d.colour) from item_media p"
        " join media d on d.id = p.media where p.item = i.id and d.state = 'ready' order by p.place) as pictures,"
        " array(select (price, why, at) from item_prices where item = i.id order by version) as history,"
        " array(select (price, at) from item_price_steps where item = i.id order by at) as steps,"
        " (select r.state from item_requests r where r.item = i.id and r.member = $2) as asked"
        " from items i join members m on m.id = i.seller where i.id = $1 and i.state <> 'removed'"
        " and not exists (select from ties t where t.member = $2 and t.kind in ('blocks', 'blocked_by')"
        " and t.other = i.seller)",
        item,
        look.actor.member,
    )
    if row is None or not _may_see(look, row):
        raise NOT_FOUND()
    return _page(look, row, cell)


def _may_see(look: Look, row: asyncpg.Record) -> bool:
    operator = look.actor.system or bool(look.actor.roles & {"moderator", "admin"})
    return row["state"] in rules.SHOWN or row["seller"] == look.actor.member or operator


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
        distance_km=_distance(row, cell),
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
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        actions=_actions(look, row),
        asked=row["asked"],
        share=share_text(
            row["id"], row["title"], price, row["kind"], row["state"], row["condition"], row["place_label"]
        ),
    )


def _actions(look: Look, row: asyncpg.Record) -> list[str]:
    """The verbs open to this viewer, from the machine for the seller and operators, from the counts for buyers."""
    if row["seller"] == look.actor.member:
        own = [verb for verb in rules.ITEM.open_to(row["state"], "seller") if verb != "submit"]
        own += ["edit"] if row["state"] in rules.EDITABLE else []
        return own + (["relist"] if row["state"] == "sold" else [])
    if look.actor.roles & {"moderator", "admin"}:
        return list(rules.ITEM.open_to(row["state"], "operator"))
    if row["state"] != "live" or row["stock"] - row["reserved"] - row["sold"] < 1:
        return []
    if row["kind"] == "giveaway":
        return ["ask_for"] if row["asked"] in (None, "withdrawn") else []
    return ["buy", "offer"] if row["bargain"] else ["buy"]
