"""The refund machine, cell by cell, in the table and on real rows."""

import pytest

from tests.conftest import START, FakeClock
from xianji.domains import orders, refunds
from xianji.domains.refunds import rules
from xianji.domains.refunds.model import REASONS
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.kernel.money import Money
from xianji.kernel.words import catalogue

from .build import Desk, a_waybill

# state → verb → (who, new state, money), written down a second time on purpose.
TABLE = {
    "waiting_seller": {
        "grant": ("system", "refunded", "refund"),
        "agree": ("seller", "refunded", "refund"),
        "agree_return": ("seller", "waiting_return", ""),
        "agree_replacement": ("seller", "waiting_replacement", ""),
        "counter": ("seller", "waiting_buyer", ""),
        "refuse": ("seller", "refused", ""),
        "withdraw": ("buyer", "closed", ""),
        "time_refund": ("time", "refunded", "refund"),
        "time_return": ("time", "waiting_return", ""),
        "time_dispute": ("time", "disputed", ""),
    },
    "waiting_buyer": {
        "accept_counter": ("buyer", "refunded", "refund"),
        "accept_return": ("buyer", "waiting_return", ""),
        "escalate": ("buyer seller", "disputed", ""),
        "withdraw": ("buyer", "closed", ""),
        "time_close": ("time", "closed", ""),
    },
    "waiting_return": {
        "ship_back": ("buyer", "returning", ""),
        "escalate": ("buyer seller", "disputed", ""),
        "withdraw": ("buyer", "closed", ""),
        "time_close": ("time", "closed", ""),
    },
    "returning": {
        "correct_waybill": ("buyer", "returning", ""),
        "signed": ("carrier operator", "returning", ""),
        "receive": ("seller", "refunded", "refund"),
        "receive_exchange": ("seller", "waiting_replacement", ""),
        "refuse_received": ("seller", "disputed", ""),
        "escalate": ("buyer seller", "disputed", ""),
        "time_refund": ("time", "refunded", "refund"),
        "time_dispute": ("time", "disputed", ""),
    },
    "waiting_replacement": {
        "replace": ("seller", "exchanged", ""),
        "escalate": ("buyer seller", "disputed", ""),
        "time_dispute": ("time", "disputed", ""),
    },
    "refused": {
        "agree": ("seller", "refunded", "refund"),
        "agree_return": ("seller", "waiting_return", ""),
        "agree_replacement": ("seller", "waiting_replacement", ""),
        "escalate": ("buyer seller", "disputed", ""),
        "withdraw": ("buyer", "closed", ""),
        "time_close": ("time", "closed", ""),
    },
    "disputed": {
        "agree": ("seller", "refunded", "refund"),
        "agree_return": ("seller", "waiting_return", ""),
        "agree_replacement": ("seller", "waiting_replacement", ""),
        "withdraw": ("buyer", "closed", ""),
        "rule_refund": ("operator", "refunded", "refund"),
        "rule_return": ("operator", "waiting_return", ""),
        "rule_release": ("operator", "closed", ""),
        "rule_repay": ("operator", "closed", ""),
    },
    "refunded": {},
    "exchanged": {},
    "closed": {},
}
ROLES = ("buyer", "seller", "time", "carrier", "operator", "system")
VERBS = sorted({verb for verbs in TABLE.values() for verb in verbs} | {row.verb for row in rules.MACHINE.moves})


@pytest.mark.parametrize("state", TABLE)
def test_every_cell(state: str) -> None:
    for verb in VERBS:
        who, to, money = TABLE[state].get(verb, ("", "", ""))
        for role in ROLES:
            if role in who.split():
                row = rules.MACHINE.decide(state, verb, role)
                assert (row.to, row.money) == (to, money)
            else:
                with pytest.raises(Refusal) as refused:
                    rules.MACHINE.decide(state, verb, role)
                assert refused.value.code is MOVE_NOT_OPEN


def test_the_machine_ends_and_every_waiting_state_has_its_time() -> None:
    assert set(rules.MACHINE.states) == set(TABLE)
    assert rules.MACHINE.final == {"refunded", "exchanged", "closed"}
    timed = {row.frm for row in rules.MACHINE.moves if "time" in row.who}
    assert timed == set(TABLE) - {"disputed"} - rules.MACHINE.final


def test_silence_never_pays_for_what_may_be_with_the_buyer() -> None:
    for kind in ("keep_goods", "partial", "exchange"):
        for has_address in (False, True):
            for delivered in (False, True):
                refund = a_refund(kind)
                assert rules.time_verb(refund, delivered, has_address) == "time_dispute"
    assert rules.time_verb(a_refund("not_received"), True, True) == "time_dispute"


def a_refund(kind: str) -> "rules.Refund":
    return rules.Refund(
        id="rfd_x", order_id="ord_x", buyer="mbr_b", seller="mbr_s", kind=kind, state="waiting_seller",  # type: ignore[arg-type]
        reason="other", asked=1, amount=1, currency="CNY", after_sale=False, opened_at=START,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "freight", "paid_by", "most", "expected"),
    [
        (10_000, 1_200, "seller", 10_000, 9_400),
        (10_000, 1_201, "seller", 10_000, 9_399),
        (10_000, 1_200, "buyer", 10_000, 10_000),
        (9_000, 1_200, "buyer", 10_000, 9_600),
        (300, 1_200, "seller", 10_000, 0),
    ],
)
def test_freight_in_halves(amount: int, freight: int, paid_by: str, most: int, expected: int) -> None:
    assert rules.half_freight(amount, freight, paid_by, most) == expected


def test_every_side_has_its_sentence_and_every_kind_its_reasons() -> None:
    needed = {f"refund_{state}_{role}" for state in TABLE for role in ("buyer", "seller", "operator")}
    texts = {code: text for code, text in catalogue("waiting").items() if code.startswith("refund_")}
    assert set(texts) == needed
    for code, text in texts.items():
        assert set(text) == {"zh", "en"}
        assert ("{until}" in text["zh"]) == ("{until}" in text["en"]), code
    assert all(reasons[-1] == "other" for reasons in REASONS.values())


async def _at(desk: Desk, state: str) -> str:
    """A refund in this state, of a kind to which every verb of the state may fit."""
    order = await desk.delivered()
    kind = "exchange" if state == "waiting_replacement" else "return"
    refund = await desk.asked(order, kind)
    if state == "waiting_buyer":
        await desk.do(desk.seller, "counter", refund, refunds.CounterRefund("partial", Money(100)))
    elif state in ("refused", "disputed", "closed"):
        await desk.refuse(refund)
    elif state != "waiting_seller":
        await desk.agree(refund, keep=kind == "exchange")
    if state in ("returning", "refunded"):
        await desk.ship_back(refund)
    if state == "refunded":
        await desk.do(desk.seller, "receive", refund)
    if state == "disputed":
        await desk.escalate(refund)
    if state == "closed":
        await desk.do(desk.buyer, "withdraw", refund)
    return refund


async def _tries(desk: Desk) -> list[tuple[str, tuple[object, ...]]]:
    """Every verb of the door that a member or an operator calls, with what it needs to be judged at all."""
    shown, mine = await desk.evidence(), await desk.evidence(desk.seller)
    return [
        ("agree", (refunds.Agree(),)),
        ("counter", (refunds.CounterRefund("partial", Money(200)),)),
        ("accept_counter", ()),
        ("refuse", (refunds.Refuse("没坏"),)),
        ("ship_back", (refunds.ShipBack("sf", a_waybill(), shown),)),
        ("correct_return", (orders.Ship("sf", a_waybill()),)),
        ("receive", ()),
        ("refuse_received", (refunds.RefuseReceived("swapped", "不是这件", mine),)),
        ("replace", (refunds.Replacement("sf", a_waybill()),)),
        ("withdraw", ()),
        ("escalate", (refunds.Escalate(),)),
        ("mark_signed", ()),
        ("rule", (refunds.RuleOn("release", "看过了", "RF4"),)),
    ]


_PUBLIC = {"correct_waybill": "correct_return", "signed": "mark_signed", "receive_exchange": "receive"} | rules.NAMES


@pytest.mark.parametrize("state", [state for state in TABLE if state != "exchanged"])
async def test_what_is_not_in_the_table_is_refused_on_real_rows_and_changes_nothing(
    desk: Desk, clock: FakeClock, state: str
) -> None:
    refund = await _at(desk, state)
    before = await desk.refund(refund)
    assert before.state == state
    actors = {"buyer": desk.buyer, "seller": desk.seller, "operator": desk.operator}
    for role, actor in actors.items():
        allowed = {_PUBLIC.get(verb, verb) for verb, (who, _, _) in TABLE[state].items() if role in who.split()}
        for verb, ask in await _tries(desk):
            if verb in allowed:
                continue
            with pytest.raises(Refusal):
                await desk.do(actor, verb, refund, *ask)
    assert await desk.refund(refund) == before


async def test_strangers_find_nothing(desk: Desk) -> None:
    from tests.build import a_member

    refund = await _at(desk, "waiting_seller")
    stranger = await a_member(desk.database)
    for verb, ask in await _tries(desk):
        if verb in ("rule", "mark_signed"):
            continue
        with pytest.raises(Refusal) as refused:
            await desk.do(stranger, verb, refund, *ask)
        assert refused.value.code is NOT_FOUND, verb
    with pytest.raises(Refusal) as refused:
        await desk.refund(refund, stranger)
    assert refused.value.code is NOT_FOUND
