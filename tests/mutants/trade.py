"""Mistakes in buying, paying, handing over and in the books."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from xianji.domains import items, ledger, payments
from xianji.domains.fees import rules as fee_rules
from xianji.domains.items.store import things
from xianji.domains.orders import deposits, rules, store
from xianji.domains.orders.actions import ending, moving, paying, placing
from xianji.domains.orders.model import ADDRESS_SEAL
from xianji.domains.payments import actions as payment_actions
from xianji.kernel.states import Machine, Move
from xianji.kernel.work import Work

from .bug import Bug, nothing


def _without_for_update(load: Callable[..., Any]) -> Callable[..., Any]:
    class Unlocked:
        def __init__(self, db: Any) -> None:
            self._db = db

        def __getattr__(self, name: str) -> Any:
            return getattr(self._db, name)

        async def fetchrow(self, sql: str, *arguments: Any) -> Any:
            return await self._db.fetchrow(sql.replace(" for update", ""), *arguments)

    async def unlocked(work: Work, id: str) -> Any:
        return await load(replace(work, db=Unlocked(work.db)), id)

    return unlocked


def skipped_lock(patch: pytest.MonkeyPatch) -> None:
    """An order is loaded without locking its row."""
    patch.setattr(store, "lock_for", _without_for_update(store.lock_for))
    patch.setattr(store, "lock_for_system", _without_for_update(store.lock_for_system))

    async def move_order(work: Work, before: Any, state: str, due_at: Any, extensions: int) -> None:
        await work.db.execute(
            "update orders set state = $2, due_at = $3, extensions = $4, version = version + 1 where id = $1",
            before.id,
            state,
            due_at,
            extensions,
        )

    patch.setattr(store, "move_order", move_order)


def last_unit_twice(patch: pytest.MonkeyPatch) -> None:
    """Units are taken off the shelf without asking whether they are there."""

    async def reserve(work: Work, item: str, quantity: int, buyer: str, gift: bool) -> Any:
        row = await things.lock_any(work, item)
        if row.seller == buyer:
            raise items.OWN_ITEM()
        left = max(0, min(quantity, row.left))
        await work.db.execute("update items set reserved = reserved + $2 where id = $1", item, left)
        return things.line_of(row, quantity)

    patch.setattr(things, "reserve", reserve)


def units_kept(patch: pytest.MonkeyPatch) -> None:
    """A closed order keeps its units."""

    async def free_units(work: Work, order: Any, role: str) -> list[str]:
        return [line.item for line in await store.held_units(work, order.id)]

    patch.setattr(placing, "free_units", free_units)
    patch.setattr(ending, "free_units", free_units)


def lost_refund_leg(patch: pytest.MonkeyPatch) -> None:
    """A refund is asked of the provider but never booked."""
    patch.setattr(rules, "refund_legs", lambda *_: [])


def refund_never_asked(patch: pytest.MonkeyPatch) -> None:
    """A refund is booked but the provider never hears of it."""
    patch.setattr(payments, "request_refund", nothing)


def duplicates_are_news(patch: pytest.MonkeyPatch) -> None:
    """The second telling of a fact counts as a second fact."""
    patch.setattr(payment_actions, "_is_news", lambda *_: True)


def late_money_kept(patch: pytest.MonkeyPatch) -> None:
    """Money for an order that was called off is not sent back."""
    honest = paying._part_paid

    async def part_paid(work: Work, payment: str, order: Any, amount: int) -> list[ledger.Leg]:
        if order.state in deposits.PAYABLE:
            return await honest(work, payment, order, amount)
        return rules.hold_legs(order, payment, amount)

    patch.setattr(paying, "_part_paid", part_paid)


def fee_paid_to_the_seller(patch: pytest.MonkeyPatch) -> None:
    """The provider is asked to give the seller the platform's share as well."""
    honest = payments.request_release

    async def request_release(work: Work, payment: str, part: str, payee: str, net: int, fee: int) -> None:
        await honest(work, payment, part, payee, net + fee, 0)

    patch.setattr(payments, "request_release", request_release)


def fees_rounded_down(patch: pytest.MonkeyPatch) -> None:
    """Half a fen is cut off instead of rounded up."""
    patch.setattr(fee_rules, "rate_half_up", lambda base, ppm: base * ppm // 1_000_000)


def history_forgotten(patch: pytest.MonkeyPatch) -> None:
    """One verb writes no history."""
    honest = store.insert_move

    async def insert_move(work: Work, order: str, version: int, verb: str, *rest: Any) -> None:
        if verb != "ship":
            await honest(work, order, version, verb, *rest)

    patch.setattr(store, "insert_move", insert_move)


def hash_of_the_title_only(patch: pytest.MonkeyPatch) -> None:
    """The snapshot's proof covers a part of it."""
    honest = store.snapshot_digest
    patch.setattr(store, "snapshot_digest", lambda snapshot: honest({"title": snapshot["title"]}))


def confirm_before_sending(patch: pytest.MonkeyPatch) -> None:
    """The table lets a buyer confirm what was never sent."""
    early = Move("awaiting_shipment", "confirm", "completed", frozenset({"buyer"}), "release")
    patch.setattr(rules, "MACHINE", Machine("order", rules.MACHINE.states, (*rules.MACHINE.moves, early)))


def any_code_opens(patch: pytest.MonkeyPatch) -> None:
    """A meeting is completed without anybody noting that the code was shown."""
    patch.setattr(store, "set_redeemed", nothing)


def endless_extensions(patch: pytest.MonkeyPatch) -> None:
    """More time can be taken as often as one likes."""
    honest = rules.extension
    patch.setattr(rules, "extension", lambda state, terms: replace(honest(state, terms), most=99))


def deadline_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A state is entered without a deadline."""
    honest = moving._deadline

    def deadline(work: Work, order: Any, verb: str, to: str) -> Any:
        return (None, 0) if to == "shipped" else honest(work, order, verb, to)

    patch.setattr(moving, "_deadline", deadline)


def fact_never_told(patch: pytest.MonkeyPatch) -> None:
    """A fact is stored but the reaction never hears of it."""
    honest = Work.tell

    def tell(self: Work, event: Any) -> None:
        if not (isinstance(event, payments.FactStored) and event.kind == "released"):
            honest(self, event)

    patch.setattr(Work, "tell", tell)


def fee_forgotten_after_refund(patch: pytest.MonkeyPatch) -> None:
    """A fee decided at payment vanishes when the sale is called off."""
    patch.setattr(rules, "kept_fee_legs", lambda order: [])


def address_for_a_meeting(patch: pytest.MonkeyPatch) -> None:
    """An address is kept although nothing is sent."""
    honest = placing.write_order

    async def write_order(
        work: Work, lines: Any, handover: Any, note: str, sealed: Any, *more: Any, **named: Any
    ) -> str:
        sealed = sealed or work.keys.seal(ADDRESS_SEAL, "{}")
        return await honest(work, lines, handover, note, sealed, *more, **named)

    patch.setattr(placing, "write_order", write_order)


def penalty_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A seller breaks an earnest deposit and owes nothing for it."""
    patch.setattr(deposits, "penalty_legs", lambda order: [])


def every_deposit_is_lost(patch: pytest.MonkeyPatch) -> None:
    """Time takes a refundable deposit from a buyer who did not pay the rest."""
    patch.setattr(deposits, "otherwise", lambda deposit, extensions: "forfeit_timeout")


BUGS: tuple[Bug, ...] = (
    skipped_lock,
    last_unit_twice,
    units_kept,
    lost_refund_leg,
    refund_never_asked,
    duplicates_are_news,
    late_money_kept,
    fee_paid_to_the_seller,
    fees_rounded_down,
    history_forgotten,
    hash_of_the_title_only,
    confirm_before_sending,
    any_code_opens,
    endless_extensions,
    deadline_forgotten,
    fact_never_told,
    fee_forgotten_after_refund,
    address_for_a_meeting,
    penalty_forgotten,
    every_deposit_is_lost,
)
