"""A city's worth of rows, written straight into the tables by COPY.

This is a bench, not a demonstration: no action runs, no event is told, triggers of foreign keys are off while the
rows come in. What matters is that the tables have the sizes, the index depths and the row widths of a real
community, and that the same seed makes the same rows.
"""

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import asyncpg
import msgspec

from xianji.domains import items
from xianji.kernel.ids import new_id

from . import words

NOTES, THINGS, MEMBERS, COMMENTS = 100_000, 300_000, 20_000, 300_000
CIRCLES, CIRCLES_EACH, FOLLOWS_EACH = 30, 2, 12
BATCH = 4000
SEED = 20261122
_UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
_KINDS = ("share", "sale", "stall", "wanted", "giveaway", "warning")
_KIND_WEIGHTS = (30, 40, 15, 5, 5, 5)
_THINGS_OF_KIND = {"sale": (1, 3), "stall": (4, 20), "giveaway": (1, 1)}
_CIRCLE_OF = ("二手圈", "摄影圈", "骑行圈", "谷子圈", "宝妈圈", "考研圈", "露营圈")
_TOPICS = ("搬家", "断舍离", "毕业季", "开箱", "闲置交换", "换季", "求推荐")
_CONDITIONS = ("new", "like_new", "light_wear", "used", "heavy_wear")

Row = tuple[Any, ...]
Tables = dict[str, tuple[tuple[str, ...], list[Row]]]


@dataclass
class Rows:
    """Rows of each table, gathered until they are taken to be written."""

    random: Random
    tables: Tables = field(default_factory=dict)
    topics: Counter[str] = field(default_factory=Counter)

    def add(self, table: str, **columns: Any) -> None:
        """One row; the first row of a table says which columns it has."""
        names, rows = self.tables.setdefault(table, (tuple(columns), []))
        assert names == tuple(columns)
        rows.append(tuple(columns.values()))

    def taken(self) -> Tables:
        """What has gathered; gathering starts anew."""
        taken, self.tables = self.tables, {}
        return taken

    def id(self, prefix: str, at: datetime) -> str:
        return new_id(prefix, at, self.random)


@dataclass(frozen=True)
class _Member:
    id: str
    place: int


async def fill(connection: "asyncpg.Connection[Any]", scale: float) -> dict[str, int]:
    """Write everything; `connection` is the superuser's. Returns how many rows each table got."""
    await connection.execute("set session_replication_role = replica; set synchronous_commit = off")
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda data: msgspec.json.decode(data[1:]),
        format="binary",
    )
    counts: Counter[str] = Counter()
    for tables in make(scale):
        for table, (columns, records) in tables.items():
            await connection.copy_records_to_table(table, columns=columns, records=records)
            counts[table] += len(records)
    await connection.execute("vacuum (analyze)")
    return dict(counts)


def make(scale: float) -> Iterator[Tables]:
    """The rows of a community of this share of the full size, some thousand notes at a time."""
    rows = Rows(Random(SEED))
    people = [_add_member(rows, number) for number in range(max(20, int(MEMBERS * scale)))]
    circles = [_add_circle(rows, people, number) for number in range(max(4, int(CIRCLES * scale)))]
    _add_ties(rows, people, circles)
    moments = sorted(_moment(rows.random) for _ in range(max(50, int(NOTES * scale))))
    left = max(150, int(THINGS * scale))
    for number, at in enumerate(moments):
        left -= _add_note(rows, people, circles, at, left)
        if number % BATCH == BATCH - 1:
            yield rows.taken()
    for _ in range(left):
        _add_item(rows, rows.random.choice(people), _moment(rows.random), None)
    for name, notes in rows.topics.items():
        rows.add("topics", name=name, shown=name, notes=notes)
    yield rows.taken()


def _moment(random: Random) -> datetime:
    """Some time in the last year, more often lately."""
    return _UNTIL - timedelta(seconds=int(random.random() ** 2 * 365 * 86400))


def _add_member(rows: Rows, number: int) -> _Member:
    random = rows.random
    joined = _UNTIL - timedelta(days=random.randint(400, 900))
    member = _Member(rows.id("mbr", joined), random.randrange(len(words.POINTS)))
    rows.add(
        "members",
        id=member.id,
        handle=f"m{number:06}",
        name=random.choice(words.NAMES) + str(random.randint(1, 999)),
        bio=words.sentences(random, 0, 1),
        city=words.PLACES[member.place],
        language="zh",
        zone="Asia/Shanghai",
        joined_at=joined,
        verified_at=joined if random.random() < 0.7 else None,
        response_minutes=random.choice((None, 3, 6, 15, 60)),
        sold_count=random.randint(0, 80),
    )
    rows.add("handles", handle=f"m{number:06}", member=member.id)
    return member


def _add_circle(rows: Rows, people: list[_Member], number: int) -> str:
    circle, place = rows.id("cir", _UNTIL), words.PLACES[number % len(words.PLACES)]
    rows.add(
        "circles",
        id=circle,
        slug=f"circle-{number}",
        kind="interest",
        name=f"{place}{_CIRCLE_OF[number % len(_CIRCLE_OF)]}",
        name_en=f"Circle {number}",
        description=words.sentences(rows.random, 1, 2),
        created_by=people[0].id,
        created_at=_UNTIL,
    )
    return circle


def _add_ties(rows: Rows, people: list[_Member], circles: list[str]) -> None:
    for member in people:
        for circle in rows.random.sample(circles, CIRCLES_EACH):
            rows.add("circle_members", circle=circle, member=member.id, role="member", joined_at=_UNTIL)
        for other in rows.random.sample(people, min(FOLLOWS_EACH, len(people) - 1)):
            if other is not member:
                rows.add("ties", member=member.id, kind="follows", other=other.id, at=_UNTIL)
                rows.add("ties", member=other.id, kind="followed_by", other=member.id, at=_UNTIL)


def _add_note(rows: Rows, people: list[_Member], circles: list[str], at: datetime, things_left: int) -> int:
    """One note with what hangs on it. Returns how many things it brought."""
    random = rows.random
    author, note = random.choice(people), rows.id("nte", at)
    kind = random.choices(_KINDS, _KIND_WEIGHTS)[0]
    body = words.sentences(random, 2, 6)
    talk = min(int(random.expovariate(NOTES / COMMENTS)), 60)
    about = random.choice(words.THINGS[random.choice(tuple(words.THINGS))])
    rows.add(
        "notes",
        id=note,
        author=author.id,
        kind=kind,
        state="live",
        title=words.note_title(random, about),
        body=body,
        segments=[{"kind": "text", "text": body, "target": ""}],
        cell=_cell(random, author),
        place_label=words.PLACES[author.place],
        circle=random.choice(circles) if random.random() < 0.3 else None,
        guest_stalls="approve",
        likes=0,
        comments=talk,
        created_at=at,
        published_at=at,
        changed_at=at,
    )
    for topic in (about, random.choice(_TOPICS)):
        rows.add("note_topics", note=note, topic=topic, at=at)
        rows.topics[topic] += 1
    fewest, most = _THINGS_OF_KIND.get(kind, (0, 0))
    things = min(random.randint(fewest, most), things_left)
    for place in range(things):
        item = _add_item(rows, author, at, note, gift=kind == "giveaway")
        rows.add(
            "note_items", note=note, item=item, owner=author.id, way="note", state="shown", place=place, added_at=at
        )
    for place in range(0 if things else random.randint(1, 4)):
        rows.add("note_media", note=note, place=place, media=_add_media(rows, author, at))
    _add_talk(rows, people, note, at, talk)
    return things


def _cell(random: Random, member: _Member) -> int:
    lat, lon = words.POINTS[member.place]
    return items.cell_of(lat + random.uniform(-0.05, 0.05), lon + random.uniform(-0.05, 0.05))


def _add_item(rows: Rows, seller: _Member, at: datetime, note: str | None, *, gift: bool = False) -> str:
    random = rows.random
    item = rows.id("itm", at)
    category, what = words.thing(random)
    price = 0 if gift else random.randint(5, 900) * 100
    sold = random.random() < 0.2
    rows.add(
        "items",
        id=item,
        seller=seller.id,
        kind="giveaway" if gift else "sale",
        state="sold" if sold else "live",
        title=words.item_title(random, what),
        description=words.sentences(random, 1, 4),
        price=price,
        original_price=price * 2 if price and random.random() < 0.5 else None,
        currency="CNY",
        stock=1,
        sold=int(sold),
        condition=random.choice(_CONDITIONS),
        category=category,
        handover=["ship", "meet"] if random.random() < 0.6 else ["ship"],
        cell=_cell(random, seller),
        place_label=words.PLACES[seller.place],
        bargain=random.random() < 0.5,
        way="pick" if gift else None,
        note=note,
        created_at=at,
        listed_at=at,
        confirmed_at=at,
        changed_at=at,
    )
    rows.add("item_prices", item=item, version=1, price=price, why="asked", at=at)
    for place in range(random.choice((1, 1, 2, 3))):
        rows.add("item_media", item=item, place=place, media=_add_media(rows, seller, at))
    return item


def _add_media(rows: Rows, owner: _Member, at: datetime) -> str:
    random = rows.random
    media = rows.id("med", at)
    width, height = random.choice(((1080, 1440), (1080, 1080), (1440, 1080)))
    rows.add(
        "media",
        id=media,
        owner=owner.id,
        kind="picture",
        state="ready",
        width=width,
        height=height,
        placeholder="data:image/webp;base64," + base64.b64encode(random.randbytes(150)).decode(),
        colour=f"#{random.getrandbits(24):06x}",
        sha256=f"{random.getrandbits(256):064x}",
        variants=[
            {"width": side, "height": side * height // width, "format": form, "key": f"{media}/{side}.{form}"}
            for side in (320, 640, 1080)
            for form in ("avif", "webp")
        ],
        hashes={"phash": random.getrandbits(63)},
        created_at=at,
    )
    return media


def _add_talk(rows: Rows, people: list[_Member], note: str, at: datetime, count: int) -> None:
    """Comments under a note, every fifth an answer to the one before."""
    random = rows.random
    told: list[dict[str, Any]] = []
    for number in range(count):
        at += timedelta(minutes=random.randint(1, 600))
        answer = number % 5 == 4
        body = random.choice(words.COMMENTS)
        told.append(
            {
                "note": note,
                "id": rows.id("cmt", at),
                "parent": told[-1]["id"] if answer else None,
                "author": random.choice(people).id,
                "state": "live",
                "body": body,
                "segments": [{"kind": "text", "text": body, "target": ""}],
                "replies": 0,
                "created_at": at,
            }
        )
        if answer:
            told[-2]["replies"] = 1
    for one in told:
        rows.add("comments", **one)
