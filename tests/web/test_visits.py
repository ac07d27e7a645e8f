"""上门来挑 through both entrances: the door is shown to who comes, and to nobody before."""

from datetime import timedelta
from typing import Any

from tests.orders.build import ADDRESS
from tests.stories.town import form_of
from xianji.domains import members
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM, Actor

from .test_orders import an_item, both, ordered


async def test_a_slot_is_offered_taken_left_and_called_off(site: Any, database: Database) -> None:
    program, buyer = await both(site)
    seller_program, seller = await both(site, "13800138001")
    me = "mbr_" + str(seller.cookies["xianji_session"]).partition(".")[0]
    async with database.work(Actor(me)) as work:
        await members.add_address(work, ADDRESS)
    order = await ordered(program, await an_item(database, handover=["meet"]))
    async with database.work(SYSTEM) as work:
        await work.db.execute("update orders set seller = $2 where id = $1", order, me)
    begins = database.clock.now() + timedelta(days=1)
    form = form_of((await seller.get("/visits")).text, "/visits")
    typed = {"begins_at": f"{begins:%Y-%m-%dT%H:%M}", "ends_at": f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
    wrong = await seller.post("/visits", data={**form, **typed, "ends_at": typed["begins_at"]})
    assert wrong.status_code == 422
    assert typed["begins_at"] in wrong.text
    done = await seller.post("/visits", data={**form, **typed, "capacity": "1"})
    assert (done.status_code, done.headers["location"]) == (303, "/visits")
    assert (await program.get("/api/v1/visits")).json() == []
    async with database.work(SYSTEM) as work:
        await work.db.execute("update orders set state = 'awaiting_meeting' where id = $1", order)
    (slot,) = (await program.get("/api/v1/visits")).json()
    assert (slot["left"], slot["address"], slot["guests"]) == (1, None, [])
    before = (await buyer.get("/visits")).text
    assert "文三路" not in before
    taken = await buyer.post(f"/visits/{slot['id']}/take", data=form_of(before, f"/visits/{slot['id']}/take"))
    assert taken.headers["location"] == "/visits"
    assert "文三路 1 号" in (await buyer.get("/visits")).text
    (slot,) = (await program.post(f"/api/v1/visits/{slot['id']}/leave")).json()
    assert (slot["coming"], slot["address"]) == (False, None)
    assert (await seller_program.post(f"/api/v1/visits/{slot['id']}/call-off")).json() == []
    gone = await program.post(f"/api/v1/visits/{slot['id']}/take")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
