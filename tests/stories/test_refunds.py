"""Refunds against the provider's own process: goods sent back with real pictures, and an empty seller account."""

import io

import pytest
from PIL import Image

from tests.refunds.build import a_waybill
from tests.stories.town import Person, Town, form_of, shown
from xianji.domains import orders
from xianji.kernel.config import set_value
from xianji.kernel.work import SYSTEM

ADDRESS = {
    "name": "小周",
    "phone": "13912345678",
    "lines": {"province": "浙江省", "city": "杭州市", "district": "西湖区", "detail": "文三路 1 号"},
}


def a_photo(colour: str) -> bytes:
    """A small picture such as a telephone would take."""
    file = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(file, "JPEG")
    return file.getvalue()


async def show(one: Person, sheet: str, action: str, **typed: str) -> str:
    """Send a form with one picture in its file field; returns where the browser goes."""
    fields = {**form_of(await one.see(sheet), action), **typed}
    photo = {"evidence_files": ("photo.jpg", a_photo("teal"), "image/jpeg")}
    own = {"origin": str(one.browser.base_url)}  # as browsers send it
    answer = await one.browser.post(action, data=fields, files=photo, headers=own)
    assert answer.status_code == 303, (answer.status_code, shown(answer.text))
    return str(answer.headers["location"])


async def bought(town: Town, seller: Person, buyer: Person) -> str:
    """An order that was paid on the provider's page, sent and signed for."""
    item = await town.item(seller, handover=["ship"])
    address = (await buyer.ask("POST", "/me/addresses", 201, ADDRESS))[0]["id"]
    wish = {"lines": [{"item": item}], "handover": "ship", "address": address}
    order = str((await buyer.ask("POST", "/orders", 201, wish))["id"])
    await town.pay(buyer, (await buyer.ask("POST", f"/orders/{order}/payment", 200))["pay_url"])

    async def paid() -> bool:
        return await town.state(order) == "awaiting_shipment"

    await town.until(paid)
    await seller.ask("POST", f"/orders/{order}/ship", 200, {"carrier": "sf", "waybill": a_waybill()})
    async with town.database.work(SYSTEM) as work:
        await orders.deliver(work, order)
    return order


async def test_sent_back_and_refunded(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    await seller.ask("POST", "/me/addresses", 201, ADDRESS)
    order = await bought(town, seller, buyer)
    assert f"/orders/{order}/refund" in await buyer.see(f"/orders/{order}")
    choose = await buyer.see(f"/orders/{order}/refund")
    assert "先说发生了什么" in shown(choose)
    sheet = f"/orders/{order}/refund?kind=return"
    place = await show(buyer, sheet, f"/orders/{order}/refunds", reason="not_as_described", words="颜色不一样")
    assert "等卖家回复" in shown(await buyer.see(place))
    assert "/media/med_" in await seller.see(place), "the seller sees the picture"
    assert await seller.press(f"{place}/agree", f"{place}/agree") == place
    assert "文三路 1 号" in await buyer.see(place)
    await show(buyer, f"{place}/ship-back", f"{place}/ship-back", carrier="sf", waybill=a_waybill())
    assert "收到退货" in shown(await seller.see(place))
    assert await seller.press(f"{place}/receive", f"{place}/receive") == place
    await town.settled()
    assert await town.state(order) == "refunded"
    assert "支付机构已经原路退回" in shown(await buyer.see(place))
    assert "文三路" not in await buyer.see(place)


class TestEmptyAccount:
    @pytest.fixture
    def provider_options(self) -> list[str]:
        return ["--fault", "payee_short:times=1"]

    async def test_the_seller_owes_it_until_the_provider_can_take_it(self, town: Town) -> None:
        seller, buyer = await town.seller(), await town.person()
        order = await bought(town, seller, buyer)
        await buyer.ask("POST", f"/orders/{order}/confirm", 200)
        await town.settled()
        async with town.database.work(SYSTEM) as work:
            await set_value(work, "refunds.retry_hours", 0, "no waiting in a story")
        town.database.book.forget()
        ask = {"kind": "partial", "reason": "agreed", "amount": {"amount": 4_000, "currency": "CNY"}}
        await buyer.ask("POST", f"/orders/{order}/refunds", 422, ask)
        picture = await buyer.program.post("/api/v1/media", files={"file": ("p.jpg", a_photo("navy"), "image/jpeg")})
        ask |= {"reason": "hidden_fault", "words": "快门不回弹", "evidence": [picture.json()["id"]]}
        refund = (await buyer.ask("POST", f"/orders/{order}/refunds", 201, ask))["id"]
        await seller.ask("POST", f"/refunds/{refund}/agree", 200, {})
        owed = []

        async def paid() -> bool:
            page = await seller.ask("GET", f"/refunds/{refund}", 200)
            owed.append(page["owed"]["amount"])
            return bool(page["payout"] == "sent")

        await town.until(paid)
        assert 4_000 in owed, "both saw what was owed meanwhile"
        await town.settled()
        async with town.database.look(SYSTEM) as look:
            assert await look.db.fetchval("select count(*) from ledger_accounts where balance <> 0") == 0
            assert (await orders.prove_books(look)).holds
