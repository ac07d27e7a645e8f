"""The rows of what sellers offer: how a thing is kept for a part of its price."""

from collections.abc import Sequence

import msgspec

from xianji.kernel.work import Look, Work

from .model import SetDeposit


async def put(work: Work, item: str, ask: SetDeposit) -> None:
    """What holds for the item from now on."""
    await work.db.execute(
        "insert into deposit_terms (item, kind, percent, hours, silent, set_at) values ($1, $2, $3, $4, $5, $6)"
        " on conflict (item) do update set kind = excluded.kind, percent = excluded.percent, hours = excluded.hours,"
        " silent = excluded.silent, set_at = excluded.set_at",
        item,
        ask.kind,
        ask.percent,
        ask.hours,
        ask.silent,
        work.now,
    )


async def clear(work: Work, item: str) -> None:
    """No deposit for the item."""
    await work.db.execute("delete from deposit_terms where item = $1", item)


async def deposit_on(look: Look, item: str) -> SetDeposit:
    """What is offered on an item; `kind` is None when it is paid at once. For everybody, like the price."""
    found = await offered_on(look, [item])
    return found[0] if found else SetDeposit()


async def offered_on(look: Look, items: Sequence[str]) -> list[SetDeposit]:
    """What is offered on these items, in their order; nothing for those without."""
    rows = await look.db.fetch(
        "select kind, percent, hours, silent from deposit_terms where item = any($1::text[]) order by item", items
    )
    return [msgspec.convert(dict(row), SetDeposit) for row in rows]
