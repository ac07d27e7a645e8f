"""After the sale, in words: where a thing has been, thanks, and what a completed order offers besides."""

from typing import Any

from xianji.domains import orders
from xianji.domains.orders import History, OrderPage, Thanks

from . import order_words, render
from .visit import Reader, Visit

_BOUGHT = {"ship": "%(month)s在这里买到 · 邮寄", "meet": "%(month)s在这里买到 · 面交", "digital": "%(month)s在这里买到"}
_BY = {"buyer": "买到的人", "seller": "卖出的人"}


def history(reader: Reader, found: History) -> dict[str, Any]:
    """Where a thing has been, for `after.history`."""
    return {
        "hops": [
            {
                "what": render.translate(reader, _BOUGHT[hop.handover], month=_month(reader, hop.month)),
                "thanks": [thanks(reader, one) for one in hop.thanks],
            }
            for hop in found.hops
        ],
        "thanks": [thanks(reader, one) for one in found.thanks],
    }


def thanks(reader: Reader, one: Thanks) -> dict[str, Any]:
    """A word of thanks for `after.thanks_line`."""
    who = one.name or render.translate(reader, _BY[one.role])
    return {
        "id": one.id,
        "words": one.words,
        "who": f"{who} · {_month(reader, one.month)}",
        "mine": one.mine,
        "hidden": one.hidden,
    }


def _month(reader: Reader, month: str) -> str:
    year, number = month.split("-")
    return render.translate(reader, "%(year)s 年 %(month)s 月", year=year, month=int(number))


def next_step(visit: Visit, after: dict[str, Any] | None) -> dict[str, Any]:
    """What the head of a completed order adds while this side has not said thanks; it asks nowhere else."""
    if after is None or not after["may_thank"]:
        return {}
    return {"otherwise": render.translate(visit, "想说声谢谢的话，一句就好，会留在宝贝的来历里。")}


async def panel(visit: Visit, page: OrderPage) -> dict[str, Any] | None:
    """What the page of a completed order offers besides, for `after.panel`; None before that."""
    if page.state != "completed":
        return None
    async with visit.look() as look:
        said = (await orders.thanks_on(look, page.id)).thanks
    return {
        "thanks": [thanks(visit.reader, one) for one in said],
        "may_thank": all(not one.mine for one in said),
        "resells": order_words.frozen(visit, page) if orders.may_resell(page) else [],
        "items": [line.item for line in page.lines],
    }
