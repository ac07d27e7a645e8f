"""Bought here, thanked for, and sold on with where it came from."""

from tests.stories.town import Person, Town, shown


async def bought(town: Town, seller: Person, buyer: Person, item: str) -> str:
    """Paid and handed over; returns the order's page."""
    place = await buyer.press(f"/items/{item}/buy", f"/items/{item}/buy")
    back = await town.pay(buyer, await buyer.press(place, f"{place}/payment"))
    await buyer.see(back.headers["location"])
    code = (await buyer.order(place.removeprefix("/orders/")))["meet_code"]
    await seller.press(f"{place}/meet", f"{place}/redeem", code=code)
    return place


async def test_what_was_bought_is_thanked_for_and_sold_on(town: Town) -> None:
    seller, buyer, next_one = await town.seller(), await town.seller(), await town.person()
    facts = {"category": "cameras", "attributes": {"model": "GR"}, "description": "用过两次", "condition": "like_new"}
    item = await town.item(seller, handover=["meet"], **facts)
    place = await bought(town, seller, buyer, item)

    empty = await buyer.send(await buyer.see(f"{place}/thanks"), f"{place}/thanks", words=" ")
    assert empty.status_code == 422
    assert await buyer.press(f"{place}/thanks", f"{place}/thanks", words="包得很仔细") == place
    assert "包得很仔细" in await seller.see(place)
    assert "包得很仔细" in await next_one.see(f"/items/{item}")
    id = place.removeprefix("/orders/")
    await seller.ask("POST", f"/orders/{id}/thanks", 201, {"words": "爽快", "named": True})
    assert len((await buyer.ask("GET", f"/orders/{id}/thanks", 200))["thanks"]) == 2

    assert f'action="{place}/resell"' in await buyer.see("/orders")
    sheet = await buyer.press(place, f"{place}/resell")
    draft = sheet.removeprefix("/items/").removesuffix("/edit")
    page = await buyer.see(sheet)
    assert f'href="{place}/agreed"' in page
    assert 'value="小相机"' in page
    assert "用过两次" in page
    assert f'action="{place}/resell"' not in await seller.see(place)
    await seller.ask("POST", f"/orders/{id}/resell", 409)
    assert (await buyer.ask("POST", f"/orders/{id}/resell", 201))["id"] == draft, "the draft that waits"
    await next_one.ask("GET", f"/items/{draft}", 404)
    forged = {"title": "小相机", "price": {"amount": 1, "currency": "CNY"}, "bought_in": id}
    await next_one.ask("POST", "/items", 422, forged)

    await buyer.press(f"/items/{draft}", f"/items/{draft}/publish")
    told = shown(await next_one.see(f"/items/{draft}"))
    assert "它的来历" in told
    assert "在这里买到 · 面交" in told
    assert "包得很仔细" in told
    history = await next_one.ask("GET", f"/items/{draft}/history", 200)
    assert [(one["words"], one["name"] is None) for one in history["hops"][0]["thanks"]] == [
        ("包得很仔细", True),
        ("爽快", False),
    ]
    assert await buyer.press(place, f"{place}/thanks/remove") == place
    assert "包得很仔细" not in await next_one.see(f"/items/{draft}")
    await town.settled()
