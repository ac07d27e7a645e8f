"""Giving away: people ask, the giver picks or draws, or the first one gets it; nobody pays.

Whoever is chosen has one unit reserved for them alone; `giveaway_line` turns it into an order's line.
"""

from datetime import timedelta
from typing import Literal

from xianji.domains import members
from xianji.domains.items import rules
from xianji.domains.items.events import GiftAskedFor, GiftMaybeResold, GiftPromised, GiftUnpromised
from xianji.domains.items.model import (
    ALREADY_ASKED,
    BLOCKED_PAIR,
    GIFT_TOO_SOON,
    GIFT_WAIT_HOURS,
    GIFTS_A_WEEK,
    GIFTS_PAUSED,
    ITEM_NOT_FOR_SALE,
    ITEM_SOLD_OUT,
    NO_SHOW_DAYS,
    NO_SHOW_PAUSE_DAYS,
    NO_SHOWS_MOST,
    NOBODY_ASKED,
    NOT_A_GIFT,
    NOT_CHOSEN,
    OWN_ITEM,
    REASON_LONGEST,
    REQUESTS_A_WEEK,
    REQUESTS_MOST,
    RESALE_DAYS,
    RESALE_LIKENESS,
    TOO_MANY_GIFT_REQUESTS,
    TOO_MANY_GIFTS,
    Facts,
    ReservedLine,
)
from xianji.domains.items.store import gifts, things
from xianji.kernel import text
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import ItemId, MemberId
from xianji.kernel.work import Work


async def ask_for(work: Work, item: ItemId, reason: str = "") -> bool:
    """Ask for a gift, with a few words why. True when it is the asker's at once (first come).

    Refuses `not_a_gift`, `own_item`, `blocked_pair`, `item_not_for_sale`, `item_sold_out`, `already_asked`,
    `restricted`, `gift_too_soon`, `gifts_paused`, `too_many_gift_requests`, `too_many_gifts`.
    """
    me = work.actor.me
    members.need_unrestricted(work.actor, "buy")
    words = text.line("reason", reason, work.config.get(REASON_LONGEST), required=False)
    await gifts.one_at_a_time(work, "ask ", me)
    row = await things.lock_any(work, item)
    await _may_ask(work, row, me)
    if await gifts.state_of(work, item, me) not in (None, "withdrawn"):
        raise ALREADY_ASKED()
    await _need_trust(work, me)
    most = work.config.get(REQUESTS_A_WEEK)
    if await gifts.asked_this_week(work, me) >= most:
        raise TOO_MANY_GIFT_REQUESTS(most=most)
    if await gifts.count_waiting(work, item) >= work.config.get(REQUESTS_MOST):
        raise ITEM_NOT_FOR_SALE()
    await gifts.put(work, item, me, words)
    work.tell(GiftAskedFor(item, row.seller, me))
    if row.facts.way != "first_come":
        return False
    await _promise(work, row, me, "first_come")
    return True


async def _may_ask(work: Work, row: things.Row, member: str) -> None:
    if row.state not in rules.SHOWN:
        raise NOT_FOUND()
    if row.facts.kind != "giveaway":
        raise NOT_A_GIFT()
    if row.seller == member:
        raise OWN_ITEM()
    if await things.are_blocked(work, member, row.seller):
        raise BLOCKED_PAIR()
    if row.state != "live":
        raise ITEM_NOT_FOR_SALE()
    if row.left < 1:
        raise ITEM_SOLD_OUT(left=0)


async def _need_trust(work: Work, member: str) -> None:
    """New accounts wait, so that nobody collects gifts with fresh ones; who left gifts uncollected pauses."""
    hours = work.config.get(GIFT_WAIT_HOURS)
    if hours and await gifts.joined_at(work, member) + timedelta(hours=hours) > work.now:
        raise GIFT_TOO_SOON(hours=hours)
    missed = await gifts.missed_since(work, member, work.config.get(NO_SHOW_DAYS))
    if len(missed) >= work.config.get(NO_SHOWS_MOST):
        until = missed[0] + timedelta(days=work.config.get(NO_SHOW_PAUSE_DAYS))
        if until > work.now:
            raise GIFTS_PAUSED(missed=len(missed), days=max(1, -(work.now - until).days))


async def hint_resale(work: Work, item: str, facts: Facts) -> None:
    """Mark a thing on sale that looks like a gift its seller has just been given. A hint for people; nothing stops."""
    if facts.kind != "sale":
        return
    for gift in await gifts.got_since(work, work.actor.me, work.config.get(RESALE_DAYS)):
        same_kind = facts.category is None or gift["category"] is None or facts.category == gift["category"]
        if same_kind and rules.alike(facts.title, gift["title"]) >= work.config.get(RESALE_LIKENESS):
            await gifts.mark_resale(work, item, gift["id"])
            work.tell(GiftMaybeResold(item, work.actor.me, gift["id"], gift["seller"]))
            return


async def _promise(work: Work, row: things.Row, member: str, way: str) -> None:
    await gifts.one_at_a_time(work, "gift ", member)
    most = work.config.get(GIFTS_A_WEEK)
    if await gifts.given_this_week(work, member) >= most:
        raise TOO_MANY_GIFTS(most=most)
    await things.reserve(work, row.id, 1, member, gift=True)
    await gifts.set_state(work, row.id, member, "chosen")
    work.tell(GiftPromised(row.id, row.seller, member, way))


async def pick_request(work: Work, item: ItemId, member: MemberId) -> None:
    """The giver promises a unit to one of those who wait. Refuses `nobody_asked` when this member does not wait."""
    row = await things.lock_own(work, item)
    if await gifts.state_of(work, item, member) != "waiting":
        raise NOBODY_ASKED()
    await _promise(work, row, member, "pick")


async def draw_request(work: Work, item: ItemId) -> str:
    """Chance promises a unit to one of those who wait and may still be given something; returns who it is."""
    row = await things.lock_own(work, item)
    hopeful = list(await gifts.waiting(work, item))
    most = work.config.get(GIFTS_A_WEEK)
    while hopeful:
        member = hopeful.pop(work.random.randrange(len(hopeful)))
        if await gifts.given_this_week(work, member) < most and not await things.are_blocked(work, member, row.seller):
            await _promise(work, row, member, "draw")
            return member
    raise NOBODY_ASKED()


async def unpick_request(work: Work, item: ItemId, member: MemberId) -> None:
    """The giver takes a promise back before an order was made of it; the unit is free again."""
    row = await things.lock_own(work, item)
    if await gifts.state_of(work, item, member) != "chosen":
        raise NOT_CHOSEN()
    await gifts.set_state(work, item, member, "passed_over")
    await things.release(work, item, 1)
    work.tell(GiftUnpromised(item, row.seller, member))


async def withdraw_request(work: Work, item: ItemId) -> None:
    """The asker no longer wants it; a promised unit is free again. Nothing happens when there is no open request."""
    me = work.actor.me
    await things.lock_any(work, item)
    state = await gifts.state_of(work, item, me)
    if state in ("waiting", "chosen"):
        await gifts.set_state(work, item, me, "withdrawn")
    if state == "chosen":
        await things.release(work, item, 1)


async def promised_to_me(work: Work, asked: list[ItemId]) -> frozenset[str]:
    """Which of these items are gifts promised to the actor and not yet in an order."""
    return await gifts.promised_to(work, asked, work.actor.me)


async def giveaway_line(work: Work, item: ItemId) -> ReservedLine:
    """The promised unit as an order's line, once. Refuses `not_chosen`. Closing the order calls `give_back`."""
    row = await things.lock_any(work, item)
    if await gifts.state_of(work, item, work.actor.me) != "chosen":
        raise NOT_CHOSEN()
    await gifts.set_state(work, item, work.actor.me, "taken")
    return things.line_of(row, 1)


GaveUp = Literal["withdrawn", "passed_over", "no_show"]


async def give_back(work: Work, item: ItemId, member: MemberId, why: GaveUp) -> None:
    """The order of a gift was closed: its unit is free again and the giver may choose anew.

    `withdrawn`: the receiver let it go and may ask again; `no_show`: they never came for it; `passed_over`: the giver
    or time ended it otherwise.
    """
    await things.lock_any(work, item)
    await gifts.set_state(work, item, member, why)
    await things.release(work, item, 1)
