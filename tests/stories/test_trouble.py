"""What goes wrong between people, browsers and a provider, and how it ends well."""

import asyncio

import httpx
import pytest

from tests.stories.town import Person, Town, form_of, shown
from xianji.kernel.work import SYSTEM


async def _ordered(town: Town) -> tuple[Person, Person, str, str]:
    """A seller, a buyer, an item and an order to meet that awaits payment."""
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller)
    wish = {"lines": [{"item": item}], "handover": "meet"}
    return seller, buyer, item, (await buyer.ask("POST", "/orders", 201, wish))["id"]


async def test_who_never_pays_loses_the_reservation_and_nothing_else(town: Town) -> None:
    seller, buyer, item, order = await _ordered(town)
    await buyer.ask("POST", f"/orders/{order}/payment", 200)
    town.clock.move(minutes=30, seconds=1)
    await town.work_off()
    assert await town.state(order) == "closed"
    assert await town.stock(item) == ("live", 0, 0)
    assert "宝贝回到架上" in shown(await seller.see(f"/orders/{order}"))
    await buyer.ask("POST", f"/orders/{order}/payment", 409)
    assert await town.count("ledger_transfers") == 0
    await town.settled()


async def test_a_payment_that_fails_may_be_tried_again(town: Town) -> None:
    _seller, buyer, _item, order = await _ordered(town)
    place = f"/orders/{order}"
    pay_url = await buyer.press(place, f"{place}/payment")
    failed = await town.pay(buyer, pay_url, "fail")
    assert failed.is_success or failed.is_redirect
    waiting = await buyer.see(f"{place}/paid")
    assert "还没收到付款结果" in waiting
    assert 'http-equiv="refresh"' in waiting
    assert await town.state(order) == "awaiting_payment"
    again = await buyer.send(waiting, f"{place}/payment")
    assert (again.status_code, again.headers["location"]) == (303, pay_url)
    await town.pay(buyer, pay_url)
    await buyer.see(f"{place}/paid")
    assert await town.state(order) == "awaiting_meeting"
    assert await town.count("payments") == 1


class TestLostCallback:
    @pytest.fixture
    def provider_options(self) -> list[str]:
        return ["--fault", "lost_callback:times=1"]

    async def test_the_return_page_asks_the_provider_itself(self, town: Town) -> None:
        seller, buyer, item, order = await _ordered(town)
        place = f"/orders/{order}"
        back = await town.pay(buyer, await buyer.press(place, f"{place}/payment"))
        assert await town.count("provider_facts") == 0
        answer = await buyer.browser.get(back.headers["location"])
        assert (answer.status_code, answer.headers["location"]) == (303, place)
        assert await town.state(order) == "awaiting_meeting"
        code = (await buyer.order(order))["meet_code"]
        await seller.ask("POST", f"/orders/{order}/redeem", 200, {"code": code})
        assert await town.stock(item) == ("sold", 0, 1)
        await town.settled()


async def test_a_double_click_on_buy_makes_one_order(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller, stock=2, handover=["meet"])
    sheet = f"/items/{item}/buy"
    fields = form_of(await buyer.see(sheet), sheet)
    first = await buyer.browser.post(sheet, data=fields)
    second = await buyer.browser.post(sheet, data=fields)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    assert await town.count("orders") == 1
    assert await town.stock(item) == ("live", 1, 0)


async def test_two_buyers_of_the_last_one_get_one_order_and_one_refusal(town: Town) -> None:
    seller, one, two = await town.seller(), await town.person(), await town.person()
    item = await town.item(seller)
    wish = {"lines": [{"item": item}], "handover": "meet"}
    answers = await asyncio.gather(
        *(buyer.program.post("/api/v1/orders", json=wish) for buyer in (one, two)),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "item_sold_out"
    assert await town.count("orders") == 1
    assert await town.stock(item) == ("live", 1, 0)


async def test_a_hook_that_is_not_signed_is_refused_without_a_word(town: Town) -> None:
    _seller, buyer, _item, order = await _ordered(town)
    await buyer.ask("POST", f"/orders/{order}/payment", 200)
    body = {"id": "evt_1", "type": "payment.paid", "created": "2026-03-02T08:00:00Z", "resource": {}}
    async with httpx.AsyncClient(base_url=town.address, trust_env=False) as stranger:
        forged = await stranger.post("/hooks/payments/sandbox", json=body)
        assert (forged.status_code, forged.content) == (401, b"")
        stamp = str(int(town.clock.now().timestamp()))
        headers = {"x-timestamp": stamp, "x-nonce": "0" * 16, "x-serial": "0" * 16, "x-signature": "AAAA"}
        forged = await stranger.post("/hooks/payments/sandbox", json=body, headers=headers)
        assert (forged.status_code, forged.content) == (401, b"")
        assert (await stranger.post("/hooks/payments/other", json=body)).status_code == 404
    # Somebody's cookie neither helps nor hurts: the hook knows no sessions.
    assert (await buyer.browser.post("/hooks/payments/sandbox", json=body)).status_code == 401
    assert await town.count("provider_facts") == 0
    assert await town.state(order) == "awaiting_payment"


class TestWrongAmount:
    @pytest.fixture
    def provider_options(self) -> list[str]:
        return ["--fault", "wrong_amount:times=1"]

    async def test_a_signed_fact_that_does_not_fit_is_kept_for_an_operator_and_moves_nothing(self, town: Town) -> None:
        _seller, buyer, _item, order = await _ordered(town)
        pay = await buyer.ask("POST", f"/orders/{order}/payment", 200)
        await town.pay(buyer, pay["pay_url"])

        async def kept() -> bool:
            async with town.database.look(SYSTEM) as look:
                return bool(await look.db.fetchval("select count(*) from refused_facts where why = 'amount'"))

        await town.until(kept)
        assert await town.state(order) == "awaiting_payment"
        assert await town.count("ledger_transfers") == 0
