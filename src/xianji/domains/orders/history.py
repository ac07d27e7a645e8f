"""Where a thing has been: sold here before, and what people said when they parted with it. Nobody is named unasked."""

from typing import Any

import msgspec

from xianji.kernel.ids import ItemId, OrderId, ThanksId
from xianji.kernel.installation import ZONE
from xianji.kernel.pages import PAGE_SIZE
from xianji.kernel.work import Look

from . import rules
from .model import HISTORY_MOST, Handover, OrderPage, Role


class Thanks(msgspec.Struct, frozen=True, kw_only=True):
    """A word of thanks. `name` is the writer's when they wished it; `mine` and `hidden` only for the writer."""

    id: ThanksId
    role: Role
    words: str
    name: str | None
    month: str
    mine: bool = False
    hidden: bool = False


class Hop(msgspec.Struct, frozen=True):
    """A sale here that the thing went through: in which month ("2026-03") and how it was handed over."""

    month: str
    handover: Handover
    thanks: list[Thanks]


class History(msgspec.Struct, frozen=True):
    """The earlier sales of a thing, the latest first, and what was said when it was sold itself."""

    hops: list[Hop]
    thanks: list[Thanks]


class OrderThanks(msgspec.Struct, frozen=True):
    """What both sides said after an order."""

    thanks: list[Thanks]


def may_resell(page: OrderPage) -> bool:
    """Whether this reader bought what the order was about and still has it."""
    gone = any(entry.verb in rules.GOODS_BACK for entry in page.timeline)
    money = page.money
    back = 0 < money.paid.amount <= money.refunded.amount
    return page.role == "buyer" and page.state == "completed" and not gone and not back


async def history_of(look: Look, item: ItemId) -> History:
    """The history of a thing that the caller may show. The chain ends after `orders.history_most` sales."""
    rows = await look.db.fetch(
        "with recursive back (depth, order_id, item) as ("
        " select 0, null::text, $1::text union all"
        " select b.depth + 1, i.bought_in, i.bought_as from back b join items i on i.id = b.item"
        " where i.bought_in is not null and b.depth < $2),"
        " sales (depth, order_id) as (select depth, order_id from back where depth > 0 union all"
        " (select 0, l.order_id from order_lines l join orders o on o.id = l.order_id and o.state = 'completed'"
        "  where l.item = $1 order by l.order_id desc limit $4))"
        " select s.depth, o.handover, to_char(o.placed_at at time zone $3, 'YYYY-MM') as month,"
        " array(select (t.id, t.member = o.buyer, t.words, case when t.named then m.name end,"
        "  to_char(t.at at time zone $3, 'YYYY-MM')) from order_thanks t join members m on m.id = t.member"
        "  where t.order_id = o.id and t.state = 'live' order by t.at) as thanks"
        " from sales s join orders o on o.id = s.order_id order by s.depth, o.id desc",
        item,
        look.config.get(HISTORY_MOST),
        look.config.get(ZONE),
        PAGE_SIZE,
    )
    own = [_thanks(one) for row in rows if not row["depth"] for one in row["thanks"]]
    hops = [Hop(row["month"], row["handover"], [_thanks(one) for one in row["thanks"]]) for row in rows if row["depth"]]
    return History(hops, own)


def _thanks(row: Any) -> Thanks:
    id, by_buyer, words, name, month = row
    return Thanks(id=id, role="buyer" if by_buyer else "seller", words=words, name=name, month=month)


async def bought_in(look: Look, item: ItemId) -> OrderId | None:
    """The order in which the viewer bought what this thing of theirs is; None for others and without one."""
    order: str | None = await look.db.fetchval(
        "select o.id from items i join orders o on o.id = i.bought_in and o.buyer = $2 where i.id = $1",
        item,
        look.actor.me,
    )
    return order


async def thanks_on(look: Look, order: OrderId) -> OrderThanks:
    """What the two sides of an order said, for one of them; nothing for anybody else."""
    rows = await look.db.fetch(
        "select t.id, t.member = o.buyer as by_buyer, t.words, t.named, m.name, t.member = $2 as mine,"
        " t.state = 'hidden' as hidden, to_char(t.at at time zone $3, 'YYYY-MM') as month"
        " from order_thanks t join orders o on o.id = t.order_id join members m on m.id = t.member"
        " where t.order_id = $1 and (o.buyer = $2 or o.seller = $2) and (t.state = 'live' or t.member = $2)"
        " order by t.at",
        order,
        look.actor.me,
        look.config.get(ZONE),
    )
    return OrderThanks(
        [
            Thanks(
                id=row["id"],
                role="buyer" if row["by_buyer"] else "seller",
                words=row["words"],
                name=row["name"] if row["named"] else None,
                month=row["month"],
                mine=row["mine"],
                hidden=row["hidden"],
            )
            for row in rows
        ]
    )
