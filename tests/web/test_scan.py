"""A provider that is paid by scanning: the buyer gets its code on a page of ours."""

import re
from typing import Any

import pytest

from tests.orders.build import Market, a_market
from xianji.domains import payments
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM
from xianji.web.pages.orders import pay_at

from .test_me import with_cookie


@pytest.mark.parametrize(
    ("address", "goes"),
    [
        ("https://pay.example/1", "https://pay.example/1"),
        ("weixin://wxpay/bizpayurl?pr=1", "/orders/ord_1/scan"),
        ("javascript:alert(1)", "/orders/ord_1/scan"),
    ],
)
def test_a_browser_is_sent_where_it_can_go(address: str, goes: str) -> None:
    assert pay_at(address, "ord_1") == goes


async def test_the_code_is_shown_until_it_is_paid(site: Any, database: Database) -> None:
    market: Market = await a_market(database)
    client, csrf = await with_cookie(site, "13800138002")
    item = await market.item()
    form = {"_csrf_token": csrf, "handover": "meet", "quantity": "1", "_key": "k" * 22}
    sent = await client.post(f"/items/{item}/buy", data=form)
    order = sent.headers["location"].split("/")[2].partition("?")[0]
    assert (await client.get(f"/orders/{order}/scan")).headers["location"] == f"/orders/{order}"
    async with database.look(SYSTEM) as look:
        buyer = await look.db.fetchval("select buyer from orders where id = $1", order)
    async with database.work(SYSTEM) as work:
        new = payments.NewPayment(
            subject=order,
            payer=buyer,
            description="小相机",
            currency="CNY",
            parts=(payments.PaymentPart(order, market.seller.me, 12_900),),
            expires_at=work.now.replace(year=2027),
        )
        payment = await payments.start_payment(work, new)
        await work.db.execute(
            "update payments set state = 'requested', pay_url = 'weixin://wxpay/bizpayurl?pr=1' where id = $1", payment
        )
    page = await client.get(f"/orders/{order}/scan")
    assert page.status_code == 200
    assert "<svg" in page.text
    assert "weixin:" not in page.text
    assert "付 ¥129" in re.sub("<[^>]+>", "", page.text)
