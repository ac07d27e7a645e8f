"""Bringing things in from a table: the code behind `xianji import listings`."""

from collections.abc import Mapping

from . import settings
from .domains import items, members
from .kernel import installation
from .kernel.db import Database
from .kernel.errors import Code, Refusal
from .kernel.words import Language, sentence
from .kernel.work import NOBODY

__all__ = ["listings"]


async def listings(dsn: str, environment: Mapping[str, str], data: bytes, columns: str, seller: str) -> list[str]:
    """Publish the rows of a table for the member `seller`. Returns a line a row: its number, then id or reason.

    Raises the refusals of the table itself: `table_not_readable`, `table_has_no_column`, `not_found` for the seller.
    """
    database = await Database(dsn, settings.read(environment).keys()).open(readers=1, writers=1)
    try:
        async with database.look(NOBODY) as look:
            page = await members.member_page(look, seller)
            actor = await members.load_actor(look, page.card.id)
            here = installation.facts(look.config)
        plan = items.parse_map(columns) if columns else None
        report = await items.import_table(database, actor, items.read_listings(data, here.currency, plan))
    finally:
        await database.close()
    return [_line(row, here.language) for row in report]


def _line(row: items.RowResult, language: Language) -> str:
    if row.item is not None:
        return f"{row.row}\t{row.item}"
    return f"{row.row}\t{row.code}\t{sentence(Refusal(Code.catalogue[row.code or ''], row.facts), language)}"
