"""Saved searches: keeping one, and telling what is new for it.

New and cheaper things are read from the outbox in batches, by a cursor of their own. Each different ask is asked once
of an index in memory that holds the batch alone; who asks it is looked up afterwards, and whether the thing is on sale
for them. Finds, events and cursor are one transaction, so nothing is told twice or lost.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from xianji.domains import items
from xianji.kernel import outbox, text
from xianji.kernel.db import Database
from xianji.kernel.errors import MALFORMED
from xianji.kernel.ids import SavedSearchId
from xianji.kernel.installation import ZONE
from xianji.kernel.jobs import Due
from xianji.kernel.outbox import Told
from xianji.kernel.work import SYSTEM, Look, Work

from . import analysis, documents, filters, index, saved_store, words
from .index import Doc, Reader
from .model import Ask
from .saved_model import (
    ALERT_PERCENT,
    DIGEST_HOUR,
    FINDS_KEPT_DAYS,
    NAME_LONGEST,
    NOTHING_ASKED,
    ONLY_THINGS_ARE_WATCHED,
    SAVED_MOST,
    TOO_MANY_SAVED_SEARCHES,
    EditSavedSearch,
    SaveSearch,
    SearchFound,
)

_CONSUMER = "search.saved"
_AT_ONCE = 1000
_PIECE = 500
# Ceilings of the wire: what a person meets is smaller.
_LONGEST_WISH, _WISHES_MOST = 500, 20
_PRICE_MOST, _FURTHEST_KM = 10**12, 1000


async def save_search(work: Work, ask: SaveSearch) -> SavedSearchId:
    """Keep an ask for things; returns its id.

    Refuses `nothing_asked`, `only_things_are_watched`, `too_many_saved_searches`, and a name that is empty or too long.
    """
    name = text.line("name", ask.name, work.config.get(NAME_LONGEST))
    wish = _judged(work, ask.ask)
    most = work.config.get(SAVED_MOST)
    if await saved_store.count(work) >= most:
        raise TOO_MANY_SAVED_SEARCHES(most=most)
    id = work.new_id("sch")
    await saved_store.insert(work, id, name, msgspec.to_builtins(wish), ask.frequency)
    return id


def _judged(work: Work, ask: Ask) -> Ask:
    """What is asked for from now on: neither an order nor an age says anything about that."""
    wish = msgspec.structs.replace(ask, text=ask.text.strip()[: analysis.MOST_TYPED], sort="best", days=None)
    if wish.kind != "item":
        raise ONLY_THINGS_ARE_WATCHED()
    said = [wish.text, wish.category, wish.circle, wish.city, *wish.attributes]
    for word in said:
        text.line("ask", word or "", _LONGEST_WISH, required=False)
    numbers = (wish.low or 0, wish.high or 0, wish.radius_km or 0)
    within = max(numbers[:2]) <= _PRICE_MOST and min(numbers) >= 0 and numbers[2] <= _FURTHEST_KM
    if not within or len(wish.attributes) > _WISHES_MOST or not (wish.cell is None or items.is_cell(wish.cell)):
        raise MALFORMED(why="out of bounds", field="ask")
    if analysis.ask(wish.text).empty and not filters.clauses(wish, work.now):
        raise NOTHING_ASKED()
    return wish


async def edit_saved_search(work: Work, search: SavedSearchId, ask: EditSavedSearch) -> None:
    """Another name or rhythm. Refuses `not_found`, and a name that is empty or too long."""
    row = await saved_store.lock(work, search)
    name = row["name"]
    if ask.name is not UNSET:
        name = text.line("name", ask.name, work.config.get(NAME_LONGEST))
    frequency = row["frequency"] if ask.frequency is UNSET else ask.frequency
    await saved_store.update(work, search, name, frequency)


async def remove_saved_search(work: Work, search: SavedSearchId) -> None:
    """Look for it no more. Refuses `not_found`."""
    await saved_store.lock(work, search)
    await saved_store.delete(work, search)


async def match_news(database: Database, reader: Reader) -> int:
    """Tell members what is new or newly cheaper for their saved searches; returns how many events were read."""
    async with database.look(SYSTEM) as look:
        told = await outbox.read(look, await outbox.cursor_of(look, _CONSUMER), _AT_ONCE)
        if not told:
            return 0
        asks = await saved_store.heard(look)
        news = _news(told) if asks else []
        docs = await documents.of_items(look, news) if news else []
        percent = look.config.get(ALERT_PERCENT)
        now = look.now
    pairs: list[tuple[str, str]] = []
    if docs:
        wishes = [(msgspec.convert(row["ask"], Ask), row["searches"]) for row in asks]
        pairs = await asyncio.to_thread(_matches, reader, docs, wishes, percent, now)
    async with database.work(SYSTEM) as work:
        await _keep(work, pairs)
        await outbox.advance(work, _CONSUMER, told[-1].cursor)
    return len(told)


def _news(told: Iterable[Told]) -> list[str]:
    """The things that may be on sale since, or for less."""
    found: dict[str, None] = {}
    for event in told:
        match event.kind:
            case "items.published.v1":
                found[msgspec.json.decode(event.body, type=items.ItemPublished).item] = None
            case "items.moved.v1":
                moved = msgspec.json.decode(event.body, type=items.ItemMoved)
                if moved.after == "live":
                    found[moved.item] = None
            case "items.price_changed.v1":
                changed = msgspec.json.decode(event.body, type=items.PriceChanged)
                if changed.after < changed.before:
                    found[changed.item] = None
    return list(found)


def _matches(
    reader: Reader, docs: Sequence[Doc], wishes: Sequence[tuple[Ask, list[str]]], percent: int, now: datetime
) -> list[tuple[str, str]]:
    """Pairs of search and thing that fit. What words mean is judged by all titles, what fits by the new ones alone."""
    small = index.in_memory(docs)
    known = reader.searcher() or small
    pairs = []
    for ask, searches in wishes:
        asked = words.read(known, ask.text, percent)
        query = filters.matching(
            asked.enough if asked else None, filters.among(ask.kind), filters.clauses(ask, now).values()
        )
        hits = small.search(query, len(docs), count=False).hits
        found = [index.said(small, address).id for _, address in hits]
        pairs += [(search, item) for search in searches for item in found]
    return pairs


async def _keep(work: Work, pairs: Sequence[tuple[str, str]]) -> None:
    for at in range(0, len(pairs), _PIECE):
        searches, things = zip(*pairs[at : at + _PIECE], strict=True)
        for row in await saved_store.note_finds(work, searches, things):
            work.tell(SearchFound(row["id"], row["member"], row["item"], row["count"], daily=False))


async def _digests(look: Look, limit: int) -> Sequence[str]:
    """Searches whose finds were there when the hour of the day last came."""
    here = look.now.astimezone(ZoneInfo(look.config.get(ZONE)))
    hour = here.replace(hour=look.config.get(DIGEST_HOUR), minute=0, second=0, microsecond=0)
    return await saved_store.waiting_since(look, hour if hour <= here else hour - timedelta(days=1), limit)


async def _digest(work: Work, search: str) -> None:
    row = await saved_store.tell_waiting(work, search)
    if row is not None:
        work.tell(SearchFound(search, row["member"], row["item"], row["count"], daily=True))


def _long_ago(look: Look) -> datetime:
    return look.now - timedelta(days=look.config.get(FINDS_KEPT_DAYS))


async def _old(look: Look, limit: int) -> Sequence[str]:
    return await saved_store.old_finds(look, _long_ago(look), limit)


async def _forget(work: Work, search: str) -> None:
    await saved_store.forget_finds(work, search, _long_ago(work))


DUE = (Due("search.digests", _digests, _digest), Due("search.old_finds", _old, _forget))
