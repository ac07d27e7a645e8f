"""Kept answers: whatever is written anywhere, the next request is told what the database says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.conftest import FakeClock
from xianji.domains.notes import BoardFilter
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
        "insert into media (id, owner, kind, state, created_at) values ('{media}', '{seller}', 'picture', 'raw', now())",
    ),
    ("none", "insert into item_media (item, place, media) values ('{item}', 0, '{media}')"),
    (
        "item note feed market",
        "update media set state = 'ready', width = 3, height = 4, placeholder = 'x', colour = '#fff' where id = '{media}'",
    ),
    ("item feed", "update media set state = 'removed' where id = '{media}'"),
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
    ("note", "insert into note_media (note, place, media) values ('{note}', 7, '{shown}')"),
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
        "insert into wanted_posts (id, note, member, title, state, created_at)"
        " values ('{wanted}', '{note}', '{seller}', '求', 'open', now())",
    ),
    ("none", "update note_moves set reason = 'seen' where note = '{note}'"),
    ("waiting", "update orders set state = 'shipped', paused_at = null where id = '{order}'"),
    ("seller", "update orders set state = 'awaiting_shipment', paused_at = null where id = '{order}'"),
    ("waiting", "update refunds set state = 'waiting_buyer' where id = '{refund}'"),
    ("seller", "update refunds set state = 'waiting_seller' where id = '{refund}'"),
    ("seller", "delete from offer_pairs where offer = '{offer}'"),
    ("seller", "update offers set state = 'declined' where id = '{offer}'"),
    ("none", "update cases set owner = '{buyer}', state = 'acted' where id = '{case}'"),
    (
        "waiting",
        "insert into sanctions (case_id, id, member, kind, rule, reason, evidence, hidden, media, since, until)"
        " values ('{case}', '{sanction}', '{buyer}', 'speak', 'r', 'r', '{{}}', false, '{{}}', now(), now() + interval '9 years')",
    ),
    ("seller", "update note_items set state = 'waiting', owner = '{stranger}' where note = '{note}'"),
    ("note feed", "update note_items set hidden = true where note = '{note}'"),
    ("session", "insert into member_roles (member, role, granted_at) values ('{buyer}', 'moderator', now())"),
    (
        "session",
        "insert into restrictions (member, id, kind, rule, reason, evidence, since, until)"
        " values ('{buyer}', '{sanction}', 'buy', 'r', 'r', '{{}}', '2020-01-01', '2099-01-01')",
    ),
    ("item feed market", "update items set state = 'paused' where id = '{item}'"),
    ("note feed item", "insert into ties (member, kind, other, at) values ('{buyer}', 'blocked_by', '{seller}', now())"),
    ("feed", "delete from ties where member = '{buyer}' and other = '{seller}'"),
    ("note feed", "update notes set state = 'removed' where id = '{note}'"),
    ("session", "delete from sessions where member = '{buyer}'"),
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
    made.ids |= {"gift": made.ids["item"], "item": item}
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
    rows = await outside.fetch("select distinct tgrelid::regclass::text as name from pg_trigger where tgname ~ '^touch'")
    tried = {sql.split(" where ")[0].split(" set ")[0].split("(")[0].split()[-1] for _, sql in WRITTEN}
    assert {row["name"] for row in rows} == tried
