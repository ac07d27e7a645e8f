"""The pure rules: money is conserved at every step, numbers mean one thing, limits hold."""

import contextlib
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xianji.sandbox import model
from xianji.sandbox.engine import Engine
from xianji.sandbox.model import Limits, SandboxRefused

T0 = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)


class Hand:
    """A clock moved by hand."""

    def __init__(self):
        self.now = T0

    def __call__(self):
        return self.now


def make(limits=None):
    clock = Hand()
    return Engine(clock, random.Random(7), limits or Limits()), clock


def ask(out_no="p1", parts=(("a", "seller-1", 10000), ("b", "seller-2", 2550)), **more):
    fields = {
        "out_no": out_no,
        "amount": sum(p[2] for p in parts),
        "currency": "CNY",
        "description": "旧书两本",
        "parts": tuple(model.PartRequest(*p) for p in parts),
        "notify_url": "http://house/hook",
        "return_url": "http://house/orders/1",
        "expires_at": T0 + timedelta(minutes=30),
    }
    return model.PaymentRequest(**{**fields, **more})


def paid(engine, **more):
    payment = engine.create_payment("m", ask(**more))
    return engine.pay(payment.token, "success")


def split(no="r1", part="a", seller=9700, fee=300):
    lines = [model.LineRequest("seller-1", seller, "seller")]
    if fee:
        lines.append(model.LineRequest("platform", fee, "fee"))
    return model.ReleaseRequest(no, part, tuple(lines))


def money(part):
    return (part.held, part.moving, part.released, part.fee, part.refunded)


def types(engine):
    return [e.type for e in engine.outbox.events.values()]


def refused(code, call, *args):
    with pytest.raises(SandboxRefused) as caught:
        call(*args)
    assert caught.value.code == code


def test_a_payment_is_released_with_its_split_later_and_the_other_part_stays():
    engine, clock = make()
    payment = paid(engine)
    release = engine.release("m", "p1", split())
    assert release.state == "processing"
    assert money(payment.parts[0]) == (10000, 10000, 0, 0, 0)
    clock.now += timedelta(seconds=1)
    engine.tick()
    assert release.state == "succeeded"
    assert money(payment.parts[0]) == (0, 0, 9700, 300, 0)
    assert money(payment.parts[1]) == (2550, 0, 0, 0, 0)
    assert types(engine) == ["payment.paid", "release.succeeded"]
    assert [(x.kind, x.amount) for x in engine.lines] == [
        ("paid", 10000),
        ("paid", 2550),
        ("released", 9700),
        ("fee", 300),
    ]


def test_partial_split_keeps_the_failed_line_held_and_a_second_release_finishes_it():
    engine, clock = make()
    payment = paid(engine)
    engine.faults.script(model.Fault(name="partial_split", times=1))
    release = engine.release("m", "p1", split())
    clock.now += timedelta(seconds=1)
    engine.tick()
    assert release.state == "partial"
    assert [(x.state, x.code) for x in release.lines] == [
        ("succeeded", None),
        ("failed", "receiver_unavailable"),
    ]
    assert money(payment.parts[0]) == (300, 0, 9700, 0, 0)
    last = list(engine.outbox.events.values())[-1]
    assert (last.type, last.facts["amount"]) == ("release.partial", 9700)
    fee = model.ReleaseRequest("r2", "a", (model.LineRequest("platform", 300, "fee"),))
    engine.release("m", "p1", fee)
    clock.now += timedelta(seconds=1)
    engine.tick()
    assert money(payment.parts[0]) == (0, 0, 9700, 300, 0)


def test_released_money_must_come_back_before_it_is_refunded():
    engine, clock = make()
    payment = paid(engine)
    engine.release("m", "p1", split())
    clock.now += timedelta(seconds=1)
    engine.tick()
    want = model.RefundRequest("f1", "a", 4000)
    refused("not_enough_held", engine.refund, "m", "p1", want)
    engine.split_return("m", "r1", model.ReturnRequest("t1", "seller-1", "seller", 4000))
    assert money(payment.parts[0]) == (4000, 0, 5700, 300, 0)
    assert engine.refund("m", "p1", want).state == "succeeded"
    assert money(payment.parts[0]) == (0, 0, 5700, 300, 4000)
    over = model.ReturnRequest("t2", "seller-1", "seller", 5701)
    refused("return_over_line", engine.split_return, "m", "r1", over)


def test_hold_is_warned_of_and_then_goes_to_the_seller_by_itself():
    engine, clock = make()
    payment = paid(engine)
    assert payment.hold_until == T0 + timedelta(days=180)
    clock.now = T0 + timedelta(days=173)
    engine.tick()
    engine.tick()
    assert types(engine) == ["payment.paid", "hold.expiring"]
    clock.now = T0 + timedelta(days=180)
    engine.tick()
    engine.tick()
    assert types(engine)[2:] == ["hold.released", "hold.released"]
    assert [money(p) for p in payment.parts] == [(0, 0, 10000, 0, 0), (0, 0, 2550, 0, 0)]


def test_failed_refund_leaves_the_money_held():
    engine, _ = make()
    payment = paid(engine)
    engine.faults.script(model.Fault(name="refund_failure", times=1))
    record = engine.refund("m", "p1", model.RefundRequest("f1", "a", 4000))
    assert (record.state, record.code) == ("failed", "buyer_account_unavailable")
    assert money(payment.parts[0]) == (10000, 0, 0, 0, 0)
    assert types(engine)[-1] == "refund.failed"


def test_same_number_same_body_is_one_thing_and_another_body_is_refused():
    engine, _ = make()
    first = paid(engine)
    assert engine.create_payment("m", ask()) is first
    refused("out_no_conflict", engine.create_payment, "m", ask(description="另一本"))
    release = engine.release("m", "p1", split())
    assert engine.release("m", "p1", split()) is release
    refused("out_no_conflict", engine.release, "m", "p1", split(seller=9699))
    refund = engine.refund("m", "p1", model.RefundRequest("f1", "b", 50))
    assert engine.refund("m", "p1", model.RefundRequest("f1", "b", 50)) is refund
    refused("out_no_conflict", engine.refund, "m", "p1", model.RefundRequest("f1", "b", 51))
    assert money(first.parts[1]) == (2500, 0, 0, 0, 50)
    assert len(engine.releases) == len(engine.refunds) == 1


def test_amount_rules():
    engine, _ = make()
    refused("amount_mismatch", engine.create_payment, "m", ask(amount=1))
    refused("parts_repeat", engine.create_payment, "m", ask(parts=(("a", "s", 1), ("a", "s", 1))))
    refused("already_expired", engine.create_payment, "m", ask(expires_at=T0))
    many = tuple((f"p{i}", "s", 1) for i in range(51))
    refused("too_many_parts", engine.create_payment, "m", ask(parts=many))
    assert engine.payments == {}
    payment = engine.create_payment("m", ask())
    refused("not_paid", engine.release, "m", "p1", split())
    engine.pay(payment.token, "success")
    refused("not_enough_held", engine.release, "m", "p1", split(seller=9701))
    refused("fee_share_over_limit", engine.release, "m", "p1", split(seller=1, fee=3001))
    stranger = model.ReleaseRequest("r", "a", (model.LineRequest("someone", 1, "seller"),))
    refused("wrong_payee", engine.release, "m", "p1", stranger)
    assert money(payment.parts[0]) == (10000, 0, 0, 0, 0)


def test_unpaid_payment_closes_at_its_time_and_cannot_be_paid_after():
    engine, clock = make()
    payment = engine.create_payment("m", ask())
    engine.pay(payment.token, "fail")
    assert (payment.state, payment.failed_tries) == ("pending", 1)
    clock.now += timedelta(minutes=30)
    refused("payment_closed", engine.pay, payment.token, "success")
    assert payment.state == "closed"
    assert types(engine) == ["payment.closed"]
    assert engine.close_payment("m", "p1") is payment
    assert types(engine) == ["payment.closed"]


STEP = st.one_of(
    st.tuples(st.just("release"), st.sampled_from("ab"), st.integers(1, 9000), st.integers(0, 2000)),
    st.tuples(st.just("refund"), st.sampled_from("ab"), st.integers(1, 9000), st.just(0)),
    st.tuples(st.just("return"), st.just("a"), st.integers(1, 9000), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from([1, 60, 86400, 90 * 86400]), st.just(0)),
)


def attempt(engine, clock, step, number):
    verb, part, amount, other = step
    no = f"n{number}"
    if verb == "wait":
        clock.now += timedelta(seconds=amount)
        engine.tick()
    elif verb == "refund":
        engine.refund("m", "p1", model.RefundRequest(no, part, amount))
    elif verb == "return":
        release = list(engine.releases.values())[other]
        line = release.lines[-1]
        back = model.ReturnRequest(no, line.payee, line.kind, amount)
        engine.split_return("m", release.out_release_no, back)
    else:
        lines = [model.LineRequest({"a": "seller-1", "b": "seller-2"}[part], amount, "seller")]
        lines += [model.LineRequest("platform", other, "fee")] if other else []
        engine.release("m", "p1", model.ReleaseRequest(no, part, tuple(lines)))


@settings(max_examples=150, deadline=None)
@given(st.lists(STEP, max_size=25), st.integers(0, 5000), st.integers(0, 3))
def test_money_is_conserved_at_every_step(steps, rate, refund_seconds):
    engine, clock = make(Limits(refund_seconds=refund_seconds))
    for name in ("partial_split", "refund_failure"):
        engine.faults.script(model.Fault(name=name, rate_bp=rate))
    payment = paid(engine)
    for number, step in enumerate(steps):
        with contextlib.suppress(SandboxRefused, IndexError):
            attempt(engine, clock, step, number)
        for part in payment.parts:
            assert part.amount == part.held + part.released + part.fee + part.refunded
            assert 0 <= part.moving <= part.held
            assert min(part.released, part.fee, part.refunded) >= 0
    signs = {"paid": 0, "released": 1, "fee": 1, "refunded": 1, "hold_released": 1, "returned": -1}
    gone = sum(signs[x.kind] * x.amount for x in engine.lines)
    assert gone == sum(p.amount - p.held for p in payment.parts)
