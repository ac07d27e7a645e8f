"""The home feed of one reader: three statements, whose cost does not grow with the number of notes.

The first reads what is known of the reader, the second picks candidates from every source by an index and a limit
(`candidates`), the third fills the cards. What order they stand in is decided by `rules`.
"""

from collections.abc import Collection
from datetime import timedelta

from msgspec import structs

from xianji.domains import notes
from xianji.kernel.pages import CURSOR_NOT_VALID, PAGE_SIZE, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from . import rules
from .candidates import pick, read_reader
from .model import (
    COLLECT_KM,
    COMMERCIAL_PERCENT,
    CROWDED,
    ENOUGH_SUPPLY,
    FAIR_EVERY,
    FAR_PERCENT,
    FLOOR_SHOWN,
    KEPT_FOR_ALL_SECONDS,
    KEPT_SECONDS,
    SELLER_MOST,
    SESSION_CARDS,
    WEIGHTS,
    Candidate,
    Caps,
    FeedCard,
    FeedPage,
    Ranked,
    Reader,
)

_TAIL = 6  # letters of an id by which a scroll remembers what it has shown: one in a billion


async def home(look: Look, cell: int | None, cursor: str | None = None, limit: int = PAGE_SIZE) -> FeedPage:
    """The next cards for the actor at `cell` (an H3 cell, or None): three round trips.

    The cursor remembers what this scroll has shown, so no card comes twice however the order changes meanwhile, and
    what went out of sight is not shown. A scroll ends after `feed.session_cards` or when nothing is left.
    """
    shown = _shown(cursor)
    reader = await read_reader(look, cell)
    found = await pick(look, reader, shown)
    ranked = rules.arrange(found, reader, look.config.get(WEIGHTS), caps(look, found), limit)
    cards = {card.id: card for card in await notes.note_cards(look, [one.candidate.id for one in ranked], cell)}
    shown += [one.candidate.id[-_TAIL:] for one in ranked]
    kept = KEPT_SECONDS if look.actor.member or cell is not None else KEPT_FOR_ALL_SECONDS
    left = ranked and (len(ranked) == limit or len(found) > len(ranked))
    more = left and len(shown) < look.config.get(SESSION_CARDS)
    return FeedPage(
        [_card(cards[one.candidate.id], one, reader) for one in ranked if one.candidate.id in cards],
        encode_cursor("".join(shown)) if more else None,
        personal=reader.personal,
        good_until=look.now + timedelta(seconds=look.config.get(kept)),
    )


def also_shown(cursor: str | None, note: str) -> str | None:
    """The cursor of a scroll that has shown this note besides."""
    return cursor and encode_cursor("".join([*_shown(cursor), note[-_TAIL:]]))


def _shown(cursor: str | None) -> list[str]:
    """The tails of what was shown, from a cursor. Refuses `cursor_not_valid`."""
    tails = decode_cursor(cursor, tuple[str])[0] if cursor else ""
    if len(tails) % _TAIL:
        raise CURSOR_NOT_VALID()
    return [tails[place : place + _TAIL] for place in range(0, len(tails), _TAIL)]


def _card(card: notes.NoteCard, ranked: Ranked, reader: Reader) -> FeedCard:
    told = rules.reasons(ranked, reader)
    parts = {name: round(points, 2) for name, points in ranked.parts.items()}
    return FeedCard(**structs.asdict(structs.replace(card, why=told[0].code)), parts=parts, reasons=told)


def caps(look: Look, found: Collection[Candidate]) -> Caps:
    """What a page must keep under the rules in force, for the circles that the candidates stand in."""
    get = look.config.get
    scopes = {one.circle for one in found if one.circle and one.trader}
    return Caps(
        collect_km=get(COLLECT_KM),
        enough=get(ENOUGH_SUPPLY),
        far_percent=get(FAR_PERCENT),
        floor=get(FLOOR_SHOWN),
        fair_every=get(FAIR_EVERY),
        seller_most=get(SELLER_MOST),
        commercial=get(COMMERCIAL_PERCENT),
        commercial_in={circle: get(COMMERCIAL_PERCENT, circle) for circle in scopes},
        crowded=get(CROWDED),
    )
