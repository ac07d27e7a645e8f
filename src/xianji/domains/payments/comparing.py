"""A provider's bill beside our facts and our books. Pure: values in, differences out, none left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from .model import BillDifference
from .provider import BillLine, ProviderFact

Key = tuple[str, str, str]
"""Kind of movement, our number of the payment, our number of the request."""


@dataclass(frozen=True, slots=True)
class BillShape:
    """What a provider's bill is: whose midnight ends its day, and which movements are on it at all."""

    minutes_east: int
    kinds: frozenset[str]

    def span(self, day: date) -> tuple[datetime, datetime]:
        """The first moment of that day and the first of the next."""
        begins = datetime.combine(day, time(), timezone(timedelta(minutes=self.minutes_east))).astimezone(UTC)
        return begins, begins + timedelta(days=1)

    def day_of(self, moment: datetime) -> date:
        """The day of the provider's calendar."""
        return moment.astimezone(timezone(timedelta(minutes=self.minutes_east))).date()


_ALL = frozenset({"paid", "released", "fee", "refunded", "returned", "hold_released"})
SHAPES = {
    "sandbox": BillShape(480, _ALL),
    "wechat": BillShape(480, frozenset({"paid", "released", "fee", "refunded", "returned"})),
    "alipay": BillShape(480, frozenset({"paid", "refunded"})),
    "stripe": BillShape(0, frozenset({"paid", "released", "refunded", "returned"})),
}
_LEG_OF = {"paid": "paid", "released": "paid_out", "fee": "fee_collected", "refunded": "refund_sent"}


@dataclass(slots=True)
class Known:
    """What we know: movements by key, and which of them happened on the day that is compared."""

    amounts: dict[Key, int] = field(default_factory=dict)
    on_the_day: set[Key] = field(default_factory=set)
    booked: dict[Key, int] = field(default_factory=dict)


def movements(fact: ProviderFact) -> dict[Key, int]:
    """What a fact says has moved, by key."""
    request = fact.request_no or fact.out_no
    match fact.kind:
        case "paid" | "refunded" | "hold_released":
            return {(fact.kind, fact.out_no, request): fact.amount}
        case "split_returned":
            return {("returned", fact.out_no, request): fact.amount}
        case "released" | "release_partial":
            sums: dict[Key, int] = {}
            for line in fact.lines:
                if line.state in ("succeeded", "returned"):
                    key = ("fee" if line.kind == "fee" else "released", fact.out_no, request)
                    sums[key] = sums.get(key, 0) + line.amount
            return sums
        case _:
            return {}


def leg_id(key: Key) -> str | None:
    """The id under which the ledger has this movement; None where the books take another form."""
    kind, _, request = key
    return f"{_LEG_OF[kind]}:{request}" if kind in _LEG_OF else None


def known(facts: Iterable[ProviderFact], span: tuple[datetime, datetime]) -> Known:
    """Every movement once, however many statements told of it."""
    found, seen = Known(), set()
    for fact in facts:
        mark = (fact.kind, fact.out_no, fact.part, fact.request_no)
        if mark in seen:
            continue
        seen.add(mark)
        for key, amount in movements(fact).items():
            found.amounts[key] = found.amounts.get(key, 0) + amount
            if span[0] <= fact.occurred_at < span[1]:
                found.on_the_day.add(key)
    return found


def billed(lines: Iterable[BillLine]) -> dict[Key, tuple[int, str]]:
    """A bill by key: (minor units, currency)."""
    sums: dict[Key, tuple[int, str]] = {}
    for line in lines:
        key = (line.kind, line.out_no, line.request_no)
        sums[key] = (sums.get(key, (0, ""))[0] + line.amount, line.currency)
    return sums


def differences(
    shape: BillShape, theirs: Mapping[Key, tuple[int, str]], ours: Known, elsewhere: frozenset[Key], currency: str
) -> list[BillDifference]:
    """Everything that does not fit. `elsewhere` are keys on the bills of the days before and after."""
    found = []
    for key, (amount, billed_in) in sorted(theirs.items()):
        if key not in ours.amounts:
            found.append(_difference("missing_here", key, 0, amount, billed_in))
        elif ours.amounts[key] != amount or billed_in != currency:
            found.append(_difference("amount", key, ours.amounts[key], amount, billed_in))
        elif leg_id(key) is not None and ours.booked.get(key, 0) != amount:
            found.append(_difference("books", key, ours.booked.get(key, 0), amount, billed_in))
    absent = sorted(key for key in ours.on_the_day - theirs.keys() - elsewhere if key[0] in shape.kinds)
    return found + [_difference("missing_there", key, ours.amounts[key], 0, currency) for key in absent]


def _difference(what: str, key: Key, ours: int, theirs: int, currency: str) -> BillDifference:
    kind, out_no, request = key
    return BillDifference(
        what=what,  # type: ignore[arg-type]  # one of the four above
        kind=kind,
        out_no=out_no,
        request_no=request,
        ours=ours,
        theirs=theirs,
        currency=currency,
    )
