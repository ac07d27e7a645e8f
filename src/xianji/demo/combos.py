"""Small notes put together from hand-written families: what it is, how it looks, why it goes."""

import itertools
import random
import re
from collections.abc import Iterator

from msgspec import Struct, field

from xianji.demo import rules
from xianji.demo.script import Common, ItemDraft, NoteDraft, cells, common_of, lines

# What a thing fetches, in percent of what its owner paid.
FETCHES = {"n": (60, 82), "ln": (50, 70), "lw": (35, 55), "u": (18, 38)}
GROUP = (2, 3, 2, 3, 4)
# Behind a thing's name: a size or a number, which nobody says aloud.
_MEASURE = re.compile(r"[0-9A-Za-z]|^[一二三四五六七八九十零百]+$")


class Family(Struct):
    """One kind of belongings: who sells them, and the hand-written parts."""

    circle: str | None
    common: Common
    authors: list[str]
    names: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    phrases: "Phrases" = field(default_factory=lambda: Phrases())


class Phrases(Struct):
    """Hand-written titles, openings and closings of notes."""

    titles: list[str] = field(default_factory=list)
    openings: list[str] = field(default_factory=list)
    closings: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Put a line where its mark says. Raises KeyError for another mark."""
        mark, _, words = line.partition(" ")
        {"t": self.titles, "o": self.openings, "c": self.closings}[mark].append(words)


def families() -> list[Family]:
    """All families of the page. Raises KeyError for a line of an unknown kind."""
    found: list[Family] = []
    for line in lines("combos.txt"):
        mark, _, rest = line.partition(" ")
        if mark == "=":
            circle, category, authors = cells(rest)
            found.append(Family(None if circle == "-" else circle, common_of(category), authors.split()))
        elif mark == "n":
            found[-1].names += [name.strip() for name in rest.split(",")]
        elif mark == "f":
            found[-1].looks += [look.strip() for look in rest.split(";")]
        elif mark == "s":
            found[-1].reasons += [reason.strip() for reason in rest.split(";")]
        else:
            found[-1].phrases.take(line)
    return found


def notes(dice: random.Random) -> list[NoteDraft]:
    """Notes of two to four things each; every look-and-reason pair of a family is used once."""
    words = _Words(dice)
    drafts: list[NoteDraft] = []
    for family in families():
        things = _things(family, dice)
        authors = itertools.cycle(family.authors)
        sizes = itertools.cycle(GROUP)
        phrases = words.of(family)
        while things:
            size = next(sizes)
            # A lone leftover joins the last group: titles name a first and another last thing.
            size = len(things) if len(things) - size <= 1 else size
            group = [things.pop() for _ in range(size)]
            drafts.append(_note(family, next(authors), group, *next(phrases)))
    return drafts


def _things(family: Family, dice: random.Random) -> list[ItemDraft]:
    pairs = list(itertools.product(family.looks, family.reasons))
    dice.shuffle(pairs)
    found = [_thing(n, p, family.common, dice) for n, p in zip(family.names, pairs, strict=False)]
    dice.shuffle(found)
    return found


def _thing(name: str, pair: tuple[str, str], common: Common, dice: random.Random) -> ItemDraft:
    title, emoji, paid = name.rsplit(" ", 2)
    grade, _, look = pair[0].partition(":")
    low, high = FETCHES[grade]
    price = max(2, _round(int(paid) * dice.randint(low, high) // 100))
    return ItemDraft(
        title=title,
        emoji=emoji,
        price_fen=price * 100,
        original_fen=int(paid) * 100,
        stock=1,
        condition=rules.CONDITION_SHORT[grade],
        sold=dice.random() < 0.12,
        bargain=dice.random() < 0.7,
        facts=f"{look}。{pair[1]}",
        attributes={"face_value": f"{paid}元"} if common.category == "tickets" else {},
        category=common.category,
        handover=common.handover,
    )


def _round(yuan: int) -> int:
    """People write 45, not 43."""
    return yuan if yuan < 20 else yuan // 5 * 5


def short(title: str, category: str) -> str:
    """How one speaks of a thing: "边几 铁艺" is 铁艺边几, "帆布鞋 38" just 帆布鞋, and of a series only the piece."""
    if title.isascii():
        return title.partition(",")[0]
    parts = title.split(" ")
    if len(parts) == 1:
        return title
    if category == "fandom":
        return "".join(parts[-2:])
    kind, detail = parts[0], parts[1]
    return kind if len(parts) > 2 or _MEASURE.search(detail) else detail + kind


class _Words:
    """Deals titles, openings and closings so that none meets the same partner twice; a family's own come first."""

    def __init__(self, dice: random.Random) -> None:
        common = Phrases()
        for line in lines("phrases.txt"):
            common.take(line)
        self.dice = dice
        self.titles = itertools.cycle(common.titles)
        self.bodies = self._pairs(common)

    def of(self, family: Family) -> Iterator[tuple[str, tuple[str, str]]]:
        """Title, opening and closing of each note of this family."""
        titles = itertools.chain(family.phrases.titles, self.titles)
        return zip(titles, itertools.chain(self._pairs(family.phrases), self.bodies), strict=False)

    def _pairs(self, phrases: Phrases) -> Iterator[tuple[str, str]]:
        pairs = list(itertools.product(phrases.openings, phrases.closings))
        self.dice.shuffle(pairs)
        return iter(pairs)


def _note(family: Family, author: str, group: list[ItemDraft], title: str, body: tuple[str, str]) -> NoteDraft:
    spoken = [short(item.title, item.category) for item in group]
    said = {"a": spoken[0], "b": spoken[-1], "n": "零一两三四五"[len(group)], "names": "、".join(spoken)}
    tag = TAGS.get(family.circle or family.common.category, "闲置")
    text = [body[0].format_map(said), f"{body[1]} #{tag}"]
    return NoteDraft("sale", author, family.circle, title.format_map(said), text, group)


TAGS = {
    "guzi": "出谷",
    "shanghai-moms": "宝妈闲置",
    "books": "旧书",
    "plants": "阳台种植",
    "keyboards": "桌搭",
    "chengdu-weekend": "手作",
    "boardgames": "桌游",
    "cats": "猫咪用品",
    "coffee": "厨房闲置",
    "hanfu": "断舍离",
    "road-bike": "运动闲置",
    "music": "乐器",
    "tickets": "转票",
    "cameras": "器材闲置",
    "linjiang": "校园闲置",
    "reno": "装修回血",
    "beauty": "未拆美妆",
}
