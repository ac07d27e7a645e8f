"""Orders over both entrances: who may see and do what, and a site without a payment provider."""

import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.build import a_seller
from tests.stories.town import form_of, shown
from xianji.domains import items, parcels
from xianji.domains.parcels.providers import Kuaidi100, Kuaidi100Account
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM

from .conftest import browser, signed_in

VERBS: list[tuple[str, dict[str, Any] | None]] = [
    ("payment", None),
    ("ship", {"carrier": "sf", "waybill": "SF1234567890123"}),
    ("deliver", {"content": "码"}),
    ("meeting", {"place": "地铁口"}),
    ("redeem", {"code": "000000"}),
    ("confirm", None),
    ("cancel", {"reason": ""}),
    ("extend", None),
]
PAGES = ["", "/agreed", "/paid", "/ship", "/deliver", "/meeting", "/meet", "/cancel", "/confirm"]


async def both(
    site: Any, phone: str = "13800138000", language: str = "zh"
) -> tuple[httpx.AsyncClient, httpx.AsyncClient]:
    """One member with a program (bearer token) and a browser (cookie)."""
    program, session = await signed_in(site, phone, language)
    clicker = browser(site)
    clicker.cookies.set("xianji_session", session["access_token"])
    return program, clicker


async def an_item(database: Database, **facts: Any) -> str:
    """Something of somebody's on sale."""
    seller = await a_seller(database)
    async with database.work(seller) as work:
        return await items.publish_item(work, items.NewItem("小相机", Money(12_900), **facts))


async def ordered(client: httpx.AsyncClient, item: str) -> str:
    """An order to meet, over the API."""
    answer = await client.post("/api/v1/orders", json={"lines": [{"item": item}], "handover": "meet"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def rows(database: Database, order: str) -> tuple[str, int]:
    """State and length of the history of an order."""
    async with database.look(SYSTEM) as look:
        row = await look.db.fetchrow(
            "select o.state, (select count(*) from order_moves m where m.order_id = o.id) as moves"
            " from orders o where o.id = $1",
            order,
        )
    assert row is not None
    return row["state"], row["moves"]


async def test_an_order_is_not_there_for_strangers_and_asks_others_to_sign_in(
    site: Any, visitor: httpx.AsyncClient, database: Database
) -> None:
    buyer, _ = await signed_in(site, "13800138000")
    order = await ordered(buyer, await an_item(database))
    stranger, _ = await signed_in(site, "13800138001")
    for client, status in ((stranger, 404), (visitor, 401)):
        assert (await client.get(f"/api/v1/orders/{order}")).status_code == status
        for verb, body in VERBS[1:]:
            answer = await client.post(f"/api/v1/orders/{order}/{verb}", json=body)
            assert answer.status_code == status, (verb, answer.text)
        for page in PAGES:
            assert (await client.get(f"/orders/{order}{page}")).status_code == status, page
    assert await rows(database, order) == ("awaiting_payment", 1)


async def test_ids_of_the_wrong_shape_are_not_found(site: Any) -> None:
    client, _ = await signed_in(site)
    for path in (
        "/api/v1/orders/ord_x",
        "/api/v1/orders/itm_" + "0" * 26,
        "/orders/x",
        "/items/x/buy",
        "/orders/x/meet",
    ):
        assert (await client.get(path)).status_code == 404, path


async def test_without_a_provider_nothing_can_be_paid_and_the_pages_say_so(site: Any, database: Database) -> None:
    program, clicker = await both(site)
    item = await an_item(database)
    sheet = await clicker.get(f"/items/{item}/buy")
    assert "这个站点还没有接上支付" in shown(sheet.text)
    assert "下单，下一步付款" not in sheet.text
    order = await ordered(program, item)
    answer = await program.post(f"/api/v1/orders/{order}/payment")
    assert (answer.status_code, answer.json()["code"]) == (409, "payments_not_set_up")
    assert (await program.post("/hooks/payments/sandbox", json={})).status_code == 404


async def test_a_page_and_a_program_call_an_order_off_alike(site: Any, database: Database) -> None:
    program, clicker = await both(site)
    item = await an_item(database, stock=2)
    one, two = await ordered(program, item), await ordered(program, item)
    said = await program.post(f"/api/v1/orders/{one}/cancel", json={"reason": "买错了"})
    assert (said.status_code, said.json()["state"]) == (200, "closed")
    page = await clicker.get(f"/orders/{two}/cancel")
    fields = form_of(page.text, f"/orders/{two}/cancel")
    done = await clicker.post(f"/orders/{two}/cancel", data={**fields, "reason": "买错了"})
    assert (done.status_code, done.headers["location"]) == (303, f"/orders/{two}")
    assert await rows(database, one) == await rows(database, two) == ("closed", 2)
    assert "买错了" in (await clicker.get(f"/orders/{one}")).text
    again = await clicker.get(f"/orders/{two}/cancel")
    assert (again.status_code, again.headers["location"]) == (303, f"/orders/{two}")


async def test_a_form_without_its_token_changes_nothing(site: Any, database: Database) -> None:
    program, clicker = await both(site)
    order = await ordered(program, await an_item(database))
    answer = await clicker.post(f"/orders/{order}/extend", data={})
    assert answer.status_code in (403, 409)
    assert await rows(database, order) == ("awaiting_payment", 1)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_page_of_an_order_speaks_both_languages(site: Any, database: Database, language: str) -> None:
    program, clicker = await both(site, language=language)
    item = await an_item(database, handover=["meet", "ship"])
    order = await ordered(program, await an_item(database))
    for path in (f"/items/{item}/buy", f"/orders/{order}", f"/orders/{order}/agreed", "/orders", "/money"):
        page = await clicker.get(path)
        assert page.status_code == 200, path
        assert ("钱" in shown(page.text)) == (language == "zh") or path in ("/orders", f"/orders/{order}/agreed")


async def test_a_carriers_call_is_written_down_for_its_signature_and_shown_to_both(
    site: Any, house: Any, database: Database
) -> None:
    program, _ = await both(site)
    order = await ordered(program, await an_item(database))
    async with database.work(SYSTEM) as work:
        await parcels.watch(work, "yto", "YT1234567890123", order)
    house.ports.tracking = Kuaidi100(Kuaidi100Account("us", "key", "salt"), "http://nowhere.test")
    row = {"ftime": "2026-03-02 16:30:00", "context": "已揽收", "statusCode": "103"}
    way = {"com": "yuantong", "nu": "YT1234567890123", "state": "1", "data": [row]}
    param = json.dumps({"lastResult": way})
    form = {"param": param, "sign": hashlib.md5(f"{param}salt".encode()).hexdigest().upper()}
    told = [await program.post("/hooks/parcels/sandbox", data=form | more) for more in ({"sign": "no"}, {}, {})]
    assert [answer.status_code for answer in told] == [401, 200, 200]
    assert told[1].json() == {"result": True, "returnCode": "200", "message": "成功"}
    assert (await program.post("/hooks/parcels/elsewhere", data=form)).status_code == 404
    async with database.look(SYSTEM) as look:
        assert [tuple(one) for one in await look.db.fetch("select kind, words from parcel_scans")] == [
            ("collected", "已揽收")
        ]
