"""Many at once: many pictures make many things, a table makes many things, and every row gets its own answer."""

from collections.abc import Sequence
from typing import Any

import msgspec

from xianji.domains.items import rules, sellers
from xianji.domains.items.listings import Listing
from xianji.domains.items.model import BATCH_MOST, TOO_MANY_ITEMS, NewItem
from xianji.kernel.db import attempt
from xianji.kernel.errors import Refusal
from xianji.kernel.work import Work

from .selling import insert_item


class RowResult(msgspec.Struct, frozen=True):
    """What became of one row: an item id, or a refusal's code with its facts. Rows count from 1 as a person counts."""

    row: int
    item: str | None
    code: str | None = None
    facts: dict[str, Any] = {}


async def publish_many(work: Work, many: Sequence[NewItem]) -> list[RowResult]:
    """Publish each thing that can be published; a refused one leaves nothing and stops no other."""
    return await import_listings(work, [Listing(row, new) for row, new in enumerate(many, start=1)])


async def import_listings(work: Work, listings: Sequence[Listing]) -> list[RowResult]:
    """Publish the rows of a table that could be read and answer for every row. Refuses `too_many_items`."""
    most = work.config.get(BATCH_MOST)
    if len(listings) > most:
        raise TOO_MANY_ITEMS(most=most)
    by = await sellers.limits_of(work)
    return [await _publish_row(work, listing, by) for listing in listings]


async def _publish_row(work: Work, listing: Listing, by: rules.Limits) -> RowResult:
    if isinstance(listing.new, Refusal):
        return RowResult(listing.row, None, listing.new.code.name, listing.new.facts)
    try:
        facts = rules.judge(listing.new, by, lambda number: work.keys.digest("item.serial", number))
        async with attempt(work):
            return RowResult(listing.row, await insert_item(work, facts, draft=listing.new.draft))
    except Refusal as refusal:
        return RowResult(listing.row, None, refusal.code.name, refusal.facts)
