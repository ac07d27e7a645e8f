"""Mistakes in refunds, rulings and what is claimed after the sale."""

from datetime import timedelta
from typing import Any

import pytest

from xianji.domains import fees, orders, payments
from xianji.domains.orders import rules as order_rules
from xianji.domains.orders.actions import moving as order_moving
from xianji.domains.refunds import rules, store
from xianji.domains.refunds.actions import moving
from xianji.kernel.states import Machine, Move
from xianji.kernel.work import Work

from .bug import Bug, nothing


def claim_leg_lost(patch: pytest.MonkeyPatch) -> None:
    """Of a refund after the sale the seller's part is not booked."""
    honest = order_rules.claim_legs
    patch.setattr(order_rules, "claim_legs", lambda *facts: honest(*facts)[1:])


def claim_never_asked(patch: pytest.MonkeyPatch) -> None:
    """A refund after the sale is booked, but nobody takes the money back from the seller."""
    patch.setattr(payments, "request_return", nothing)


def claim_paid_before_it_is_back(patch: pytest.MonkeyPatch) -> None:
    """The buyer is paid although the provider has not taken the money back yet."""
    honest = payments.request_return

    async def request_return(work: Work, payment: str, part: str, split: Any, reason: str) -> None:
        await honest(work, payment, part, split, reason)
        await payments.request_refund(work, payment, part, split.amount, reason)

    patch.setattr(payments, "request_return", request_return)


def more_than_was_paid(patch: pytest.MonkeyPatch) -> None:
    """What was refunded after the sale is forgotten when the next one asks."""

    async def refunded_so_far(work: Work, order: Any) -> int:
        return int(order.refunded)

    patch.setattr(orders, "refunded_so_far", refunded_so_far)


def fee_not_given_back(patch: pytest.MonkeyPatch) -> None:
    """A policy that gives the fee back in proportion keeps it."""
    patch.setattr(fees, "given_back", lambda *_: 0)


def debt_forgotten(patch: pytest.MonkeyPatch) -> None:
    """What a seller could not give back is never asked for again."""
    patch.setattr(store, "set_short", nothing)


def clock_runs_on(patch: pytest.MonkeyPatch) -> None:
    """An open refund does not stop the clock of its order."""

    async def pause(work: Work, order: Any, refund: str) -> Any:
        return await order_moving.move(work, order, "pause", "refund", refund=refund)

    patch.setattr(orders, "pause", pause)


def no_time_left(patch: pytest.MonkeyPatch) -> None:
    """An order goes on after a refund with what was left, be it a minute."""
    honest = orders.resume

    async def resume(work: Work, order: Any, refund: str, _: timedelta) -> Any:
        return await honest(work, order, refund, timedelta(0))

    patch.setattr(orders, "resume", resume)


def silence_pays(patch: pytest.MonkeyPatch) -> None:
    """A seller who says nothing pays for what may be with the buyer."""
    honest = rules.time_verb

    def time_verb(refund: Any, delivered: bool, has_address: bool) -> str:
        return "time_refund" if refund.state == "waiting_seller" else honest(refund, delivered, has_address)

    patch.setattr(rules, "time_verb", time_verb)


def ruled_out_of_turn(patch: pytest.MonkeyPatch) -> None:
    """An operator may rule on what nobody has disputed."""
    early = Move("returning", "rule_refund", "refunded", frozenset({"operator"}), "refund")
    patch.setattr(rules, "MACHINE", Machine("refund", rules.MACHINE.states, (*rules.MACHINE.moves, early)))


def claimed_too_late(patch: pytest.MonkeyPatch) -> None:
    """A sale can be questioned for ever."""
    patch.setattr(rules, "after_sale_time", lambda *_: timedelta(days=3_650))


def kept_and_sold_again(patch: pytest.MonkeyPatch) -> None:
    """What stays with the buyer is on the shelf again."""
    patch.setitem(moving._GOODS, "keep_goods", "shelf")


def repay_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A ruling that takes back from the buyer what was wrongly refunded is not booked."""
    patch.setattr(orders, "repay", nothing)


BUGS: tuple[Bug, ...] = (
    claim_leg_lost,
    claim_never_asked,
    claim_paid_before_it_is_back,
    more_than_was_paid,
    fee_not_given_back,
    debt_forgotten,
    clock_runs_on,
    no_time_left,
    silence_pays,
    ruled_out_of_turn,
    claimed_too_late,
    kept_and_sold_again,
    repay_forgotten,
)
