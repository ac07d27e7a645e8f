"""A short word of thanks after a completed order; it stays with the history of the thing."""

from xianji.domains import members, screening
from xianji.domains.orders import store, thanks_store
from xianji.domains.orders.events import ThanksHeld, ThanksLeft
from xianji.domains.orders.model import THANKED_ALREADY, THANKS_LONGEST, Thank
from xianji.kernel import text
from xianji.kernel.errors import MOVE_NOT_OPEN
from xianji.kernel.work import Work


async def thank(work: Work, id: str, ask: Thank) -> str:
    """Thank the other side of a completed order, once; returns the thanks' id. A rule may hold it for a person's eyes.

    Refuses `not_found`, `move_not_open`, `thanked_already`, `screened_out`, `restricted`, and texts that are empty.
    """
    order = await store.lock_for(work, id)
    members.need_unrestricted(work.actor, "speak")
    words = text.line("words", ask.words, work.config.get(THANKS_LONGEST))
    if order.state != "completed":
        raise MOVE_NOT_OPEN(state=order.state, verb="thank")
    held = await screening.screen(work, words, talk=True)
    thanks = work.new_id("thk")
    if not await thanks_store.insert(work, order.id, thanks, words, ask.named, "hidden" if held else "live"):
        raise THANKED_ALREADY()
    if held:
        work.tell(ThanksHeld(thanks, order.id, work.actor.me, held))
    else:
        to = order.seller if order.role_of(work.actor.me) == "buyer" else order.buyer
        work.tell(ThanksLeft(thanks, order.id, work.actor.me, to))
    return thanks


async def take_thanks_back(work: Work, id: str) -> None:
    """Take my thanks back. Refuses `not_found`, also while they are hidden."""
    order = await store.lock_for(work, id)
    await thanks_store.delete(work, order.id)


async def hide_thanks(work: Work, thanks: str) -> None:
    """A moderator takes thanks out of sight. Refuses `not_found`."""
    await _show(work, thanks, "hidden")


async def restore_thanks(work: Work, thanks: str) -> None:
    """A moderator lets thanks be seen (again). Refuses `not_found`."""
    await _show(work, thanks, "live")


async def _show(work: Work, thanks: str, state: str) -> None:
    work.actor.need_role("moderator")
    await thanks_store.set_state(work, await thanks_store.lock(work, thanks), state)
