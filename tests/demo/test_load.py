"""Loading the town: everything once, through the doors, at its own moment, and never twice."""

import io
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import pytest
from PIL import Image, ImageDraw

from tests.orders.build import SITE
from tests.payments.fake_provider import FakeProvider
from xianji.demo import bargains, pictures, residents, trade
from xianji.demo.build import build
from xianji.demo.drawing import Album
from xianji.demo.load import load_town, sellers
from xianji.demo.model import Demo
from xianji.demo.past import Past
from xianji.domains import items, members, orders, payments
from xianji.domains.members import rules
from xianji.kernel.crypto import Keys
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
TABLES = ("members", "circles", "circle_members", "notes", "comments", "note_likes", "note_saves", "items", "media")


def a_part(town: Demo, count: int) -> Demo:
    """A wanted post, a giveaway, a note with something sold and the newest notes, with the people they need."""
    picked = [next(note for note in town.notes if note.kind == kind) for kind in ("wanted", "giveaway")]
    picked += [next(note for note in town.notes if any(item.sold for item in note.items))]
    picked += [note for note in town.notes if note not in picked][-count:]
    talking = {comment.author for note in picked for comment in note.comments}
    here = talking | {note.author for note in picked}
    notes = [
        msgspec.structs.replace(
            note,
            likes=tuple(one for one in note.likes if one in here),
            saves=tuple(one for one in note.saves if one in here),
        )
        for note in picked
    ]
    slugs = {note.circle for note in notes}
    return Demo(
        members=tuple(one for one in town.members if one.handle in here),
        circles=tuple(one for one in town.circles if one.slug in slugs),
        notes=tuple(notes),
        follows=tuple(pair for pair in town.follows if set(pair) <= here),
        memberships=tuple(pair for pair in town.memberships if pair[0] in here and pair[1] in slugs),
    )


@pytest.fixture(scope="module")
def part() -> Demo:
    return a_part(build(), 3)


@pytest.fixture(scope="module")
async def album(part: Demo, tmp_path_factory: pytest.TempPathFactory) -> Album:
    """Drawn once for all tests, with coloured discs in place of the emoji package."""
    root = tmp_path_factory.mktemp("town")
    (root / "emoji").mkdir()
    for number, emoji in enumerate(sorted({one for recipe in part.pictures() for one in recipe.emojis})):
        art = Image.new("RGBA", (128, 128))
        ImageDraw.Draw(art).ellipse((10, 10, 118, 118), fill=(number * 37 % 256, 120, 255 - number * 53 % 256))
        art.save(root / "emoji" / ("-".join(f"{ord(char):x}" for char in emoji) + ".webp"))
    album = Album(root / "emoji", root / "media", root / "cache")
    seen: list[int] = []
    async with album.drawing(part.pictures(), lambda: seen.append(1)):
        await album.wait_for(list(part.pictures())[:1])
        assert seen != []
    assert len(seen) == len(part.pictures())
    assert album.missing(part.pictures()) == []
    return album


class Payer:
    """A provider in memory, and buyers who pay as soon as they can."""

    def __init__(self) -> None:
        self.provider = FakeProvider()

    async def pay(self, database: Database, payment: str) -> None:
        await payments.open_now(database, payment, self.provider, SITE)
        async with database.work(SYSTEM) as work:
            await payments.receive(work, "sandbox", self.provider.pay(payment))
        await orders.catch_up(database, payment, self.provider, SITE)


async def loaded(dsn: str, keys: Keys, past: Past, part: Demo, album: Album, till: Payer | None = None) -> None:
    database = await Database(dsn, keys, past, seed=7).open(readers=2, writers=2)
    try:
        await load_town(database, past, part, album, till or Payer())
    finally:
        await database.close()


async def counts(dsn: str) -> dict[str, int]:
    connection = await asyncpg.connect(dsn)
    found = {table: await connection.fetchval(f"select count(*) from {table}") for table in TABLES}
    found["sold"] = await connection.fetchval("select count(*) from items where state = 'sold'")
    found["verified"] = await connection.fetchval("select count(*) from members where verified_at is not null")
    found["wanted"] = await connection.fetchval("select count(*) from wanted_posts")
    found["asked"] = await connection.fetchval("select count(*) from item_requests")
    found["follows"] = await connection.fetchval("select count(*) from ties where kind = 'follows'")
    found["events"] = await connection.fetchval("select count(*) from outbox")
    await connection.close()
    return found


async def orders_behind(dsn: str) -> int:
    """How many sold things have a completed order that was paid."""
    connection = await asyncpg.connect(dsn)
    found: int = await connection.fetchval(
        "select count(distinct i.id) from items i join order_lines l on l.item = i.id"
        " join orders o on o.id = l.order_id where i.state = 'sold' and o.state = 'completed' and o.paid > 0"
    )
    await connection.close()
    return found


def expected(part: Demo) -> dict[str, int]:
    """Counts by the pages of the town; `events` is left out."""
    uploads = {(one.handle, one.avatar) for one in part.members} | {("", one.cover) for one in part.circles}
    for note in part.notes:
        own = (*note.pictures, *(recipe for item in note.items for recipe in item.pictures))
        uploads |= {(note.author, recipe) for recipe in own}
        guests = [one for one in note.comments if one.item]
        uploads |= {(one.author, recipe) for one in guests if one.item for recipe in one.item.pictures}
    asking = [
        {one.author for one in note.comments if one.parent is None} - {note.author}
        for note in part.notes
        if note.kind == "giveaway"
    ]
    return {
        "members": len(part.members) + 1,
        "circles": len(part.circles),
        "circle_members": len(part.memberships) + len(part.circles),
        "notes": len(part.notes),
        "comments": sum(len(note.comments) for note in part.notes),
        "note_likes": sum(len(note.likes) for note in part.notes),
        "note_saves": sum(len(note.saves) for note in part.notes),
        "items": len(part.items()),
        "media": len(uploads),
        "sold": sum(sale.deal.until == "done" for sale in trade.sales(part)),
        "verified": sum(one.verified or one.handle in sellers(part) for one in part.members),
        "wanted": sum(note.kind == "wanted" for note in part.notes),
        "asked": sum(len(one) for one in asking),
        "follows": len(part.follows),
    }


async def test_everything_is_there_once_and_a_second_load_does_nothing(
    dsn: str, keys: Keys, part: Demo, album: Album
) -> None:
    await loaded(dsn, keys, Past(NOW), part, album)
    first = await counts(dsn)
    assert first["sold"] == await orders_behind(dsn)
    assert {name: count for name, count in first.items() if name != "events"} == expected(part)
    assert first["sold"] > 0
    assert first["asked"] > 0
    await loaded(dsn, keys, Past(NOW + timedelta(hours=1)), part, album)
    assert await counts(dsn) == first


class Killed(Exception):
    pass


class Dying(Past):
    """A clock that stops the whole load at its n-th look."""

    def __init__(self, moment: datetime, looks: int) -> None:
        super().__init__(moment)
        self.looks = looks

    def now(self) -> datetime:
        self.looks -= 1
        if self.looks < 0:
            raise Killed
        return super().now()


@pytest.mark.parametrize("looks", [3, 8, 13, 60])
async def test_a_load_that_was_killed_goes_on_and_doubles_nothing(
    dsn: str, keys: Keys, part: Demo, album: Album, looks: int
) -> None:
    till = Payer()
    with pytest.raises(Killed):
        await loaded(dsn, keys, Dying(NOW, looks), part, album, till)
    await loaded(dsn, keys, Past(NOW + timedelta(seconds=5)), part, album, till)
    found = await counts(dsn)
    assert {name: count for name, count in found.items() if name != "events"} == expected(part)


async def test_things_happen_at_their_own_moments(dsn: str, keys: Keys, part: Demo, album: Album) -> None:
    await loaded(dsn, keys, Past(NOW), part, album)
    connection = await asyncpg.connect(dsn)
    published = [row["published_at"] for row in await connection.fetch("select published_at from notes order by 1")]
    assert published == sorted(NOW - timedelta(minutes=note.minutes_ago) for note in part.notes)
    joined = await connection.fetch("select handle, joined_at from members where phone_sealed is not null")
    days = {one.handle: one.joined_days_ago for one in part.members}
    assert {row["handle"]: row["joined_at"] for row in joined} == {
        handle: NOW - timedelta(days=count) for handle, count in days.items()
    }
    assert await connection.fetchval("select max(at) from outbox") <= NOW
    await connection.close()


async def test_every_picture_is_stored_in_every_size_and_carries_no_metadata(
    dsn: str, keys: Keys, part: Demo, album: Album
) -> None:
    await loaded(dsn, keys, Past(NOW), part, album)
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("select width, variants::text, placeholder, colour, hashes::text from media")
    await connection.close()
    for row in rows:
        variants = msgspec.json.decode(row["variants"])
        assert {variant["width"] for variant in variants} == {320, min(row["width"], 1080)}
        for variant in variants:
            with Image.open(io.BytesIO(await album.store.get(variant["key"]))) as picture:
                assert picture.size == (variant["width"], variant["height"])
                assert not picture.getexif()
                assert not {"exif", "xmp", "icc_profile"} & set(picture.info)
        assert row["placeholder"].startswith("data:image/webp;base64,")
        assert row["colour"].startswith("#")
        assert len(msgspec.json.decode(row["hashes"])) >= 20


def test_identity_numbers_are_valid_and_of_no_place_that_issues_cards() -> None:
    numbers = [residents.id_number(number) for number in range(100)]
    assert len(set(numbers)) == 100
    assert {number[:6] for number in numbers} == {"110000"}
    assert {rules.id_number_problem(number, NOW.date(), 18) for number in numbers} == {None}


def test_the_greeting_introduces_people_who_exist() -> None:
    handles = [member.handle for member in build().members]
    for label, number, what in residents.shown():
        assert handles[number] == label.removeprefix("@")
        assert what


def test_every_thing_of_the_town_fits_a_category() -> None:
    from xianji.demo.fitting import new_item

    town = build()
    for item in town.items():
        made = new_item(item, town.members[0].place, [], NOW)
        assert made.category in items.all_categories()
        said = made.description.removeprefix(item.description).splitlines()
        assert len(made.attributes) + len([line for line in said if line]) == len(item.attributes), item.title


def test_a_picture_drawn_before_is_not_drawn_again(part: Demo, album: Album) -> None:
    again = Album(album.emoji, album.media_folder, album.cache.parent)
    assert all(again.find(recipe) is not None for recipe in part.pictures())
    assert again.find(next(iter(part.pictures()))) == album.get(next(iter(part.pictures())))
    assert members.DEMO_CODE == "000000"
    assert len({pictures.key(recipe) for recipe in part.pictures()}) == len(part.pictures())


def test_what_the_shown_people_are_in_the_middle_of_names_things_that_are_there() -> None:
    town = build()
    here = trade.shelf(town)
    for one in (*bargains.DEALS, *bargains.TALKS):
        assert here.has(one.seller, one.title, one.buyer), one
    assert all(here.has(seller, title, buyer) for buyer, seller, title in bargains.CARTS)
    bought = [sale.name for sale in trade.sales(town)]
    assert len(bought) == len(set(bought)) == sum(item.sold for item in town.items()) + len(bargains.DEALS)
