"""How values look to a reader of one language."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, get_currency_precision
from markupsafe import Markup

from xianji.kernel.words import Language


def for_language(language: Language) -> dict[str, Callable[..., Any]]:
    """The template filters of this language."""
    locale = "zh_CN" if language == "zh" else "en_US"
    return {
        "money": lambda value: money(value.amount, value.currency, locale),
        "distance": lambda km: distance(km, language),
        "exact": lambda moment, zone: moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M"),
        "iso": lambda moment: moment.isoformat(timespec="seconds"),
        "ago": lambda moment, now: ago(moment, now, language),
    }


def money(amount: int, currency: str, locale: str) -> Markup:
    """A price: small symbol, tabular number, fraction only where there is one."""
    digits = get_currency_precision(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "−" if amount < 0 else ""
    symbol = format_currency(0, currency, "¤", locale=locale).strip()
    fraction = Markup("<small>.{}</small>").format(f"{rest:0{digits}d}") if rest else ""
    return Markup('<span class="money">{}<small>{}</small>{}{}</span>').format(sign, symbol, f"{whole:,}", fraction)


def distance(km: float, language: Language) -> str:
    """A distance on the grid, never more exact than it is: "1 km 内", "3 km"."""
    if km < 1:
        return "1 km 内" if language == "zh" else "within 1 km"
    return f"{round(km)} km"


_STEPS = (
    (60, "刚刚", "just now"),
    (3600, "{} 分钟前", "{} min ago"),
    (86400, "{} 小时前", "{} h ago"),
    (604800, "{} 天前", "{} d ago"),
)


def ago(moment: datetime, now: datetime, language: Language) -> str:
    """How long ago, as people say it; a date when it is more than a week."""
    seconds = (now - moment).total_seconds()
    unit = 1
    for limit, zh, en in _STEPS:
        if seconds < limit:
            return (zh if language == "zh" else en).format(max(1, int(seconds // unit)))
        unit = limit
    return moment.strftime("%Y-%m-%d")
