"""Things of three sellers, one payment on the provider's page; once by forms, once by programs."""

from tests.stories.town import Person, Town, shown

ADDRESS = {
    "fresh.name": "小周",
    "fresh.phone": "13912345678",
    "fresh.lines.province": "浙江省",
    "fresh.lines.city": "杭州市",
    "fresh.lines.district": "西湖区",
    "fresh.lines.detail": "文三路 1 号",
}


async def hand_over(town: Town, seller: Person, buyer: Person, order: str) -> None:
    code = (await buyer.order(order))["meet_code"]
    await seller.ask("POST", f"/orders/{order}/redeem", 200, {"code": code})


async def test_a_cart_over_three_sellers_by_forms(town: Town) -> None:
    sellers = [await town.seller() for _ in range(3)]
    buyer = await town.person()
    items = [
        await town.item(sellers[0], price=5_000, handover=["meet"]),
        await town.item(sellers[1], price=3_000, handover=["ship"], shipping={"amount": 800, "currency": "CNY"}),
        await town.item(sellers[2], price=2_000),
    ]
    for item in items:
        place = await buyer.press(f"/items/{item}", f"/items/{item}/cart")
        assert place == f"/items/{item}?ok=carted"
        assert "放进购物车了" in await buyer.see(place)
    cart = shown(await buyer.see("/cart"))
    assert "100" in cart
    assert await town.count("orders") == 0

    sheet = await buyer.see("/checkout")
    bad = await buyer.send(
        sheet, "/checkout", **{**ADDRESS, "fresh.phone": "12"}, **{f"notes.{sellers[0].id}": "周末都在"}
    )
    assert bad.status_code == 422
    assert 'value="文三路 1 号"' in bad.text
    assert 'value="周末都在"' in bad.text
    assert await town.count("orders") == 0
    place = await buyer.press("/checkout", "/checkout", **ADDRESS)
    assert place.startswith("/checkouts/chk_")
    assert await town.count("orders") == 3
    assert "购物车还空着" in await buyer.see("/cart")

    pay_url = await buyer.press(place, f"{place}/payment")
    assert await buyer.press(place, f"{place}/payment") == pay_url
    back = await town.pay(buyer, pay_url)
    assert back.headers["location"] == f"{town.address}/orders/{place.removeprefix('/checkouts/')}/paid"
    assert "订单都在这里" in await buyer.see(back.headers["location"])
    orders = {card["other"]: card["id"] for card in (await buyer.ask("GET", "/orders", 200))["items"]}
    states = [await town.state(orders[seller.id]) for seller in sellers]
    assert states == ["awaiting_meeting", "awaiting_shipment", "awaiting_meeting"]
    assert await town.count("payments") == 1

    await hand_over(town, sellers[0], buyer, orders[sellers[0].id])
    ship = f"/orders/{orders[sellers[1].id]}/ship"
    await sellers[1].press(ship, ship, carrier="sf", waybill="SF1234567890123")
    confirm = f"/orders/{orders[sellers[1].id]}/confirm"
    await buyer.press(confirm, confirm)
    off = f"/orders/{orders[sellers[2].id]}/cancel"
    await buyer.press(off, off, reason="不需要了")
    ended = [await buyer.order(orders[seller.id]) for seller in sellers]
    assert [one["state"] for one in ended] == ["completed", "completed", "refunded"]
    assert [one["money"]["total"]["amount"] for one in ended] == [5_000, 3_800, 2_000]
    assert [await town.stock(item) for item in items] == [("sold", 0, 1), ("sold", 0, 1), ("live", 0, 0)]
    await town.settled()


async def test_the_same_cart_by_programs(town: Town) -> None:
    sellers = [await town.seller() for _ in range(3)]
    buyer = await town.person()
    items = [await town.item(seller, price=1_000 * (number + 2)) for number, seller in enumerate(sellers)]
    offer = await buyer.ask("POST", f"/items/{items[2]}/offers", 201, {"amount": {"amount": 3_500, "currency": "CNY"}})
    agreed = await sellers[2].ask("POST", f"/offers/{offer['id']}/accept", 200)
    assert (agreed["state"], agreed["agreed"]["amount"]) == ("accepted", 3_500)
    for item in items:
        cart = await buyer.ask("POST", "/cart", 200, {"item": item})
    assert (cart["count"], cart["total"]["amount"]) == (3, 8_500)
    wish = {"lines": [{"item": item, "quantity": 1} for item in items], "handover": "meet"}
    quote = await buyer.ask("POST", "/quotes/checkout", 200, wish)
    assert quote["total"]["amount"] == 8_500
    assert all({"goods", "bundle", "shipping", "total", "fee", "net"} <= set(one["money"]) for one in quote["sellers"])
    made = await buyer.ask("POST", "/checkouts", 201, wish)
    assert (len(made["orders"]), made["total"]) == (3, {"amount": 8_500, "currency": "CNY"})
    assert (await buyer.ask("GET", "/cart", 200))["count"] == 0
    pay = await buyer.ask("POST", f"/checkouts/{made['id']}/payment", 200)
    await town.pay(buyer, pay["pay_url"])

    async def came() -> bool:
        return [await town.state(order) for order in made["orders"]] == ["awaiting_meeting"] * 3

    await town.until(came)
    by_seller = {part["seller"]: part["order"] for part in made["parts"]}
    for seller in sellers:
        await hand_over(town, seller, buyer, by_seller[seller.id])
    assert [await town.stock(item) for item in items] == [("sold", 0, 1)] * 3
    await town.settled()


async def test_money_for_a_cart_of_which_one_seller_has_just_lowered_the_price(town: Town) -> None:
    """The page for the old total is paid before its closing arrives: two orders take their money, one sends it back."""
    sellers = [await town.seller() for _ in range(3)]
    buyer = await town.person()
    items = [await town.item(seller, price=4_000) for seller in sellers]
    wish = {"lines": [{"item": item} for item in items], "handover": "meet"}
    made = await buyer.ask("POST", "/checkouts", 201, wish)
    pay = await buyer.ask("POST", f"/checkouts/{made['id']}/payment", 200)
    order = made["parts"][0]["order"]
    seller = next(one for one in sellers if one.id == made["parts"][0]["seller"])
    place = f"/orders/{order}"
    assert await seller.press(f"{place}/price", f"{place}/price", goods="30") == place
    await town.pay(buyer, pay["pay_url"])

    async def came() -> bool:
        return sorted([await town.state(one) for one in made["orders"]]) == [
            "awaiting_meeting",
            "awaiting_meeting",
            "awaiting_payment",
        ]

    await town.until(came)
    assert "看一眼新价钱" in shown(await buyer.see(f"/checkouts/{made['id']}"))
    assert await buyer.press(f"{place}/reconfirm", f"{place}/reconfirm") == place
    again = await buyer.ask("POST", f"/checkouts/{made['id']}/payment", 200)
    assert again["pay_url"] != pay["pay_url"]
    await town.pay(buyer, again["pay_url"])

    async def all_came() -> bool:
        return [await town.state(one) for one in made["orders"]] == ["awaiting_meeting"] * 3

    await town.until(all_came)
    for one in sellers:
        mine = next(part["order"] for part in made["parts"] if part["seller"] == one.id)
        await hand_over(town, one, buyer, mine)
    assert (await buyer.order(order))["money"]["released"]["amount"] == 3_000
    await town.settled()
