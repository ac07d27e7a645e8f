"""The camera instead of the number pad, where the browser can read codes. The camera and the reader are the world
outside: both are played."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Street, member_of, opened
from tests.browser.test_story import buy, pay, sign_in, verify
from xianji.domains import items, orders
from xianji.kernel.money import Money

pytestmark = pytest.mark.browser

# What the reader finds in the picture: first somebody's advertisement, then whatever `inSight` says.
PLAYED = """
  window.inSight = "https://elsewhere.test/";
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    setInterval(() => canvas.getContext("2d").fillRect(0, 0, Math.random() * 90, 90), 50);
    return canvas.captureStream(10);
  };
  window.BarcodeDetector = class { async detect() { return [{ rawValue: window.inSight }]; } };
"""


async def test_the_camera_reads_the_buyers_code(street: Street, chromium: Browser) -> None:
    hers, seller = await opened(chromium, street.address, 390, "seller", None)
    his, buyer = await opened(chromium, street.address, 390, "buyer", None)
    await hers.add_init_script(PLAYED)
    await sign_in(seller)
    await verify(seller)
    await sign_in(buyer)
    async with street.database.work(await member_of(seller)) as work:
        item = await items.publish_item(work, items.NewItem("小相机", Money(268_000), handover=["meet"]))
    await buyer.page.goto(f"/items/{item}")
    order = await buy(buyer)
    await pay(buyer, order)
    async with street.database.look(await member_of(buyer)) as look:
        shown = (await orders.order_page(look, order.rpartition("/")[2])).meet_qr

    await seller.page.goto(order + "/meet")
    await seller.page.get_by_role("button", name="扫对方手机上的码").click()
    await expect(seller.page.locator(".scan video")).to_be_visible()
    assert seller.page.url == order + "/meet"
    await seller.page.evaluate("text => { window.inSight = text; }", shown)
    await seller.page.wait_for_url(order)
    await expect(seller.page.get_by_text("交易完成").first).to_be_visible()
    assert seller.wrong == []
    await hers.close()
    await his.close()
