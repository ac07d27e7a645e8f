"""Puts the hand-written pages together into one `Demo`. Pure: the same seed gives the same town."""

import random
import re
from collections.abc import Sequence

from xianji.demo import combos, people, rules, script, talk, view
from xianji.demo.model import Circle, Comment, Demo, Item, Kind, Member, Note, PriceStep

TOPIC = re.compile(r"#([^\s#@]+)")
MENTION = re.compile(r"@([a-z][a-z0-9_]+)")
SEED = 20260501
DAY = 24 * 60
CLEARANCE = "离京清仓"


def build(seed: int = SEED) -> Demo:
    """The whole demo: members, circles, notes with things and comments, follows, memberships."""
    dice = random.Random(seed)
    members, palettes = people.members(dice)
    circles, looks = people.circles()
    drafts = [note for page in script.pages() for note in script.read(page)]
    drafts += combos.notes(dice)
    ages = _ages(len(drafts), dice)
    scribe = _Scribe(members, palettes | looks, dice)
    notes = [scribe.note(draft, age) for draft, age in zip(drafts, ages, strict=True)]
    notes.sort(key=lambda note: -note.minutes_ago)
    return Demo(
        members=members,
        circles=circles,
        notes=tuple(notes),
        follows=_follows(members, dice),
        memberships=_memberships(members, circles, notes),
        quick_replies=rules.QUICK_REPLIES,
    )


def _ages(count: int, dice: random.Random) -> list[int]:
    """Minutes ago: the moving-out note and the stall fresh, the rest thinning out over seventy days."""
    return [3 * 60, 10 * 60] + [60 + int(dice.betavariate(0.9, 2.6) * 70 * DAY) for _ in range(count - 2)]


class _Scribe:
    """Turns drafts into notes; keeps the dice and knows everybody."""

    def __init__(self, members: Sequence[Member], palettes: dict[str, str], dice: random.Random) -> None:
        self.by_handle = {member.handle: member for member in members}
        self.palettes = palettes
        self.dice = dice
        self.talk = talk.Talk(members, dice)

    def note(self, draft: script.NoteDraft, minutes_ago: int) -> Note:
        """One finished note."""
        author = self.by_handle[draft.author]
        palette = self.palettes[draft.circle or draft.author]
        body = "\n".join(draft.body)
        comments = [self._comment(c, palette) for c in draft.comments]
        comments = _with_parents(comments, draft.comments)
        comments += self.talk.about(draft, author, taken=len(comments))
        comments = [c for c in comments if c.after_minutes < minutes_ago] or comments[:0]
        crowd = [m.handle for m in self.by_handle.values() if m.handle != draft.author]
        likes = self.dice.sample(crowd, self._warmth(draft, len(crowd)))
        return Note(
            author=draft.author,
            circle=draft.circle,
            kind=_kind(draft.kind),
            title=draft.title,
            body=body,
            topics=tuple(dict.fromkeys(TOPIC.findall(body))),
            mentions=tuple(dict.fromkeys(MENTION.findall(body))),
            minutes_ago=minutes_ago,
            place=author.place,
            pictures=view.note_pictures(draft, palette),
            items=tuple(self.item(i, palette, clearance=CLEARANCE in draft.title) for i in draft.items),
            comments=tuple(comments),
            likes=tuple(likes),
            saves=tuple(self.dice.sample(likes, len(likes) // 3)),
        )

    def item(self, draft: script.ItemDraft, palette: str, *, clearance: bool = False) -> Item:
        """One finished thing; clearance things must go within six days and get cheaper on the way."""
        steps: tuple[PriceStep, ...] = ()
        if clearance:
            steps = (PriceStep(3, draft.price_fen * 8 // 10), PriceStep(5, draft.price_fen // 2))
        return Item(
            title=draft.title,
            description=talk.description(draft),
            price_fen=draft.price_fen,
            original_price_fen=draft.original_fen,
            stock=draft.stock,
            category=draft.category,
            condition=draft.condition,
            attributes=draft.attributes,
            handover=draft.handover,
            bargain=draft.bargain,
            sold=draft.sold,
            pictures=(view.item_picture(draft, palette),),
            deadline_in_days=6 if clearance else None,
            price_steps=steps,
        )

    def _comment(self, draft: script.CommentDraft, palette: str) -> Comment:
        item = self.item(draft.item, self.palettes[draft.author]) if draft.item else None
        return Comment(author=draft.author, text=draft.text, after_minutes=draft.after, item=item)

    def _warmth(self, draft: script.NoteDraft, most: int) -> int:
        base = {"stall": 40, "warning": 26, "giveaway": 18, "share": 16}.get(draft.kind, 8)
        return min(most, self.dice.randrange(base) + len(draft.comments) + len(draft.items) // 3)


def _kind(word: str) -> Kind:
    known: dict[str, Kind] = {
        "share": "share",
        "sale": "sale",
        "stall": "stall",
        "wanted": "wanted",
        "giveaway": "giveaway",
        "warning": "warning",
    }
    return known[word]


def _with_parents(comments: list[Comment], drafts: list[script.CommentDraft]) -> list[Comment]:
    """Answers point at the last comment that was not itself an answer."""
    placed: list[Comment] = []
    top = 0
    for index, (comment, draft) in enumerate(zip(comments, drafts, strict=True)):
        if draft.reply:
            placed.append(Comment(comment.author, comment.text, comment.after_minutes, top, comment.item))
        else:
            top = index
            placed.append(comment)
    return placed


def _follows(members: Sequence[Member], dice: random.Random) -> tuple[tuple[str, str], ...]:
    """Everybody follows a handful, neighbours of the same city first."""
    pairs: list[tuple[str, str]] = []
    for member in members:
        near = [m.handle for m in members if m.place.city == member.place.city and m is not member]
        far = [m.handle for m in members if m.place.city != member.place.city]
        chosen = dice.sample(near, min(len(near), dice.randint(3, 7))) + dice.sample(far, dice.randint(1, 5))
        pairs += [(member.handle, other) for other in chosen]
    return tuple(pairs)


def _memberships(
    members: Sequence[Member], circles: Sequence[Circle], notes: Sequence[Note]
) -> tuple[tuple[str, str], ...]:
    """Members belong to the circles they write or comment in and to those of their city."""
    pairs = {(m.handle, c.slug) for m in members for c in circles if c.city == m.place.city}
    for note in notes:
        if note.circle is not None:
            pairs.add((note.author, note.circle))
            pairs |= {(c.author, note.circle) for c in note.comments}
    return tuple(sorted(pairs))
