"""Somebody suspended: no session, but a page with the decision and one appeal, after proving who they are."""

import re
from typing import Any

import httpx
import pytest

from tests.build import a_member as somebody
from xianji.domains import members, moderation
from xianji.domains.moderation import Decision, Restriction
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM, Actor
from xianji.reactions import DUE
from xianji.worker import do_due

from .conftest import browser, signed_in

PHONE = "13800138000"
FORM = {"phone": PHONE, "code": "000000", "to": "/"}


async def a_moderator(database: Database) -> Actor:
    return Actor((await somebody(database)).member, None, frozenset({"moderator"}))


@pytest.fixture
async def case(site: Any, database: Database) -> str:
    """A member suspended for three days by hand, and the case of it."""
    _, session = await signed_in(site, PHONE)
    wish = Restriction(session["member"]["id"], "sign_in", "R5", "连发广告", "九条一样的评论", 3)
    async with database.work(await a_moderator(database)) as work:
        return await moderation.restrict_by_hand(work, wish)


async def the_page(site: Any, clock: Any) -> tuple[httpx.AsyncClient, httpx.Response, str]:
    clock.move(minutes=2)
    client = browser(site)
    await client.post("/sign-in/code", data={"phone": PHONE})
    page = await client.post("/sign-in", data=FORM)
    found = re.search(r'name="appeal_pass" value="([^"]+)"', page.text)
    return client, page, found[1] if found else ""


async def test_the_page_shows_the_decision_and_opens_nothing_else(site: Any, case: str, clock: Any) -> None:
    client, page, token = await the_page(site, clock)
    assert page.status_code == 403
    assert "xianji_session" not in client.cookies
    for part in ("R5 ", "连发广告", "九条一样的评论", 'action="/auth/appeals"'):
        assert part in page.text
    for path in ("/me", "/me/cases", f"/cases/{case}/appeal", "/orders"):
        assert (await client.get(path)).status_code == 401, path
    as_bearer = await client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})
    assert as_bearer.status_code == 401


async def test_an_appeal_without_a_session_is_judged_and_opens_the_door(
    site: Any, case: str, database: Database, clock: Any
) -> None:
    client, _, token = await the_page(site, clock)
    empty = await client.post("/auth/appeals", data={"appeal_pass": token, "text": " "})
    assert (empty.status_code, 'id="f-text-error"' in empty.text) == (422, True)
    sent = await client.post("/auth/appeals", data={"appeal_pass": token, "text": "那是我搬家的清单"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in?ok=appealed")
    again = await client.post("/api/v1/auth/appeals", json={"appeal_pass": token, "text": "再来"})
    assert (again.status_code, again.json()["code"]) == (409, "move_not_open")
    async with database.look(SYSTEM) as look:
        kept = await look.db.fetchrow("select state, appeal from cases where id = $1", case)
        assert tuple(kept) == ("appealed", "那是我搬家的清单")
    async with database.work(await a_moderator(database)) as work:
        await moderation.decide(work, case, Decision("restore", "看错了"))
    _, inside, _ = await the_page(site, clock)
    assert inside.status_code == 303


async def test_a_pass_is_ours_and_ends(site: Any, case: str, database: Database, clock: Any) -> None:
    client, _, token = await the_page(site, clock)
    member, until, signature = token.split(".")
    for wrong in ("", "x", f"{member}.{int(until) + 1}.{signature}", f"mbr_{'0' * 26}.{until}.{signature}"):
        answer = await client.post("/api/v1/auth/appeals", json={"appeal_pass": wrong, "text": "请看"})
        assert (answer.status_code, answer.json()["code"]) == (403, "appeal_pass_over"), wrong
    clock.move(minutes=31)
    answer = await client.post("/api/v1/auth/appeals", json={"appeal_pass": token, "text": "请看"})
    assert answer.json()["code"] == "appeal_pass_over"
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select state from cases where id = $1", case) == "acted"


async def test_the_api_tells_the_pass_only_to_who_has_proven_the_phone(site: Any, case: str, clock: Any) -> None:
    clock.move(minutes=2)
    client = browser(site)
    await client.post("/api/v1/auth/codes", json={"phone": PHONE})
    wrong = (await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": "111111"})).json()
    assert (wrong["code"], wrong["facts"]) == ("code_not_right", {})
    right = (await client.post("/api/v1/auth/sessions", json={"phone": PHONE, "code": "000000"})).json()
    assert right["code"] == "sign_in_suspended"
    body = {"appeal_pass": right["facts"]["appeal_pass"], "text": "请再看看"}
    told = await client.post("/api/v1/auth/appeals", json=body)
    assert (told.status_code, told.json()["state"], told.json()["evidence"]) == (200, "appealed", ["九条一样的评论"])


async def test_a_suspension_ends_by_itself_and_is_written_down_once(
    site: Any, case: str, database: Database, clock: Any
) -> None:
    clock.move(days=3, seconds=-1)
    await do_due(database, DUE)
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from restrictions where ended_at is not null") == 0
    clock.move(seconds=1)
    for _ in range(2):
        await do_due(database, DUE)
    async with database.look(SYSTEM) as look:
        ended = await look.db.fetchval("select ended_at from restrictions")
        told = await look.db.fetch("select body from outbox where kind = 'members.restriction_ended.v1'")
        assert (ended, len(told)) == (clock.now(), 1)
        member = await look.db.fetchval("select member from restrictions")
        assert (await members.load_actor(look, member)).restrictions == frozenset()
    _, inside, _ = await the_page(site, clock)
    assert inside.status_code == 303
