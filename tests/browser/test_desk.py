"""The operators' desk by keys alone: down the queue, into a case, words typed in peace, a verb by its number."""

from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import Street, opened
from tests.build import a_member
from xianji.domains import members, moderation, notes
from xianji.kernel.work import SYSTEM, Actor

pytestmark = pytest.mark.browser

PASSWORD = "灯塔照着晚风和纸船 9"


async def two_reports(street: Street) -> Actor:
    """Two notes of one person, each found wrong by another; returns the author."""
    author, reporter = await a_member(street.database), await a_member(street.database)
    for title in ("值班第一篇", "值班第二篇"):
        async with street.database.work(author) as work:
            note = await notes.publish_note(work, notes.NewNote(title, "说好自提，去了又不给看。", "share"))
        async with street.database.work(reporter) as work:
            await moderation.report(work, moderation.Report(note, "other"))
    return author


async def at_the_desk(street: Street, context: BrowserContext, page: Page) -> None:
    """The first operator, from the one-time password to the open desk."""
    async with street.database.work(SYSTEM) as work:
        once = await members.make_operator(work, "zhiban", "值班")
    await page.goto("/sign-in/password?to=/console")
    await page.locator("input[name=account]").fill("zhiban")
    await page.locator("input[name=password]").fill(once)
    await page.locator("button.btn-primary").click()
    await page.wait_for_url("**/console")
    token = {"_csrf_token": await page.locator("meta[name=csrf]").get_attribute("content") or ""}
    await context.request.post("/me/password", form=token | {"password": PASSWORD})
    begun = await (await context.request.post("/settings/totp", form=token)).text()
    code = pyotp.TOTP(begun.partition('name="secret" value="')[2].partition('"')[0]).now()
    await context.request.post("/settings/totp/confirm", form=token | {"code": code})
    await page.goto("/console")


async def test_a_case_is_decided_without_a_mouse(street: Street, chromium: Browser, shots: Path | None) -> None:
    context, tab = await opened(chromium, street.address, 1280, "desk", shots)
    page = tab.page
    author = await two_reports(street)
    await at_the_desk(street, context, page)
    queue = page.locator("[data-keys-list] a")
    waiting = await queue.count()
    assert waiting >= 2
    for key, at in (("j", 0), ("j", 1), ("k", 0), ("k", 0)):
        await page.keyboard.press(key)
        await expect(queue.nth(at)).to_be_focused()
    await queue.filter(has_text="值班第二篇").focus()
    await page.keyboard.press("o")
    await page.wait_for_url("**/console/cases/*")
    dismiss = page.get_by_role("button", name="不处理")
    key = await dismiss.get_attribute("aria-keyshortcuts") or ""
    words = page.locator("textarea[name=reason]")
    await words.focus()
    await page.keyboard.type(f"jk{key}")
    await expect(words).to_have_value(f"jk{key}")
    await expect(words).to_be_focused()
    await page.keyboard.press("Tab")
    await tab.shot("01-case")
    await page.keyboard.press(key)
    await page.wait_for_url("**/console?ok=decided")
    await expect(queue).to_have_count(waiting - 1)
    await expect(queue.filter(has_text="值班第二篇")).to_have_count(0)
    async with street.database.look(author) as look:
        states = await look.db.fetch("select state from cases where owner = $1 order by state", author.me)
    assert [row["state"] for row in states] == ["dismissed", "open"]
    assert tab.wrong == []
    await context.close()
