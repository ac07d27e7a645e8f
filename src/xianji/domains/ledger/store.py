"""The rows of the ledger."""

from collections.abc import Sequence

from xianji.kernel.work import Work

from .model import ACCOUNT_KINDS, SHARDED, TRANSFER_KINDS, Leg


async def insert_transfers(work: Work, legs: Sequence[Leg]) -> set[tuple[str, str]]:
    """Write the transfers that are not there yet; returns (reference, id) of those written."""
    rows = await work.db.fetch(
        "insert into ledger_transfers (reference, id, kind, debit, credit, amount, currency, at)"
        " select t.reference, t.id, t.kind, t.debit, t.credit, t.amount, t.currency, $8"
        " from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])"
        " as t (reference, id, kind, debit, credit, amount, currency)"
        " order by t.reference, t.id"
        " on conflict do nothing returning reference, id",
        [leg.reference for leg in legs],
        [leg.id for leg in legs],
        [leg.kind for leg in legs],
        [leg.debit for leg in legs],
        [leg.credit for leg in legs],
        [leg.amount.amount for leg in legs],
        [leg.amount.currency for leg in legs],
        work.now,
    )
    return {(row["reference"], row["id"]) for row in rows}


async def stored_transfers(work: Work, legs: Sequence[Leg]) -> set[tuple[str, str, str, str, str, int, str]]:
    """What is booked under the ids of these legs."""
    rows = await work.db.fetch(
        "select reference, id, kind, debit, credit, amount, currency from ledger_transfers"
        " where (reference, id) in (select * from unnest($1::text[], $2::text[]))",
        [leg.reference for leg in legs],
        [leg.id for leg in legs],
    )
    return {tuple(row) for row in rows}


async def open_accounts(work: Work, legs: Sequence[Leg]) -> None:
    """Make the missing account rows, in the order in which they are locked.

    A separate step before locking, because an upsert that adds a negative delta would trip the sign check on the
    row it proposes, and because everybody meets new and old rows in the same order.
    """
    accounts = _accounts_of(legs)
    keys = sorted(accounts, key=lock_order)
    await work.db.execute(
        "insert into ledger_accounts (key, kind, owner, currency, side)"
        " select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[])"
        " as t (key, kind, owner, currency, side) order by t.kind <> 'receivable', t.key on conflict do nothing",
        keys,
        [accounts[key][0] for key in keys],
        [accounts[key][1] for key in keys],
        [accounts[key][2] for key in keys],
        [ACCOUNT_KINDS[accounts[key][0]] for key in keys],
    )


def _accounts_of(legs: Sequence[Leg]) -> dict[str, tuple[str, str, str]]:
    """Key → (kind, owner, currency) of every account these legs touch."""
    found: dict[str, tuple[str, str, str]] = {}
    for leg in legs:
        kind, currency = TRANSFER_KINDS[leg.kind], leg.amount.currency
        found[leg.debit] = (kind.debit, "" if kind.debit in SHARDED else leg.debit_owner, currency)
        found[leg.credit] = (kind.credit, "" if kind.credit in SHARDED else leg.credit_owner, currency)
    return found


def lock_order(key: str) -> tuple[bool, str]:
    """Debts first, because whoever recovers one must know it before the other legs are known; then by key."""
    return not key.startswith("receivable:"), key


async def lock_balances(work: Work, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Lock these accounts in their order; returns key → (balance, side)."""
    rows = await work.db.fetch(
        "select key, balance, side from ledger_accounts where key = any($1::text[])"
        " order by kind <> 'receivable', key for update",
        keys,
    )
    return {row["key"]: (row["balance"], row["side"]) for row in rows}


async def add_to_balances(work: Work, deltas: dict[str, int]) -> None:
    """Add to balances that this work has locked."""
    await work.db.execute(
        "update ledger_accounts set balance = ledger_accounts.balance + t.delta"
        " from unnest($1::text[], $2::bigint[]) as t (key, delta) where ledger_accounts.key = t.key",
        list(deltas),
        list(deltas.values()),
    )
