"""Put things into the cart and take them out. A cart reserves nothing."""

from xianji.domains import items, offers
from xianji.domains.orders import cart_store
from xianji.domains.orders.model import CART_FULL, CART_MOST, CART_TOO_MANY, PutInCart
from xianji.kernel.work import Work


async def put_in_cart(work: Work, ask: PutInCart) -> None:
    """So many units of a thing, in all; what was agreed on for it counts as there.

    Refuses `cart_full`, `cart_too_many`, and what buying it would refuse (own, sold out, blocked, a gift).
    """
    agreed = await offers.agreed_for(work, [ask.item])
    if ask.item not in agreed:
        thing = await items.on_sale(work, ask.item, work.actor.me)
        if ask.quantity > thing.left:
            raise CART_TOO_MANY(left=thing.left)
    elif ask.quantity != 1:
        raise offers.OFFER_ONE_UNIT(item=ask.item)
    most = work.config.get(CART_MOST)
    if await cart_store.count_others(work, ask.item) >= most:
        raise CART_FULL(most=most)
    await cart_store.put(work, ask.item, ask.quantity)


async def take_from_cart(work: Work, item: str) -> None:
    """Take a thing out; that it is not in there is fine too."""
    await cart_store.drop(work, [item])


async def empty_cart(work: Work) -> None:
    """Take everything out."""
    await cart_store.clear(work, work.actor.me)
