"""The public places that a circle's hosts know: added one by one, taken out again, told to nobody else."""

import asyncio

import pytest

from tests.build import a_member
from xianji.domains import circles
from xianji.domains.circles import MeetingPlace, NewMeetingPlace, RemoveMeetingPlace
from xianji.domains.circles.model import MEETING_PLACE_NEEDS_POINT, MEETING_PLACE_TWICE, TOO_MANY_MEETING_PLACES
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_FOUND, Code, Refusal
from xianji.kernel.work import SYSTEM, Actor

GATE = NewMeetingPlace(" 东门 ", "东院", "保安亭边", 30.31, 120.09)
HALL = NewMeetingPlace("图书馆大厅", "东院", "还书机旁", 30.31, 120.09)


@pytest.fixture
async def host(database: Database) -> Actor:
    return await a_member(database)


@pytest.fixture
async def circle(database: Database, host: Actor) -> str:
    async with database.work(host) as work:
        return await circles.found_circle(work, circles.FoundCircle(slug="linjiang", kind="campus", name="临江"))


async def add(database: Database, actor: Actor, circle: str, place: NewMeetingPlace) -> None:
    async with database.work(actor) as work:
        await circles.add_meeting_place(work, circle, place)


async def places(database: Database, actor: Actor, circle: str) -> list[MeetingPlace]:
    async with database.look(actor) as look:
        return await circles.meeting_places_of(look, circle)


async def refused(database: Database, actor: Actor, circle: str, place: NewMeetingPlace, code: Code) -> None:
    before = await places(database, SYSTEM, circle)
    with pytest.raises(Refusal) as no:
        await add(database, actor, circle, place)
    assert no.value.code is code
    assert await places(database, SYSTEM, circle) == before


async def test_places_are_added_and_removed_one_by_one(database: Database, host: Actor, circle: str) -> None:
    await add(database, host, circle, GATE)
    await add(database, host, circle, HALL)
    gate = MeetingPlace("东门", "东院", "保安亭边", 30.31, 120.09)
    assert await places(database, host, circle) == [gate, MeetingPlace("图书馆大厅", "东院", "还书机旁", 30.31, 120.09)]
    await refused(database, host, circle, HALL, MEETING_PLACE_TWICE)
    for _ in range(2):
        async with database.work(host) as work:
            await circles.remove_meeting_place(work, circle, RemoveMeetingPlace("图书馆大厅"))
    assert await places(database, host, circle) == [gate]
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select reason from config_versions where scope = $1 order by number", circle)
    assert [row["reason"] for row in rows] == ["+ 东门", "+ 图书馆大厅", "- 图书馆大厅"]


async def test_what_is_refused_leaves_the_list_as_it_was(database: Database, host: Actor, circle: str) -> None:
    other = await a_member(database)
    await refused(database, other, circle, GATE, NOT_FOUND)
    await refused(database, host, circle, NewMeetingPlace("东门", "东院", "亭", 30.3), MEETING_PLACE_NEEDS_POINT)
    with pytest.raises(Refusal) as no:
        await places(database, other, circle)
    assert no.value.code is NOT_FOUND
    async with database.work(SYSTEM) as work:
        await set_value(work, "circles.most_meeting_places", 1, "fewer")
    database.book.forget()
    await add(database, host, circle, GATE)
    await refused(database, host, circle, HALL, TOO_MANY_MEETING_PLACES)


async def test_two_hosts_at_once_lose_nothing(database: Database, host: Actor, circle: str) -> None:
    await asyncio.gather(add(database, host, circle, GATE), add(database, host, circle, HALL))
    assert {place.name for place in await places(database, host, circle)} == {"东门", "图书馆大厅"}
