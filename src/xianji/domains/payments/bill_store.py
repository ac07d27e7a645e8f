"""The rows of bills: days, lines, differences; and what of our own is laid beside them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from .comparing import Key
from .model import BillDay, BillDifference
from .provider import BillLine, ProviderFact


async def put_day(
    work: Work,
    provider: str,
    day: date,
    state: str,
    *,
    lines: int = 0,
    differences: int = 0,
    code: str = "",
    try_at: datetime | None = None,
) -> None:
    """How a day stands now."""
    await work.db.execute(
        "insert into bill_days (provider, day, state, lines, differences, code, try_at, at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (provider, day) do update"
        " set state = $3, lines = $4, differences = $5, code = $6, try_at = $7, at = $8",
        provider,
        day,
        state,
        lines,
        differences,
        code,
        try_at,
        work.now,
    )


async def replace_lines(work: Work, provider: str, day: date, lines: Sequence[BillLine]) -> None:
    """The bill as it was fetched last."""
    await work.db.execute("delete from bill_lines where provider = $1 and day = $2", provider, day)
    await work.db.executemany(
        "insert into bill_lines (provider, day, number, at, kind, out_no, part, request_no, payee, amount, currency,"
        " provider_ref) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        [
            (
                provider,
                day,
                number,
                line.at,
                line.kind,
                line.out_no,
                line.part,
                line.request_no,
                line.payee,
                line.amount,
                line.currency,
                line.provider_ref,
            )
            for number, line in enumerate(lines)
        ],
    )


async def replace_differences(work: Work, provider: str, day: date, found: Sequence[BillDifference]) -> None:
    """What the last comparison found."""
    await work.db.execute("delete from bill_differences where provider = $1 and day = $2", provider, day)
    await work.db.executemany(
        "insert into bill_differences (provider, day, number, what, kind, out_no, request_no, ours, theirs, currency)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            (provider, day, number, *(getattr(one, name) for name in BillDifference.__struct_fields__))
            for number, one in enumerate(found)
        ],
    )


async def facts_about(
    look: Look, provider: str, payments: list[str], span: tuple[datetime, datetime]
) -> list[ProviderFact]:
    """Facts about these payments, and facts of that time, in the order they were stored."""
    rows = await look.db.fetch(
        "select body from provider_facts where provider = $1"
        " and (payment = any($2::text[]) or (occurred_at >= $3 and occurred_at < $4)) order by stored_at, event_id",
        provider,
        payments,
        span[0],
        span[1],
    )
    return [msgspec.convert(row["body"], ProviderFact) for row in rows]


async def booked(look: Look, legs: list[str]) -> dict[str, int]:
    """What the ledger moved under these ids."""
    rows = await look.db.fetch(
        "select id, sum(amount)::bigint as amount from ledger_transfers where id = any($1::text[]) group by id", legs
    )
    return {row["id"]: row["amount"] for row in rows}


async def keys_of(look: Look, provider: str, days: list[date]) -> list[Key]:
    """What is on the bills of these days."""
    rows = await look.db.fetch(
        "select distinct kind, out_no, request_no from bill_lines where provider = $1 and day = any($2::date[])",
        provider,
        days,
    )
    return [(row["kind"], row["out_no"], row["request_no"]) for row in rows]


async def troubles(look: Look, before: datetime) -> dict[str, int]:
    """How much there is to look at: differences, days without a bill, holds that end before this moment."""
    row = await look.db.fetchrow(
        "select (select count(*) from bill_differences) as bill_differences,"
        " (select count(*) from bill_days where state = 'failed') as bills_missing,"
        " (select count(distinct p.id) from payments p join payment_parts s on s.payment = p.id"
        "  join ledger_accounts a on a.kind = 'order_held' and a.owner = s.part"
        "  where p.hold_until <= $1 and a.balance > 0) as holds_ending",
        before,
    )
    assert row is not None, "a select without from has one row"
    return dict(row)


async def first_payment(look: Look, provider: str) -> datetime | None:
    """When the first payment at this provider was started."""
    found: datetime | None = await look.db.fetchval(
        "select min(created_at) from payments where provider = $1", provider
    )
    return found


async def settled(look: Look, provider: str, days: list[date]) -> set[date]:
    """Of these days those that need not be asked for now."""
    rows = await look.db.fetch(
        "select day from bill_days where provider = $1 and day = any($2::date[]) and (try_at is null or try_at > $3)",
        provider,
        days,
        look.now,
    )
    return {row["day"] for row in rows}


async def days(look: Look, limit: int) -> list[BillDay]:
    """Days, newest first."""
    rows = await look.db.fetch(
        "select provider, day, state, lines, differences, code, at from bill_days order by day desc, provider limit $1",
        limit,
    )
    return [BillDay(**row) for row in rows]


async def day(look: Look, provider: str, day: date) -> BillDay:
    """One day. Refuses `not_found`."""
    row = await look.db.fetchrow(
        "select provider, day, state, lines, differences, code, at from bill_days where provider = $1 and day = $2",
        provider,
        day,
    )
    if row is None:
        raise NOT_FOUND()
    return BillDay(**row)


async def differences(look: Look, provider: str, day: date) -> list[BillDifference]:
    """The differences of a day."""
    rows = await look.db.fetch(
        "select what, kind, out_no, request_no, ours, theirs, currency from bill_differences"
        " where provider = $1 and day = $2 order by number",
        provider,
        day,
    )
    return [BillDifference(**row) for row in rows]


async def all_differences(look: Look, limit: int) -> list[tuple[BillDay, BillDifference]]:
    """Every difference with its day, newest day first."""
    rows = await look.db.fetch(
        "select d.provider, d.day, d.state, d.lines, d.differences, d.code, d.at, b.what, b.kind, b.out_no,"
        " b.request_no, b.ours, b.theirs, b.currency from bill_differences b"
        " join bill_days d on d.provider = b.provider and d.day = b.day order by b.day desc, b.provider, b.number"
        " limit $1",
        limit,
    )
    return [(_from(BillDay, row), _from(BillDifference, row)) for row in rows]


def _from(shape: Any, row: Any) -> Any:
    return shape(**{name: row[name] for name in shape.__struct_fields__})
