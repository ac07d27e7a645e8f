"""Reads the hand-written pages under `content/`.

@ kind | author | circle | title          a note; plain lines after it are its body
~ category [ship|meet|digital …] [firm]   what the following things have in common
- title | emoji | 30/99 x2 | lw | facts | 尺码=M;颜色=青     a thing (grade `!`: sold, `=`: firm price)
> author +12 | words                      a comment, 12 minutes after the note; `>>` answers the last `>`
>- title | emoji | …                      the comment above offers this thing
* author | circle | category | note title | body | thing …   a note with one thing, on one line
"""

from importlib import resources

from msgspec import Struct, field

from xianji.demo import rules
from xianji.demo.model import Condition, Handover


class ItemDraft(Struct):
    """A thing as written, before pictures."""

    title: str
    emoji: str
    price_fen: int
    original_fen: int | None
    stock: int
    condition: Condition
    sold: bool
    bargain: bool
    facts: str
    attributes: dict[str, str]
    category: str
    handover: tuple[Handover, ...]


class CommentDraft(Struct):
    """A comment as written."""

    author: str
    text: str
    after: int
    reply: bool
    item: ItemDraft | None = None


class NoteDraft(Struct):
    """A note as written."""

    kind: str
    author: str
    circle: str | None
    title: str
    body: list[str] = field(default_factory=list)
    items: list[ItemDraft] = field(default_factory=list)
    comments: list[CommentDraft] = field(default_factory=list)


class Common(Struct):
    """What the `~` line said."""

    category: str = "other"
    handover: tuple[Handover, ...] = rules.ANY_HANDOVER
    firm: bool = False


def lines(name: str) -> list[str]:
    """The non-empty lines of one content page; lines that start with `;` are remarks."""
    text = resources.files("xianji.demo").joinpath("content", name).read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(";")]


def pages() -> list[str]:
    """Names of the pages of notes, in reading order."""
    folder = resources.files("xianji.demo").joinpath("content")
    return sorted(p.name for p in folder.iterdir() if p.name.startswith("notes_"))


def read(name: str) -> list[NoteDraft]:
    """All notes of one page. Raises ValueError naming the line that cannot be read."""
    notes: list[NoteDraft] = []
    common = Common()
    for line in lines(name):
        try:
            common = _take(line, notes, common)
        except (ValueError, IndexError, KeyError) as problem:
            raise ValueError(f"{name}: {line}") from problem
    return notes


def _take(line: str, notes: list[NoteDraft], common: Common) -> Common:
    mark, _, rest = line.partition(" ")
    if mark == "@":
        kind, author, circle, title = cells(rest)
        notes.append(NoteDraft(kind=kind, author=author, circle=_circle(circle), title=title))
        return Common()
    if mark == "~":
        return common_of(rest)
    if mark == "*":
        notes.append(_one_line(cells(rest)))
    elif mark == "-":
        notes[-1].items.append(item_of(cells(rest), common))
    elif mark in (">", ">>"):
        notes[-1].comments.append(_comment(rest, reply=mark == ">>"))
    elif mark == ">-":
        notes[-1].comments[-1].item = item_of(cells(rest), common)
    else:
        notes[-1].body.append(line)
    return common


def cells(text: str) -> list[str]:
    """The cells between the bars."""
    return [cell.strip() for cell in text.split("|")]


def common_of(text: str) -> Common:
    """Reads a `~` line: a category, then handover ways, then perhaps `firm`."""
    category, *words = text.split()
    ways: tuple[Handover, ...] = tuple(w for w in ("ship", "meet", "digital") if w in words)
    usual = rules.HANDOVER.get(category, rules.ANY_HANDOVER)
    return Common(category=category, handover=ways or usual, firm="firm" in words)


def item_of(parts: list[str], common: Common) -> ItemDraft:
    """One thing from its cells: title, emoji, price, grade, facts, attributes."""
    title, emoji, price, grade, facts = parts[:5]
    price, _, stock = price.partition(" x")
    now, _, before = price.partition("/")
    attributes = dict(pair.split("=", 1) for pair in parts[5].split(";")) if len(parts) > 5 else {}
    return ItemDraft(
        title=title,
        emoji=emoji,
        price_fen=int(now) * 100,
        original_fen=int(before) * 100 if before else None,
        stock=int(stock or 1),
        condition=rules.CONDITION_SHORT[grade.rstrip("!=")],
        sold="!" in grade,
        bargain=not (common.firm or "=" in grade or now == "0"),
        facts=facts,
        attributes={rules.ATTRIBUTES[key.strip()]: value.strip() for key, value in attributes.items()},
        category=common.category,
        handover=common.handover,
    )


def _one_line(parts: list[str]) -> NoteDraft:
    author, circle, category, title, body = parts[:5]
    note = NoteDraft(kind="sale", author=author, circle=_circle(circle), title=title, body=[body])
    note.items.append(item_of(parts[5:], common_of(category)))
    return note


def _comment(text: str, *, reply: bool) -> CommentDraft:
    who, words = cells(text)
    author, _, after = who.partition(" +")
    return CommentDraft(author=author, text=words, after=int(after), reply=reply)


def _circle(slug: str) -> str | None:
    return None if slug == "-" else slug
