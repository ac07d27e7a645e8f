"""The whole way in a real browser: sign in, a real name, a note with three things and a stall under it; somebody near
finds it, buys it, pays on the provider's own page; the two meet, enter the code, and both see it done."""

from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Street, Tab, member_of, opened
from tests.browser.market import a_photo
from tests.build import an_id_number
from tests.stories.town import PHONES
from xianji.domains import items, orders
from xianji.kernel.work import SYSTEM

pytestmark = pytest.mark.browser

TITLE = "离京清仓，周日前自提"
THINGS = (("松木书桌", "180"), ("台灯", "25"), ("电饭煲", "60"))
STALL = "富士 X100 小相机，成色不错"
SELLER_AT = {"latitude": 39.908, "longitude": 116.459}
BUYER_AT = {"latitude": 39.921, "longitude": 116.443}


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


async def stands_at(tab: Tab, place: dict[str, float]) -> None:
    """The browser may tell where it is."""
    await tab.page.context.grant_permissions(["geolocation"])
    await tab.page.context.set_geolocation(place)  # type: ignore[arg-type]


async def publish_note(tab: Tab) -> str:
    """A note with a picture and three things, by the page; returns its address."""
    page = tab.page
    await page.goto("/publish/note")
    photo = {"name": "desk.jpg", "mimeType": "image/jpeg", "buffer": a_photo(1)}
    await page.locator("input[type=file]").first.set_input_files([photo])  # type: ignore[list-item]
    await page.locator("input[name=media]").wait_for(state="attached")
    await page.locator("input[name=title]").fill(TITLE)
    await page.locator("textarea[name=body]").fill("都是认真用的，来看了再说。")
    await page.locator("input[name=kind][value=sale]").check()
    for number, (name, price) in enumerate(THINGS):
        title = page.locator(f'input[name="items.{number}.title"]')
        if not await title.count():
            await page.get_by_role("button", name="再加一件").click()
        await title.fill(name)
        await page.locator(f'input[name="items.{number}.price"]').fill(price)
    await page.get_by_role("button", name="用我现在的位置").last.click()
    await expect(page.locator('input[name="place.lat"]')).not_to_have_value("")
    await tab.shot("03-note-sheet")
    await page.locator(".bottom-bar .btn-primary").click()
    await page.wait_for_url("**/notes/nte_*")
    await expect(page.locator(".board-card")).to_have_count(len(THINGS))
    await tab.shot("03-note")
    return page.url


async def comment_with_a_thing(tab: Tab) -> None:
    """A stall under the note: some words, a name, a price."""
    page = tab.page
    await page.locator("#say textarea[name=body]").fill("还有一台相机，一起带走可以少点。")
    await page.get_by_text("带一件宝贝").click()
    await page.locator('input[name="item.title"]').fill(STALL)
    await page.locator('input[name="item.price"]').fill("2680")
    await tab.shot("04-comment")
    await page.locator("#say").get_by_role("button", name="发送").click()
    await expect(page.locator(".stall", has_text=STALL)).to_be_visible()
    await tab.shot("04-stall")


async def find_near(tab: Tab, note: str) -> str:
    """From the front page to the stall's thing by what is near; returns the thing's address."""
    page = tab.page
    await page.goto("/")
    await page.get_by_role("link", name="附近", exact=True).click()
    await page.get_by_role("button", name="用我现在的位置").click()
    found = page.locator(f'.card-link[href="{urlparse(note).path}"]')
    await expect(found).to_be_visible()
    await tab.shot("05-near")
    await found.click()
    await page.wait_for_url(note)
    await page.locator(".stall .card-link").click()
    await page.wait_for_url("**/items/itm_*")
    await tab.shot("05-thing")
    return page.url


async def buy(tab: Tab, handover: str = "meet") -> str:
    """From the thing to an order that is not paid; returns the order's address."""
    page = tab.page
    await page.get_by_role("link", name="立即购买").click()
    await page.wait_for_url("**/items/itm_*/buy")
    await page.locator(f"input[name=handover][value={handover}]").check()
    await tab.shot("06-buy")
    await page.get_by_role("button", name="下单，下一步付款").click()
    await page.wait_for_url("**/orders/ord_*")
    await tab.shot("06-unpaid")
    return page.url


async def pay(tab: Tab, order: str) -> None:
    """On the provider's own page and back."""
    page = tab.page
    await page.get_by_role("button", name="去付款").click()
    await page.get_by_role("button", name="付款成功").wait_for()
    await tab.shot("07-provider")
    await page.get_by_role("button", name="付款成功").click()
    await page.wait_for_url(order)
    await expect(page.get_by_role("link", name="出示面交码")).to_be_visible()
    await tab.shot("07-held")


async def meet(buyer: Tab, seller: Tab, order: str) -> None:
    """The buyer shows the code, the seller enters it; both stand before an order that is done."""
    await buyer.page.get_by_role("link", name="出示面交码").click()
    code = (await buyer.page.locator(".meet-code").inner_text()).replace(" ", "")
    assert len(code) == 6
    await buyer.shot("08-code")
    await seller.page.get_by_role("link", name="输入面交码").click()
    for digit in code:
        await seller.page.locator(".pad-keys").get_by_role("button", name=digit, exact=True).click()
    await seller.shot("08-pad")
    await seller.page.get_by_role("button", name="核对面交码").click()
    for tab in (seller, buyer):
        await tab.page.wait_for_url(order)
        await expect(tab.page.get_by_text("交易完成").first).to_be_visible()
        await tab.shot("09-done")


@pytest.mark.parametrize("width", [390, 1280])
async def test_from_signing_in_to_both_seeing_it_done(
    street: Street, chromium: Browser, shots: Path | None, width: int
) -> None:
    hers, seller = await opened(chromium, street.address, width, "seller", shots)
    his, buyer = await opened(chromium, street.address, width, "buyer", shots)
    await sign_in(seller)
    await verify(seller)
    await stands_at(seller, SELLER_AT)
    note = await publish_note(seller)
    await comment_with_a_thing(seller)

    await sign_in(buyer)
    await stands_at(buyer, BUYER_AT)
    thing = await find_near(buyer, note)
    order = await buy(buyer)
    await seller.page.goto(order)
    await expect(seller.page.get_by_role("alert").filter(has_text="未付款，请勿发货")).to_be_visible()
    await seller.shot("06-unpaid")
    await pay(buyer, order)
    # The seller's open page heard of it without being touched.
    await expect(seller.page.get_by_role("link", name="输入面交码")).to_be_visible()
    await seller.shot("07-held")
    await meet(buyer, seller, order)

    for path, step in (("/orders?role=seller", "10-sold"), ("/money", "10-money")):
        await seller.page.goto(path)
        await expect(seller.page.get_by_text(STALL)).to_be_visible()
        await seller.shot(step)
    await buyer.page.goto(note)
    await expect(buyer.page.locator(".stall").get_by_text("已售出")).to_be_visible()
    await buyer.page.goto(thing)
    await expect(buyer.page.get_by_text("已经卖出").first).to_be_visible()
    await buyer.shot("10-sold")

    assert (seller.wrong, buyer.wrong) == ([], [])
    async with street.database.look(await member_of(seller)) as look:
        rows = await look.db.fetch(
            'select title, state from items where seller = $1 order by title collate "C"', look.actor.me
        )
        assert (await items.cards(look, [thing.rpartition("/")[2]]))[0].state == "sold"
    assert [tuple(row) for row in rows] == sorted([*((name, "live") for name, _ in THINGS), (STALL, "sold")])
    async with street.database.look(SYSTEM) as look:
        assert (await orders.prove_books(look)).holds
    await hers.close()
    await his.close()
