"""The whole way of a report over HTTP: told, hidden, appealed, judged by other eyes, in sight again."""

import re
from typing import Any

import httpx
import pyotp
import pytest

from tests.conftest import readable
from xianji.domains import members
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM
from xianji.reactions import TABLE
from xianji.reactions.engine import Engine

from .browse import a_seller, csrf, in_browser
from .conftest import browser, signed_in

PASSWORD = "灯塔照着晚风和纸船 9"


async def a_moderator(site: Any, database: Database, clock: Any, handle: str) -> tuple[httpx.AsyncClient, str]:
    """An operator at an open desk: password, authenticator, and the role awake by a code."""
    async with database.work(SYSTEM) as work:
        once = await members.make_operator(work, handle, handle)
        operator = await work.db.fetchval("select id from members where handle = $1", handle)
        await members.grant_role(work, operator, "moderator", "值班")
        await members.revoke_role(work, operator, "admin", "只值班")
    client = browser(site)
    await client.post("/sign-in/password", data={"account": handle, "password": once, "to": "/console"})
    token = {"_csrf_token": await csrf(client, "/console")}
    assert (await client.post("/me/password", data=token | {"password": PASSWORD})).status_code == 303
    secret = re.search('name="secret" value="([^"]+)"', (await client.post("/settings/totp", data=token)).text)
    assert secret
    code = pyotp.TOTP(secret[1]).at(clock.now())
    assert (await client.post("/settings/totp/confirm", data=token | {"code": code})).status_code == 200
    assert (await client.get("/console")).status_code == 200
    return client, token["_csrf_token"]


async def a_note(seller: httpx.AsyncClient) -> tuple[str, str]:
    """A note with one thing."""
    made = await seller.post(
        "/api/v1/notes",
        json={
            "kind": "stall",
            "title": "阳台清空",
            "body": "都要走",
            "items": [{"title": "一盏灯", "price": {"amount": 500, "currency": "CNY"}}],
        },
    )
    assert made.status_code == 201, made.text
    note = made.json()["id"]
    page = (await seller.get(f"/api/v1/notes/{note}")).json()
    return note, page["board"]["things"][0]["card"]["id"]


async def seen(visitor: httpx.AsyncClient, note: str) -> tuple[int, bool, int, bool]:
    """Whether a stranger sees the note on its page, in the feed's page, in the API and in the API's feed."""
    front, listed = await visitor.get("/"), (await visitor.get("/api/v1/feed")).json()
    return (
        (await visitor.get(f"/notes/{note}")).status_code,
        f"/notes/{note}" in front.text,
        (await visitor.get(f"/api/v1/notes/{note}")).status_code,
        note in [card["id"] for card in listed["items"]],
    )


IN_SIGHT, GONE = (200, True, 200, True), (404, False, 404, False)


async def test_from_the_report_to_the_appeal_and_back_in_sight(
    site: Any, visitor: httpx.AsyncClient, database: Database, clock: Any
) -> None:
    seller, session = await a_seller(site)
    owner = await in_browser(site, session=session)
    note, _ = await a_note(seller)
    assert await seen(visitor, note) == IN_SIGHT
    reporter = await in_browser(site, "13900139000")
    form = {"_csrf_token": await csrf(reporter), "subject": note, "reason": "fraud", "words": "让我加微信"}
    assert (await reporter.post("/reports", data=form)).headers["location"] == "/report/thanks"
    assert (await reporter.get("/report/thanks")).status_code == 200
    first, token = await a_moderator(site, database, clock, "zhiban1")
    rooms = re.findall(r'<a href="(/console[^"]*)"', (await first.get("/console")).text)
    open_to_moderators = ["/console", "/console/refunds", "/console/members", "/console/feed", "/console/prices"]
    assert [room for room in rooms if "/cases/" not in room] == open_to_moderators
    found = re.search(r"/console/cases/(cse_\w+)", (await first.get("/console")).text)
    assert found
    case = found[1]
    assert (await owner.get("/api/v1/me/cases")).json()["items"] == []
    decision = {"_csrf_token": token, "verb": "hide", "rule": "R2", "reason": "引到站外付钱"}
    assert (await first.post(f"/console/cases/{case}", data=decision)).status_code == 303
    assert await seen(visitor, note) == GONE
    mine = (await owner.get("/api/v1/me/cases")).json()["items"]
    assert [(one["id"], one["state"], one["actions"]) for one in mine] == [(case, "acted", ["appeal"])]
    shown = (await owner.get("/me/cases")).text
    assert f"/cases/{case}/appeal" in shown
    assert "R2 " in shown
    assert "让我加微信" not in shown
    mine_token = await csrf(owner, "/me")
    empty = await owner.post(f"/cases/{case}/appeal", data={"_csrf_token": mine_token, "text": " "})
    assert (empty.status_code, 'id="f-text-error"' in empty.text) == (422, True)
    told = await owner.post(f"/cases/{case}/appeal", data={"_csrf_token": mine_token, "text": "都在站内付的"})
    assert told.headers["location"] == "/me/cases?ok=appealed"
    back = {"_csrf_token": token, "verb": "restore", "reason": "看错了"}
    assert (await first.post(f"/console/cases/{case}", data=back)).status_code == 409
    assert await seen(visitor, note) == GONE
    other, others = await a_moderator(site, database, clock, "zhiban2")
    assert (await other.post(f"/console/cases/{case}", data=back | {"_csrf_token": others})).status_code == 303
    clock.move(seconds=30)  # one page for everybody who is nowhere is kept so long; what is hidden leaves it at once
    assert await seen(visitor, note) == IN_SIGHT
    reports = (await reporter.get("/api/v1/me/reports")).json()["items"]
    assert [(one["case"], one["subject"], one["state"]) for one in reports] == [(case, note, "overturned")]
    assert "让我加微信" in (await reporter.get("/me/reports")).text


async def test_things_comments_and_members_can_be_reported_by_both_entrances(site: Any, database: Database) -> None:
    seller, session = await a_seller(site)
    note, item = await a_note(seller)
    said = await seller.post(f"/api/v1/notes/{note}/comments", json={"body": "还有一盏"})
    assert said.status_code == 201, said.text
    async with database.look(SYSTEM) as look:
        comment = await look.db.fetchval("select id from comments")
    other, theirs = await signed_in(site, "13900139000")
    window = await in_browser(site, session=theirs)
    third = await in_browser(site, "13700137000")
    token = await csrf(third)
    for subject in (item, comment, session["member"]["id"]):
        page = await window.get(f"/report?subject={subject}")
        assert page.status_code == 200
        assert len(re.findall(r'type="radio" name="reason"', page.text.replace('class="radio radio-sm" ', ""))) == 11
        by_json = await other.post("/api/v1/reports", json={"subject": subject, "reason": "spam"})
        assert by_json.status_code == 201
        form = {"_csrf_token": token, "subject": subject, "reason": "spam"}
        assert (await third.post("/reports", data=form)).status_code == 303
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select subject, reports from cases order by subject")
    assert {row["subject"]: row["reports"] for row in rows} == {
        item: 2,
        comment: 2,
        session["member"]["id"]: 2,
    }
    again = await third.post(
        "/reports", data={"_csrf_token": token, "subject": item, "reason": "spam", "words": "又来"}
    )
    assert (again.status_code, "又来" in again.text) == (409, True)


async def test_who_may_not_report_or_appeal(site: Any, visitor: httpx.AsyncClient) -> None:
    seller, session = await a_seller(site)
    note, _ = await a_note(seller)
    own = await seller.post("/api/v1/reports", json={"subject": note, "reason": "spam"})
    assert (own.status_code, own.json()["code"]) == (409, "own_subject")
    assert (await visitor.post("/api/v1/reports", json={"subject": note, "reason": "spam"})).status_code == 401
    led = await visitor.get(f"/report?subject={note}")
    assert led.headers["location"] == f"/sign-in?to=/report%3Fsubject%3D{note}"
    other, _ = await signed_in(site, "13900139000")
    case = (await other.post("/api/v1/reports", json={"subject": note, "reason": "spam"})).json()["case"]
    for client in (seller, other):
        appeal = await client.post(f"/api/v1/cases/{case}/appeal", json={"text": "不对"})
        assert appeal.json()["code"] in ("not_found", "move_not_open")
        assert (await client.get(f"/cases/{case}/appeal")).status_code == 404
    owner = await in_browser(site, session=session)
    for path in ("/report", "/report?subject=itm_1", "/cases/cse_1/appeal"):
        assert (await owner.get(path)).status_code == 404


async def test_the_rules_are_public_with_their_codes(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/rules")).text
    assert re.findall(r">(R\d) ", page) == [f"R{number}" for number in range(1, 9)]


async def test_every_rule_has_its_place_on_the_page_and_in_the_data(visitor: httpx.AsyncClient) -> None:
    data = (await visitor.get("/api/v1/rules")).json()
    for language in ("zh", "en"):
        page = (await visitor.get("/rules", headers={"accept-language": language})).text
        assert data["screening"]["version"] in page
        for rule in data["screening"]["rule"]:
            assert f'id="{rule["id"]}"' in page
            assert rule[language].replace("'", "&#39;") in page
    assert [rule["code"] for rule in data["moderation"]] == [f"R{number}" for number in range(1, 9)]


@pytest.mark.parametrize("kind", ["items", "notes"])
async def test_a_blocked_draft_is_sent_to_a_person_without_being_changed(
    site: Any, database: Database, kind: str
) -> None:
    _, session = await a_seller(site)
    owner = await in_browser(site, session=session)
    token = {"_csrf_token": await csrf(owner, "/publish")}
    if kind == "items":
        sheet, form = "/publish", {"title": "高 仿 手表", "price": "10"}
    else:
        sheet, form = "/publish/note", {"title": "清仓", "body": "高 仿 手表 便宜出", "kind": "sale"}
    kept = await owner.post(sheet, data=token | form | {"draft": "on"})
    assert kept.status_code == 303, kept.text
    draft = kept.headers["location"]
    stopped = await owner.post(f"{draft}/publish", data=token)
    assert (stopped.status_code, 'href="/rules#replica"' in stopped.text) == (422, True)
    assert all(part in stopped.text for part in (f'action="{draft}/publish"', f'href="{draft}/edit"'))
    sent = await owner.post(f"{draft}/publish", data=token | {"second_look": "on"})
    assert (sent.status_code, sent.headers["location"]) == (303, draft)
    waits = {"items": "screening", "notes": "hidden"}[kind]
    assert (await owner.get(f"/api/v1{draft}")).json()["state"] == waits


async def test_a_blocked_thing_leads_to_its_rule_and_may_be_sent_to_a_person(
    site: Any, database: Database, clock: Any
) -> None:
    _, session = await a_seller(site)
    owner = await in_browser(site, session=session)
    form = {"_csrf_token": await csrf(owner, "/publish"), "title": "高 仿 手表", "price": "10"}
    stopped = await owner.post("/publish", data=form)
    assert (stopped.status_code, 'href="/rules#replica"' in stopped.text) == (422, True)
    assert 'name="second_look"' in stopped.text
    assert "高 仿 手表" in stopped.text
    sent = await owner.post("/publish", data=form | {"second_look": "on"})
    assert sent.status_code == 303, sent.text
    async with database.look(SYSTEM) as look:
        item = await look.db.fetchval("select id from items where state = 'screening'")
    await readable(database)
    await Engine(database, TABLE).drain()
    assert 'href="/rules#replica"' in (await owner.get(f"/items/{item}")).text
    assert 'href="/rules#replica"' in (await owner.get("/me/cases")).text
    desk, token = await a_moderator(site, database, clock, "zhiban1")
    queue = (await desk.get("/console")).text
    found = re.search(r"/console/cases/(cse_\w+)", queue)
    assert found
    assert "replica" in queue
    assert "<mark>高 仿</mark>" in (await desk.get(f"/console/cases/{found[1]}")).text
    decision = {"_csrf_token": token, "verb": "reject", "rule": "R1", "reason": "看着就是仿的"}
    assert (await desk.post(f"/console/cases/{found[1]}", data=decision)).status_code == 303
    assert 'href="/rules#moderation"' in (await owner.get(f"/items/{item}")).text
    assert f"/cases/{found[1]}/appeal" in (await owner.get("/me/cases")).text
    blocked = await owner.post("/api/v1/items", json={}, headers={"x-csrftoken": form["_csrf_token"]})
    assert blocked.status_code == 422
