"""Being found, in a browser: the field of search by keys and without script, the chart of a price, and what counts as
seen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, Request, expect

from tests.browser.conftest import Street, member_of, opened
from tests.browser.market import Market
from tests.browser.test_quality import AXE, MOST_SHIFT, SHIFT, faults
from tests.browser.test_story import sign_in
from tests.prices.build import past_trades, summed
from xianji.domains import feed

pytestmark = pytest.mark.browser

PRICES = [200_000, 202_000, 204_000, 206_000, 208_000, 210_000, 212_000, 214_000]


async def chosen(page: Page) -> str:
    """The words of the line that a screen reader is told of; empty when there is none."""
    told: str = await page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent ?? ''"
    )
    return told


async def test_lines_are_offered_for_pinyin_and_taken_by_keys(
    street: Street, market: Market, chromium: Browser, shots: Path | None
) -> None:
    context, tab = await opened(chromium, street.address, 390, "search", shots)
    await context.add_init_script(path=AXE)
    page = tab.page
    await page.goto("/search")
    field, lines = page.get_by_role("combobox"), page.get_by_role("option")
    await expect(field).to_have_attribute("aria-expanded", "false")
    await field.press_sequentially("shujia")
    await expect(lines.filter(has_text="书架").first).to_be_visible()
    await expect(field).to_have_attribute("aria-expanded", "true")
    count = await lines.count()
    await expect(page.locator("[data-search-said]")).to_have_text(f"有 {count} 条建议")
    assert await chosen(page) == ""
    await tab.shot("01-lines")
    assert await faults(page) == []

    words = await lines.all_text_contents()
    for key, told in (("ArrowDown", words[0]), ("ArrowUp", ""), ("ArrowUp", words[-1]), ("ArrowDown", "")):
        await page.keyboard.press(key)
        assert await chosen(page) == told
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(lines.first).to_be_hidden()
    assert await chosen(page) == ""
    await expect(field).to_have_value("shujia")
    await page.keyboard.press("ArrowDown")
    await expect(lines.first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/search?*")
    await expect(field).to_have_value(words[0])
    await expect(page.locator("article.card").first).to_contain_text("书架")
    assert tab.wrong == []
    await context.close()


async def test_search_works_without_script(street: Street, market: Market, chromium: Browser) -> None:
    context = await chromium.new_context(base_url=street.address, locale="zh-CN", java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/search")
    await page.locator("#seek").fill("shujia")
    await page.get_by_role("button", name="搜索").click()
    await expect(page.locator("article.card").first).to_contain_text("书架")
    await page.get_by_text("筛选").click()
    await page.get_by_label("价格到").fill("120.01")
    await page.get_by_role("button", name="看结果").click()
    await page.wait_for_url("**high=120.01*")
    await expect(page.locator("article.card")).to_have_count(2)
    await context.close()


async def test_the_chart_comes_when_it_is_near_and_a_table_says_the_same(
    street: Street, chromium: Browser, shots: Path | None
) -> None:
    await past_trades(street.database, PRICES)
    await summed(street.database)
    context, tab = await opened(chromium, street.address, 390, "chart", shots)
    page, asked = tab.page, list[Request]()
    await page.set_viewport_size({"width": 390, "height": 60})
    page.on("request", lambda request: asked.append(request) if "/plot" in request.url else None)
    await page.goto("/prices/iphone-13")
    plot = page.locator("[data-chart]")
    await expect(plot).to_have_attribute("data-drawn", "")
    await expect(plot.locator("canvas")).to_have_count(0)
    assert asked == []
    before = await plot.bounding_box()
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(plot.locator("canvas")).to_be_visible()
    assert await plot.bounding_box() == before
    assert await page.evaluate(SHIFT) < MOST_SHIFT
    await expect(plot).to_have_attribute("aria-hidden", "true")
    await page.get_by_text("看数字").click()
    await expect(page.locator(".price-table tbody tr").first).to_contain_text("¥2,070")
    await tab.shot("01-chart")
    assert tab.wrong == []
    await context.close()


async def stands(page: Page, card: Locator) -> None:
    """Scroll to the card; a picture makes a frame, and only in a frame a page hears what is in sight."""
    await card.scroll_into_view_if_needed()
    await page.screenshot()


async def test_a_card_is_seen_once_it_stood_in_the_window_and_leaving_loses_nothing(
    street: Street, market: Market, chromium: Browser, shots: Path | None
) -> None:
    context, tab = await opened(chromium, street.address, 390, "seen", shots)
    page, begun = tab.page, datetime(2026, 3, 1, 9, tzinfo=UTC)
    await sign_in(tab)
    await page.clock.install(time=begun)
    await page.goto("/")
    await page.clock.pause_at(begun + timedelta(hours=1))
    cards = page.locator("[data-seen]")
    assert await cards.count() > 16
    passed, stood = cards.last, cards.nth(8)
    ids = [await card.get_attribute("data-seen") for card in (passed, stood)]
    await stands(page, passed)
    await stands(page, stood)
    await page.clock.run_for(1_100)  # long enough to be seen, too short to have been sent
    await page.goto("/me/views")

    member = await member_of(tab)
    for _ in range(30):
        async with street.database.look(member) as look:
            lines = (await feed.my_views(look, None)).items
        if lines:
            break
        await page.goto("/me/views")
    subjects = [line.subject for line in lines]
    assert [one in subjects for one in ids] == [False, True]
    assert len(subjects) == len(set(subjects))
    assert not any(line.opened for line in lines)
    await page.goto("/me/views")
    await expect(page.locator(".views .entry")).to_have_count(len(subjects))
    await tab.shot("01-views")
    assert tab.wrong == []
    await context.close()
