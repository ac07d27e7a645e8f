"""The whole way in a real browser: sign in, put something out, buy, pay, meet, enter the code, both see it done."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Street, Tab, opened
from tests.build import an_id_number
from tests.stories.town import PHONES
from xianji.domains import items, orders
from xianji.kernel.money import Money
from xianji.kernel.work import NOBODY, SYSTEM, Actor

pytestmark = pytest.mark.browser


async def sign_in(tab: Tab) -> None:
    """By phone code; the demo site says which it is. The form goes off with the last digit."""
    page = tab.page
    await page.goto("/sign-in?to=/me")
    await page.get_by_label("手机号").fill(str(next(PHONES)))
    await tab.shot("01-sign-in")
    await page.get_by_role("button", name="获取验证码").click()
    await page.get_by_label("6 位验证码").press_sequentially("000000")
    await page.wait_for_url("**/me")


async def verify(tab: Tab) -> None:
    """The real name, by the page."""
    page = tab.page
    await page.goto("/verify")
    await page.locator("input[name=name]").fill("王小满")
    await page.locator("input[name=id_number]").fill(an_id_number())
    await tab.shot("02-verify")
    await page.get_by_role("button", name="核对").click()
    await page.wait_for_url("**/publish**")


async def member_of(street: Street, tab: Tab) -> str:
    """Whose browser this is."""
    cookies = await tab.page.context.cookies()
    token = next(cookie["value"] for cookie in cookies if cookie["name"] == "xianji_session")
    return "mbr_" + token.partition(".")[0]


async def put_out(street: Street, member: str) -> str:
    """Something for sale, by the verb until the publishing sheet is here."""
    async with street.database.work(Actor(member)) as work:
        new = items.NewItem(
            "富士 X100 小相机，成色不错", Money(268_000), handover=["meet"], description="用了两年，快门正常。"
        )
        return await items.publish_item(work, new)


@pytest.mark.parametrize("width", [390, 1280])
async def test_from_signing_in_to_both_seeing_it_done(
    street: Street, chromium: Browser, shots: Path | None, width: int
) -> None:
    hers, seller = await opened(chromium, street.address, width, "seller", shots)
    his, buyer = await opened(chromium, street.address, width, "buyer", shots)
    await sign_in(seller)
    await verify(seller)
    await sign_in(buyer)
    item = await put_out(street, await member_of(street, seller))

    page = buyer.page
    await page.goto(f"/items/{item}")
    await buyer.shot("03-thing")
    await page.get_by_role("link", name="立即购买").click()
    await page.wait_for_url(f"**/items/{item}/buy")
    await buyer.shot("03-buy")
    await page.get_by_role("button", name="下单，下一步付款").click()
    await page.wait_for_url("**/orders/ord_*")
    place = page.url
    await buyer.shot("04-unpaid")
    await seller.page.goto(place)
    await expect(seller.page.get_by_role("alert").filter(has_text="未付款，请勿发货")).to_be_visible()
    await seller.shot("04-unpaid")

    await page.get_by_role("button", name="去付款").click()
    await page.get_by_role("button", name="付款成功").wait_for()
    await buyer.shot("05-provider")
    await page.get_by_role("button", name="付款成功").click()
    await page.wait_for_url(place)
    await expect(page.get_by_role("link", name="出示面交码")).to_be_visible()
    await buyer.shot("06-held")
    # The seller's open page heard of it without being touched.
    await expect(seller.page.get_by_role("link", name="输入面交码")).to_be_visible()
    await seller.shot("06-held")

    await page.get_by_role("link", name="出示面交码").click()
    code = (await page.locator(".meet-code").inner_text()).replace(" ", "")
    assert len(code) == 6
    await buyer.shot("07-code")
    await seller.page.get_by_role("link", name="输入面交码").click()
    for digit in code:
        await seller.page.locator(".pad-keys").get_by_role("button", name=digit, exact=True).click()
    await seller.shot("07-pad")
    await seller.page.get_by_role("button", name="核对面交码").click()
    await seller.page.wait_for_url(place)
    await expect(seller.page.get_by_text("交易完成").first).to_be_visible()
    await seller.shot("08-done")
    await page.wait_for_url(place)
    await expect(page.get_by_text("交易完成").first).to_be_visible()
    await buyer.shot("08-done")
    for path, step in (("/orders?role=seller", "09-sold"), ("/money", "10-money")):
        await seller.page.goto(path)
        await seller.shot(step)
    await page.goto(f"/items/{item}")
    await expect(page.get_by_text("已经卖出").first).to_be_visible()
    await buyer.shot("10-sold")
    await page.goto("/orders?role=buyer")
    await buyer.shot("09-bought")

    assert (seller.wrong, buyer.wrong) == ([], [])
    async with street.database.look(NOBODY) as look:
        assert (await items.cards(look, [item]))[0].state == "sold"
    async with street.database.look(SYSTEM) as look:
        assert (await orders.prove_books(look)).holds
    await hers.close()
    await his.close()
