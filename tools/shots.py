"""Takes the pictures of the README from a running demo (`make run`) into docs/pictures.

    python tools/shots.py [http://127.0.0.1:8000]

Signs in as somebody of the demo town, who buys one thing: run it on a demo that may be changed.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from look import FLAGS
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

OUT = Path(__file__).resolve().parent.parent / "docs/pictures"
MOST_BYTES = 120 * 1024
BUYER = "+8613800138007"
NOTE = "离京清仓"
CITY = "北京"
MODEL = "iPhone 13"  # the town has sold many and has some for sale
PHONE, DESK = (390, 844), (1280, 800)


def keep(page: Page, name: str) -> None:
    """One picture as WebP, as good as its size allows."""
    page.wait_for_load_state("networkidle")
    shown = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for quality in range(84, 30, -6):
        made = io.BytesIO()
        shown.save(made, "WEBP", quality=quality, method=6)
        if made.tell() <= MOST_BYTES:
            break
    (OUT / f"{name}.webp").write_bytes(made.getvalue())
    print(f"{name}.webp  {made.tell() / 1024:.0f} KB")


def window(browser: Browser, address: str, size: tuple[int, int], scheme: str = "light") -> BrowserContext:
    """A browser of somebody's own; phones are drawn at two dots a pixel."""
    return browser.new_context(
        base_url=address,
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2 if size is PHONE else 1,
        color_scheme="dark" if scheme == "dark" else "light",
        locale="zh-CN",
        reduced_motion="reduce",
    )


def sign_in(page: Page, phone: str) -> None:
    """By phone code; the demo site says which it is."""
    page.goto("/sign-in?to=/me")
    page.get_by_label("手机号").fill(phone)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("6 位验证码").press_sequentially("000000")
    page.wait_for_url("**/me")


def at_home(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    """The front page as it is ranked for somebody in the town."""
    page = window(browser, address, size).new_page()
    page.goto("/?tab=nearby")
    page.get_by_role("button", name=CITY).click()
    page.wait_for_load_state("networkidle")
    page.goto("/")
    return page


def look_around(browser: Browser, address: str) -> str:
    """Pages for everybody; returns the address of a thing of the seller."""
    phone = at_home(browser, address, PHONE)
    keep(phone, "home-390")
    phone.goto(f"/search?kind=note&q={NOTE}")
    phone.locator(".card-link", has_text=NOTE).first.click()
    phone.wait_for_url("**/notes/*")
    note = phone.url
    phone.locator(".board").scroll_into_view_if_needed()
    phone.evaluate("document.querySelector('.board').scrollIntoView()")
    keep(phone, "note-390")
    thing = phone.locator(".board-card:not(.board-sold) .card-link").nth(1).get_attribute("href") or ""
    find(phone)
    keep(at_home(browser, address, DESK), "home-1280")
    dark = window(browser, address, PHONE, "dark").new_page()
    dark.goto(note)
    keep(dark, "dark-390")
    return thing


def find(phone: Page) -> None:
    """Lines while typing, a thing that is found, and what such things were sold for."""
    phone.goto("/search")
    phone.locator("#seek").press_sequentially("iph")
    phone.get_by_role("option").first.wait_for()
    phone.keyboard.press("ArrowDown")
    keep(phone, "search-390")
    phone.goto(f"/search?q={MODEL}")
    phone.locator("article.card .card-link", has_text=MODEL).first.click()
    phone.locator(".price-context").wait_for()
    keep(phone, "item-390")
    phone.locator(".price-context a").click()
    phone.locator(".price-plot canvas").wait_for()
    keep(phone, "price-390")
    phone.goto("/prices")
    keep(phone, "prices-390")


def trade(browser: Browser, address: str, thing: str) -> None:
    """Buy the thing and show the order while the two have yet to meet."""
    buyer = window(browser, address, PHONE).new_page()
    sign_in(buyer, BUYER)
    buyer.goto(thing + "/buy")
    buyer.get_by_role("button", name="下单，下一步付款").click()
    buyer.wait_for_url("**/orders/ord_*")
    place = buyer.url
    buyer.get_by_role("button", name="去付款").click()
    buyer.get_by_role("button", name="付款成功").click()
    buyer.wait_for_url(place)
    buyer.get_by_role("link", name="出示面交码").wait_for()
    keep(buyer, "order-390")
    buyer.get_by_role("link", name="出示面交码").click()
    buyer.locator(".meet-code").wait_for()
    keep(buyer, "meet-390")


def main() -> int:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        trade(browser, address, look_around(browser, address))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
