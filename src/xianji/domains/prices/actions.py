"""A completed order becomes trades, each judged at once; a refund afterwards takes them out again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from xianji.domains import members
from xianji.kernel.installation import CURRENCY, today
from xianji.kernel.work import Work

from . import catalogue, store
from .model import BOUNCE_DAYS, BOUNCE_MOST, CIRCLE_LONGEST, LINK_DAYS, NEW_DAYS, MadeUp, Reason
from .store import NewTrade
from .telling import model_of


async def note_completed(work: Work, order: str) -> None:
    """Remember what an order was really sold for, and whether it may count. Twice is once."""
    rows = await store.lines_of(work, order)
    trades = [await _trade(work, order, row) for row in rows]
    if not trades:
        return
    reason = _of_order(rows[0]) or await _of_people(work, trades[0]) or await _of_things(work, trades)
    await store.insert(work, [one._replace(excluded=reason) for one in trades])
    if reason is None:
        await store.mark_stale(work, [one._asdict() for one in trades])


async def note_refund_moved(work: Work, order: str, state: str) -> None:
    """Once money went back after the sale, its price says nothing any more."""
    if state == "refunded":
        await store.exclude(work, [order], "refunded")


async def note_made_up(work: Work, many: Sequence[MadeUp]) -> None:
    """Trades that never were, for a demonstration: marked as such, each by two people of its own. Twice is once."""
    models = catalogue.all_models()
    trades = [
        NewTrade(
            order=f"demo_{one.model}_{one.number}",
            number=1,
            item="",
            category=models[one.model].category,
            model=one.model,
            variant=one.variant,
            condition=one.condition,
            price=one.price,
            currency=work.config.get(CURRENCY),
            quantity=1,
            seller=f"demo_seller_{one.number}",
            buyer=f"demo_buyer_{one.number}",
            lineage=f"demo_{one.model}_{one.number}",
            serial=None,
            day=today(work) - one.ago,
            at=work.now - one.ago,
            demo=True,
        )
        for one in many
    ]
    await store.insert(work, trades)
    await store.mark_stale(work, [one._asdict() for one in trades])


async def _trade(work: Work, order: str, row: Any) -> NewTrade:
    said = row["snapshot"]
    product = model_of(said["title"], said["category"], said["attributes"])
    # A seller who came down after the order was made did so for all of it; each line bears its share.
    paid = row["goods"] * row["amount"] // int(row["listed"])
    return NewTrade(
        order=order,
        number=row["number"],
        item=row["item"],
        category=said["category"] or (product.model.category if product else None),
        model=product.model.code if product else None,
        variant=product.variant if product else "",
        condition=said["condition"],
        price=max(1, paid // row["quantity"]),
        currency=row["currency"],
        quantity=row["quantity"],
        seller=row["seller"],
        buyer=row["buyer"],
        lineage=await store.lineage_of(work, order, row["bought_in"], row["bought_as"]),
        serial=row["serial_digest"],
        day=today(work),
        at=work.now,
    )


def _of_order(row: Any) -> Reason | None:
    """What the order itself says against its price."""
    if not row["paid"]:
        return "not_paid_here"
    return "part_refunded" if row["refunded"] else None


async def _of_people(work: Work, one: NewTrade) -> Reason | None:
    """What ties the two together, the surest first."""
    since = work.now - timedelta(days=work.config.get(LINK_DAYS))
    if await store.private_price(work, one.order):
        return "private_price"
    linked = await members.link_between(work, one.seller, one.buyer)
    if linked is not None:
        return linked
    if await store.gift_between(work, one.seller, one.buyer, since):
        return "gift_between"
    if await store.traded_between(work, one, since):
        return "pair_repeated"
    new = work.now - timedelta(days=work.config.get(NEW_DAYS))
    return "both_new" if await store.both_joined_after(work, one.seller, one.buyer, new) else None


async def _of_things(work: Work, trades: list[NewTrade]) -> Reason | None:
    """What goes round: one thing from hand to hand, or things that come back. All sales on the way are taken out."""
    since = work.now - timedelta(days=work.config.get(LINK_DAYS))
    for one in trades:
        if bounced := await _bounces(work, one, since):
            await store.exclude(work, bounced, "bounced")
            return "bounced"
    for one in trades:
        if way := await store.way_back(work, one, since, work.config.get(CIRCLE_LONGEST)):
            await store.exclude(work, way, "circle")
            return "circle"
    return None


async def _bounces(work: Work, one: NewTrade, since: datetime) -> list[str]:
    """The other sales of the thing when its buyer has sold it before, or when it changes hands too fast."""
    fast = work.now - timedelta(days=work.config.get(BOUNCE_DAYS))
    earlier = await store.same_thing(work, one, since)
    lately = [row["order_id"] for row in earlier if row["traded_at"] >= fast]
    back = any(row["seller"] == one.buyer for row in earlier)
    return [row["order_id"] for row in earlier] if back or len(lately) >= work.config.get(BOUNCE_MOST) else []
