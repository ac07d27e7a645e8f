"""Posting transfers: the only way a balance changes."""

from collections.abc import Sequence

from xianji.kernel.work import Work

from . import store
from .model import LEDGER_OVERDRAWN, LEDGER_TRANSFER_DIFFERS, Leg, account_key


async def transfer(work: Work, legs: Sequence[Leg]) -> bool:
    """Post these legs together; True when they were new, False when the very same were posted before.

    Post everything of one work in one call: accounts are locked in one order within a call. Refuses
    `ledger_overdrawn` when an account would cross zero, `ledger_transfer_differs` when an id is taken by another
    transfer or only a part of the legs is new.
    """
    legs = [leg for leg in legs if leg.amount.amount]
    if not legs:
        return False
    written = await store.insert_transfers(work, legs)
    if len(written) < len(legs):
        await _same_as_stored(work, legs, written)
        return False
    deltas = _deltas(legs)
    await store.open_accounts(work, legs)
    balances = await store.lock_balances(work, list(deltas))
    for key, delta in deltas.items():
        balance, side = balances[key]
        if (balance + delta) * side < 0:
            raise LEDGER_OVERDRAWN()
    await store.add_to_balances(work, deltas)
    return True


async def debt_of(work: Work, member: str, currency: str) -> int:
    """What a member owes the platform, minor units, locked until the work ends. Ask before `transfer`, not after."""
    key = account_key("receivable", member, currency)
    balance, _ = (await store.lock_balances(work, [key])).get(key, (0, 0))
    return -balance


def _deltas(legs: Sequence[Leg]) -> dict[str, int]:
    deltas: dict[str, int] = {}
    for leg in legs:
        deltas[leg.debit] = deltas.get(leg.debit, 0) - leg.amount.amount
        deltas[leg.credit] = deltas.get(leg.credit, 0) + leg.amount.amount
    assert sum(deltas.values()) == 0
    return deltas


async def _same_as_stored(work: Work, legs: Sequence[Leg], written: set[tuple[str, str]]) -> None:
    wanted = {
        (leg.reference, leg.id, leg.kind, leg.debit, leg.credit, leg.amount.amount, leg.amount.currency) for leg in legs
    }
    if written or await store.stored_transfers(work, legs) != wanted:
        raise LEDGER_TRANSFER_DIFFERS()
