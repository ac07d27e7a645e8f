"""A meeting where the seller's phone has no network: it judges the code alone and says what that is worth."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Street, Tab, opened
from tests.browser.test_scan import member_of
from tests.browser.test_story import buy, pay, sign_in, verify
from xianji.domains import items, orders
from xianji.kernel.money import Money

pytestmark = pytest.mark.browser

KEPT = """async path => {
  while (!navigator.serviceWorker.controller || !(await caches.match(path)))
    await new Promise(go => setTimeout(go, 50));
}"""
WAITING = "码是真的，等联网确认"


async def typed(seller: Tab, code: str) -> None:
    page = seller.page
    if not await page.get_by_label("16 位离线码").is_visible():
        await page.get_by_text("没有信号？输入离线码").click()
    await page.get_by_label("16 位离线码").fill(code)
    await page.get_by_role("button", name="核对离线码").click()


async def test_a_code_is_accepted_without_a_network_and_confirmed_when_it_is_back(
    street: Street, chromium: Browser
) -> None:
    hers, seller = await opened(chromium, street.address, 390, "seller", None)
    his, buyer = await opened(chromium, street.address, 390, "buyer", None)
    await sign_in(seller)
    await verify(seller)
    await sign_in(buyer)
    async with street.database.work(await member_of(seller)) as work:
        made = [
            await items.publish_item(work, items.NewItem(f"小相机 {n}", Money(9_000), handover=["meet"]))
            for n in (1, 2)
        ]
    one, two = [await bought(buyer, item) for item in made]

    for tab in (seller, buyer):
        await tab.page.goto(one + "/meet")
        await tab.page.evaluate(KEPT, one + "/meet")
    await his.set_offline(True)
    await buyer.page.reload()
    await buyer.page.get_by_text("没有信号？用离线码").click()
    code = (await buyer.page.locator(".away-code").inner_text()).replace("\n", " ")

    await hers.set_offline(True)
    await seller.page.reload()
    await typed(seller, "0000-0000-0000-0000")
    await expect(seller.page.get_by_text("这个码对不上这一单")).to_be_visible()
    for digit in "123456":
        await seller.page.get_by_role("button", name=digit, exact=True).click()
    await seller.page.get_by_role("button", name="核对面交码").click()
    await expect(seller.page.get_by_text("六位码核对不了")).to_be_visible()
    await typed(seller, code)
    await expect(seller.page.get_by_text(WAITING)).to_be_visible()
    await seller.page.reload()
    await expect(seller.page.get_by_text(WAITING)).to_be_visible()
    async with street.database.look(await member_of(buyer)) as look:
        assert (await orders.order_page(look, one.rpartition("/")[2])).state == "awaiting_meeting"

    await hers.set_offline(False)
    await seller.page.wait_for_url(one)
    await expect(seller.page.get_by_text("交易完成").first).to_be_visible()
    assert await seller.page.evaluate("localStorage.length") == 0

    await his.set_offline(False)
    await buyer.page.goto(two + "/meet")
    await buyer.page.get_by_text("没有信号？用离线码").click()
    code = await buyer.page.locator(".away-code").inner_text()
    await seller.page.goto(two + "/meet")
    await hers.set_offline(True)
    await typed(seller, code)
    await expect(seller.page.get_by_text(WAITING)).to_be_visible()
    await buyer.page.get_by_role("button", name="换一个码").click()
    await buyer.page.wait_for_url(two + "/meet")
    await hers.set_offline(False)
    await expect(seller.page.get_by_text("联网核对没有通过")).to_be_visible()
    await expect(seller.page.get_by_text(WAITING)).to_be_hidden()
    async with street.database.look(await member_of(buyer)) as look:
        assert (await orders.order_page(look, two.rpartition("/")[2])).state == "awaiting_meeting"
    await hers.close()
    await his.close()


async def bought(buyer: Tab, item: str) -> str:
    await buyer.page.goto(f"/items/{item}")
    order = await buy(buyer)
    await pay(buyer, order)
    return order
