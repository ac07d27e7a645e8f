"""What the market board says, in words: spreads, samples, changes, and how it all comes about."""

from datetime import date
from typing import Any

from babel.dates import format_skeleton

from xianji.domains import prices
from xianji.domains.prices import Figures, ModelLine, ModelPage, Needs, PriceContext
from xianji.kernel.money import Money, as_text

from . import shapes
from .visit import Reader

_POINTS_MOST = 120  # of a chart: more than a phone has room for
_ROWS_MOST = 12  # of the table beside it
_LOCALES = {"zh": "zh_CN", "en": "en_US"}
_CUTS = {"fresh": "全新和几乎全新", "worn": "有使用痕迹", "kit": "带镜头"}


def context(reader: Reader, told: PriceContext | None) -> dict[str, Any] | None:
    """What things like one thing were sold for, for `prices.context`; None when nobody knows what it is like."""
    if told is None:
        return None
    shown = told.figures if told.figures and told.figures.middle else None
    return {
        "href": f"/prices/{told.product.code}",
        "name": told.product.name + (f" · {cut_name(reader, told.cut)}" if told.cut else ""),
        "spread": spread(reader, shown) if shown else "",
        "words": sample(reader, shown) if shown else too_few(reader, told.figures, told.needs),
        "demo": bool(shown and shown.demo),
    }


def spread(reader: Reader, figures: Figures) -> str:
    """The middle half of what was paid: "¥800–950"; one number when they are the same. No figures, no words."""
    if figures.low is None or figures.high is None:
        return ""
    low, high = _text(reader, figures.low), _text(reader, figures.high)
    return low if low == high else f"{low}–{high}"


def sample(reader: Reader, figures: Figures) -> str:
    """How many trades by how many sellers, in how many days, and up to when."""
    return shapes.say(
        reader,
        "%(days)s 天内 %(n)s 笔成交，%(sellers)s 位卖家，截至 %(day)s",
        days=figures.days,
        n=figures.trades,
        sellers=figures.sellers,
        day=day_name(reader, figures.day),
    )


def too_few(reader: Reader, figures: Figures | None, needs: Needs) -> str:
    """Why no price is shown."""
    return shapes.say(
        reader,
        "还只有 %(n)s 笔能算数的成交。满 %(trades)s 笔、%(sellers)s 位卖家才显示价钱，免得认出谁卖了多少。",
        n=figures.trades if figures else 0,
        trades=needs.trades,
        sellers=needs.sellers,
    )


def line(reader: Reader, one: ModelLine) -> dict[str, Any]:
    """A model in a list, for `prices.rows`."""
    figures = one.figures
    return {
        "name": one.product.name,
        "href": f"/prices/{one.product.code}",
        "middle": figures.middle if figures else None,
        "spread": spread(reader, figures) if figures else "",
        "note": shapes.say(reader, "%(n)s 笔", n=figures.trades if figures else 0),
        "change": change(reader, figures),
    }


def change(reader: Reader, figures: Figures | None) -> dict[str, str] | None:
    """A rise or fall as a chip: its icon and its words; None when it could be chance."""
    if figures is None or not figures.change:
        return None
    percent = f"{abs(figures.change) / 10:.1f}%"
    up = figures.change > 0
    words = shapes.say(reader, "涨 %(percent)s" if up else "跌 %(percent)s", percent=percent)
    return {"icon": "arrow-up-right" if up else "arrow-down-right", "text": words}


def cut_name(reader: Reader, name: str) -> str:
    """A part of the trades as a reader calls it; variants are called as they are."""
    return shapes.say(reader, _CUTS[name]) if name in _CUTS else name


def day_name(reader: Reader, day: date) -> str:
    """A day without its year, as the board always speaks of the last one."""
    return format_skeleton("MMMd", day, locale=_LOCALES[reader.language])


def chart(reader: Reader, page: ModelPage) -> dict[str, Any] | None:
    """The past of a model for `prices.chart`: thinned points, and the same as the rows of a table, newest first."""
    if not page.history:
        return None
    step = -(-len(page.history) // _POINTS_MOST)
    thinned = page.history[::-1][::step][::-1]
    week = page.history[::-1][:: max(7, -(-len(page.history) // _ROWS_MOST))]
    return {
        "points": [[one.day.isoformat(), one.low, one.middle, one.high, one.trades] for one in thinned],
        "currency": page.currency,
        "rows": [
            {
                "day": day_name(reader, one.day),
                "middle": Money(one.middle, page.currency),
                "spread": f"{_amount(reader, one.low, page)}–{_amount(reader, one.high, page)}",
                "trades": one.trades,
            }
            for one in week
        ],
    }


def _amount(reader: Reader, amount: int, page: ModelPage) -> str:
    return _text(reader, Money(amount, page.currency))


def _text(reader: Reader, money: Money) -> str:
    """An amount in a range: whole units are enough."""
    return as_text(money.amount, money.currency, _LOCALES[reader.language])


_REASONS: dict[prices.Reason, str] = {
    "refunded": "成交后退了款",
    "part_refunded": "成交前退了一部分",
    "not_paid_here": "没在站内付款",
    "private_price": "给一个人的专属价",
    "same_identity": "双方是同一个实名",
    "same_phone": "双方用同一个电话",
    "same_address": "双方留过同一个地址",
    "gift_between": "双方之间送过东西",
    "pair_repeated": "同样两个人又成交",
    "circle": "几个人转着圈卖",
    "bounced": "同一件东西来回倒手",
    "both_new": "双方都刚注册",
    "outlier": "价钱离别人太远",
}


def reason(reader: Reader, code: str) -> str:
    """Why a trade does not count."""
    return shapes.say(reader, _REASONS[code])  # type: ignore[index]
