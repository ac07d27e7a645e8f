"""From an offer to the money: bargained by forms, a private link, a bundle picked from the board of a note."""

import httpx

from tests.stories.town import Town, form_of, shown


async def test_bargained_by_forms_and_paid_at_the_agreed_price(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller, handover=["meet"])
    sheet = f"/items/{item}/offer"
    assert f'href="{sheet}"' in await buyer.see(f"/items/{item}")
    low = await buyer.send(await buyer.see(sheet), f"/items/{item}/offers", pick="own", amount="10", message="学生党")
    assert low.status_code == 422
    assert 'value="学生党"' in low.text
    assert 'value="10"' in low.text
    place = await buyer.press(sheet, f"/items/{item}/offers", pick="own", amount="100", message="今晚能取")
    assert "等卖家答复" in await buyer.see(place)
    assert await buyer.browser.get(sheet, follow_redirects=False)
    assert "今晚能取" in await seller.see(place)
    assert place in await seller.see("/offers?role=seller")
    assert await seller.press(f"{place}/counter", f"{place}/counter", amount="115") == place
    assert "还价" in shown(await buyer.see(place))
    assert await buyer.press(place, f"{place}/accept") == place
    page = await buyer.see(f"/items/{item}")
    assert "谈好了" in page
    order = await buyer.press(f"/items/{item}/buy", f"/items/{item}/buy")
    assert "115" in shown(await buyer.see(order))
    back = await town.pay(buyer, await buyer.press(order, f"{order}/payment"))
    await buyer.see(back.headers["location"])
    id = order.removeprefix("/orders/")
    code = (await buyer.order(id))["meet_code"]
    await seller.ask("POST", f"/orders/{id}/redeem", 200, {"code": code})
    assert (await seller.order(id))["money"]["released"]["amount"] == 11_500
    assert (await buyer.ask("GET", f"/offers/{place.removeprefix('/offers/')}", 200))["order"] == id
    await town.settled()


async def test_a_preset_is_offered_as_shown(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller)
    place = await buyer.press(f"/items/{item}/offer", f"/items/{item}/offers")
    assert (await buyer.ask("GET", f"/offers/{place.removeprefix('/offers/')}", 200))["amount"]["amount"] == 12_300


async def test_a_private_link_is_for_one_person(town: Town) -> None:
    seller, buyer, other = await town.seller(), await town.person(), await town.person()
    item = await town.item(seller, handover=["meet"])
    handle = (await buyer.ask("GET", "/me", 200))["card"]["handle"]
    prices = f"/items/{item}/prices"
    nobody = await seller.send(await seller.see(prices), f"/items/{item}/links", handle="no-such-name", price="90")
    assert nobody.status_code == 404
    assert 'value="no-such-name"' in nobody.text
    await seller.press(prices, f"/items/{item}/links", handle=handle, price="90")
    link = (await seller.ask("GET", f"/items/{item}/links", 200))[0]
    assert link["path"] in await seller.see(prices)
    assert (await other.browser.get(link["path"])).status_code == 404
    await other.ask("GET", f"/links/{link['token']}", 404)
    async with httpx.AsyncClient(base_url=town.address, trust_env=False) as stranger:
        asked = await stranger.get(link["path"])
        assert asked.status_code in (303, 401)
    page = await buyer.see(link["path"])
    assert "给你的专属价" in page
    buy = f"/items/{item}/buy"
    stolen = form_of(await other.see(buy), buy) | {"link": link["token"]}
    assert (await other.browser.post(buy, data=stolen)).status_code == 404
    order = await buyer.press(f"{buy}?link={link['token']}", buy)
    assert (await buyer.order(order.removeprefix("/orders/")))["money"]["total"]["amount"] == 9_000
    assert (await buyer.browser.get(link["path"])).status_code == 404


async def test_three_of_a_stall_ticked_on_its_board(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    money = {"amount": 3_333, "currency": "CNY"}
    things = [{"title": f"小东西 {number}", "price": money, "handover": ["meet"]} for number in range(3)]
    note = (await seller.ask("POST", "/notes", 201, {"title": "搬家", "kind": "stall", "items": things}))["id"]
    place = f"/notes/{note}"
    assert (await buyer.browser.get(f"{place}/bundle")).status_code == 404
    assert await seller.press(f"{place}/bundle", f"{place}/bundle", count="3", percent="10") == f"{place}#board"
    page = await buyer.see(place)
    assert "任选 3 件一起减 10%" in page
    ids = [one["id"] for one in (await buyer.ask("GET", f"/members/{seller.id}/items", 200))["items"]]
    fields = [*form_of(page, f"{place}/cart").items(), *(("item", one) for one in ids)]
    put = await buyer.browser.post(
        f"{place}/cart",
        content=str(httpx.QueryParams(fields)),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert (put.status_code, put.headers["location"]) == (303, "/cart")
    assert "满 3 件，已减 10%" in await buyer.see("/cart")
    checkout = await buyer.press("/checkout", "/checkout")
    made = await buyer.ask("GET", f"/checkouts/{checkout.removeprefix('/checkouts/')}", 200)
    assert made["total"]["amount"] == 8_999
    await town.pay(buyer, await buyer.press(checkout, f"{checkout}/payment"))
    await buyer.see(f"{checkout}/paid")
    order = await buyer.order(made["orders"][0])
    assert (order["state"], order["money"]["bundle"]["amount"]) == ("awaiting_meeting", 1_000)
    await seller.ask("POST", f"/orders/{order['id']}/redeem", 200, {"code": order["meet_code"]})
    await town.settled()


async def test_a_thing_wanted_before_signing_in_is_in_the_cart_afterwards(town: Town) -> None:
    seller = await town.seller()
    item = await town.item(seller)
    async with httpx.AsyncClient(base_url=town.address, trust_env=False) as browser:
        page = await browser.get(f"/items/{item}")
        kept = await browser.post(f"/items/{item}/cart", data=form_of(page.text, f"/items/{item}/cart"))
        where = kept.headers["location"]
        assert where.startswith("/sign-in?to=/resume/")
        phone = "13988880001"
        await browser.post("/sign-in/code", data={"phone": phone})
        came = await browser.post("/sign-in", data={"phone": phone, "code": "000000", "to": where.partition("to=")[2]})
        assert came.status_code == 303
        sheet = await browser.get(came.headers["location"])
        action = f"/items/{item}/cart"
        put = await browser.post(action, data=form_of(sheet.text, action))
        assert (put.status_code, put.headers["location"]) == (303, f"/items/{item}?ok=carted")
        assert "小相机" in shown((await browser.get("/cart")).text)


async def test_a_tampered_price_changes_nothing(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller)
    line = {"item": item, "quantity": 1}
    for more in ({"price": 1}, {"total": 1}, {"amount": {"amount": 1, "currency": "CNY"}}):
        await buyer.ask("POST", "/orders", 422, {"lines": [{**line, **more}], "handover": "meet"})
        await buyer.ask("POST", "/orders", 422, {"lines": [line], "handover": "meet", **more})
        await buyer.ask("POST", "/checkouts", 422, {"lines": [{**line, **more}], "handover": "meet"})
    assert await town.count("orders") == 0
