"""The seller answers, the buyer answers back, either takes it to the operators."""

import msgspec

from xianji.domains import members, orders
from xianji.domains.refunds import rules, store
from xianji.domains.refunds.model import (
    RETURN_ADDRESS_NEEDED,
    RETURN_SEAL,
    WORDS_LONGEST,
    Agree,
    CounterRefund,
    Escalate,
    Refuse,
    Step,
)
from xianji.kernel import text
from xianji.kernel.work import Work

from .applying import in_currency
from .moving import judged_evidence, move


async def agree(work: Work, id: str, ask: Agree) -> None:
    """The seller says yes: the money goes back, or the goods come first, to the address given with this very act.

    Refuses `not_found`, `move_not_open`, `return_address_needed`.
    """
    order, refund = await store.lock_for(work, id)
    role = refund.role_of(work.actor.me)
    verb = rules.agree_verb(refund.kind, ask.keep)
    rules.MACHINE.decide(refund.state, verb, role)
    if verb == "agree_return":
        await move(work, order, refund, verb, role, address_sealed=await _own_address(work, ask.address))
    else:
        await move(work, order, refund, verb, role)


async def _own_address(work: Work, address: str | None) -> str:
    """The seller's address, sealed. Refuses `not_found` for somebody else's, `return_address_needed` without any."""
    found = await members.address_for(work, address, work.actor) if address else None
    found = found or await members.default_address_of(work, work.actor.me)
    if found is None:
        raise RETURN_ADDRESS_NEEDED()
    return sealed_address(work, found)


def sealed_address(work: Work, address: members.Address) -> str:
    """An address under the seal of refunds."""
    return work.keys.seal(RETURN_SEAL, msgspec.json.encode(address).decode())


async def counter(work: Work, id: str, ask: CounterRefund) -> None:
    """The seller offers another way out; where goods would come back, with the address.

    Refuses `not_found`, `move_not_open`, `refund_kind_not_open`, `counter_is_the_same`, `return_address_needed`, and
    what is wrong with the amount (`refund_…`).
    """
    order, refund = await store.lock_for(work, id)
    role = refund.role_of(work.actor.me)
    rules.MACHINE.decide(refund.state, "counter", role)
    words = text.body("words", ask.words, work.config.get(WORDS_LONGEST))
    refundable = order.paid - await orders.refunded_so_far(work, order)
    amount = rules.judge_amount(ask.kind, in_currency(ask.amount, order), refundable)
    rules.judge_counter(refund, ask.kind, amount, order)
    sealed = await _own_address(work, ask.address) if ask.kind in rules.COMES_BACK else None
    step = Step(words, [], {"kind": ask.kind, "amount": amount, "currency": order.currency})
    await move(
        work, order, refund, "counter", role, step, counter_kind=ask.kind, counter_amount=amount, address_sealed=sealed
    )


async def accept_counter(work: Work, id: str) -> None:
    """The buyer takes what the seller offers. Refuses `not_found` and `move_not_open`."""
    order, refund = await store.lock_for(work, id)
    role = refund.role_of(work.actor.me)
    verb = rules.accept_verb(refund.counter_kind or "")
    rules.MACHINE.decide(refund.state, verb, role)
    await move(
        work,
        order,
        refund,
        verb,
        role,
        kind=refund.counter_kind,
        amount=refund.counter_amount,
        counter_kind=None,
        counter_amount=None,
    )


async def refuse(work: Work, id: str, ask: Refuse) -> None:
    """The seller says no, and why; the buyer may take it to the operators. Refuses `not_found`, `move_not_open`."""
    order, refund = await store.lock_for(work, id)
    role = refund.role_of(work.actor.me)
    rules.MACHINE.decide(refund.state, "refuse", role)
    await move(work, order, refund, "refuse", role, await _told(work, ask.reason, ask.evidence, needed=True))


async def escalate(work: Work, id: str, ask: Escalate) -> None:
    """Either side lets the operators decide, after the first reply. Refuses `not_found`, `move_not_open`."""
    order, refund = await store.lock_for(work, id)
    role = refund.role_of(work.actor.me)
    rules.MACHINE.decide(refund.state, "escalate", role)
    await move(work, order, refund, "escalate", role, await _told(work, ask.reason, ask.evidence, needed=False))


async def _told(work: Work, reason: str, evidence: list[str], *, needed: bool) -> Step:
    words = text.body("reason", reason, work.config.get(WORDS_LONGEST), required=needed)
    return Step(words, await judged_evidence(work, evidence, needed=False))
