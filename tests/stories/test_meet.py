"""Bought, paid on the provider's page, handed over face to face with the code."""

from tests.stories.town import Town, shown


async def test_a_sale_face_to_face_by_forms(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller, handover=["meet"])

    place = await buyer.press(f"/items/{item}/buy", f"/items/{item}/buy", note="周末都在")
    order = place.removeprefix("/orders/")
    assert await town.state(order) == "awaiting_payment"
    assert await town.stock(item) == ("live", 1, 0)
    assert "未付款，请勿发货" in await seller.see(place)
    assert "未付款，请勿发货" not in await buyer.see(place)

    pay_url = await buyer.press(place, f"{place}/payment")
    assert pay_url.startswith(town.provider)
    back = await town.pay(buyer, pay_url)
    assert (back.status_code, back.headers["location"]) == (303, f"{town.address}{place}/paid")
    assert (await buyer.browser.get(back.headers["location"])).headers["location"] == place
    assert await town.state(order) == "awaiting_meeting"

    code = (await buyer.order(order))["meet_code"]
    meet = await buyer.see(f"{place}/meet")
    assert f"{code[:3]} {code[3:]}" in meet
    assert "<svg" in meet
    assert code not in await seller.see(f"{place}/meet")
    pad = await seller.see(f"{place}/meet")
    wrong = await seller.send(pad, f"{place}/redeem", code=f"{(int(code) + 1) % 1_000_000:06d}")
    assert wrong.status_code == 409
    assert "4" in shown(wrong.text)
    assert await seller.press(f"{place}/meet", f"{place}/redeem", code=code) == place

    for side in (buyer, seller):
        assert "交易完成" in await side.see(place)
    assert await town.stock(item) == ("sold", 0, 1)
    await town.shows_sold(item, buyer)
    await town.settled()


async def test_the_same_sale_by_programs(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller)
    wish = {"lines": [{"item": item, "quantity": 1}], "handover": "meet"}
    quote = await buyer.ask("POST", "/quotes", 200, wish)
    assert quote["money"]["total"] == {"amount": 12_900, "currency": "CNY"}
    assert await town.count("orders") == 0
    placed = await buyer.ask("POST", "/orders", 201, wish)
    order = placed["id"]
    assert (placed["state"], placed["actions"]) == ("awaiting_payment", ["start_payment", "cancel"])
    pay = await buyer.ask("POST", f"/orders/{order}/payment", 200)
    assert await buyer.ask("POST", f"/orders/{order}/payment", 200) == pay
    await town.pay(buyer, pay["pay_url"])

    async def came() -> bool:
        return await town.state(order) == "awaiting_meeting"

    await town.until(came)
    code = (await buyer.order(order))["meet_code"]
    assert (await seller.order(order))["meet_code"] is None
    done = await seller.ask("POST", f"/orders/{order}/redeem", 200, {"code": code})
    assert (done["state"], done["role"]) == ("completed", "seller")
    bought = await buyer.ask("GET", "/orders?role=buyer&state=completed", 200)
    assert [card["id"] for card in bought["items"]] == [order]
    assert (await buyer.ask("GET", "/orders?role=buyer&state=closed", 200))["items"] == []
    assert await town.stock(item) == ("sold", 0, 1)
    await town.shows_sold(item, buyer)
    await town.settled()
