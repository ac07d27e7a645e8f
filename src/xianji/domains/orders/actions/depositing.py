"""A deposit: offered by the seller, agreed to by the buyer with the order."""

from collections.abc import Sequence

from xianji.domains import items, ledger
from xianji.domains.orders import deposit_store, deposits
from xianji.domains.orders.model import (
    BALANCE_EXTENSIONS,
    BALANCE_HOURS_MOST,
    DEPOSIT_NEVER_KEPT,
    DEPOSIT_NOT_OFFERED,
    DEPOSIT_PERCENT_MOST,
    DEPOSIT_TOO_LARGE,
    DEPOSIT_TOO_LONG,
    EARNEST_NOT_UNDERSTOOD,
    EARNEST_PERCENT_MOST,
    SELLER_OWES,
    Deposit,
    SetDeposit,
)
from xianji.domains.payments import OFFLINE, PROVIDER
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.installation import CURRENCY
from xianji.kernel.work import Look, Work

from .taking import TakenLine


async def set_deposit(work: Work, item: str, ask: SetDeposit) -> None:
    """Say how a thing of mine may be kept for a part of its price, or that it may not; open orders keep their terms.

    Refuses `not_found`, `deposit_not_offered` (no price, or nothing is held here), `deposit_too_large`,
    `deposit_too_long`, `deposit_never_kept`, `earnest_not_understood`, and `seller_owes` for an earnest of somebody
    who owes money.
    """
    me = work.actor.me
    page = await items.item_page(work, item)
    if not page.mine:
        raise NOT_FOUND()
    if ask.kind is None:
        await deposit_store.clear(work, item)
        return
    if not page.price.amount or work.config.get(PROVIDER) == OFFLINE:
        raise DEPOSIT_NOT_OFFERED()
    _judge(work, ask)
    if ask.kind == "earnest" and await _owes(work, me, page.price.currency):
        raise SELLER_OWES()
    await deposit_store.put(work, item, ask)


def _judge(work: Work, ask: SetDeposit) -> None:
    most = work.config.get(EARNEST_PERCENT_MOST if ask.kind == "earnest" else DEPOSIT_PERCENT_MOST)
    if ask.percent > most:
        raise DEPOSIT_TOO_LARGE(most=most)
    if ask.hours > work.config.get(BALANCE_HOURS_MOST):
        raise DEPOSIT_TOO_LONG(most=work.config.get(BALANCE_HOURS_MOST))
    if ask.kind == "refundable" and ask.silent == "forfeit":
        raise DEPOSIT_NEVER_KEPT()
    if ask.kind == "earnest" and not ask.understood:
        raise EARNEST_NOT_UNDERSTOOD()


async def _owes(look: Look, member: str, currency: str) -> bool:
    return await ledger.balance(look, "receivable", member, currency) != 0


async def agreed_deposit(work: Work, lines: Sequence[TakenLine], understood: bool) -> Deposit:
    """The deposit that the seller of this one thing offers, agreed to by the buyer.

    Refuses `deposit_not_offered` (also for several things, and when the seller owes money) and
    `earnest_not_understood`.
    """
    offered = await deposit_store.offered_on(work, [taken.line.item for taken in lines])
    if len(lines) > 1 or not offered or work.config.get(PROVIDER) == OFFLINE:
        raise DEPOSIT_NOT_OFFERED()
    deposit = as_agreed(work, offered[0])
    if deposit.kind == "earnest":
        if not understood:
            raise EARNEST_NOT_UNDERSTOOD()
        if await _owes(work, lines[0].line.seller, work.config.get(CURRENCY)):
            raise DEPOSIT_NOT_OFFERED()
    if not deposits.amount_of(deposit, sum(taken.priced.amount for taken in lines)):
        raise DEPOSIT_NOT_OFFERED()
    return deposit


def as_agreed(look: Look, offered: SetDeposit) -> Deposit:
    """What the seller offers, as an order freezes it."""
    assert offered.kind is not None
    extensions = look.config.get(BALANCE_EXTENSIONS)
    return Deposit(offered.kind, offered.percent, offered.hours, offered.silent, extensions)
