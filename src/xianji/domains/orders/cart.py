"""The cart as its member reads it: by seller, at the prices of this moment, with what is no longer to be had apart."""

from collections.abc import Sequence
from typing import Any

import msgspec

from xianji.domains import offers
from xianji.kernel.ids import ItemId, MemberId, NoteId
from xianji.kernel.installation import CURRENCY
from xianji.kernel.money import Money
from xianji.kernel.work import Look

from .model import Deal, Handover
from .pricing import Asked, Priced, price_lines


class CartLine(msgspec.Struct, frozen=True, kw_only=True):
    """A thing in the cart. `gone` says why it cannot be bought as it stands: sold_out, too_many, not_for_sale or ""."""

    item: ItemId
    title: str
    picture: str | None
    quantity: int
    left: int
    asking: Money
    price: Money
    off: Money
    amount: Money
    shipping: Money
    handover: list[Handover]
    deal: Deal | None
    gone: str


class BundleHint(msgspec.Struct, frozen=True):
    """A note's bundle that things in the cart belong to; `missing` 0 means it counts."""

    note: NoteId
    count: int
    percent: int
    missing: int


class CartSeller(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be had of one seller: goods - bundle = total, postage not counted."""

    seller: MemberId
    name: str
    lines: list[CartLine]
    bundles: list[BundleHint]
    goods: Money
    bundle: Money
    total: Money


class CartPage(msgspec.Struct, frozen=True):
    """A member's cart. `gone` is what cannot be bought as it stands; `total` counts what can, without postage."""

    sellers: list[CartSeller]
    gone: list[CartLine]
    count: int
    total: Money


async def cart_page(look: Look) -> CartPage:
    """The viewer's cart, sellers in the order in which something of theirs was first put in. Nothing is reserved."""
    rows = await look.db.fetch(
        "select c.item, c.quantity, i.seller, m.name, i.title, i.state, i.kind, i.price, i.shipping, i.currency,"
        " i.handover, i.stock - i.reserved - i.sold as available,"
        " (select p.media from item_media p where p.item = i.id order by p.place limit 1) as picture,"
        " exists (select from apart where member = c.member and other = i.seller) as blocked"
        " from cart_lines c join items i on i.id = c.item join members m on m.id = i.seller"
        " where c.member = $1 order by c.added_at, c.item",
        look.actor.me,
    )
    asked = [row["item"] for row in rows]
    agreed = await offers.agreed_for(look, asked)
    bundles = await offers.bundles_for(look, asked)
    why = {row["item"]: _gone(row, agreed.get(row["item"])) for row in rows}
    there = [row for row in rows if not why[row["item"]]]
    sellers = [
        _seller([row for row in there if row["seller"] == seller], agreed, bundles)
        for seller in dict.fromkeys(row["seller"] for row in there)
    ]
    total = sum(one.total.amount for one in sellers)
    gone = [_line(row, _as_asked(row), why[row["item"]]) for row in rows if why[row["item"]]]
    return CartPage(sellers, gone, len(rows), Money(total, look.config.get(CURRENCY)))


async def cart_count(look: Look) -> int:
    """How many things are in the viewer's cart."""
    found: int = await look.db.fetchval("select count(*) from cart_lines where member = $1", look.actor.me)
    return found


def _gone(row: Any, agreed: offers.Agreed | None) -> str:
    kept = 1 if agreed is not None else 0
    if row["blocked"] or row["state"] not in ("live", "paused", "sold") or row["kind"] == "giveaway":
        return "not_for_sale"
    if row["state"] == "paused" and not kept:
        return "not_for_sale"
    if row["state"] == "sold" or row["available"] + kept < 1:
        return "sold_out"
    return "too_many" if row["quantity"] > max(row["available"], kept) else ""


def _as_asked(row: Any) -> Priced:
    return Priced(row["item"], row["quantity"], row["price"], 0, None)


def _seller(rows: Sequence[Any], agreed: dict[str, offers.Agreed], bundles: dict[str, offers.BundleView]) -> CartSeller:
    """What is to be had of one seller, priced together."""
    asked = [Asked(row["item"], row["quantity"], row["price"]) for row in rows]
    priced = price_lines(asked, {line.item: agreed[line.item] for line in asked if line.item in agreed}, bundles)
    currency = rows[0]["currency"]
    return CartSeller(
        seller=rows[0]["seller"],
        name=rows[0]["name"],
        lines=[_line(row, line, "") for row, line in zip(rows, priced, strict=True)],
        bundles=_hints(asked, agreed, bundles),
        goods=Money(sum(line.gross for line in priced), currency),
        bundle=Money(sum(line.off for line in priced), currency),
        total=Money(sum(line.amount for line in priced), currency),
    )


def _hints(
    asked: Sequence[Asked], agreed: dict[str, offers.Agreed], bundles: dict[str, offers.BundleView]
) -> list[BundleHint]:
    count: dict[str, int] = {}
    rule = {}
    for line in asked:
        if line.item in bundles and line.item not in agreed:
            bundle = bundles[line.item]
            rule[bundle.note] = bundle
            count[bundle.note] = count.get(bundle.note, 0) + line.quantity
    return [
        BundleHint(note, rule[note].count, rule[note].percent, max(0, rule[note].count - units))
        for note, units in count.items()
    ]


def _line(row: Any, priced: Priced, gone: str) -> CartLine:
    def money(amount: int) -> Money:
        return Money(amount, row["currency"])

    return CartLine(
        item=row["item"],
        title=row["title"],
        picture=row["picture"],
        quantity=row["quantity"],
        left=max(0, row["available"]),
        asking=money(row["price"]),
        price=money(priced.price),
        off=money(priced.off),
        amount=money(priced.amount),
        shipping=money(row["shipping"] or 0),
        handover=list(row["handover"]),
        deal=priced.deal,
        gone=gone,
    )
