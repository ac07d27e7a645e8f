"""Bought by post with an address typed on the buy sheet; sent, confirmed, paid out."""

from tests.stories.town import Town, shown

ADDRESS = {
    "fresh.name": "小周",
    "fresh.phone": "13912345678",
    "fresh.lines.province": "浙江省",
    "fresh.lines.city": "杭州市",
    "fresh.lines.district": "西湖区",
    "fresh.lines.detail": "文三路 1 号",
}


async def test_a_sale_by_post(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller, handover=["ship"])
    sheet = f"/items/{item}/buy"

    bad = await buyer.send(await buyer.see(sheet), sheet, **{**ADDRESS, "fresh.phone": "12"}, note="轻拿轻放")
    assert bad.status_code == 422
    assert 'value="文三路 1 号"' in bad.text
    assert 'value="轻拿轻放"' in bad.text
    assert await town.count("orders") == 0

    place = await buyer.press(sheet, sheet, **ADDRESS, note="轻拿轻放")
    order = place.removeprefix("/orders/")
    assert "文三路" not in await seller.see(place)
    pay_url = await buyer.press(place, f"{place}/payment")
    back = await town.pay(buyer, pay_url)
    await buyer.see(back.headers["location"])
    assert await town.state(order) == "awaiting_shipment"
    assert "文三路 1 号" in await seller.see(place)
    assert (await seller.ask("GET", "/carriers", 200))[0]["code"] == "sf"

    ship = f"{place}/ship"
    wrong = await seller.send(await seller.see(ship), ship, carrier="sf", waybill="1")
    assert wrong.status_code == 422
    assert 'value="1"' in wrong.text
    assert await seller.press(ship, ship, carrier="sf", waybill="SF1234567890123") == place
    assert "SF1234567890123" in await buyer.see(place)
    assert await buyer.press(f"{place}/confirm", f"{place}/confirm") == place

    assert "交易完成" in shown(await seller.see(place))
    assert "文三路" not in await seller.see(place)
    assert await town.stock(item) == ("sold", 0, 1)
    assert [card["id"] for card in (await seller.ask("GET", "/orders?role=seller", 200))["items"]] == [order]
    await town.shows_sold(item, buyer)
    await town.settled()


async def test_a_second_order_offers_the_address_kept_by_the_first(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    first, second = await town.item(seller), await town.item(seller)
    await buyer.press(f"/items/{first}/buy", f"/items/{first}/buy", handover="ship", **ADDRESS)
    place = await buyer.press(f"/items/{second}/buy", f"/items/{second}/buy", handover="ship")
    assert "文三路 1 号" in await buyer.see(place)
    assert await town.count("orders") == 2
