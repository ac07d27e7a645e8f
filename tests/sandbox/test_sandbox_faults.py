"""Every scripted fault by name, met by the house's own adapter over real sockets."""

from datetime import timedelta

import pytest

from xianji.domains.payments import provider as port


def kinds(found):
    return [f if isinstance(f, str) else f.kind for f in found]


SPLITS = (port.Split("seller-1", 9700, "seller"), port.Split("platform", 300, "fee"))


@pytest.fixture
async def payment(client, ask):
    return await client.create_payment(ask)


async def test_plain_day_paid_released_returned_refunded_and_billed(process, client, payment, pay, facts, number):
    pay(payment.pay_url)
    process.advance(0)
    release = await client.release(number, part="a", out_release_no=number + "-r", splits=SPLITS)
    assert release.state == "processing"
    process.advance(1)
    assert (await client.query_release(number + "-r")).state == "succeeded"
    await client.split_return(number + "-r", out_return_no=number + "-t", payee="seller-1", kind="seller", amount=700)
    refund = await client.refund(number, part="a", out_refund_no=number + "-f", amount=700, reason="少了一页")
    assert (refund.state, await client.query_refund(number + "-f")) == ("succeeded", refund)
    process.advance(0)
    found = facts()
    assert kinds(found) == ["paid", "released", "split_returned", "refunded"]
    assert [(f.part, f.amount, f.currency) for f in found] == [
        (None, 12550, "CNY"),
        ("a", 10000, "CNY"),
        ("a", 700, "CNY"),
        ("a", 700, "CNY"),
    ]
    assert [f.request_no for f in found] == ["", number + "-r", number + "-t", number + "-f"]
    assert [(p.part, p.amount) for p in found[0].parts] == [("a", 10000), ("b", 2550)]
    hold = await client.hold_status(number)
    assert hold.held == 2550
    a = hold.parts[0]
    assert (a.held, a.released, a.fee, a.refunded) == (0, 9000, 300, 700)
    day = (process.now() + timedelta(hours=8)).date()
    bill = [(x.kind, x.part, x.amount) for x in await client.bill(day) if x.out_no == number]
    assert bill == [
        ("paid", "a", 10000),
        ("paid", "b", 2550),
        ("released", "a", 9700),
        ("fee", "a", 300),
        ("returned", "a", 700),
        ("refunded", "a", 700),
    ]
    assert await client.bill(day - timedelta(days=30)) == ()


async def test_refusals_carry_the_providers_code_and_move_nothing(client, payment, pay, ask, number):
    with pytest.raises(port.ProviderRefused, match=r"^not_paid$"):
        await client.release(number, part="a", out_release_no=number, splits=SPLITS)
    with pytest.raises(port.ProviderRefused, match=r"^not_found$"):
        await client.query("no-such-number")
    pay(payment.pay_url)
    with pytest.raises(port.ProviderRefused, match=r"^already_paid$"):
        await client.close(number)
    with pytest.raises(port.ProviderRefused, match=r"^not_enough_held$"):
        await client.refund(number, part="b", out_refund_no=number, amount=2551, reason="")
    assert (await client.hold_status(number)).held == 12550


async def test_closing_tells_and_ends_the_page(process, client, payment, pay, facts, number):
    assert (await client.close(number)).state == "closed"
    assert pay(payment.pay_url).status_code == 409
    process.advance(0)
    assert kinds(facts()) == ["payment_closed"]


async def test_late_callback(process, client, payment, pay, facts, number):
    process.fault("late_callback", seconds=120)
    pay(payment.pay_url)
    process.advance(119)
    assert facts() == []
    assert (await client.query(number)).state == "paid"
    process.advance(1)
    assert kinds(facts()) == ["paid"]


async def test_duplicate_callback(process, payment, pay, facts):
    process.fault("duplicate_callback")
    pay(payment.pay_url)
    process.advance(0)
    first, second = facts()
    assert first == second


async def test_lost_callback(process, client, payment, pay, facts, number):
    process.fault("lost_callback")
    pay(payment.pay_url)
    process.advance(3600)
    assert facts() == []
    assert (await client.query(number)).state == "paid"


async def test_reordered_callback(process, client, payment, pay, facts, number):
    process.fault("reordered_callback", seconds=3600)
    pay(payment.pay_url)
    process.advance(10)
    await client.refund(number, part="b", out_refund_no=number, amount=50, reason="")
    process.advance(0)
    assert kinds(facts()) == ["refunded"]
    process.advance(1)
    assert kinds(facts()) == ["refunded", "paid"]


async def test_early_callback_arrives_before_the_return_page(process, payment, pay, receiver):
    process.fault("early_callback")
    answer = pay(payment.pay_url)
    assert answer.status_code == 303
    assert len(receiver.got) == 1


async def test_partial_split(process, client, payment, pay, facts, number):
    process.fault("partial_split")
    pay(payment.pay_url)
    await client.release(number, part="a", out_release_no=number, splits=SPLITS)
    process.advance(1)
    state = await client.query_release(number)
    assert (state.state, [x.state for x in state.lines]) == ("partial", ["succeeded", "failed"])
    fact = next(f for f in facts() if f.kind == "release_partial")
    assert (fact.amount, [(x.payee, x.state) for x in fact.lines]) == (
        9700,
        [("seller-1", "succeeded"), ("platform", "failed")],
    )
    assert (await client.hold_status(number)).parts[0].held == 300


async def test_refund_failure(process, client, payment, pay, facts, number):
    process.fault("refund_failure")
    pay(payment.pay_url)
    refund = await client.refund(number, part="a", out_refund_no=number, amount=100, reason="")
    assert (refund.state, refund.code) == ("failed", "buyer_account_unavailable")
    process.advance(0)
    assert kinds(facts()) == ["paid", "refund_failed"]
    assert (await client.hold_status(number)).held == 12550


async def test_timeout_after_apply_is_unknown_and_a_repeat_does_not_apply_twice(process, client, payment, pay, number):
    pay(payment.pay_url)
    process.fault("timeout_after_apply")
    with pytest.raises(port.ProviderUnknown):
        await client.refund(number, part="a", out_refund_no=number, amount=100, reason="")
    assert (await client.query_refund(number)).state == "succeeded"
    await client.refund(number, part="a", out_refund_no=number, amount=100, reason="")
    assert (await client.hold_status(number)).held == 12450


async def test_provider_down_is_busy_and_applies_nothing_until_it_is_back(process, client, payment, pay, number):
    pay(payment.pay_url)
    process.fault("provider_down", seconds=30)
    for _ in range(2):
        with pytest.raises(port.ProviderBusy):
            await client.refund(number, part="a", out_refund_no=number, amount=100, reason="")
    process.advance(30)
    assert (await client.hold_status(number)).held == 12550


async def test_hold_expiry(process, client, payment, pay, facts, number):
    process.fault("hold_expiry", seconds=600)
    pay(payment.pay_url)
    process.advance(0)
    assert kinds(facts()) == ["paid", "hold_expiring"]
    process.advance(599)
    assert (await client.hold_status(number)).held == 12550
    process.advance(1)
    assert kinds(facts())[-2:] == ["hold_released", "hold_released"]
    hold = await client.hold_status(number)
    assert (hold.held, [p.released for p in hold.parts]) == (0, [10000, 2550])
    with pytest.raises(port.ProviderRefused, match=r"^not_enough_held$"):
        await client.refund(number, part="a", out_refund_no=number, amount=1, reason="")


async def test_wrong_amount_is_truly_signed_so_the_house_must_compare(process, payment, pay, facts, receiver):
    process.fault("wrong_amount")
    receiver.answers = [409]
    pay(payment.pay_url)
    process.advance(0)
    process.advance(1)
    assert [f.amount for f in facts()] == [12551, 12550]


@pytest.mark.parametrize(("fault", "code"), [("forged_signature", "bad_signature"), ("old_timestamp", "stale")])
async def test_false_callbacks_are_refused_and_the_true_one_follows(
    process, payment, pay, facts, receiver, fault, code
):
    process.fault(fault)
    receiver.answers = [401]
    pay(payment.pay_url)
    process.advance(0)
    process.advance(1)
    assert kinds(facts()) == [code, "paid"]


async def test_faults_from_the_command_line(new_process):
    process = new_process("--fault", "provider_down:times=2:seconds=0", "--seed", "7")
    seen = [process.signed("merchant", "GET", "/v1/events").status_code for _ in range(3)]
    assert seen == [503, 503, 200]
