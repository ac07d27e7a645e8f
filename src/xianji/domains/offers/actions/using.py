"""What orders ask at placing: which agreed prices hold, and that they are used up."""

from collections.abc import Sequence

from xianji.domains.offers import store
from xianji.domains.offers.model import OFFER_OTHER_ITEM, Agreed
from xianji.kernel.errors import MOVE_NOT_OPEN
from xianji.kernel.money import Money
from xianji.kernel.work import Work

from .moving import move
from .pricing import lock_token, move_link


async def use_agreed(
    work: Work, asked: Sequence[str], offer: str | None = None, link: str | None = None
) -> dict[str, Agreed]:
    """The prices that hold for the actor for these things, by item, and used up by this.

    Accepted offers hold whether they are named or not: their unit is kept for nobody else. `offer` and `link` (a token)
    insist on one. Call before items are locked. Refuses `not_found`, `move_not_open`, `offer_other_item`.
    """
    found = {}
    accepted = await store.lock_agreed(work, asked)
    if offer is not None and all(one.id != offer for one in accepted):
        named = await store.lock_for(work, offer)
        if named.item not in asked and named.buyer == work.actor.me:
            raise OFFER_OTHER_ITEM()
        raise MOVE_NOT_OPEN(state=named.state, verb="use")
    for one in accepted:
        used = await move(work, one, "use", "order")
        assert used.agreed is not None, "an accepted offer has its price"
        found[one.item] = Agreed("offer", one.id, one.item, Money(used.agreed, one.currency))
    if link is not None:
        good = await lock_token(work, link)
        if good.item not in asked or good.item in found:
            raise OFFER_OTHER_ITEM()
        await move_link(work, good, "use", "order")
        found[good.item] = Agreed("link", good.id, good.item, Money(good.price, good.currency))
    return found


async def note_order(work: Work, agreed: Sequence[Agreed], order: str) -> None:
    """Which order used these prices."""
    offers = [one.id for one in agreed if one.by == "offer"]
    links = [one.id for one in agreed if one.by == "link"]
    await store.set_order(work, offers, links, order)
