"""What people of the town do, each as a function that does it through the door a member would use."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from xianji.demo.fitting import new_item, place_of
from xianji.demo.model import Circle, Comment, Note, Place
from xianji.demo.town import OPERATOR, Town
from xianji.domains import circles, items, members, notes
from xianji.kernel.work import Work

__all__ = [
    "OPERATOR",
    "ask_for",
    "comment",
    "follow",
    "found_circle",
    "join_circle",
    "like",
    "make_host",
    "publish",
    "save",
]

_HOUSE_RULES = "circles.house_rules"
_REASON_LONGEST = 100
_Do = Callable[[Work, Town], Awaitable[str]]


def found_circle(circle: Circle) -> _Do:
    """The operator founds it and writes down its rules."""

    async def do(work: Work, town: Town) -> str:
        cover = await town.uploads(work, OPERATOR, [circle.cover])
        made = await circles.found_circle(
            work,
            circles.FoundCircle(
                slug=circle.slug,
                kind=circle.kind,
                name=circle.name_zh,
                name_en=circle.name_en,
                description=circle.description,
                city=circle.city or "",
                cover=cover[0],
            ),
        )
        rules = circles.SetRule(name=_HOUSE_RULES, value=list(circle.rules), reason="开圈时的约定")
        await circles.set_circle_rule(work, made, rules)
        for spot in circle.spots:
            where = spot.place
            new = circles.NewMeetingPlace(spot.name, where.district, spot.how, where.lat, where.lon)
            await circles.add_meeting_place(work, made, new)
        return made

    return do


def join_circle(slug: str) -> _Do:
    """A member joins."""

    async def do(work: Work, town: Town) -> str:
        await circles.join_circle(work, town.id(f"circle {slug}"))
        return ""

    return do


def make_host(slug: str, handle: str) -> _Do:
    """The operator hands the circle to one of its members."""

    async def do(work: Work, town: Town) -> str:
        await circles.make_host(work, town.id(f"circle {slug}"), town.id(f"member {handle}"))
        return ""

    return do


def follow(handle: str) -> _Do:
    """A member follows another."""

    async def do(work: Work, town: Town) -> str:
        await members.follow(work, town.id(f"member {handle}"))
        return ""

    return do


def publish(number: int, note: Note, base: datetime) -> _Do:
    """The author publishes the note with its things, which are remembered as `item <note> <place>`."""

    async def do(work: Work, town: Town) -> str:
        things = [
            new_item(item, note.place, await town.uploads(work, note.author, item.pictures), base)
            for item in note.items
        ]
        made = await notes.publish_note(
            work,
            notes.NewNote(
                title=note.title,
                body=note.body,
                kind=note.kind,
                media=await town.uploads(work, note.author, note.pictures),
                items=things,
                circle=town.id(f"circle {note.circle}") if note.circle else None,
                place=place_of(note.place),
            ),
        )
        told = next(event for event in work.told if isinstance(event, notes.NotePublished))
        for place, item in enumerate(told.items):
            town.remember(f"item {number} {place}", item)
        return made

    return do


def comment(number: int, place: int, said: Comment, where: Place, base: datetime) -> _Do:
    """Somebody comments or answers, perhaps with a thing, which is remembered as `guest <note> <place>`."""

    async def do(work: Work, town: Town) -> str:
        thing = None
        if said.item is not None:
            pictures = await town.uploads(work, said.author, said.item.pictures)
            thing = new_item(said.item, where, pictures, base)
        parent = town.id(f"comment {number} {said.parent}") if said.parent is not None else None
        new = notes.NewComment(body=said.text, parent=parent, item=thing)
        made = await notes.add_comment(work, town.id(f"note {number}"), new)
        told = next(event for event in work.told if isinstance(event, notes.CommentAdded))
        if told.item is not None:
            town.remember(f"guest {number} {place}", told.item)
        return made

    return do


def ask_for(number: int, said: Comment) -> _Do:
    """Who comments on a giveaway also asks for the thing, in the same words when they are few."""

    async def do(work: Work, town: Town) -> str:
        reason = said.text if len(said.text) <= _REASON_LONGEST else ""
        await items.ask_for(work, town.id(f"item {number} 0"), reason)
        return ""

    return do


def like(number: int) -> _Do:
    """A member likes the note."""

    async def do(work: Work, town: Town) -> str:
        await notes.like_note(work, town.id(f"note {number}"))
        return ""

    return do


def save(number: int) -> _Do:
    """A member saves the note."""

    async def do(work: Work, town: Town) -> str:
        await notes.save_note(work, town.id(f"note {number}"))
        return ""

    return do
