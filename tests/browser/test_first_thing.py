"""From the front page, as a stranger, to a live thing: how many taps. Typing is not counted, tapping a field is."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator

from tests.browser.conftest import Street, opened
from tests.build import an_id_number
from tests.stories.town import PHONES
from xianji.kernel.work import NOBODY

pytestmark = pytest.mark.browser

MOST = 12


class Thumb:
    """Taps and types, and counts the taps."""

    def __init__(self) -> None:
        self.taps = 0

    async def tap(self, place: Locator) -> None:
        await place.click()
        self.taps += 1

    async def write(self, field: Locator, text: str) -> None:
        """A field that waits with the caret in it needs no tap."""
        if not await field.evaluate("field => field === document.activeElement"):
            await self.tap(field)
        await field.press_sequentially(text)


async def test_a_stranger_has_a_live_thing_after_few_taps(
    street: Street, chromium: Browser, shots: Path | None, capsys: pytest.CaptureFixture[str]
) -> None:
    context, tab = await opened(chromium, street.address, 390, "first", shots)
    page, thumb = tab.page, Thumb()
    await page.goto("/")
    await thumb.tap(page.locator(".tabbar").get_by_role("link", name="发布"))
    await thumb.write(page.get_by_label("手机号"), str(next(PHONES)))
    await thumb.tap(page.get_by_role("button", name="获取验证码"))
    await thumb.write(page.get_by_label("6 位验证码"), "000000")
    await page.wait_for_url("**/publish")
    await tab.shot("01-missing")
    await thumb.tap(page.get_by_role("link", name="去完成").last)
    await thumb.write(page.locator("input[name=name]"), "王小满")
    await thumb.write(page.locator("input[name=id_number]"), an_id_number())
    await thumb.tap(page.get_by_role("button", name="核对"))
    await page.wait_for_url("**/publish?ok=verified")
    await tab.shot("02-sheet")
    await thumb.write(page.locator("input[name=title]"), "富士 X100 小相机")
    await thumb.write(page.locator("input[name=price]"), "2680")
    await thumb.tap(page.locator("button.btn-primary"))
    await page.wait_for_url("**/items/itm_*")
    await tab.shot("03-live")
    async with street.database.look(NOBODY) as look:
        rows = await look.db.fetch("select title, state from items")
    assert [tuple(row) for row in rows] == [("富士 X100 小相机", "live")]
    with capsys.disabled():
        print(f"\ntaps from the front page to a live thing: {thumb.taps}")
    assert thumb.taps <= MOST
    assert tab.wrong == []
    await context.close()
