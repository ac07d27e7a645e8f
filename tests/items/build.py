"""Small builders for item tests."""

from typing import Any

from xianji.domains import items
from xianji.domains.items import NewItem
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor

WEST_LAKE = (30.2460, 120.1490)


def yuan(amount: int) -> Money:
    return Money(amount * 100, "CNY")


def thing(title: str = "折叠书桌", price: int = 80, **more: Any) -> NewItem:
    return NewItem(title, yuan(price), **more)


async def a_member(database: Database, name: str, seller_type: str = "individual") -> Actor:
    async with database.work(SYSTEM) as work:
        member = work.new_id("mbr")
        await work.db.execute(
            "insert into members (id, handle, name, city, language, zone, seller_type, verified_at, joined_at)"
            " values ($1, $2, $2, '杭州', 'zh', 'Asia/Shanghai', $3, $4, $4::timestamptz - interval '90 days')",
            member,
            name,
            seller_type,
            work.now,
        )
    return Actor(member)


async def an_item(database: Database, seller: Actor, new: NewItem | None = None) -> str:
    async with database.work(seller) as work:
        return await items.publish_item(work, new or thing())


async def tie(database: Database, one: Actor, kind: str, other: Actor) -> None:
    back = {"blocks": "blocked_by", "follows": "followed_by"}[kind]
    async with database.work(SYSTEM) as work:
        await work.db.executemany(
            "insert into ties (member, kind, other, at) values ($1, $2, $3, $4)",
            [(one.me, kind, other.me, work.now), (other.me, back, one.me, work.now)],
        )


async def snapshot(database: Database, item: str) -> dict[str, Any]:
    async with database.look(SYSTEM) as look:
        row = await look.db.fetchrow("select * from items where id = $1", item)
        assert row is not None
        return dict(row)


def refused(error: Any) -> tuple[str, dict[str, Any]]:
    """Code and facts of a caught refusal."""
    return error.value.code.name, error.value.facts
