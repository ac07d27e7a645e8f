"""Kept answers: whatever is written anywhere, the next request is told what the database says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.conftest import FakeClock
from xianji.domains.notes import BoardFilter
from xianji.domains.prices.model import board_of
from xianji.kernel import touched
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import NOBODY, SYSTEM
from xianji.web import questions
from xianji.web.house import House
from xianji.web.known import Known, Question
from xianji.web.pages import items, notes

from .world import World, a_world

# Each is written by hand, past every verb; the answers named first must follow. `who` are the world's people.
WRITTEN = [
    ("item market", "update items set price = price + 1 where id = '{item}'"),
    ("item feed note", "update items set reserved = reserved + 1 where id = '{item}'"),
    ("item note market", "update members set name = '改了名' where id = '{seller}'"),
    (
        "none",
        "insert into media (id, owner, kind, state, width, height, placeholder, colour, sha256, variants, hashes,"
        " created_at) values ('{media}', '{stranger}', 'picture', 'hidden', 3, 4, 'x', '#fff', 'x', '[]', '[]', now())",
    ),
    ("none", "insert into item_media (item, place, media) values ('{item}', 0, '{media}')"),
    ("item note feed market", "update media set state = 'ready' where id = '{media}'"),
    ("note", "insert into note_media (note, place, media) values ('{note}', 7, '{media}')"),
    ("item note feed market", "update media set state = 'gone' where id = '{media}'"),
    ("item", "insert into item_prices (item, version, price, why, at) values ('{item}', 99, 5, 'edited', now())"),
    ("item", "insert into item_price_steps (item, at, price) values ('{item}', now() + interval '1 day', 4)"),
    (
        "gift",
        "insert into item_requests (item, member, reason, state, asked_at, moved_at)"
        " values ('{gift}', '{stranger}', '', 'waiting', now(), now())",
    ),
    ("none", "update item_moves set reason = 'seen' where item = '{item}'"),
    ("seller", "delete from item_requests where item = '{gift}'"),
    ("note feed", "update notes set title = '另一个标题' where id = '{note}'"),
    ("topic", "insert into note_topics (note, topic, at) values ('{note}', '相机', now())"),
    ("note", "update circles set name = '改名的圈子' where id = '{circle}'"),
    ("note", "insert into note_likes (note, member, at) values ('{note}', '{buyer}', now())"),
    ("note", "insert into note_saves (note, member, at) values ('{note}', '{buyer}', now())"),
    (
        "note",
        "insert into note_bundles (note, seller, count, percent, set_at) values ('{note}', '{seller}', 2, 10, now())",
    ),
    ("note", "update comments set body = '改了' where id = '{comment}'"),
    ("note", "insert into comment_likes (note, comment, member, at) values ('{note}', '{comment}', '{buyer}', now())"),
    (
        "note",
        "insert into wanted_posts (id, note, member, title, currency, state, created_at)"
        " values ('{wanted}', '{note}', '{seller}', '求', 'CNY', 'open', now())",
    ),
    ("none", "update note_moves set reason = 'seen' where note = '{note}'"),
    (
        "none",
        "insert into deposit_terms (item, kind, percent, hours, silent, set_at)"
        " values ('{item}', 'refundable', 10, 24, 'refund', now())",
    ),
    ("item", "insert into item_saves (item, member, at) values ('{item}', '{buyer}', now())"),
    (
        "waiting",
        "insert into notices (member, id, kind, subject, facts, link, at)"
        " values ('{buyer}', 'ntc_x', 'followed', 'x', '{{}}', '/', now())",
    ),
    ("waiting", "update orders set state = 'shipped', paused_at = null where id = '{order}'"),
    ("seller", "update orders set state = 'awaiting_shipment', paused_at = null where id = '{order}'"),
    ("waiting", "update refunds set state = 'waiting_buyer' where id = '{refund}'"),
    ("seller", "update refunds set state = 'waiting_seller' where id = '{refund}'"),
    ("none", "delete from offer_pairs where offer = '{offer}'"),
    ("seller", "update offers set state = 'declined' where id = '{offer}'"),
    ("none", "update cases set owner = '{buyer}', state = 'acted' where id = '{case}'"),
    (
        "waiting",
        "insert into sanctions (case_id, id, member, kind, rule, reason, evidence, since, until) values"
        " ('{case}', '{sanction}', '{buyer}', 'speak', 'r', 'r', '{{}}', now(), now() + interval '9 years')",
    ),
    ("note feed seller", "update note_items set state = 'waiting', owner = '{stranger}' where note = '{note}'"),
    ("seller", "update note_items set hidden = true where note = '{note}'"),
    ("session", "insert into member_roles (member, role, granted_at) values ('{buyer}', 'moderator', now())"),
    (
        "session",
        "insert into restrictions (member, id, kind, rule, reason, evidence, since, until)"
        " values ('{buyer}', '{sanction}', 'buy', 'r', 'r', '{{}}', '2020-01-01', '2099-01-01')",
    ),
    ("item market", "update items set state = 'paused' where id = '{item}'"),
    (
        "note feed item",
        "insert into ties (member, kind, other, at) values ('{buyer}', 'blocks', '{seller}', now())",
    ),
    ("feed", "delete from ties where member = '{buyer}' and other = '{seller}'"),
    ("none", "insert into feed_choices (member, personal) values ('{buyer}', false)"),
    ("none", "insert into feed_less (member, subject, at, until) values ('{buyer}', 't:相机', now(), 'infinity')"),
    ("none", "insert into topic_follows (member, topic, at) values ('{buyer}', '相机', now())"),
    ("note feed", "update notes set state = 'removed' where id = '{note}'"),
    ("session", "delete from sessions where member = '{buyer}'"),
    (
        "board model",
        "insert into price_boards (id, cut, kind, code, trades, sellers, currency, demo, day)"
        " values ('{board}', '', 'model', 'iphone-13', 1, 1, 'CNY', false, '2026-03-01')",
    ),
    (
        "model",
        "insert into price_days (id, day, traded, trades, low, middle, high)"
        " values ('{board}', '2026-03-01', 1, 1, 1, 2, 3)",
    ),
]


@pytest.fixture
async def outside(dsn: str) -> AsyncIterator[Any]:
    """Somebody who writes into the database past the house."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def world(database: Database, site: Any) -> World:
    """A note with a thing in a circle, a gift, and something of each kind that waits."""
    made = await a_world(database, site)
    await made.refresh("{note}{case}{order}{refund}{circle}{offer}")
    made.ids |= {role: actor.me for role, actor in made.actors.items()}
    made.ids |= {name: f"{name[:3]}_{'0' * 26}" for name in ("media", "wanted", "sanction")}
    item = made.ids["item"]
    await made._a_gift()
    made.ids |= {"gift": made.ids["item"], "item": item, "board": board_of("model", "iphone-13")}
    async with database.work(SYSTEM) as work:
        await work.db.execute(
            "insert into price_subjects (id, kind, code) values ($1, 'model', 'iphone-13')", made.ids["board"]
        )
    return made


def asked(world: World) -> dict[str, tuple[Question[Any], Any, tuple[Any, ...]]]:
    buyer, seller, ids = world.actors["buyer"], world.actors["seller"], world.ids
    feed = ("new", None, None)
    return {
        "item": (items._FACTS, buyer, (ids["item"], None, "")),
        "gift": (items._FACTS, seller, (ids["gift"], None, "")),
        "note": (notes._FACTS, buyer, (ids["note"], BoardFilter(), None, None)),
        "feed": (questions.FEED, buyer, feed),
        "topic": (questions.FEED, NOBODY, (*feed, "相机")),
        "market": (questions.MARKET, buyer, ("new",)),
        "waiting": (questions.WAITING, buyer, ()),
        "seller": (questions.WAITING, seller, ()),
        "board": (questions.PRICE_BOARD, NOBODY, ()),
        "model": (questions.MODEL_PRICES, NOBODY, ("iphone-13",)),
        "session": (questions.SESSION, NOBODY, (world.tokens["buyer"],)),
    }


async def told(known: Known, all: dict[str, Any]) -> dict[str, Any]:
    await known.catch_up()
    found = {}
    for name, (question, actor, what) in all.items():
        try:
            found[name] = (await known.ask(question, actor, *what)).said
        except Refusal as refusal:
            found[name] = refusal.code.name
    return found


async def test_whatever_is_written_the_next_answer_is_what_the_database_says(
    world: World, house: House, database: Database, outside: Any
) -> None:
    await outside.execute(f"update notes set circle = '{world.ids['circle']}' where id = '{world.ids['note']}'")
    everything, known = asked(world), house.known
    for names, sql in WRITTEN:
        before = await told(known, everything)
        again = await told(known, everything)
        assert all(one is again[name] for name, one in before.items() if name != "seller"), "nothing was kept"
        await outside.execute(sql.format(**world.ids))
        after = await told(known, everything)
        assert after == await told(Known(database), everything), sql
        moved = {name for name, one in before.items() if one != after[name]}
        assert moved >= set(names.split()) - {"none"}, sql


async def test_every_trigger_was_tried(outside: Any) -> None:
    rows = await outside.fetch("select distinct tgrelid::regclass::text as name from pg_trigger where tgname ~ 'touch'")
    tried = {sql.split(" where ")[0].split(" set ")[0].split("(")[0].split()[-1] for _, sql in WRITTEN}
    assert {row["name"] for row in rows} == tried


# --- what is heard, and when -----------------------------------------------------------------------------------


async def price(known: Known, item: str) -> int:
    await known.catch_up()
    return int((await known.ask(questions.ITEM, NOBODY, item)).said.price.amount)


async def test_a_write_counts_from_its_commit_whatever_was_heard_meanwhile(
    world: World, house: House, database: Database, outside: Any, dsn: str
) -> None:
    """A transaction that began early and ends late is older than what was heard last, and is heard all the same."""
    item, gift = world.ids["item"], world.ids["gift"]
    was = await price(house.known, item)
    slow = await asyncpg.connect(dsn)
    async with slow.transaction():
        await slow.execute("update items set price = price + 7 where id = $1", item)
        for _ in range(2):
            await outside.execute("update items set price = price + 1 where id = $1", gift)
            assert await price(house.known, item) == was
        kept = len(house.known._told)
        assert await price(house.known, item) == was
        assert len(house.known._told) == kept, "what was heard before is not heard again"
    await slow.close()
    assert await price(house.known, item) == was + 7


async def test_what_is_touched_while_it_is_read_is_not_kept(world: World, house: House, outside: Any) -> None:
    known, item = house.known, world.ids["item"]

    async def slow(look: Any, thing: str) -> int:
        found: int = await look.db.fetchval("select price from items where id = $1", thing)
        await outside.execute("update items set price = price + 1 where id = $1", thing)
        await known.catch_up()
        return found

    question = Question(slow)
    await known.catch_up()
    first = (await known.ask(question, NOBODY, item)).said
    assert (await known.ask(question, NOBODY, item)).said == first + 1


async def test_who_has_not_listened_for_long_forgets_everything(
    world: World, house: House, database: Database, outside: Any, clock: FakeClock
) -> None:
    known, item = house.known, world.ids["item"]
    was = await price(known, item)
    await outside.execute("update items set price = price + 1 where id = $1", item)
    await outside.execute("update items set price = price + 1 where id = $1", world.ids["gift"])
    clock.move(hours=2)
    await outside.execute("update touched set at = '2020-01-01'")
    async with database.work(SYSTEM) as work:
        await touched.forget_old(work)
    assert await outside.fetchval("select count(*) from touched where id = $1", item) == 0
    assert await price(known, item) == was + 1


async def test_too_much_is_forgotten_and_nothing_is_left_of_it(world: World, database: Database) -> None:
    known = Known(database, most_bytes=1)
    assert await price(known, world.ids["item"]) > 0
    assert (known._bytes, dict(known._told), dict(known._naming)) == (0, {}, {})


async def test_a_revoked_session_ends_with_the_request_that_follows(site: Any, world: World, outside: Any) -> None:
    async with world.visitor("buyer") as buyer:
        assert [(await buyer.get("/api/v1/me")).status_code for _ in range(2)] == [200, 200]
        await outside.execute("delete from sessions where member = $1", world.ids["buyer"])
        assert (await buyer.get("/api/v1/me")).status_code == 401


async def test_many_at_once_hear_together(house: House, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = 0
    since = touched.since

    async def counted(*given: Any) -> Any:
        nonlocal heard
        heard += 1
        return await since(*given)

    monkeypatch.setattr(touched, "since", counted)
    prices = await asyncio.gather(*(price(house.known, world.ids["item"]) for _ in range(20)))
    assert (len(set(prices)), heard) == (1, 2)
