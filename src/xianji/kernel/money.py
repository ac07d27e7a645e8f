"""Money is an integer number of minor units and an ISO 4217 code. No float ever touches it."""

import re
from functools import cache
from string import ascii_uppercase
from typing import Annotated, Self

import msgspec
from babel.numbers import format_currency, get_currency_precision

Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$", examples=["CNY"])]
# 2**53 is where JSON readers in other languages lose exactness; we stop well before it.
Amount = Annotated[int, msgspec.Meta(ge=0, le=10**13, description="minor units, e.g. fen")]

_DECIMAL = re.compile(r"(\d{1,11})(?:\.(\d+))?")


class Money(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """An amount in minor units of one currency. Arithmetic refuses to mix currencies."""

    amount: Amount
    currency: Currency = "CNY"

    def __add__(self, other: Self) -> Self:
        return self._with(self.amount + self._same(other).amount)

    def __sub__(self, other: Self) -> Self:
        return self._with(self.amount - self._same(other).amount)

    def times(self, count: int) -> Self:
        """This amount `count` times."""
        return self._with(self.amount * count)

    def _with(self, amount: int) -> Self:
        return type(self)(amount, self.currency)

    def _same(self, other: Self) -> Self:
        assert other.currency == self.currency, "money of two currencies in one sum"
        return other


def parse_decimal(text: str, currency: str) -> int | None:
    """Minor units from what a person typed ("12.5", "¥1,200"); None when it is not an exact amount."""
    plain = text.strip().lstrip("¥￥$").replace(",", "").replace("，", "").strip()
    match = _DECIMAL.fullmatch(plain)
    if match is None:
        return None
    digits: int = get_currency_precision(currency)
    whole, fraction = match[1], match[2] or ""
    if len(fraction) > digits:
        return None
    return int(whole) * int(10**digits) + int((fraction + "0" * digits)[:digits] or 0)


def as_text(amount: int, currency: str, locale: str = "zh_CN") -> str:
    """The amount as a reader of `locale` writes it: ¥12.50, $12.50. Whole amounts drop the fraction."""
    digits: int = get_currency_precision(currency)
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "-" if amount < 0 else ""
    number = f"{whole:,}" if not rest else f"{whole:,}.{rest:0{digits}d}"
    return f"{sign}{symbol_of(currency, locale)}{number}"


# Closed sets on both sides (ISO 4217, our languages), and Babel reads the locale anew at every call: 0.8 ms.
@cache
def symbol_of(currency: str, locale: str) -> str:
    """The sign before the number, without the country's letters: ¥, $; the code where there is no sign ("CHF")."""
    written = str(format_currency(0, currency, "¤", locale=locale)).strip()
    return written.lstrip(ascii_uppercase) or written


def split_by_weight(total: int, weights: list[int]) -> list[int]:
    """`total` in parts that follow `weights` and sum to it exactly; the remainder goes to the largest weight.

    Weights of zero get zero. All-zero weights with a positive total are a mistake of the caller.
    """
    whole = sum(weights)
    assert whole > 0 or total == 0, "nothing to split over"
    parts = [total * weight // whole if whole else 0 for weight in weights]
    if parts:
        parts[max(range(len(weights)), key=weights.__getitem__)] += total - sum(parts)
    return parts


def rate_half_up(base: int, rate_ppm: int) -> int:
    """`base` × rate in parts per million, rounded half up (domain rule of the fee engine)."""
    return (base * rate_ppm * 2 + 1_000_000) // 2_000_000
