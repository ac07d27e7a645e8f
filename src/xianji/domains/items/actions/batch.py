"""Many at once: many pictures make many things, a table makes many things, and every row gets its own answer."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from xianji.domains.items import rules, sellers
from xianji.domains.items.listings import Listing
from xianji.domains.items.model import BATCH_MOST, RESALE_DAYS, TOO_MANY_ITEMS, Facts, NewItem
from xianji.domains.items.store import gifts, imports
from xianji.kernel.db import attempt
from xianji.kernel.errors import Refusal
from xianji.kernel.work import Work

from .selling import insert_item, insert_plain


class RowResult(msgspec.Struct, frozen=True):
    """What became of one row: an item id, or a refusal's code with its facts. Rows count from 1 as a person counts.

    `again`: it had become this thing before.
    """

    row: int
    item: str | None
    code: str | None = None
    facts: dict[str, Any] = {}
    again: bool = False


async def publish_many(work: Work, many: Sequence[NewItem]) -> list[RowResult]:
    """Publish each thing that can be published; a refused one leaves nothing and stops no other."""
    return await import_listings(work, [Listing(row, new) for row, new in enumerate(many, start=1)])


async def import_new(work: Work, listings: Sequence[Listing]) -> list[RowResult]:
    """Publish those rows of a table that have not become things yet; the same row twice is one thing."""
    marks = {listing.row: _fingerprint(listing) for listing in listings}
    known = await imports.known(work, list(set(marks.values())))
    first = {marks[listing.row]: listing for listing in reversed(listings) if marks[listing.row] not in known}
    fresh = await import_listings(work, sorted(first.values(), key=lambda listing: listing.row))
    await imports.remember(work, {marks[one.row]: one.item for one in fresh if one.item is not None})
    answers = {marks[one.row]: one for one in fresh}
    return [_answer(row, known.get(mark), answers.get(mark)) for row, mark in marks.items()]


def _answer(row: int, item: str | None, fresh: RowResult | None) -> RowResult:
    """The answer to a row: a thing of before, what has just become of it, or of the row that says the same."""
    if fresh is None:
        return RowResult(row, item, again=True)
    return fresh if fresh.row == row else msgspec.structs.replace(fresh, row=row, again=fresh.item is not None)


def _fingerprint(listing: Listing) -> bytes:
    said = b"key " + listing.key.encode() if listing.key else b"all " + _said(listing.new)
    return hashlib.sha256(said).digest()


def _said(new: NewItem | Refusal) -> bytes:
    return repr((new.code.name, new.facts)).encode() if isinstance(new, Refusal) else msgspec.json.encode(new)


async def import_listings(work: Work, listings: Sequence[Listing]) -> list[RowResult]:
    """Publish the rows of a table that could be read and answer for every row. Refuses `too_many_items`."""
    most = work.config.get(BATCH_MOST)
    if len(listings) > most:
        raise TOO_MANY_ITEMS(most=most)
    by = await sellers.limits_of(work)
    was_given = bool(await gifts.got_since(work, work.actor.me, work.config.get(RESALE_DAYS)))
    results: dict[int, RowResult] = {}
    plain: dict[int, Facts] = {}
    for listing in listings:
        judged = _judged(work, listing, by)
        if isinstance(judged, Refusal):
            results[listing.row] = _refused(listing.row, judged)
        elif was_given or _stands_out(listing.new, judged):
            results[listing.row] = await _publish_row(work, listing, judged)
        else:
            plain[listing.row] = judged
    for row, answer in zip(plain, await insert_plain(work, list(plain.values())), strict=True):
        results[row] = _refused(row, answer) if isinstance(answer, Refusal) else RowResult(row, answer)
    return [results[listing.row] for listing in listings]


def _judged(work: Work, listing: Listing, by: rules.Limits) -> Facts | Refusal:
    if isinstance(listing.new, Refusal):
        return listing.new
    try:
        return rules.judge(listing.new, by, lambda number: work.keys.digest("item.serial", number))
    except Refusal as refusal:
        return refusal


def _stands_out(new: NewItem | Refusal, facts: Facts) -> bool:
    """Whether it has something that may be refused only when it is written, or rows of its own."""
    assert isinstance(new, NewItem)
    return bool(new.draft or facts.media or facts.steps or facts.serial_digest)


async def _publish_row(work: Work, listing: Listing, facts: Facts) -> RowResult:
    assert isinstance(listing.new, NewItem)
    try:
        async with attempt(work):
            item = await insert_item(work, facts, draft=listing.new.draft)
    except Refusal as refusal:
        return _refused(listing.row, refusal)
    return RowResult(listing.row, item)


def _refused(row: int, refusal: Refusal) -> RowResult:
    return RowResult(row, None, refusal.code.name, refusal.facts)
