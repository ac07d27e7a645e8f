"""One list of behaviours for every licensed provider's adapter, against an institution that judges the wire itself.

None of this was run against a live institution; what is proven is the documented format.
"""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import FakeClock
from xianji.domains.payments import provider as port

from .conformance import MAKERS, Bench, KeyBox

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture(params=sorted(MAKERS))
async def bench(request: pytest.FixtureRequest, key_box: KeyBox) -> AsyncIterator[Bench]:
    made = MAKERS[request.param](FakeClock(START), key_box, lambda: secrets.token_hex(16))
    yield made
    await made.adapter.aclose()
    made.institution.stop()


async def refusal(doing: Any) -> str:
    with pytest.raises(port.ProviderRefused) as no:
        await doing
    return no.value.code


async def test_opening_gives_an_address_and_asking_tells_that_nobody_paid(bench: Bench) -> None:
    ask, url = await bench.opened(12_900)
    bench.institution.buyer_opens(url, ask.out_no)
    state = await bench.adapter.query(ask.out_no)
    assert (state.out_no, state.state, state.amount, state.currency) == (ask.out_no, "pending", 12_900, bench.currency)
    assert (state.paid_at, state.hold_until) == (None, None)
    assert bench.institution.moved == []


async def test_opening_twice_is_one_payment(bench: Bench) -> None:
    ask, url = await bench.opened(12_900)
    again = await bench.adapter.create_payment(ask)
    bench.institution.buyer_pays(again.pay_url, ask.out_no)
    assert again.pay_url == url
    assert [kind for kind, _, _ in bench.institution.moved] == ["paid"]


async def test_an_unknown_number_is_not_found(bench: Bench) -> None:
    ask = bench.ask(12_900)
    assert await refusal(bench.adapter.query(ask.out_no)) == "not_found"
    assert await refusal(bench.adapter.query_release("pcl_nobody")) == "not_found"
    assert await refusal(bench.adapter.query_refund("pcl_nobody")) == "not_found"


async def test_paid_is_told_with_its_parts_and_the_day_the_hold_ends(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    state = await bench.adapter.query(ask.out_no)
    assert (state.state, state.amount, state.paid_at) == ("paid", 12_900, START)
    assert state.hold_until == START + timedelta(days=bench.hold_days)
    assert [(p.part, p.payee, p.amount, p.held) for p in state.parts] == [
        (ask.parts[0].part, "seller-0", 12_900, 12_900)
    ]
    hold = await bench.adapter.hold_status(ask.out_no)
    assert (hold.held, hold.hold_until) == (12_900, state.hold_until)


async def test_several_sellers_in_one_payment_or_a_refusal_before_anything(bench: Bench) -> None:
    if not bench.combines:
        ask = bench.ask(10_000, 2_550)
        assert await refusal(bench.adapter.create_payment(ask)) == "too_many_parts"
        return
    ask = await bench.paid(10_000, 2_550)
    state = await bench.adapter.query(ask.out_no)
    assert state.amount == 12_550
    assert [(p.payee, p.amount) for p in state.parts] == [("seller-0", 10_000), ("seller-1", 2_550)]
    await bench.released(ask, *bench.splits(2_500, 50, seller=1), part=1)
    assert [p.held for p in (await bench.adapter.hold_status(ask.out_no)).parts] == [10_000, 0]
    assert bench.institution.net()["released", bench.account("seller-1")] == 2_500


async def test_closing_ends_it_and_a_paid_one_is_not_closed(bench: Bench) -> None:
    ask, url = await bench.opened(12_900)
    bench.institution.buyer_opens(url, ask.out_no)
    assert (await bench.adapter.close(ask.out_no)).state == "closed"
    assert (await bench.adapter.query(ask.out_no)).state == "closed"
    paid = await bench.paid(500)
    assert await refusal(bench.adapter.close(paid.out_no)) == "already_paid"
    assert (await bench.adapter.query(paid.out_no)).state == "paid"


async def test_a_release_pays_the_seller_and_the_fee_once(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    number = bench.note(ask, 12_900, bench.splits(12_700, 200))
    first = await bench.release_as(number)
    again = await bench.release_as(number)
    found = await bench.adapter.query_release(number)
    for state in (first, again, found):
        assert (state.out_release_no, state.out_no, state.part) == (number, ask.out_no, ask.parts[0].part)
        assert (state.state, [(x.kind, x.amount, x.state) for x in state.lines]) == (
            "succeeded",
            [("seller", 12_700, "succeeded"), ("fee", 200, "succeeded")],
        )
    assert bench.institution.net()["released", bench.account("seller-0")] == 12_700
    assert sum(n for (kind, _), n in bench.institution.net().items() if kind == "fee") in (200, 0)
    assert (await bench.adapter.hold_status(ask.out_no)).held == 0


async def test_a_release_without_a_fee(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    state = await bench.released(ask, *bench.splits(12_900, 0))
    assert state.state == "succeeded"
    assert bench.institution.net()["released", bench.account("seller-0")] == 12_900


async def test_a_receiver_that_cannot_take_its_share_makes_the_release_partial(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    splits = bench.splits(12_700, 200)
    if bench.name == "stripe":  # the fee never moves there, so it is a second seller who cannot take it
        splits = (port.Split("seller-0", 12_000, "seller"), port.Split("seller-1", 900, "seller"))
        bench.institution.failing_accounts = {bench.account("seller-1")}
    bench.institution.receiver_fails = True
    state = await bench.released(ask, *splits)
    assert (state.state, [x.state for x in state.lines]) == ("partial", ["succeeded", "failed"])
    assert state.lines[1].code
    assert all(kind in ("paid", "released") for kind, _, _ in bench.institution.moved)


async def test_nothing_is_released_before_it_is_paid(bench: Bench) -> None:
    ask, url = await bench.opened(12_900)
    bench.institution.buyer_opens(url, ask.out_no)
    number = bench.note(ask, 12_900, bench.splits(12_900, 0))
    assert await refusal(bench.release_as(number)) == "not_paid"
    assert bench.institution.moved == []


async def test_a_refund_goes_back_once_and_never_more_than_was_paid(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    number = bench.note(ask, 3_000)
    await bench.refund_as(number)
    await bench.refund_as(number)
    state = await bench.adapter.query_refund(number)
    assert (state.state, state.amount, state.part) == ("succeeded", 3_000, ask.parts[0].part)
    before = list(bench.institution.moved)
    assert await refusal(bench.refunded(ask, 9_901)) == "not_enough_held"
    assert bench.institution.moved == before
    assert sum(n for (kind, _), n in bench.institution.net().items() if kind == "refunded") == 3_000


async def test_what_was_wholly_refunded_still_counts_as_paid(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    await bench.refunded(ask, 12_900)
    assert (await bench.adapter.query(ask.out_no)).state == "paid"


async def test_a_split_return_comes_back_once_or_is_refused_by_name(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    number = bench.note(ask, 12_900, bench.splits(12_700, 200))
    await bench.release_as(number)
    before = list(bench.institution.moved)

    async def back(kind: port.SplitKind, payee: str, amount: int, as_number: str) -> port.SplitReturnState:
        return await bench.adapter.split_return(number, out_return_no=as_number, payee=payee, kind=kind, amount=amount)

    returns = {"wechat": ("fee", "platform", 200), "stripe": ("seller", "seller-0", 700)}
    if bench.name not in returns:
        assert await refusal(back("fee", "platform", 200, "pcl_back")) == "split_return_only_with_refund"
        assert bench.institution.moved == before
        return
    kind, payee, amount = returns[bench.name]
    first = await back(kind, payee, amount, "pcl_back")  # type: ignore[arg-type]
    assert first == await back(kind, payee, amount, "pcl_back")  # type: ignore[arg-type]
    assert (first.state, first.amount, first.out_no) == ("succeeded", amount, ask.out_no)
    assert [(k, n) for k, _, n in bench.institution.moved[len(before) :]] == [("returned", amount)]
    assert await refusal(back(kind, payee, 12_701, "pcl_more")) == "not_enough_held"  # type: ignore[arg-type]


async def test_the_bill_of_a_day_lists_what_moved_that_day(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    refund = bench.note(ask, 900)
    await bench.refund_as(refund)
    release = bench.note(ask, 12_000, bench.splits(11_800, 200))
    await bench.release_as(release)
    lines = await bench.adapter.bill(START.date())
    assert [line.at for line in lines] == [START] * len(lines)
    found = sorted((line.kind, line.out_no, line.request_no, line.amount) for line in lines)
    wanted = [
        ("fee", ask.out_no, release, 200),
        ("paid", ask.out_no, ask.out_no, 12_900),
        ("refunded", ask.out_no, refund, 900),
        ("released", ask.out_no, release, 11_800),
    ]
    listed = {"wechat": "fee paid refunded released", "alipay": "paid refunded", "stripe": "paid refunded released"}
    assert found == [row for row in wanted if row[0] in listed[bench.name].split()]
    assert await bench.adapter.bill(START.date() - timedelta(days=9)) == ()


async def test_the_callback_of_a_payment_becomes_a_fact(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    fact = bench.verify(*bench.institution.callback(bench.institution.facts[-1], id="EV-77"))
    assert (fact.event_id, fact.kind, fact.out_no, fact.part) == ("EV-77", "paid", ask.out_no, None)
    assert (fact.amount, fact.currency, fact.occurred_at) == (12_900, bench.currency, START)
    assert [(p.part, p.payee, p.amount) for p in fact.parts] == [(ask.parts[0].part, "seller-0", 12_900)]


async def test_a_callback_sent_again_names_the_same_event(bench: Bench) -> None:
    await bench.paid(12_900)
    first = bench.verify(*bench.institution.callback(bench.institution.facts[-1], id="EV-1"))
    bench.clock.move(minutes=2)
    again = bench.verify(*bench.institution.callback(bench.institution.facts[-1], id="EV-1"))
    assert (first.event_id, first.amount, first.parts) == (again.event_id, again.amount, again.parts)


async def test_the_callback_of_a_refund_names_our_number(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    number = bench.note(ask, 900)
    await bench.refund_as(number)
    fact = bench.verify(*bench.institution.callback(bench.institution.facts[-1]))
    assert fact.request_no == number
    assert (fact.kind, fact.amount) in (("refunded", 900), ("heard", 0))


@pytest.mark.parametrize("trick", ["forged", "stale", "from_the_future", "tampered", "other_house", "nonsense", "bare"])
async def test_a_callback_that_is_not_theirs_is_believed_by_nobody(bench: Bench, trick: str) -> None:
    await bench.paid(12_900)
    fact, days = bench.institution.facts[-1], timedelta(days=3)
    headers, body = bench.institution.callback(fact)
    if trick == "forged":
        headers, body = bench.institution.callback(fact, key=bench.stranger)
    elif trick == "stale":
        headers, body = bench.institution.callback(fact, at=START - days)
    elif trick == "from_the_future":
        headers, body = bench.institution.callback(fact, at=START + days)
    elif trick == "tampered":
        body = bench.institution.tampered(body)
    elif trick == "other_house":
        headers, body = bench.institution.callback(fact, **bench.other_house)
    elif trick == "nonsense":
        body = b"\xff\x00{"
    else:
        headers = {}
        body = b"" if bench.name == "alipay" else body
    wanted = {
        "forged": {"bad_signature"},
        "stale": {"stale"},
        "from_the_future": {"stale"},
        "tampered": {"bad_signature"},
        "other_house": {"unknown_key", "wrong_merchant"},
        "nonsense": {"bad_signature", "malformed"},
        "bare": {"malformed"},
    }
    with pytest.raises(port.EventRefused) as no:
        bench.verify(headers, body)
    assert no.value.code in wanted[trick]


async def test_an_answer_lost_after_it_was_done_is_unknown_and_repeating_does_it_once(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    number = bench.note(ask, 900)
    bench.institution.lose_next = 1
    with pytest.raises(port.ProviderUnknown):
        await bench.refund_as(number)
    assert (await bench.adapter.query_refund(number)).state == "succeeded"
    await bench.refund_as(number)
    assert [n for kind, _, n in bench.institution.moved if kind == "refunded"] == [900]


async def test_a_release_whose_answer_was_lost_is_found_by_asking(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    number = bench.note(ask, 12_900, bench.splits(12_700, 200))
    bench.institution.lose_next = 1
    with pytest.raises(port.ProviderUnknown):
        await bench.release_as(number)
    assert (await bench.adapter.query_release(number)).state == "succeeded"
    assert bench.institution.net()["released", bench.account("seller-0")] == 12_700


async def test_a_busy_institution_did_nothing(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    number = bench.note(ask, 900)
    before = list(bench.institution.moved)
    bench.institution.busy_next = 1
    with pytest.raises(port.ProviderBusy):
        await bench.refund_as(number)
    assert bench.institution.moved == before
    assert (await bench.refund_as(number)).amount == 900


async def test_nobody_at_home_did_nothing(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    bench.institution.stop()
    with pytest.raises(port.ProviderBusy, match="not_reached"):
        await bench.adapter.query(ask.out_no)


async def test_an_answer_nobody_signed_is_not_an_answer(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    if bench.name == "stripe":
        pytest.skip("answers are not signed there; TLS alone says who speaks")
    bench.institution.corrupt_next = 1
    with pytest.raises(port.ProviderUnknown, match="unsigned_answer"):
        await bench.adapter.query(ask.out_no)


async def test_with_a_key_they_do_not_know_calls_wait_for_an_operator(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    if bench.name == "stripe":
        bench.institution.key = "sk_test_another"
    else:
        bench.institution.ours = bench.stranger.public_key()
    with pytest.raises(port.ProviderBusy):
        await bench.adapter.query(ask.out_no)


async def test_a_seller_without_an_account_there_is_refused_before_anything(bench: Bench) -> None:
    ask = await bench.paid(12_900)
    del bench.memory.accounts["seller-0"]
    before = len(bench.institution.moved)
    if bench.name == "stripe":
        number = bench.note(ask, 12_900, bench.splits(12_900, 0))
        assert await refusal(bench.release_as(number)) == "payee_without_account"
    else:
        assert await refusal(bench.adapter.create_payment(bench.ask(500))) == "payee_without_account"
    assert len(bench.institution.moved) == before
