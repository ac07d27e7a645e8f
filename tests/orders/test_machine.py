"""The order machine, cell by cell: every state × verb × role, the empty cells too."""

import re

import pytest

from xianji.domains.orders import all_carriers, rules
from xianji.domains.orders.model import Deposit
from xianji.kernel.errors import MOVE_NOT_OPEN, Refusal
from xianji.kernel.words import catalogue

# (state, verb) → (who, new state, money), written down a second time on purpose.
TABLE = {
    ("awaiting_payment", "start_payment"): ("buyer", "awaiting_payment", ""),
    ("awaiting_payment", "change_price"): ("seller", "awaiting_payment", ""),
    ("awaiting_payment", "reconfirm"): ("buyer", "awaiting_payment", ""),
    ("awaiting_payment", "pay_deposit"): ("provider", "awaiting_balance", "hold"),
    ("awaiting_balance", "start_payment"): ("buyer", "awaiting_balance", ""),
    ("awaiting_balance", "pay"): ("provider system", "awaiting_shipment", "hold"),
    ("awaiting_balance", "pay_to_meet"): ("provider system", "awaiting_meeting", "hold"),
    ("awaiting_balance", "extend"): ("seller time", "awaiting_balance", ""),
    ("awaiting_balance", "balance_timeout"): ("time", "refunded", "refund"),
    ("awaiting_balance", "forfeit_timeout"): ("time", "forfeited", "forfeit"),
    ("awaiting_balance", "cancel_paid"): ("buyer seller", "refunded", "refund"),
    ("awaiting_balance", "forfeit"): ("buyer", "forfeited", "forfeit"),
    ("awaiting_shipment", "forfeit"): ("buyer", "forfeited", "forfeit"),
    ("awaiting_meeting", "forfeit"): ("buyer", "forfeited", "forfeit"),
    ("awaiting_payment", "pay"): ("provider system", "awaiting_shipment", "hold"),
    ("awaiting_payment", "pay_to_meet"): ("provider system", "awaiting_meeting", "hold"),
    ("awaiting_payment", "cancel"): ("buyer seller", "closed", ""),
    ("awaiting_payment", "time_out_payment"): ("time", "closed", ""),
    ("awaiting_shipment", "ship"): ("seller", "shipped", ""),
    ("awaiting_shipment", "no_logistics"): ("seller", "delivered", ""),
    ("awaiting_shipment", "cancel_paid"): ("buyer seller", "refunded", "refund"),
    ("awaiting_shipment", "refund_timeout"): ("time", "refunded", "refund"),
    ("awaiting_shipment", "extend"): ("seller", "awaiting_shipment", ""),
    ("awaiting_meeting", "arrange"): ("buyer seller", "awaiting_meeting", ""),
    ("awaiting_meeting", "renew_code"): ("buyer", "awaiting_meeting", ""),
    ("awaiting_meeting", "redeem"): ("seller", "completed", "release"),
    ("awaiting_meeting", "cancel_paid"): ("buyer seller", "refunded", "refund"),
    ("awaiting_meeting", "meet_timeout"): ("time", "refunded", "refund"),
    ("awaiting_meeting", "extend"): ("buyer seller", "awaiting_meeting", ""),
    ("shipped", "correct_waybill"): ("seller", "shipped", ""),
    ("shipped", "unseen"): ("time", "shipped", ""),
    ("shipped", "deliver"): ("carrier operator", "delivered", ""),
    ("shipped", "confirm"): ("buyer", "completed", "release"),
    ("shipped", "auto_confirm"): ("time", "completed", "release"),
    ("shipped", "extend"): ("buyer", "shipped", ""),
    ("delivered", "confirm"): ("buyer", "completed", "release"),
    ("delivered", "auto_confirm"): ("time", "completed", "release"),
    ("delivered", "extend"): ("buyer", "delivered", ""),
}
OPEN = ("awaiting_shipment", "awaiting_meeting", "shipped", "delivered")
for _state in OPEN:
    TABLE |= {
        (_state, "pause"): ("refund", _state, ""),
        (_state, "resume"): ("refund", _state, ""),
        (_state, "refund_part"): ("refund", _state, "part"),
        (_state, "refund_all"): ("refund", "refunded", "refund"),
        (_state, "complete_rest"): ("refund", "completed", "release"),
        (_state, "hold_ended"): ("provider", "completed", "release"),
    }
VERBS = sorted({verb for _, verb in TABLE} | {move.verb for move in rules.MACHINE.moves})


@pytest.mark.parametrize("state", rules.STATES)
def test_every_cell(state: str) -> None:
    for verb in VERBS:
        for role in rules.ROLES:
            judge_cell(state, verb, role)


def judge_cell(state: str, verb: str, role: str) -> None:
    who, to, money = TABLE.get((state, verb), ("", "", ""))
    if role in who.split():
        row = rules.MACHINE.decide(state, verb, role)
        assert (row.to, row.money) == (to, money)
    else:
        with pytest.raises(Refusal) as refused:
            rules.MACHINE.decide(state, verb, role)
        assert refused.value.code is MOVE_NOT_OPEN
        assert refused.value.facts == {"state": state, "verb": verb}


def test_ended_orders_stay_ended_and_all_others_are_ended_by_time() -> None:
    assert rules.MACHINE.final == {"completed", "closed", "refunded", "forfeited"}
    assert set(rules.TURN) == set(rules.STATES) - rules.MACHINE.final
    for state in rules.TURN:
        for deposit in _DEPOSITS if state == "awaiting_balance" else [None]:
            verb = rules.otherwise(state, deposit, 0)
            assert rules.MACHINE.decide(state, verb, "time").to in rules.MACHINE.final or verb == "extend"


_DEPOSITS = [
    Deposit(kind, 10, 24, silent, 1) for kind in ("refundable", "earnest") for silent in ("refund", "forfeit", "extend")
]


def test_an_unpaid_rest_ends_as_the_deposit_says() -> None:
    told = {
        (one.kind, one.silent, used): rules.otherwise("awaiting_balance", one, used)
        for one in _DEPOSITS
        for used in (0, 1)
    }
    assert told == {
        ("refundable", "refund", 0): "balance_timeout",
        ("refundable", "refund", 1): "balance_timeout",
        ("refundable", "forfeit", 0): "balance_timeout",
        ("refundable", "forfeit", 1): "balance_timeout",
        ("refundable", "extend", 0): "extend",
        ("refundable", "extend", 1): "balance_timeout",
        ("earnest", "refund", 0): "balance_timeout",
        ("earnest", "refund", 1): "balance_timeout",
        ("earnest", "forfeit", 0): "forfeit_timeout",
        ("earnest", "forfeit", 1): "forfeit_timeout",
        ("earnest", "extend", 0): "extend",
        ("earnest", "extend", 1): "forfeit_timeout",
    }


def test_money_is_held_on_the_way_in_and_leaves_on_the_way_out() -> None:
    holding = {"awaiting_balance", "awaiting_shipment", "awaiting_meeting", "shipped", "delivered"}
    for row in rules.MACHINE.moves:
        enters, leaves = row.to in holding, row.frm in holding
        inside = {"", "part"} if row.verb == "refund_part" else {"hold"} if row.verb.startswith("pay") else {""}
        inside = {""} if row.verb == "pause" else inside
        expected = {(False, True): {"release", "refund", "forfeit"}, (True, False): {"hold"}}.get(
            (enters, leaves), inside
        )
        assert row.money in expected, row


@pytest.mark.parametrize(
    ("verb", "handovers"),
    [("ship", {"ship"}), ("no_logistics", {"digital"}), ("pay", {"ship", "digital"}), ("pay_to_meet", {"meet"})],
)
def test_some_verbs_fit_only_some_handovers(verb: str, handovers: set[str]) -> None:
    assert {way for way in ("ship", "meet", "digital") if rules.fits_handover(verb, way)} == handovers
    for way in handovers & {"ship", "meet", "digital"}:
        if verb.startswith("pay"):
            assert rules.pay_verb(way) == verb


def test_every_waiting_side_has_its_sentence_in_both_languages() -> None:
    needed = {
        rules.waiting_code(state, role, handover, paused, protected, earnest)
        for state in rules.STATES
        for role in ("buyer", "seller")
        for handover in ("ship", "meet", "digital")
        for paused in (False, True)
        for protected in (False, True)
        for earnest in (False, True)
    }
    texts = {code: text for code, text in catalogue("waiting").items() if code.startswith("order_")}
    assert set(texts) == needed
    for code, text in texts.items():
        assert set(text) == {"zh", "en"}
        assert ("{until}" in text["zh"]) == ("{until}" in text["en"]), code


def test_every_carrier_pattern_compiles_and_takes_no_phone_number() -> None:
    for code, carrier in all_carriers().items():
        assert re.fullmatch(carrier.waybill, "") is None
        if code not in ("other", "deppon"):
            assert re.fullmatch(carrier.waybill, "13912345678") is None
