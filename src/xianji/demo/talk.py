"""Words under a thing: its description, and the small talk of those who pass by."""

import random
from collections.abc import Sequence

from xianji.demo import combos, rules
from xianji.demo.model import Comment, Member
from xianji.demo.script import ItemDraft, NoteDraft, cells, lines

QUICK_SHARE = 0.16
MOST_THREADS = 3


def description(item: ItemDraft) -> str:
    """What the owner says about a thing, as one paragraph."""
    end = "." if item.facts.isascii() else "。"
    return item.facts.rstrip("。.") + end


class Talk:
    """Deals hand-written question-and-answer pairs; a pair meets a given thing at most once."""

    def __init__(self, members: Sequence[Member], dice: random.Random) -> None:
        self.dice = dice
        self.members = members
        self.pairs: dict[str, list[tuple[str, str]]] = {}
        self.turn: dict[str, int] = {}
        self.said: set[str] = set()
        for line in lines("talk.txt"):
            category, question, answer = cells(line)
            self.pairs.setdefault(category, []).append((question, answer))

    def about(self, note: NoteDraft, author: Member, *, taken: int) -> list[Comment]:
        """Threads about up to three things of a note that has few written comments of its own."""
        found: list[Comment] = []
        if taken > 3 or not note.items:
            return found
        minutes = self.dice.randint(3, 40) + 90 * taken
        english = note.title.isascii()
        picks = self.dice.sample(note.items, min(len(note.items), self.dice.randint(1, MOST_THREADS)))
        for item in picks:
            minutes += self.dice.randint(4, 170)
            asker = self._passer_by(author, english=english)
            found += self._thread(item, asker, author, minutes, taken + len(found), english)
            if self.dice.random() < QUICK_SHARE:
                minutes += self.dice.randint(2, 60)
                word = self.dice.choice(sorted(w for w in rules.QUICK_REPLIES if w.isascii() == english))
                found.append(Comment(self._passer_by(author, english=english).handle, word, minutes))
        return found

    def _thread(
        self, item: ItemDraft, asker: Member, author: Member, minutes: int, index: int, english: bool
    ) -> list[Comment]:
        thing = combos.short(item.title, item.category)
        question, answer = self._deal("english" if english else item.category)
        place = asker.place.district
        asked = question.format(t=thing, d=place)
        answered = answer.format(t=thing, d=author.place.district)
        if asked in self.said or answered in self.said:
            return []
        self.said |= {asked, answered}
        replied = minutes + author.reply_minutes + self.dice.randint(0, 9)
        return [
            Comment(asker.handle, asked, minutes),
            Comment(author.handle, answered, replied, parent=index),
        ]

    def _deal(self, category: str) -> tuple[str, str]:
        own, common = self.pairs.get(category, []), self.pairs["any"]
        pairs = (
            own if category == "english" or (own and (category == "tickets" or self.dice.random() < 0.6)) else common
        )
        kind = category if pairs is own else "any"
        turn = self.turn.get(kind, 0)
        self.turn[kind] = turn + 1
        return pairs[turn % len(pairs)]

    def _passer_by(self, author: Member, *, english: bool) -> Member:
        """Somebody who speaks the note's language; in Chinese notes somebody of the same city."""
        others = [m for m in self.members if m is not author and (m.language == "en") == english]
        near = [m for m in others if m.place.city == author.place.city]
        return self.dice.choice(others if english else near)
