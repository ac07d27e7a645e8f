"""What an order or a checkout would cost, line by line, before anything is placed. Nothing is reserved."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from xianji.domains import fees, items, offers
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import ItemId, MemberId
from xianji.kernel.money import Money
from xianji.kernel.work import Look

from . import rules
from .deposits import amount_of
from .model import (
    BALANCE_EXTENSIONS,
    HANDOVER_NOT_OFFERED,
    LINE_TWICE,
    SEVERAL_SELLERS,
    Deal,
    Deposit,
    DepositView,
    Handover,
    MoneyLines,
    PlaceCheckout,
    PlaceOrder,
    Terms,
    WantedLine,
)
from .pricing import Asked, Priced, price_lines
from .views import deposit_view


class QuoteLine(msgspec.Struct, frozen=True):
    """One line of a quote."""

    item: ItemId
    title: str
    quantity: int
    asking: Money
    price: Money
    off: Money
    amount: Money
    available: int
    deal: Deal | None


class Quote(msgspec.Struct, frozen=True):
    """What an order would cost, before it is placed."""

    seller: MemberId
    money: MoneyLines
    lines: list[QuoteLine]
    terms: Terms
    deposit: DepositView | None = None  # as the seller offers it, whether it was asked for or not


class CheckoutQuote(msgspec.Struct, frozen=True):
    """What a checkout would cost: a quote for each seller, and all together."""

    sellers: list[Quote]
    total: Money


async def quote(look: Look, ask: PlaceOrder) -> Quote:
    """What this order would cost now. Refuses what placing it would refuse of the lines.

    Of a gift the viewer may order what was promised to them; an accepted offer sets the price of its line.
    """
    agreed = await _agreed(look, ask)
    rows = await _wanted(look, ask.lines)
    if len({row["seller"] for row in rows}) > 1:
        raise SEVERAL_SELLERS()
    return await _quote(look, rows, ask.lines, ask.handover, agreed)


async def quote_checkout(look: Look, ask: PlaceCheckout) -> CheckoutQuote:
    """What this checkout would cost now, seller by seller. Refuses what placing it would refuse of the lines."""
    rows = await _wanted(look, ask.lines)
    agreed = await offers.agreed_for(look, [line.item for line in ask.lines])
    found = []
    for seller in sorted({row["seller"] for row in rows}):
        mine = [row for row in rows if row["seller"] == seller]
        way = ask.handovers.get(seller, ask.handover)
        found.append(await _quote(look, mine, ask.lines, way, agreed))
    total = sum(one.money.total.amount for one in found)
    return CheckoutQuote(found, Money(total, found[0].money.total.currency))


async def _agreed(look: Look, ask: PlaceOrder) -> dict[str, offers.Agreed]:
    agreed = await offers.agreed_for(look, [line.item for line in ask.lines])
    if ask.offer is not None and all(one.id != ask.offer for one in agreed.values()):
        raise NOT_FOUND()
    if ask.link is not None:
        link = await offers.link_agreed(look, ask.link)
        agreed.setdefault(link.item, link)
    return agreed


async def _wanted(look: Look, lines: Sequence[WantedLine]) -> list[Any]:
    """The things of the lines as they stand, in item order. `available` does not count what is kept for the viewer."""
    if len({line.item for line in lines}) < len(lines):
        raise LINE_TWICE()
    rows = await look.db.fetch(
        "select i.id, i.seller, i.state, i.title, i.price, i.shipping, i.currency, i.handover, i.confirmed_at,"
        " case when i.kind <> 'giveaway' then i.stock - i.reserved - i.sold"
        "  else (select count(*) from item_requests r where r.item = i.id and r.member = $2 and r.state = 'chosen')"
        " end as available, d.kind as deposit_kind, d.percent, d.hours, d.silent"
        " from items i left join deposit_terms d on d.item = i.id where i.id = any($1::text[])"
        " and (i.state in ('live', 'paused') or i.seller = $2) order by i.id",
        [line.item for line in lines],
        look.actor.me,
    )
    if len(rows) < len(lines):
        raise NOT_FOUND()
    return rows


async def _quote(
    look: Look,
    rows: Sequence[Any],
    lines: Sequence[WantedLine],
    handover: Handover,
    agreed: Mapping[str, offers.Agreed],
) -> Quote:
    """A quote for things of one seller."""
    wanted = {line.item: line.quantity for line in lines}
    for row in rows:
        _judge_line(row, wanted[row["id"]], look.actor.me, handover, agreed.get(row["id"]))
    asked = [Asked(row["id"], wanted[row["id"]], row["price"]) for row in rows]
    priced = price_lines(asked, agreed, await offers.bundles_for(look, list(wanted)))
    terms = rules.terms_in_force(look.config, min(row["confirmed_at"] for row in rows))
    shipping = rules.shipping(handover, (row["shipping"] for row in rows))
    money = quoted_money(priced, shipping, rows[0]["currency"], terms)
    quoted = [_line(*pair) for pair in zip(rows, priced, strict=True)]
    return Quote(rows[0]["seller"], money, quoted, terms, _deposit(look, rows, priced, money, terms))


def _deposit(
    look: Look, rows: Sequence[Any], priced: Sequence[Priced], money: MoneyLines, terms: Terms
) -> DepositView | None:
    """What may be paid first; None when the seller asks for everything at once, and for several things together."""
    row, goods = rows[0], sum(line.amount for line in priced)
    if len(rows) > 1 or row["deposit_kind"] is None or not terms.protected:
        return None
    extensions = look.config.get(BALANCE_EXTENSIONS)
    deposit = Deposit(row["deposit_kind"], row["percent"], row["hours"], row["silent"], extensions)
    return deposit_view(deposit, goods, money.total.amount, row["currency"]) if amount_of(deposit, goods) else None


def _judge_line(row: Any, quantity: int, buyer: str, handover: str, agreed: offers.Agreed | None) -> None:
    kept = 1 if agreed is not None and agreed.holds_unit else 0
    if row["seller"] == buyer:
        raise items.OWN_ITEM()
    if row["state"] != "live" and not kept:
        raise items.ITEM_NOT_FOR_SALE()
    if row["available"] + kept < quantity:
        raise items.ITEM_SOLD_OUT(left=row["available"])
    if row["handover"] and handover not in row["handover"]:
        raise HANDOVER_NOT_OFFERED(handover=handover)


def _line(row: Any, priced: Priced) -> QuoteLine:
    def money(amount: int) -> Money:
        return Money(amount, row["currency"])

    return QuoteLine(
        item=row["id"],
        title=row["title"],
        quantity=priced.quantity,
        asking=money(row["price"]),
        price=money(priced.price),
        off=money(priced.off),
        amount=money(priced.amount),
        available=row["available"],
        deal=priced.deal,
    )


def quoted_money(priced: Sequence[Priced], shipping: int, currency: str, terms: Terms) -> MoneyLines:
    """Every money line of priced lines of one seller."""

    def money(amount: int) -> Money:
        return Money(amount, currency)

    goods = sum(line.amount for line in priced)
    fee = fees.likely(terms.fee, goods, shipping).total
    return MoneyLines(
        goods=money(sum(line.gross for line in priced)),
        bundle=money(sum(line.off for line in priced)),
        lowered=money(0),
        shipping=money(shipping),
        total=money(goods + shipping),
        fee=money(fee),
        fee_decided=False,
        fee_owed=money(0),
        net=money(goods + shipping - fee),
        paid=money(0),
        held=money(0),
        released=money(0),
        refunded=money(0),
        fee_policy=terms.fee.name,
        fee_policy_version=terms.fee_version,
    )
