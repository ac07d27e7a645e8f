"""From what a person typed to facts: texts, pictures, circle and mentions judged, before anything is written."""

from collections.abc import Sequence

import asyncpg
import msgspec
from msgspec import UNSET

from xianji.domains import circles, items, media, screening
from xianji.domains.items import NewItem, Place
from xianji.domains.notes import rules, store
from xianji.domains.notes.model import (
    BODY_LONGEST,
    HOSTS_POST_HERE,
    ITEMS_MOST,
    JOIN_CIRCLE_FIRST,
    KIND_NOT_WELCOME,
    MENTIONS_MOST,
    NOTE_PICTURE_TWICE,
    PICTURES_MOST,
    PLACE_LONGEST,
    TITLE_LONGEST,
    TOO_COMMERCIAL,
    TOO_MANY_NOTE_PICTURES,
    TOO_MANY_NOTE_VIDEOS,
    TOO_MANY_THINGS,
    TOPIC_LONGEST,
    TOPICS_MOST,
    VIDEOS_MOST,
    EditNote,
    NewNote,
    Segment,
    Wish,
)
from xianji.domains.notes.store import Facts
from xianji.kernel import text
from xianji.kernel.work import Work


class Words(msgspec.Struct, frozen=True):
    """A judged text: its pieces, its topics (folded name → as written) and whom it mentions."""

    text: str
    segments: list[Segment]
    topics: dict[str, str]
    mentioned: list[str]


async def words(work: Work, field: str, written: str, longest: int) -> Words:
    """Judge and read a text, and find the members it mentions."""
    judged = text.body(field, written, longest)
    found = rules.read(
        judged, work.config.get(TOPICS_MOST), work.config.get(TOPIC_LONGEST), work.config.get(MENTIONS_MOST)
    )
    known = await store.members_named(work, found.handles)
    return Words(judged, rules.only_known(found.segments, known), found.topics, sorted(set(known.values())))


async def screened(work: Work, facts: Facts, second_look: bool = False) -> list[str]:
    """The rules that hold a note; refuses `screened_out`.

    A note that offers or seeks something is judged like a thing, any other like talk.
    """
    said, talk = f"{facts.title}\n{facts.body}", facts.kind in ("share", "warning")
    return await screening.screen(work, said, talk=talk, second_look=second_look)


async def new_facts(work: Work, new: NewNote) -> Facts:
    """The facts of a new note. Refuses its first wrong part."""
    read = await words(work, "body", new.body, work.config.get(BODY_LONGEST))
    if new.circle:
        await welcome(work, new.circle, new.kind)
    cell, label = where(work, new.place)
    rule = work.config.get(circles.GUEST_STALLS, new.circle or "")
    return Facts(
        title=text.line("title", new.title, work.config.get(TITLE_LONGEST), required=False),
        body=read.text,
        segments=read.segments,
        topics=read.topics,
        mentioned=read.mentioned,
        kind=new.kind,
        media=await pictures(work, new.media, ()),
        circle=new.circle,
        cell=cell,
        place_label=label,
        guest_stalls=new.guest_stalls or rule,
        wanted=new.wanted,
    )


async def edited_facts(work: Work, row: asyncpg.Record, edit: EditNote) -> Facts:
    """The facts after an edit; what the edit does not name stays, its text is read again."""
    body = row["body"] if edit.body is UNSET else edit.body
    read = await words(work, "body", body, work.config.get(BODY_LONGEST))
    kind = row["kind"] if edit.kind is UNSET else edit.kind
    circle = row["circle"] if edit.circle is UNSET else edit.circle
    if circle and (circle, kind) != (row["circle"], row["kind"]):
        await welcome(work, circle, kind, row["id"])
    cell, label = (row["cell"], row["place_label"]) if edit.place is UNSET else where(work, edit.place)
    before = await store.media_of(work, row["id"])
    title = row["title"] if edit.title is UNSET else edit.title
    return Facts(
        title=text.line("title", title, work.config.get(TITLE_LONGEST), required=False),
        body=read.text,
        segments=read.segments,
        topics=read.topics,
        mentioned=read.mentioned,
        kind=kind,
        media=before if edit.media is UNSET else await pictures(work, edit.media, before),
        circle=circle,
        cell=cell,
        place_label=label,
        guest_stalls=row["guest_stalls"] if edit.guest_stalls is UNSET else edit.guest_stalls,
        wanted=msgspec.convert(row["wanted"], Wish | None) if edit.wanted is UNSET else edit.wanted,
    )


async def welcome(work: Work, circle: str, kind: str, note: str = "") -> None:
    """Refuses unless the actor may post a note of this kind in the circle; `note` is one that exists already."""
    page = await circles.circle_page(work, circle)
    if not page.joined:
        raise JOIN_CIRCLE_FIRST(circle=page.name)
    if page.rules.who_posts == "hosts" and page.role != "host":
        raise HOSTS_POST_HERE(circle=page.name)
    if kind not in page.rules.kinds_welcome:
        raise KIND_NOT_WELCOME(kind=kind, circle=page.name)
    if kind in rules.SELLING and page.rules.commercial_share < 100:
        await _need_share(work, page, note)


async def _need_share(work: Work, circle: circles.CirclePage, note: str) -> None:
    """One selling note is always welcome; more only while they stay within the circle's share of what I post there."""
    days = circle.rules.commercial_days
    posted, selling = await store.posted_in(work, circle.id, rules.SELLING, days, note)
    if rules.too_commercial(posted, selling, circle.rules.commercial_share):
        raise TOO_COMMERCIAL(circle=circle.name, share=circle.rules.commercial_share, days=days)


async def pictures(work: Work, ids: Sequence[str], before: Sequence[str]) -> tuple[str, ...]:
    """Uploads of the actor in order, each once, within the limits for pictures and videos."""
    if rules.duplicates(ids):
        raise NOTE_PICTURE_TWICE()
    await media.claim(work, [one for one in ids if one not in before])
    found = await media.load(work, list(ids))
    videos = sum(one.kind == "video" for one in found.values())
    if videos > work.config.get(VIDEOS_MOST):
        raise TOO_MANY_NOTE_VIDEOS(most=work.config.get(VIDEOS_MOST))
    if len(ids) - videos > work.config.get(PICTURES_MOST):
        raise TOO_MANY_NOTE_PICTURES(most=work.config.get(PICTURES_MOST))
    return tuple(ids)


def where(work: Work, place: Place | None) -> tuple[int | None, str | None]:
    """The cell and the district's name; the point itself ends here."""
    if place is None:
        return None, None
    label = text.line("place", place.label or "", work.config.get(PLACE_LONGEST), required=False)
    return items.cell_of(place.lat, place.lon), label or None


def need_room(work: Work, own: int) -> None:
    """Refuses `too_many_things` when a note would carry more of its own than it may."""
    if own > work.config.get(ITEMS_MOST):
        raise TOO_MANY_THINGS(most=work.config.get(ITEMS_MOST), count=own)


def prepared(new: NewNote, media_of_note: Sequence[str]) -> list[NewItem]:
    """The note's things with what the note says for them: its place, a lone thing its pictures, a gift its kind."""
    lone = len(new.items) == 1
    return [
        msgspec.structs.replace(
            thing,
            place=thing.place or new.place,
            media=thing.media or (list(media_of_note) if lone else []),
            kind="giveaway" if new.kind == "giveaway" and not thing.price.amount else thing.kind,
            draft=new.draft or thing.draft,
            second_look=new.second_look or thing.second_look,
        )
        for thing in new.items
    ]
