"""Small builders for notes, made through real actions."""

from typing import Any

from tests.build import a_member
from xianji.domains import notes
from xianji.domains.items import NewItem
from xianji.domains.notes import NewComment, NewNote
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import NOBODY, SYSTEM, Actor


def yuan(amount: int) -> Money:
    return Money(amount * 100, "CNY")


def thing(title: str = "折叠书桌", price: int = 80, **more: Any) -> NewItem:
    return NewItem(title, yuan(price), **more)


async def a_seller(database: Database) -> Actor:
    """A member whose name is verified, so that selling is open."""
    actor = await a_member(database)
    async with database.work(SYSTEM) as work:
        await work.db.execute("update members set verified_at = $2 where id = $1", actor.member, work.now)
    return actor


async def a_note(database: Database, author: Actor, **more: Any) -> str:
    """A live note of the author; a share with one sentence unless told otherwise."""
    async with database.work(author) as work:
        return await notes.publish_note(work, NewNote(**{"title": "搬家出闲置", "body": "周末自提", **more}))


async def a_comment(database: Database, author: Actor, note: str, body: str = "还在吗", **more: Any) -> str:
    async with database.work(author) as work:
        return await notes.add_comment(work, note, NewComment(body, **more))


async def page(database: Database, note: str, viewer: Actor = NOBODY, **more: Any) -> notes.NotePage:
    async with database.look(viewer) as look:
        return await notes.note_page(look, note, **more)


async def handle_of(database: Database, actor: Actor) -> str:
    async with database.look(SYSTEM) as look:
        return str(await look.db.fetchval("select handle from members where id = $1", actor.member))


async def a_block(database: Database, one: Actor, other: Actor) -> None:
    async with database.work(SYSTEM) as work:
        await work.db.executemany(
            "insert into ties (member, kind, other, at) values ($1, $2, $3, $4)",
            [(one.me, "blocks", other.me, work.now), (other.me, "blocked_by", one.me, work.now)],
        )


async def a_follow(database: Database, one: Actor, other: Actor) -> None:
    async with database.work(SYSTEM) as work:
        await work.db.executemany(
            "insert into ties (member, kind, other, at) values ($1, $2, $3, $4)",
            [(one.me, "follows", other.me, work.now), (other.me, "followed_by", one.me, work.now)],
        )


def refused(error: Any) -> tuple[str, dict[str, Any]]:
    """Code and facts of a caught refusal."""
    return error.value.code.name, error.value.facts
