"""Views are counted, floors opened and ended, choices kept, views erased."""

from collections.abc import Sequence
from datetime import date, timedelta

from xianji.domains import items
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Look, Work

from . import store
from .model import COLLECT_KM, FLOOR_HOURS, KEEP_DAYS, LESS_DAYS, LESS_MOST, Choose, SayLess, Seen

_SHADE_DAYS = 2  # a shaded viewer is only kept to be counted once a day


async def record(work: Work, views: Sequence[Seen]) -> None:
    """Count what was seen and opened, each viewer once a day for each subject; authors do not count for themselves.

    A visitor, and a member who wants no list, is kept for two days as a keyed hash that is another one every day.
    """
    facts = {row["id"]: row for row in await store.subjects(work, list({one.subject for one in views}))}
    plain = await store.without_history(work, list({one.viewer for one in views if one.member}))
    near_metres = work.config.get(COLLECT_KM) * 1000
    rows = []
    for one in views:
        found = facts.get(one.subject)
        if found is None or found["owner"] == one.viewer:
            continue
        viewer = one.viewer if one.member and one.viewer not in plain else _shade(work, one.viewer)
        placed = one.cell is not None and found["cell"] is not None
        near = placed and items.metres_between(one.cell, found["cell"]) <= near_metres  # type: ignore[arg-type]
        rows.append((viewer, one.subject, one.opened, placed, near))
    if rows:
        places = {id: (items.area_of(row["cell"]) if row["cell"] else 0, row["at"]) for id, row in facts.items()}
        await store.add_views(work, rows, places)


def _shade(work: Work, viewer: str) -> str:
    return "~" + work.keys.digest("feed.viewer", f"{work.now.date()} {viewer}").hex()[:32]


async def open_reach(work: Work, note: str) -> None:
    """A note came into sight: from its publishing on it is owed its first readers for some hours."""
    found = await store.live_note(work, note)
    if found is None:
        return
    until = found["published_at"] + timedelta(hours=work.config.get(FLOOR_HOURS))
    if until > work.now:
        area = items.area_of(found["cell"]) if found["cell"] else 0
        await store.open_reach(work, note, area, found["published_at"], until)


async def end_floor(work: Work, subject: str) -> None:
    """The hours in which a note was owed its first readers have passed."""
    await store.end_floor(work, subject)


async def due_days(look: Look, limit: int) -> list[str]:
    """Days whose views are kept no longer: of members, and (marked by ~) of shaded viewers."""
    members = look.now.date() - timedelta(days=look.config.get(KEEP_DAYS))
    return await store.old_days(look, members, look.now.date() - timedelta(days=_SHADE_DAYS), limit)


async def forget_day(work: Work, day: str) -> None:
    """Forget the views of one day, or with ~ before it those of shaded viewers; the counts of the subjects stay."""
    await store.forget_day(work, date.fromisoformat(day.removeprefix("~")), shaded=day.startswith("~"))


async def choose(work: Work, wish: Choose) -> None:
    """Say what the feed may use. What is kept already stays until it is erased or its time is over."""
    await store.put_choices(work, wish.personal, wish.history)


async def erase_views(work: Work, subject: str | None = None) -> None:
    """Forget that I saw this, or all I saw. Counts of notes stay: they hold no names."""
    await store.erase_views(work, work.actor.me, subject)


async def say_less(work: Work, ask: SayLess) -> None:
    """Show me less of a category, a topic or an author from now on, or one note not at all; said again it counts anew.

    Refuses `not_found` for what there is not, and for myself.
    """
    kind, _, key = ask.subject.partition(":")
    known = key in items.all_categories() if kind == "c" else await store.is_there(work, kind, key)
    if not known:
        raise NOT_FOUND()
    until = work.now + timedelta(days=work.config.get(LESS_DAYS))
    await store.put_less(work, ask.subject, until, work.config.get(LESS_MOST))


async def take_less_back(work: Work, ask: SayLess) -> None:
    """Show me as much of it as before; fine when I never said otherwise."""
    await work.db.execute("delete from feed_less where member = $1 and subject = $2", work.actor.me, ask.subject)


async def end_less(work: Work, member: str) -> None:
    """What a member wanted less of long enough ago is over."""
    await work.db.execute("delete from feed_less where member = $1 and until <= $2", member, work.now)
