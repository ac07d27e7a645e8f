"""What else sets a price: the seller's secret floor, private links, a note's bundle."""

from datetime import timedelta

from xianji.domains import items, members
from xianji.domains.offers import rules, store, tokens
from xianji.domains.offers.events import BundleChanged, LinkMade, LinkMoved
from xianji.domains.offers.model import (
    BUNDLE_COUNT_MOST,
    BUNDLE_NOT_VALID,
    BUNDLE_PERCENT_MOST,
    FLOOR_NOT_VALID,
    LINK_FOR_YOURSELF,
    LINK_HOURS,
    LINK_HOURS_MOST,
    LINK_PRICE_NOT_VALID,
    LINK_TIME_NOT_VALID,
    LINKS_MOST,
    TOO_MANY_PRIVATE_LINKS,
    Bundle,
    Floor,
    Link,
    NewLink,
)
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Work

from .bargaining import amount_of


async def set_floor(work: Work, item: str, ask: Floor) -> None:
    """The seller's secret for one thing: from this price on the answer is yes. Refuses `floor_not_valid`, `not_found`.

    A floor above the price of today is no mistake tomorrow, but it would answer no to everybody: it is refused.
    """
    thing = await items.own_on_sale(work, item)
    floor = amount_of(work, ask.amount, thing.currency)
    if not 0 < floor <= thing.price:
        raise FLOOR_NOT_VALID()
    await store.put_floor(work, item, floor)


async def drop_floor(work: Work, item: str) -> None:
    """From now on the seller answers. Refuses `not_found`."""
    await items.own_on_sale(work, item)
    await store.drop_floor(work, item)


async def make_link(work: Work, item: str, ask: NewLink) -> str:
    """A price for one named member, good once and for a time; returns the link's id.

    Refuses `not_found` (the thing is not the actor's, or no such member), `link_price_not_valid`,
    `link_time_not_valid`, `link_for_yourself`, `too_many_private_links`, `blocked_pair`, `restricted`.
    """
    members.need_unrestricted(work.actor, "sell")
    thing = await items.own_on_sale(work, item)
    price = amount_of(work, ask.price, thing.currency, "price")
    if not 0 < price <= thing.price:
        raise LINK_PRICE_NOT_VALID()
    buyer = await _named(work, ask)
    hours = work.config.get(LINK_HOURS) if ask.hours is None else ask.hours
    if hours > work.config.get(LINK_HOURS_MOST):
        raise LINK_TIME_NOT_VALID(most=work.config.get(LINK_HOURS_MOST))
    if await store.open_links_of(work, item) >= work.config.get(LINKS_MOST):
        raise TOO_MANY_PRIVATE_LINKS(most=work.config.get(LINKS_MOST))
    link = Link(
        id=work.new_id("lnk"),
        item=item,
        seller=work.actor.me,
        buyer=buyer,
        price=price,
        currency=thing.currency,
        state="open",
        version=1,
        due_at=work.now + timedelta(hours=hours),
    )
    await store.insert_link(work, link)
    work.tell(LinkMade(link.id, item, link.seller, buyer, price, link.currency))
    return link.id


async def _named(work: Work, ask: NewLink) -> str:
    if ask.member is None and not ask.handle.strip():
        raise NOT_FOUND(field="handle")
    buyer = await store.member_called(work, ask.member, ask.handle)
    if buyer is None:
        raise NOT_FOUND(field="handle")
    if buyer == work.actor.me:
        raise LINK_FOR_YOURSELF()
    if await items.are_blocked(work, work.actor.me, buyer):
        raise items.BLOCKED_PAIR()
    return buyer


async def revoke_link(work: Work, id: str) -> None:
    """The seller takes a private link back; it opens nothing any more. Refuses `not_found` and `move_not_open`."""
    link = await store.lock_link(work, id, "seller")
    await move_link(work, link, "revoke", "seller")


async def expire_link(work: Work, id: str) -> None:
    """Time: a private link is over; nothing happens when it is not due."""
    link = await store.lock_link_for_system(work, id)
    if link.due_at is not None and link.due_at <= work.now:
        await move_link(work, link, "expire", "time")


async def move_link(work: Work, link: Link, verb: str, role: str) -> None:
    """Move a locked link by one row of its machine. Refuses `move_not_open`, also for what is overdue."""
    now_state = link.state if role == "time" else rules.state_at(link.state, link.due_at, work.now)
    row = rules.LINK.decide(now_state, verb, role)
    await store.move_link(work, link, row.to)
    work.tell(LinkMoved(link.id, link.item, link.seller, link.buyer, verb, row.to, role))


async def lock_token(work: Work, token: str) -> Link:
    """The good link behind a token, for the one member it names, locked. Refuses `not_found` for everybody else."""
    id = tokens.read(work.keys, token)
    link = await store.lock_link(work, id, "buyer")
    if rules.state_at(link.state, link.due_at, work.now) != "open":
        raise NOT_FOUND()
    return link


async def put_bundle(work: Work, note: str, ask: Bundle) -> None:
    """Any so many of the actor's things on a note together cost less. The caller holds the note as its author.

    Refuses `bundle_not_valid`.
    """
    if ask.count > work.config.get(BUNDLE_COUNT_MOST) or ask.percent > work.config.get(BUNDLE_PERCENT_MOST):
        most = {"count": work.config.get(BUNDLE_COUNT_MOST), "percent": work.config.get(BUNDLE_PERCENT_MOST)}
        raise BUNDLE_NOT_VALID(**most)
    await store.put_bundle(work, note, work.actor.me, ask)
    work.tell(BundleChanged(note, work.actor.me, ask.count, ask.percent))


async def drop_bundle(work: Work, note: str) -> None:
    """The note's things cost what they cost, however many. The caller holds the note as its author."""
    if await store.drop_bundle(work, note):
        work.tell(BundleChanged(note, work.actor.me, 0, 0))
