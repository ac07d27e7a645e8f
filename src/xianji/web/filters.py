"""How values look to a reader: in their language, in their zone, at this moment."""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_currency, get_currency_precision
from markupsafe import Markup, escape

from xianji.kernel.money import symbol_of
from xianji.kernel.words import Language

# Set once per page by render: macros are imported without context and still need both.
MOMENT: ContextVar[datetime] = ContextVar("moment", default=datetime(2026, 1, 1, tzinfo=UTC))
ZONE: ContextVar[str] = ContextVar("zone", default="Asia/Shanghai")
CURRENCY: ContextVar[str] = ContextVar("currency", default="CNY")
# When the first of the times printed since it was set will read differently.
UNTIL: ContextVar[datetime] = ContextVar("until", default=datetime(2026, 1, 1, tzinfo=UTC))


def for_language(language: Language) -> dict[str, Callable[..., Any]]:
    """The template filters of this language."""
    locale = "zh_CN" if language == "zh" else "en_US"
    return {
        "money": lambda value: money(value.amount, value.currency, locale),
        "distance": lambda km: distance(km, language),
        "exact": lambda moment: exact(moment, language),
        "phone": phone,
        "place": place,
        "soon": lambda moment: soon(moment, language),
        "ago": lambda moment: ago(moment, MOMENT.get(), language),
    }


def money_sign() -> str:
    """The sign before an amount that somebody types: that of the installation's currency."""
    return format_currency(0, CURRENCY.get(), "¤", locale="en").strip() if CURRENCY.get() != "CNY" else "¥"


def money(amount: int, currency: str, locale: str) -> Markup:
    """A price: small symbol, tabular number, fraction only where there is one."""
    digits = get_currency_precision(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "−" if amount < 0 else ""
    minor = f'<span class="money-minor">.{rest:0{digits}d}</span>' if rest else ""
    symbol = escape(symbol_of(currency, locale))
    # Everything in here is digits or Babel's, and a list of cards formats dozens: Markup.format would take as long
    # as the rest of the card.
    return Markup(  # noqa: S704
        f'<span class="money"><span class="money-sign">{sign}{symbol}</span>{whole:,}{minor}</span>'
    )


def distance(km: float, language: Language) -> str:
    """A distance on the grid, never more exact than it is: "1 km 内", "3 km"."""
    if km < 1:
        return "1 km 内" if language == "zh" else "within 1 km"
    return f"{round(km)} km"


_HOME_DIGITS = 11
_DAYS_ZH = "一二三四五六日"


def exact(moment: datetime, language: Language) -> str:
    """The moment in the reader's zone: "3月2日 周一 18:00", with the year when it is another one."""
    zone = ZoneInfo(ZONE.get())
    local = moment.astimezone(zone)
    year = MOMENT.get().astimezone(zone).year
    same_year = local.year == year
    _holds_until(datetime(year + 1, 1, 1, tzinfo=zone))
    if language == "zh":
        day = f"{local.month}月{local.day}日 周{_DAYS_ZH[local.weekday()]}"
        return (day if same_year else f"{local.year}年{day}") + f" {local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b}" + ("" if same_year else f" {local.year}") + f", {local:%H:%M}"


_NEAR = {-1: ("昨天", "yesterday"), 0: ("今天", "today"), 1: ("明天", "tomorrow")}


def soon(moment: datetime, language: Language) -> str:
    """The moment as people say it: "今天 18:00", "明天 18:00", else as `exact` does."""
    zone = ZoneInfo(ZONE.get())
    local, today = moment.astimezone(zone), MOMENT.get().astimezone(zone).date()
    _holds_until(datetime.combine(today + timedelta(days=1), time(), zone))
    near = _NEAR.get((local.date() - today).days)
    return f"{near[0 if language == 'zh' else 1]} {local:%H:%M}" if near else exact(moment, language)


def day(moment: datetime, language: Language) -> str:
    """The day of the moment as people say it: "今天", "昨天", else "3月2日 周一"."""
    return soon(moment, language).rpartition(" ")[0].rstrip(",")


def phone(number: str) -> str:
    """A number to read and dial: "138 0013 8000" at home, other countries with their code."""
    home = number.removeprefix("+86")
    return f"{home[:3]} {home[3:7]} {home[7:]}" if home != number and len(home) == _HOME_DIGITS else number


def place(lines: dict[str, str]) -> str:
    """An address on one line; a city that is its own province is said once."""
    return " ".join(dict.fromkeys(line for line in lines.values() if line))


def _holds_until(moment: datetime) -> None:
    if moment < UNTIL.get():
        UNTIL.set(moment)


_STEPS = (
    (60, "刚刚", "just now"),
    (3600, "{} 分钟前", "{} min ago"),
    (86400, "{} 小时前", "{} h ago"),
    (604800, "{} 天前", "{} d ago"),
)


def ago(moment: datetime, now: datetime, language: Language) -> str:
    """How long ago, as people say it; the date when it is more than a week."""
    seconds = (now - moment).total_seconds()
    unit = 1
    for limit, zh, en in _STEPS:
        if seconds < limit:
            _holds_until(moment + timedelta(seconds=(seconds // unit + 1) * unit if unit > 1 else limit))
            return (zh if language == "zh" else en).format(max(1, int(seconds // unit)))
        unit = limit
    return exact(moment, language).rpartition(" ")[0].rstrip(",")
