"""Everything that happens in the town, in the order in which it happened. Pure: deeds wait to be done."""

import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from xianji.demo import deeds
from xianji.demo.model import Comment, Demo, Note, Recipe
from xianji.demo.town import Town
from xianji.kernel.work import Work

CIRCLES_DAYS_AGO = 125.0
JOINED_DAYS_AGO = (124.0, 75.0)
FOLLOWED_DAYS_AGO = (74.0, 0.1)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)

Do = Callable[[Work, Town], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a member does: when, the name under which it is remembered, who, how, and the pictures it shows."""

    at: datetime
    name: str
    who: str
    do: Do
    pictures: tuple[Recipe, ...] = ()


def timeline(demo: Demo, base: datetime, seed: int = 7) -> list[Deed]:
    """All deeds of the town, oldest first; `base` is the moment from which the pages count back."""
    dice = random.Random(seed)
    found = [*_circles(demo, base, dice), *_follows(demo, base, dice)]
    for number, note in enumerate(demo.notes):
        found += _note(demo, number, note, base, dice)
    # A stable sort: what shares a moment stays in the order of its making, a note before its comments.
    return sorted(found, key=lambda deed: deed.at)


def _circles(demo: Demo, base: datetime, dice: random.Random) -> Iterator[Deed]:
    first = {slug: handle for handle, slug in reversed(demo.memberships)}
    for number, circle in enumerate(demo.circles):
        at = base - DAY * CIRCLES_DAYS_AGO + MINUTE * number
        yield Deed(at, f"circle {circle.slug}", deeds.OPERATOR, deeds.found_circle(circle), (circle.cover,))
    for handle, slug in demo.memberships:
        at = base - DAY * dice.uniform(*JOINED_DAYS_AGO)
        yield Deed(at, f"joined {slug} {handle}", handle, deeds.join_circle(slug))
    for slug, handle in first.items():
        at = base - DAY * JOINED_DAYS_AGO[1]
        yield Deed(at, f"host {slug}", deeds.OPERATOR, deeds.make_host(slug, handle))


def _follows(demo: Demo, base: datetime, dice: random.Random) -> Iterator[Deed]:
    for follower, followed in demo.follows:
        at = base - DAY * dice.uniform(*FOLLOWED_DAYS_AGO)
        yield Deed(at, f"follow {follower} {followed}", follower, deeds.follow(followed))


def _note(demo: Demo, number: int, note: Note, base: datetime, dice: random.Random) -> Iterator[Deed]:
    begun = base - MINUTE * note.minutes_ago
    shown = (*note.pictures, *(recipe for item in note.items for recipe in item.pictures))
    yield Deed(begun, f"note {number}", note.author, deeds.publish(number, note, base), shown)
    for place, comment in enumerate(note.comments):
        at = begun + MINUTE * comment.after_minutes
        said = _said(demo, number, place, comment, base)
        yield Deed(at, f"comment {number} {place}", comment.author, said, comment.item.pictures if comment.item else ())
        if _asks(note, place):
            name = f"ask {number} {comment.author}"
            yield Deed(at, name, comment.author, deeds.ask_for(number, comment))
    for handle in note.likes:
        yield Deed(_later(begun, base, dice), f"like {number} {handle}", handle, deeds.like(number))
    for handle in note.saves:
        yield Deed(_later(begun, base, dice), f"save {number} {handle}", handle, deeds.save(number))


def _asks(note: Note, place: int) -> bool:
    """Whether this is the first word of somebody below a giveaway, which asks for the thing."""
    said = note.comments[place]
    before = [comment.author for comment in note.comments[:place]]
    return note.kind == "giveaway" and said.parent is None and said.author not in (note.author, *before)


def _said(demo: Demo, number: int, place: int, comment: Comment, base: datetime) -> Do:
    author = next(one for one in demo.members if one.handle == comment.author)
    return deeds.comment(number, place, comment, author.place, base)


def _later(since: datetime, base: datetime, dice: random.Random) -> datetime:
    """Some moment between then and now, rather sooner than later."""
    return since + (base - since) * dice.betavariate(1.2, 4) if since < base else base
