"""A film on the note's sheet, from its progress to playing in the gallery; pictures moved by finger, keys and mouse."""

import asyncio
import re

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import Street, Tab, opened
from tests.browser.market import a_photo
from tests.browser.test_story import sign_in
from tests.media.conftest import film

pytestmark = pytest.mark.browser

TILE = "[data-upload-tile]"
PATIENCE = 60_000  # ms; what goes up is encoded before its tile is done, and the machine may be busy


async def pick(page: Page, *files: tuple[str, str, bytes]) -> Locator:
    """Choose files on the open sheet; returns the tiles."""
    chosen = [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    await page.locator("[data-upload] input[type=file]").first.set_input_files(chosen)  # type: ignore[arg-type]
    return page.locator(TILE)


async def test_a_film_goes_up_and_plays(street: Street, chromium: Browser) -> None:
    context, tab = await opened(chromium, street.address, 390, "film", None)
    page, seen = tab.page, asyncio.Event()
    await sign_in(tab)
    await page.goto("/publish/note")

    async def held(route: Route) -> None:
        await seen.wait()
        await route.continue_()

    await page.route("**/api/v1/media", held)
    tiles = await pick(page, ("walk.mp4", "video/mp4", film()))
    await expect(tiles.locator("progress")).to_have_attribute("aria-label", "walk.mp4")
    await expect(page.locator(".bottom-bar .btn-primary")).to_be_disabled()
    seen.set()
    await expect(page.locator(f"{TILE}[data-film] img")).to_have_js_property("naturalWidth", 320, timeout=PATIENCE)
    await expect(tiles.locator("progress")).to_have_count(0)
    await page.locator("input[name=title]").fill("楼下的猫")
    await page.locator("textarea[name=body]").fill("它每天五点来。")
    await page.locator(".bottom-bar .btn-primary").click()
    await page.wait_for_url("**/notes/nte_*")

    shown = page.locator("video.gallery-film")
    await expect(shown).to_have_attribute("poster", re.compile("^/media/med_"))
    ended = await shown.evaluate(
        """film => new Promise((done, wrong) => { film.muted = true; film.onerror = () => wrong(film.error.message);
          film.onended = () => done([film.videoWidth, film.videoHeight, film.currentTime]); film.play(); })"""
    )
    assert ended == [320, 240, pytest.approx(1, abs=0.1)]
    assert tab.wrong == []
    await context.close()


async def three(chromium: Browser, street: Street, touch: bool) -> tuple[Tab, list[str]]:
    """A sheet with three pictures on it, and their ids as they lie."""
    context = await chromium.new_context(
        base_url=street.address, viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=touch
    )
    tab = Tab(await context.new_page(), "pictures", None)
    await sign_in(tab)
    await tab.page.goto("/publish/note")
    await pick(tab.page, *((f"{number}.jpg", "image/jpeg", a_photo(number)) for number in range(3)))
    await expect(tab.page.locator(f"{TILE}[data-state=done]")).to_have_count(3, timeout=PATIENCE)
    return tab, await order(tab.page)


async def order(page: Page) -> list[str]:
    """The ids in the order in which the form would send them."""
    found: list[str] = await page.locator("input[name=media]").evaluate_all("all => all.map(one => one.value)")
    return found


async def test_pictures_move_by_a_finger(street: Street, chromium: Browser) -> None:
    tab, (first, second, third) = await three(chromium, street, touch=True)
    page, finger = tab.page, await tab.page.context.new_cdp_session(tab.page)
    boxes = [await tile.bounding_box() for tile in await page.locator(TILE).all()]
    (x, y), (to_x, to_y) = [(box["x"] + 20, box["y"] + 60) for box in (boxes[0], boxes[2]) if box]

    async def touch(kind: str, *points: tuple[float, float]) -> None:
        await finger.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at[0], "y": at[1]} for at in points]}
        )

    await touch("touchStart", (x, y))
    await page.wait_for_function("() => document.querySelector('.upload-tile.dragging')")
    await touch("touchMove", ((x + to_x) / 2, (y + to_y) / 2))
    await touch("touchMove", (to_x, to_y))
    await touch("touchEnd")
    assert await order(page) == [second, third, first]
    await expect(page.locator(".dragging")).to_have_count(0)

    await touch("touchStart", (x, y + 40))  # a finger that moves at once scrolls the page and moves no picture
    for far in range(60, 301, 60):
        await touch("touchMove", (x, y + 40 - far))
    await touch("touchEnd")
    await page.wait_for_function("() => scrollY > 0")
    assert await order(page) == [second, third, first]
    assert tab.wrong == []
    await page.context.close()


async def test_pictures_move_by_keys_buttons_and_mouse(street: Street, chromium: Browser) -> None:
    tab, (first, second, third) = await three(chromium, street, touch=False)
    page = tab.page
    await page.locator(TILE).first.focus()
    await page.keyboard.press("ArrowRight")
    assert await order(page) == [second, first, third]
    await page.keyboard.press("ArrowRight")
    assert await order(page) == [second, third, first]
    await page.keyboard.press("ArrowRight")  # the last one stays
    await page.keyboard.press("ArrowLeft")
    assert await order(page) == [second, first, third]
    await page.locator(TILE).last.get_by_role("button", name="往前挪").click()
    assert await order(page) == [second, third, first]
    await page.locator(TILE).last.drag_to(page.locator(TILE).first)
    assert await order(page) == [first, second, third]
    await page.locator(TILE).last.drag_to(page.locator(TILE).nth(1))
    assert await order(page) == [first, third, second]
    await page.locator(TILE).nth(2).focus()
    await page.keyboard.press("Delete")
    assert await order(page) == [first, third]
    await expect(page.locator("[data-upload] input[type=file]").first).to_be_focused()
    assert tab.wrong == []
    await page.context.close()


async def test_a_file_is_picked_by_our_own_button(street: Street, chromium: Browser) -> None:
    context, tab = await opened(chromium, street.address, 390, "file", None)
    await sign_in(tab)
    without = await chromium.new_context(
        base_url=street.address, storage_state=await context.storage_state(), java_script_enabled=False
    )
    table = {"name": "家当.csv", "mimeType": "text/csv", "buffer": "title,price\n书架,120\n".encode()}
    for page, told in ((tab.page, "家当.csv"), (await without.new_page(), "选好了")):
        await page.goto("/publish/import")
        await expect(page.get_by_text("还没选")).to_be_visible()
        field = page.get_by_label("选文件")
        await field.focus()
        await expect(page.locator(".file-pick .btn")).to_have_css("outline-style", "solid")
        async with page.expect_file_chooser() as asked:
            await field.click()
        await (await asked.value).set_files(table)  # type: ignore[arg-type]
        await expect(page.get_by_text(told)).to_be_visible()
        await expect(page.get_by_text("还没选")).to_be_hidden()
    assert tab.wrong == []
    await without.close()
    await context.close()
