"""From the front page, as a stranger, to a live thing: how many taps, and how long for a slow thumb.

Only a tap counts as a tap, also one into a field; typing does not. The time is an estimate for a person, not for the
robot that runs the story: what this machine really took, and on top of it for each tap the seconds to read, find and
press, for each key the seconds of somebody who types with one thumb, and the wait for a text message. A Chinese
character is three keys (two of pinyin, one to choose). No picture is taken: one would be three taps more.
"""

import time
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator

from tests.browser.conftest import Street, member_of, opened
from tests.build import an_id_number
from tests.stories.town import PHONES

pytestmark = pytest.mark.browser

MOST = 12
MOST_SECONDS = 300
A_TAP, A_KEY, A_MESSAGE = 5.0, 1.0, 30.0
KEYS_OF_A_CHARACTER = 3


def keys_of(text: str) -> int:
    """How many keys somebody presses for this."""
    return sum(KEYS_OF_A_CHARACTER if letter > "\u2e80" else 1 for letter in text)


class Thumb:
    """Taps and types, and counts both."""

    def __init__(self) -> None:
        self.taps = 0
        self.keys = 0
        self._began = time.monotonic()

    def seconds(self) -> float:
        """How long a slow person needs for what was done so far, with one text message waited for."""
        return time.monotonic() - self._began + self.taps * A_TAP + self.keys * A_KEY + A_MESSAGE

    async def tap(self, place: Locator) -> None:
        await place.click()
        self.taps += 1

    async def write(self, field: Locator, text: str) -> None:
        """A field that waits with the caret in it needs no tap."""
        if not await field.evaluate("field => field === document.activeElement"):
            await self.tap(field)
        await field.press_sequentially(text)
        self.keys += keys_of(text)


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
    seconds = thumb.seconds()
    await tab.shot("03-live")
    async with street.database.look(await member_of(tab)) as look:
        rows = await look.db.fetch("select title, state from items where seller = $1", look.actor.me)
    assert [tuple(row) for row in rows] == [("富士 X100 小相机", "live")]
    with capsys.disabled():
        print(f"\nfrom the front page to a live thing: {thumb.taps} taps, {thumb.keys} keys, {seconds:.0f} s")
    assert thumb.taps <= MOST
    assert seconds <= MOST_SECONDS
    assert tab.wrong == []
    await context.close()
