"""The desk: only for operators whose roles are awake; the first sign-in demands a password and a second factor."""

import re
from typing import Any

import httpx
import pyotp
from msgspec import structs

from xianji.domains import ledger, members, orders
from xianji.domains.orders import deposits
from xianji.domains.orders.model import Deposit
from xianji.kernel.db import Database
from xianji.kernel.work import NOBODY, SYSTEM

from .conftest import browser
from .test_me import with_cookie
from .world import a_world

PASSWORD = "灯塔照着晚风和纸船 9"


async def an_operator(site: Any, database: Database, clock: Any) -> tuple[httpx.AsyncClient, str]:
    """From the one-time password to an open desk, as a person would go."""
    async with database.work(SYSTEM) as work:
        once = await members.make_operator(work, "admin", "管理员")
    client = browser(site)
    await client.post("/sign-in/password", data={"account": "admin", "password": once, "to": "/console"})
    page = (await client.get("/console")).text
    csrf = re.search(r'name="csrf" content="([^"]+)"', page)
    assert csrf
    assert "/settings/security#password" in page
    token = {"_csrf_token": csrf[1]}
    assert (await client.post("/me/password", data=token | {"password": PASSWORD})).status_code == 303
    begun = (await client.post("/settings/totp", data=token)).text
    secret = re.search('name="secret" value="([^"]+)"', begun)
    assert secret
    code = pyotp.TOTP(secret[1]).at(clock.now())
    assert 'href="/console"' in (await client.post("/settings/totp/confirm", data=token | {"code": code})).text
    return client, csrf[1]


async def test_there_is_no_desk_for_others(site: Any, visitor: httpx.AsyncClient) -> None:
    client, _ = await with_cookie(site, "13800138000")
    for path in ("/console", "/console/config", "/console/audit", "/console/machine", "/console/members"):
        assert (await visitor.get(path)).status_code == 401
        assert (await client.get(path)).status_code == 404


async def test_the_first_operator_comes_in_and_every_room_opens(site: Any, database: Database, clock: Any) -> None:
    client, csrf = await an_operator(site, database, clock)
    for path in ("/console", "/console/config", "/console/audit", "/console/machine", "/console/members?q=admin"):
        assert (await client.get(path)).status_code == 200, path
    told = (await client.get("/console/audit")).text
    assert "请来做运营" in told
    assert 'href="/u/admin">' in told
    assert "下单后几分钟没付款就关闭" in (await client.get("/console/config")).text
    version = (await client.get("/api/v1/me")).json()["version"]
    english = {"version": version, "language": "en"}
    assert (await client.patch("/api/v1/me", json=english, headers={"x-csrftoken": csrf})).status_code == 200
    assert "an unpaid order closes after so long" in (await client.get("/console/config")).text
    assert "Made an operator" in (await client.get("/console/audit")).text


async def test_roles_sleep_again_and_wake_by_a_code(site: Any, database: Database, clock: Any) -> None:
    client, csrf = await an_operator(site, database, clock)
    clock.move(hours=13)
    assert "/console/unlock" in (await client.get("/console")).text
    assert (await client.post("/console/unlock", data={"_csrf_token": csrf, "code": "000000"})).status_code == 409


async def test_a_setting_gets_a_version_with_reason_and_an_entry_in_the_chain(
    site: Any, database: Database, clock: Any
) -> None:
    client, csrf = await an_operator(site, database, clock)
    path = "/console/config/orders.pay_minutes"
    refused = await client.post(path, data={"_csrf_token": csrf, "value": '"x"', "reason": "试一试"})
    assert (refused.status_code, 'value="试一试"' in refused.text) == (422, True)
    assert (await client.post(path, data={"_csrf_token": csrf, "value": "45", "reason": "节日"})).status_code == 303
    async with database.look(NOBODY) as look:
        rows = await look.db.fetch("select name, value, reason from config_versions")
        audited = await look.db.fetchval("select reason from audit where verb = 'config.set'")
    assert [tuple(row) for row in rows] == [("orders.pay_minutes", 45, "节日")]
    assert audited == "节日"


async def test_a_member_is_found_and_restricted_with_rule_and_end(site: Any, database: Database, clock: Any) -> None:
    client, csrf = await an_operator(site, database, clock)
    other, _ = await with_cookie(site, "13900139000")
    member = (await other.get("/api/v1/me")).json()["card"]["id"]
    page = (await client.get(f"/console/members?q={member}")).text
    rule = re.search(r'name="rule".*?<option value="([^"]+)"', page, re.S)
    assert rule
    form = {"_csrf_token": csrf, "member": member, "kind": "sell", "rule": rule[1], "reason": "卖假货", "days": "7"}
    form["evidence"] = "举报 3 次"
    assert (await client.post("/console/members/restrict", data=form | {"days": "0"})).status_code == 422
    assert (await client.post("/console/members/restrict", data=form)).status_code == 303
    assert (await other.get("/api/v1/me")).json()["restrictions"] == ["sell"]


async def test_finance_reads_whether_the_books_held_last_night(site: Any, database: Database, clock: Any) -> None:
    client, _ = await an_operator(site, database, clock)
    for night, change in (("2026-03-04", 0), ("2026-03-05", 1)):
        async with database.work(SYSTEM) as work:
            await work.db.execute(
                "insert into ledger_accounts (key, kind, owner, currency, side, balance)"
                " select 'order_held:nobody:CNY', 'order_held', 'nobody', 'CNY', 1, $1::bigint where $1 > 0",
                change,
            )
        await orders.carry_out_proof(database, b'{"night":"%s"}' % night.encode())
        page = (await client.get("/console/money")).text
        assert ("昨夜核账：账不平" in page) == bool(change)
    assert "账是平的" in page
    assert "account order_held:nobody:CNY" in page
    found = (await client.get("/api/v1/console/money")).json()["proofs"]
    assert [(one["night"], one["state"], one["off"]) for one in found] == [
        ("2026-03-05", "broken", 2),
        ("2026-03-04", "holds", 0),
    ]


async def test_finance_notes_amends_as_passed_on_with_one_press(site: Any, database: Database, clock: Any) -> None:
    world = await a_world(database, site)
    await world.refresh("{order}")
    client, csrf = await an_operator(site, database, clock)
    place = f"/console/orders/{world.ids['order']}/amends/{world.ids['order']}"
    assert f'action="{place}"' not in (await client.get("/console/money")).text
    async with database.work(SYSTEM) as work:
        order = await orders.lock_for_system(work, world.ids["order"])
        earnest = Deposit("earnest", 10, 24, "refund", 0)
        owing = structs.replace(order, deposit=700, terms=structs.replace(order.terms, deposit=earnest))
        await ledger.transfer(work, deposits.penalty_legs(owing))
    assert f'action="{place}"' in (await client.get("/console/money")).text
    answer = await client.post(place, data={"_csrf_token": csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/money?ok=decided")
    assert f'action="{place}"' not in (await client.get("/console/money")).text
    async with database.look(SYSTEM) as look:
        assert (await ledger.moved(look, order.id))["amends_paid"] == 700
