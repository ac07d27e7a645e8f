"""A thing kept for a part of its price: through the pages and through the API."""

from datetime import timedelta

from tests.stories.town import Town, shown


async def test_an_earnest_then_the_rest(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller, 100_000, handover=["meet"])
    sheet = f"/items/{item}/deposit"
    wish = {"kind": "earnest", "percent": "20", "hours": "24", "silent": "forfeit"}
    unsure = await seller.send(await seller.see(sheet), sheet, **wish)
    assert unsure.status_code == 422
    assert "请先勾上" in shown(unsure.text)
    assert (await buyer.browser.get(sheet)).status_code == 404
    assert await seller.press(sheet, sheet, **wish, understood="1") == f"/items/{item}?ok=saved"
    assert (await buyer.ask("GET", f"/items/{item}/deposit", 200))["percent"] == 20

    buy = f"/items/{item}/buy"
    told = shown(await buyer.see(buy))
    for words in ("先付定金", "200", "800", "买家反悔，定金归卖家", "再赔买家同样多"):
        assert words in told
    unsure = await buyer.send(await buyer.see(buy), buy, deposit="on")
    assert unsure.status_code == 422
    place = await buyer.press(buy, buy, deposit="on", understood="1")
    assert "去付定金" in await buyer.see(place)
    back = await town.pay(buyer, await buyer.press(place, f"{place}/payment"))
    assert "等你付尾款" in await buyer.see(back.headers["location"])
    assert "尾款未付，请勿发货" in await seller.see(place)
    id = place.removeprefix("/orders/")
    order = await buyer.order(id)
    assert (order["state"], order["money"]["held"]["amount"]) == ("awaiting_balance", 20_000)
    assert (order["deposit"]["balance"]["amount"], order["waiting"]["otherwise"]) == (80_000, "forfeit_timeout")

    back = await town.pay(buyer, await buyer.press(place, f"{place}/payment"))
    await buyer.see(back.headers["location"])
    order = await buyer.order(id)
    assert (order["state"], order["money"]["held"]["amount"]) == ("awaiting_meeting", 100_000)
    await seller.press(f"{place}/meet", f"{place}/redeem", code=order["meet_code"])
    assert (await seller.order(id))["money"]["released"]["amount"] == 100_000
    await town.settled()


async def test_an_earnest_given_up_and_one_that_ran_out(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller, 100_000, stock=2, handover=["meet"])
    terms = {"kind": "earnest", "percent": 10, "hours": 24, "silent": "forfeit", "understood": True}
    await seller.ask("PUT", f"/items/{item}/deposit", 200, terms)
    wish = {"lines": [{"item": item}], "handover": "meet", "deposit": True, "understood": True}
    quote = await buyer.ask("POST", "/quotes", 200, wish)
    assert quote["deposit"]["amount"]["amount"] == 10_000
    ids = []
    for _ in range(2):
        id = (await buyer.ask("POST", "/orders", 201, wish))["id"]
        await town.pay(buyer, (await buyer.ask("POST", f"/orders/{id}/payment", 200))["pay_url"])
        await buyer.see(f"/orders/{id}/paid")
        ids.append(id)
    place = f"/orders/{ids[0]}"
    assert "放弃后" in shown(await buyer.see(f"{place}/forfeit"))
    assert await buyer.press(f"{place}/forfeit", f"{place}/forfeit", reason="不买了") == place
    await buyer.ask("POST", f"/orders/{ids[1]}/cancel", 409, {})
    town.clock.moment += timedelta(hours=25)
    await town.work_off()
    assert [(await seller.order(id))["state"] for id in ids] == ["forfeited", "forfeited"]
    assert "定金放给你" in await seller.see(place)
    assert "定金放给你" in await seller.see("/money")
    assert "定金归了" in await buyer.see(f"/orders/{ids[1]}")
    assert await town.stock(item) == ("live", 0, 0)
    await town.settled()


async def test_a_seller_who_backs_out_of_an_earnest(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller, 100_000, handover=["meet"])
    terms = {"kind": "earnest", "percent": 10, "hours": 24, "silent": "refund", "understood": True}
    await seller.ask("PUT", f"/items/{item}/deposit", 200, terms)
    buy = f"/items/{item}/buy"
    place = await buyer.press(buy, buy, deposit="on", understood="1")
    await town.pay(buyer, await buyer.press(place, f"{place}/payment"))
    await buyer.see(f"{place}/paid")
    assert "双倍返还" in shown(await seller.see(f"{place}/cancel"))
    assert await seller.press(f"{place}/cancel", f"{place}/cancel", reason="卖掉了") == place
    assert "卖家另赔" in await buyer.see(place)
    assert (await buyer.order(place.removeprefix("/orders/")))["deposit"]["penalty"]["amount"] == 10_000
    await town.work_off()
    await town.settled()
