"""Refunds over both entrances: each story through JSON and through forms leaves the same rows."""

from typing import Any

import httpx
import pytest

from tests.refunds.build import a_picture, a_waybill
from tests.stories.town import form_of, shown
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM

from .conftest import browser
from .world import World, a_world

ENTRANCES = ("json", "forms")


class Hands:
    """The sides of a trade, who do everything through one entrance."""

    def __init__(self, world: World, entrance: str) -> None:
        self.world, self.entrance, self.desk = world, entrance, world.market
        self.clients: dict[str, httpx.AsyncClient] = {}

    def client(self, role: str) -> httpx.AsyncClient:
        if role not in self.clients:
            client = browser(self.world.site)
            if self.entrance == "json":
                client.headers["authorization"] = "Bearer " + self.world.tokens[role]
            else:
                client.cookies.set("xianji_session", self.world.tokens[role])
                client.headers["sec-fetch-site"] = "same-origin"
            self.clients[role] = client
        return self.clients[role]

    async def picture(self, role: str) -> str:
        return await a_picture(self.world.database, self.world.actors[role])

    async def ask(self, order: str, kind: str, amount: int | None = None, **facts: Any) -> str:
        """The buyer asks, on the sheet or in JSON; returns the refund."""
        fields = {"kind": kind, "reason": "damaged", "words": "屏幕裂了", "evidence": [await self.picture("buyer")]}
        fields |= facts
        path = f"/orders/{order}/refunds"
        if self.entrance == "json":
            if amount is not None:
                fields["amount"] = {"amount": amount, "currency": "CNY"}
            answer = await self.client("buyer").post("/api/v1" + path, json=fields)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])
        page = await self.client("buyer").get(f"/orders/{order}/refund?kind={kind}")
        form = form_of(page.text, path)
        assert form["kind"] == kind
        if amount is not None:
            fields["amount"] = f"{amount / 100:.2f}"
        answer = await self.client("buyer").post(path, data={**form, **fields})
        assert answer.status_code == 303, shown(answer.text)
        return str(answer.headers["location"]).removeprefix("/refunds/")

    async def act(self, role: str, refund: str, verb: str, **fields: Any) -> None:
        """One verb of an open refund; on pages its form must be there."""
        path, client = f"/refunds/{refund}/{verb}", self.client(role)
        if self.entrance == "json":
            money = {k: {"amount": v, "currency": "CNY"} for k, v in fields.items() if k == "amount"}
            answer = await client.post("/api/v1" + path, json=fields | money)
            assert answer.status_code == 200, answer.text
            return
        sheet = f"/refunds/{refund}" if verb == "accept-counter" else path
        page = await client.get(sheet)
        assert page.status_code == 200, shown(page.text)
        form = form_of(page.text, path)
        if "amount" in fields:
            fields["amount"] = f"{fields['amount'] / 100:.2f}"
        answer = await client.post(path, data={**form, **fields})
        assert answer.status_code == 303, shown(answer.text)
        assert answer.headers["location"] == f"/refunds/{refund}"

    async def rule(self, refund: str, **fields: Any) -> None:
        """The moderator rules."""
        client, ask = self.client("moderator"), {"reason": "看过两边的照片", "rule": "RF1", **fields}
        if self.entrance == "json":
            answer = await client.post(f"/api/v1/refunds/{refund}/rule", json=ask)
            assert answer.status_code == 200, answer.text
            return
        page = await client.get(f"/console/refunds/{refund}")
        form = form_of(page.text, f"/console/refunds/{refund}")
        answer = await client.post(f"/console/refunds/{refund}", data={**form, **ask})
        assert answer.status_code == 303, shown(answer.text)

    async def send_back(self, refund: str) -> None:
        evidence = [await self.picture("buyer")]
        await self.act("buyer", refund, "ship-back", carrier="sf", waybill=a_waybill(), evidence=evidence)

    async def end(self, refund: str) -> tuple[str, str, list[str]]:
        """(state of the refund, of the order, verbs of the refund's history); the books hold."""
        await self.desk.settle()
        await self.desk.books()
        page = await self.desk.refund(refund)
        order = await self.desk.page(page.order)
        return page.state, order.state, [line.verb for line in page.timeline]


@pytest.fixture
async def world(database: Database, site: Any) -> World:
    return await a_world(database, site)


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_unshipped(world: World, entrance: str) -> None:
    hands = Hands(world, entrance)
    refund = await hands.ask(await hands.desk.paid("ship"), "unshipped", reason="changed_mind", evidence=[], words="")
    assert await hands.end(refund) == ("refunded", "refunded", ["apply", "grant"])


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_not_received(world: World, entrance: str) -> None:
    hands = Hands(world, entrance)
    order = await hands.desk.shipped(a_waybill())
    refund = await hands.ask(order, "not_received", reason="lost", evidence=[], words="")
    await hands.act("seller", refund, "agree")
    assert await hands.end(refund) == ("refunded", "refunded", ["apply", "agree"])


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_return(world: World, entrance: str) -> None:
    hands = Hands(world, entrance)
    refund = await hands.ask(await hands.desk.delivered(), "return")
    await hands.act("seller", refund, "agree")
    await hands.send_back(refund)
    await hands.act("seller", refund, "receive")
    assert await hands.end(refund) == ("refunded", "refunded", ["apply", "agree_return", "ship_back", "receive"])


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_partial_countered_and_accepted(world: World, entrance: str) -> None:
    hands = Hands(world, entrance)
    refund = await hands.ask(await hands.desk.delivered(), "partial", 5_000)
    await hands.act("seller", refund, "counter", kind="partial", amount=3_050, words="折中一下")
    await hands.act("buyer", refund, "accept-counter")
    assert await hands.end(refund) == ("refunded", "delivered", ["apply", "counter", "accept_counter"])
    assert (await hands.desk.refund(refund)).amount.amount == 3_050


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_exchange(world: World, entrance: str) -> None:
    hands = Hands(world, entrance)
    refund = await hands.ask(await hands.desk.delivered(), "exchange")
    await hands.act("seller", refund, "agree")
    await hands.send_back(refund)
    await hands.act("seller", refund, "receive")
    await hands.act("seller", refund, "replace", carrier="sf", waybill=a_waybill())
    state, order, verbs = await hands.end(refund)
    assert (state, order, verbs[-2:]) == ("exchanged", "delivered", ["receive_exchange", "replace"])


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_refused_escalated_and_ruled(world: World, entrance: str) -> None:
    hands = Hands(world, entrance)
    refund = await hands.ask(await hands.desk.delivered(), "keep_goods")
    await hands.act("seller", refund, "refuse", reason="寄出时是好的")
    await hands.act("buyer", refund, "escalate", reason="请看看照片")
    await hands.rule(refund, outcome="refund_full")
    verbs = ["apply", "refuse", "escalate", "rule_refund"]
    assert await hands.end(refund) == ("refunded", "refunded", verbs)
    page = (await hands.client("seller").get(f"/refunds/{refund}")).text
    assert "看过两边的照片" in page, "both read why"


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_a_wrong_refund_is_taken_back_by_a_ruling(world: World, entrance: str) -> None:
    hands = Hands(world, entrance)
    first = await hands.desk.disputed(await hands.desk.delivered())
    await hands.rule(first, outcome="refund_full")
    await hands.desk.settle()
    again = await hands.desk.appealed(first, hands.desk.seller)
    moderator = browser(world.site)
    moderator.cookies.set("xianji_session", world.tokens["moderator"])
    asked = (await moderator.get(f"/console/refunds/{again}")).text
    found = [f'value="{name}"' in asked for name in ("refund_full", "refund_part", "return", "release", "repay")]
    assert found == [False, False, False, True, True]
    amount: Any = {"amount": 5_000, "currency": "CNY"} if entrance == "json" else "50"
    await hands.rule(again, outcome="repay", amount=amount)
    assert await hands.end(again) == ("closed", "refunded", ["reopen", "rule_repay"])
    for role in ("buyer", "seller"):
        reader = browser(world.site)
        reader.cookies.set("xianji_session", world.tokens[role])
        page = (await reader.get(f"/refunds/{again}")).text
        assert "裁定买家退还 ¥50：" in page
        assert "站方裁定买家退还。" in page
        assert "没有退钱" not in page
        assert ("裁定退还里没扣够的" in (await reader.get("/money")).text) == (role == "buyer")


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_swapped_on_the_way_back(world: World, entrance: str) -> None:
    hands = Hands(world, entrance)
    refund = await hands.ask(await hands.desk.delivered(), "return")
    await hands.act("seller", refund, "agree")
    await hands.send_back(refund)
    evidence = [await hands.picture("seller")]
    await hands.act("seller", refund, "refuse-received", problem="swapped", reason="不是这件", evidence=evidence)
    await hands.rule(refund, outcome="release")
    state, order, verbs = await hands.end(refund)
    assert (state, order, verbs[-2:]) == ("closed", "delivered", ["refuse_received", "rule_release"])


@pytest.mark.parametrize("entrance", ENTRANCES)
async def test_withdrawn(world: World, entrance: str) -> None:
    hands = Hands(world, entrance)
    refund = await hands.ask(await hands.desk.delivered(), "keep_goods")
    await hands.act("buyer", refund, "withdraw")
    assert await hands.end(refund) == ("closed", "delivered", ["apply", "withdraw"])


async def test_a_refused_sheet_keeps_what_was_typed_and_says_why_beside_the_field(world: World) -> None:
    hands = Hands(world, "forms")
    order = await hands.desk.delivered()
    path, buyer = f"/orders/{order}/refunds", hands.client("buyer")
    form = form_of((await buyer.get(f"/orders/{order}/refund?kind=partial")).text, path)
    typed = {**form, "reason": "damaged", "amount": "500", "words": "右下角裂了"}
    answer = await buyer.post(path, data=typed)
    assert answer.status_code == 422
    assert "右下角裂了" in answer.text
    assert "请至少放一张照片" in answer.text
    picture = await hands.picture("buyer")
    answer = await buyer.post(path, data={**typed, "evidence": [picture]})
    assert answer.status_code == 422
    assert "超过了还能退的钱" in answer.text
    assert f'value="{picture}"' in answer.text, "the picture stays"
    assert 'value="500"' in answer.text


async def test_pages_say_whose_turn_it_is_and_what_happens_otherwise(world: World) -> None:
    hands = Hands(world, "forms")
    order = await hands.desk.delivered()
    refund = await hands.ask(order, "partial", 1_000)
    bought = shown((await hands.client("buyer").get(f"/refunds/{refund}")).text)
    assert "等卖家回复，最晚" in bought
    assert "交给站方来看，不会自动退钱" in bought
    assert "这位买家" not in bought
    sold = (await hands.client("seller").get(f"/refunds/{refund}")).text
    assert "买家申请了退款，请在" in shown(sold)
    assert "近 180 天买了 1 单" in shown(sold)
    assert f"/refunds/{refund}/counter?kind=return" in sold, "return instead stands beside agreeing"
    assert f"/refunds/{refund}" in (await hands.client("seller").get(f"/orders/{order}")).text
    assert (await hands.client("buyer").get(f"/orders/{order}/refund")).headers["location"] == f"/refunds/{refund}"


async def test_the_address_is_shown_while_goods_go_back_and_to_the_two_only(world: World) -> None:
    hands = Hands(world, "json")
    refund = await hands.ask(await hands.desk.delivered(), "return")

    async def address(role: str) -> Any:
        return (await hands.client(role).get(f"/api/v1/refunds/{refund}")).json()["address"]

    assert await address("buyer") is None
    await hands.act("seller", refund, "agree")
    assert (await address("buyer"))["phone"] == "+8613912345678"
    assert await address("moderator") is None
    async with world.database.look(SYSTEM) as look:
        row = await look.db.fetchval("select refunds::text from refunds where id = $1", refund)
    assert "139" not in row.split("address")[0]
    assert "文三路" not in row
    await hands.send_back(refund)
    await hands.act("seller", refund, "receive")
    assert await address("buyer") is None


async def test_choices_and_lists(world: World) -> None:
    hands = Hands(world, "json")
    order = await hands.desk.delivered()
    buyer = hands.client("buyer")
    found = (await buyer.get(f"/api/v1/orders/{order}/refunds/choices")).json()
    assert [one["kind"] for one in found["choices"]] == ["not_received", "return", "partial", "keep_goods", "exchange"]
    assert found["refundable"] == {"amount": 12_900, "currency": "CNY"}
    refund = await hands.ask(order, "keep_goods")
    found = (await buyer.get(f"/api/v1/orders/{order}/refunds/choices")).json()
    assert (found["open"], found["choices"]) == (refund, [])
    assert [one["id"] for one in (await buyer.get(f"/api/v1/orders/{order}/refunds")).json()] == [refund]
    assert next(iter((await buyer.get("/api/v1/refund-rules")).json()))["code"] == "RF1"


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        ({"kind": "gift", "reason": "x"}, "malformed"),
        ({"kind": "keep_goods", "reason": ""}, "text_empty"),
        ({"kind": "keep_goods", "reason": "damaged", "words": "裂", "evidence": ["med_x"]}, "malformed"),
        ({"kind": "keep_goods", "reason": "damaged", "words": "裂"}, "evidence_needed"),
        ({"kind": "partial", "reason": "agreed"}, "refund_amount_needed"),
        (
            {"kind": "partial", "reason": "agreed", "amount": {"amount": 12_900, "currency": "CNY"}},
            "refund_part_means_less",
        ),
        ({"kind": "partial", "reason": "agreed", "amount": {"amount": 12_901, "currency": "CNY"}}, "refund_too_much"),
        ({"kind": "partial", "reason": "agreed", "amount": {"amount": 1, "currency": "USD"}}, "refund_other_currency"),
        ({"kind": "partial", "reason": "agreed", "amount": {"amount": -1, "currency": "CNY"}}, "malformed"),
        ({"kind": "unshipped", "reason": "changed_mind"}, "refund_kind_not_open"),
        ({"kind": "keep_goods", "reason": "x" * 501}, "text_too_long"),
        ({"kind": "keep_goods", "reason": "damaged\u202e"}, "text_turns_direction"),
        ({"kind": "keep_goods", "reason": "damaged", "state": "refunded"}, "malformed"),
    ],
)
async def test_bad_input_is_refused_by_name_and_changes_nothing(world: World, ask: dict[str, Any], code: str) -> None:
    hands = Hands(world, "json")
    order = await hands.desk.delivered()
    before = await world.digest()
    answer = await hands.client("buyer").post(f"/api/v1/orders/{order}/refunds", json=ask)
    assert (answer.status_code in (409, 422, 400), answer.json()["code"]) == (True, code), answer.text
    assert await world.digest() == before


async def test_somebody_elses_picture_is_no_evidence(world: World) -> None:
    hands = Hands(world, "json")
    order = await hands.desk.delivered()
    ask = {"kind": "return", "reason": "damaged", "evidence": [await hands.picture("seller")]}
    answer = await hands.client("buyer").post(f"/api/v1/orders/{order}/refunds", json=ask)
    assert (answer.status_code, answer.json()["code"]) == (422, "media_not_yours")


async def test_the_same_key_asks_once(world: World) -> None:
    hands = Hands(world, "json")
    order = await hands.desk.paid("ship")
    ask, key = {"kind": "unshipped", "reason": "changed_mind"}, {"Idempotency-Key": "one"}
    buyer = hands.client("buyer")
    answers = [await buyer.post(f"/api/v1/orders/{order}/refunds", json=ask, headers=key) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_english_speaks_too(world: World) -> None:
    hands = Hands(world, "forms")
    order = await hands.desk.delivered()
    refund = await hands.ask(order, "return")
    seller = hands.client("seller")
    seller.headers["accept-language"] = "en"
    seller.cookies.set("language", "en")
    for page in (f"/refunds/{refund}", f"/refunds/{refund}/agree", f"/refunds/{refund}/counter"):
        assert (await seller.get(page)).status_code == 200


async def test_a_body_that_has_nothing_to_say_may_be_left_out(world: World) -> None:
    hands = Hands(world, "json")
    refund = await hands.ask(await hands.desk.delivered(), "keep_goods")
    seller = hands.client("seller")
    assert (await seller.post(f"/api/v1/refunds/{refund}/refuse")).status_code == 422
    answer = await seller.post(f"/api/v1/refunds/{refund}/agree")
    assert (answer.status_code, answer.json()["state"]) == (200, "refunded")


async def test_a_refund_waits_among_the_things_of_whose_turn_it_is(world: World) -> None:
    hands = Hands(world, "forms")
    refund = await hands.ask(await hands.desk.shipped(a_waybill()), "return")

    async def waits_for() -> list[str]:
        pages = {role: (await hands.client(role).get("/messages")).text for role in ("buyer", "seller")}
        return [role for role, page in pages.items() if f'href="/refunds/{refund}"' in page]

    assert await waits_for() == ["seller"]
    await hands.act("seller", refund, "refuse", reason="发出前拍过照，没有裂")
    assert await waits_for() == ["buyer"]
