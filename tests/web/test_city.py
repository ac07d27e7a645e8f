"""A house in another city: dollars, English, American addresses and clock, everywhere from the same five facts."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.build import a_seller
from tests.web.conftest import browser
from xianji.domains import items
from xianji.domains.items.model import WRONG_CURRENCY
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.installation import FirstValueNotValid, facts, first_values, settle
from xianji.kernel.money import Money
from xianji.kernel.work import NOBODY, SYSTEM
from xianji.web.forms import fill

NEW_YORK = {
    "XIANJI_CURRENCY": "USD",
    "XIANJI_ZONE": "America/New_York",
    "XIANJI_LANGUAGE": "en",
    "XIANJI_PHONE_REGION": "US",
    "XIANJI_COUNTRY": "US",
}


async def test_the_environment_gives_first_values_once(database: Database) -> None:
    assert await settle(database.dsn, {}) == []
    assert await settle(database.dsn, {"XIANJI_CURRENCY": "USD"}) == ["installation.currency"]
    assert len(await settle(database.dsn, {**NEW_YORK, "XIANJI_CURRENCY": "EUR"})) == 4
    assert await settle(database.dsn, {**NEW_YORK, "XIANJI_ZONE": "Asia/Tokyo"}) == []
    database.book.forget()
    async with database.look(SYSTEM) as look:
        assert facts(look.config) == ("USD", "America/New_York", "en", "US", "US")


@pytest.mark.parametrize("wrong", [{"XIANJI_CURRENCY": "usd"}, {"XIANJI_ZONE": "Mars/Base"}, {"XIANJI_COUNTRY": "usa"}])
def test_a_first_value_must_make_sense(wrong: dict[str, str]) -> None:
    with pytest.raises(FirstValueNotValid):
        first_values(wrong)


async def test_a_thing_is_sold_in_new_york(site: Any, database: Database, clock: Any) -> None:
    seller = await a_seller(database)  # signed up while the house still stood in China
    await settle(database.dsn, NEW_YORK)
    database.book.forget()
    with pytest.raises(Refusal) as refused:
        async with database.work(seller) as work:
            await items.publish_item(work, items.NewItem("Film camera", Money(1250, "CNY")))
    assert refused.value.code is WRONG_CURRENCY
    new = fill(items.NewItem, [("title", "Film camera"), ("price", "$12.50")], "USD")
    assert new.price == Money(1250, "USD")
    async with database.work(seller) as work:
        item = await items.publish_item(work, new)

    buyer = browser(site)
    await buyer.post("/api/v1/auth/codes", json={"phone": "(212) 555-0142"})
    answer = await buyer.post("/api/v1/auth/sessions", json={"phone": "2125550142", "code": "000000"})
    buyer.headers["authorization"] = "Bearer " + answer.json()["access_token"]
    sheet = (await buyer.get(f"/items/{item}/buy")).text
    assert '<span class="money-sign">$</span>12<span class="money-minor">.50</span>' in sheet
    assert re.findall(r'name="fresh\.lines\.(\w+)"', sheet) == [
        "line1", "line2", "city", "state", "zip",
    ]  # fmt: skip
    assert "ZIP code" in sheet
    form = {
        "handover": "ship",
        "address": "new",
        "fresh.name": "Ana Ruiz",
        "fresh.phone": "212 555 0142",
        "fresh.lines.line1": "350 5th Ave",
        "fresh.lines.city": "New York",
        "fresh.lines.state": "NY",
        "fresh.lines.zip": "10118",
    }
    bought = await buyer.post(f"/items/{item}/buy", data=form)
    assert bought.status_code == 303, bought.text
    page = (await buyer.get(bought.headers["location"])).text
    assert '<html lang="en"' in page
    assert "350 5th Ave New York NY 10118" in page
    assert '<span class="money-sign">$</span>12<span class="money-minor">.50</span>' in page
    assert "¥" not in page
    assert "03:30" in page  # half an hour to pay, at eight in London, said in New York
    assert clock.now() == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    async with database.look(NOBODY) as look:
        kept = await look.db.fetchrow("select currency, total from orders")
        where = await look.db.fetchval("select country from addresses")
    assert (tuple(kept), where) == (("USD", 1250), "US")
    await buyer.aclose()
