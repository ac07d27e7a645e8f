"""消息 through both entrances: what waits on top, what was told below, in both languages and without script."""

import re
from typing import Any

import pytest

from tests.notes.build import a_block, a_note, a_seller
from tests.notices.build import do, react
from tests.stories.town import form_of
from xianji.domains import items, notes, notices
from xianji.domains.items import NewItem
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import Actor

from .test_orders import both


@pytest.fixture
async def pair(site: Any) -> Any:
    """A program and a browser of one member, and the member."""
    program, browser = await both(site)
    me = (await program.get("/api/v1/me")).json()["card"]["id"]
    return program, browser, Actor(me)


async def liked(database: Database, member: Actor) -> str:
    """A note of the member's that two people like; returns its id."""
    note = await a_note(database, member, title="搬家出闲置")
    for _ in range(2):
        await do(database, await a_seller(database), notes.like_note, note)
    await react(database)
    return note


def numbers(page: str) -> list[str]:
    """The counts in the frame."""
    return re.findall(r'class="count">(\d+)', page)


async def test_notices_are_shown_counted_and_read(pair: Any, database: Database) -> None:
    program, browser, me = pair
    empty = (await browser.get("/messages")).text
    assert "还没有消息" in empty
    assert numbers(empty) == []
    note = await liked(database, me)
    page = (await browser.get("/messages")).text
    assert "和另外 1 人喜欢「搬家出闲置」" in page
    assert (">今天</h3>" in page, numbers(page), 'data-watch="' + me.me in page) == (True, ["1", "1"], True)
    listed = (await program.get("/api/v1/notices")).json()
    (one,) = listed["items"]
    assert (one["kind"], one["group"], one["people"], one["read"], listed["unread"]) == (
        "note_liked",
        "likes",
        2,
        False,
        1,
    )
    assert one["text"].endswith("和另外 1 人喜欢「搬家出闲置」")
    read = f"/notices/{one['id']}/read"
    gone = await browser.post(read, data=form_of(page, read))
    assert (gone.status_code, gone.headers["location"]) == (303, f"/notes/{note}")
    page = (await browser.get("/messages")).text
    assert (numbers(page), f'href="/notes/{note}"' in page, read in page, "全部已读" in page) == (
        [],
        True,
        False,
        False,
    )
    assert (await program.post(f"/api/v1{read}")).json() == {"unread": 0}


async def test_all_are_read_at_once_and_in_english(pair: Any, database: Database) -> None:
    program, browser, me = pair
    note = await liked(database, me)
    await do(database, await a_seller(database), notes.save_note, note)
    await react(database)
    version = (await program.get("/api/v1/me")).json()["version"]
    await program.patch("/api/v1/me", json={"version": version, "language": "en"})
    page = (await browser.get("/messages")).text
    assert "and 1 other liked “搬家出闲置”" in page
    assert ">today</h3>" in page
    done = await browser.post("/notices/read", data=form_of(page, "/notices/read"))
    assert done.headers["location"] == "/messages"
    assert numbers((await browser.get("/messages")).text) == []
    assert (await program.post("/api/v1/notices/read")).json() == {"unread": 0}


async def test_what_is_not_wanted_is_chosen_by_both_entrances(pair: Any) -> None:
    program, browser, _ = pair
    page = (await browser.get("/settings/notices")).text
    groups = re.findall(r'name="wanted" value="(\w+)" checked', page)
    assert groups == ["offers", "gifts", "visits", "talk", "likes", "follows", "prices", "searches"]
    form = form_of(page, "/settings/notices")
    done = await browser.post("/settings/notices", data={**form, "wanted": ["offers", "talk"]})
    assert done.headers["location"] == "/settings/notices?ok=saved"
    off = ["gifts", "visits", "likes", "follows", "prices", "searches"]
    assert (await program.get("/api/v1/me/notices")).json() == {"off": off}
    assert (await program.post("/api/v1/me/notices", json={"off": ["likes"]})).json() == {"off": ["likes"]}
    no = await program.post("/api/v1/me/notices", json={"off": ["decisions"]})
    assert (no.status_code, no.json()["code"]) == (409, "notices_always_on")
    assert (await program.get("/api/v1/me/notices")).json() == {"off": ["likes"]}


async def test_a_thing_is_saved_and_its_alert_switched_on_its_page(pair: Any, database: Database) -> None:
    program, browser, me = pair
    seller = await a_seller(database)
    item = await do(database, seller, items.publish_item, NewItem("小相机", Money(90_000)))
    page = (await browser.get(f"/items/{item}")).text
    assert f"/items/{item}/alerts" not in page
    await browser.post(f"/items/{item}/save", data=form_of(page, f"/items/{item}/save"))
    page = (await browser.get(f"/items/{item}")).text
    assert f"/items/{item}/unsave" in page
    await browser.post(f"/items/{item}/alerts", data=form_of(page, f"/items/{item}/alerts"))
    assert (await program.get(f"/api/v1/items/{item}")).json()["saved"] == "quiet"
    assert (await program.post(f"/api/v1/items/{item}/alerts", json={})).json()["saved"] == "alerts"
    assert "小相机" in (await browser.get("/saved?shown=items")).text
    assert [one["id"] for one in (await program.get("/api/v1/me/saved-items")).json()["items"]] == [item]
    await do(database, seller, items.edit_item, item, items.EditItem(1, price=Money(80_000)))
    await react(database)
    assert "收藏的「小相机」降价了：¥900 → ¥800" in (await browser.get("/messages")).text
    await a_block(database, seller, me)
    assert (await program.get("/api/v1/me/saved-items")).json()["items"] == []
    assert (await program.post(f"/api/v1/items/{item}/unsave")).status_code == 404


async def test_titles_of_what_is_out_of_sight_are_for_their_owners(pair: Any, database: Database) -> None:
    program, _, me = pair
    seller = await a_seller(database)
    item = await do(database, seller, items.publish_item, NewItem("小相机", Money(90_000)))
    told = [
        notices.Telling(kind="offer_ended", to=(one.me,), subject=item, link="/", item=item) for one in (me, seller)
    ]
    async with database.work(Actor(system=True)) as work:
        await notices.tell(work, told)
    await do(database, seller, items.remove, item)
    assert (await program.get("/api/v1/notices")).json()["items"][0]["text"].startswith("「一件宝贝」")
    async with database.look(seller) as look:
        assert (await notices.my_notices(look)).items[0].title == "小相机"
