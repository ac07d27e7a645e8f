"""The verbs of sellers, operators, time and orders."""

from collections.abc import Sequence

import msgspec

from xianji.domains import media, screening
from xianji.domains.items import rules, sellers
from xianji.domains.items.events import ItemEdited, ItemHeld, ItemSold, PriceChanged
from xianji.domains.items.model import ITEM_CHANGED, ITEM_FIXED, STOCK_PROMISED, EditItem, Facts, NewItem, ReservedLine
from xianji.domains.items.store import things as store
from xianji.kernel.errors import MOVE_NOT_OPEN, NOT_FOUND, Refusal
from xianji.kernel.ids import ItemId
from xianji.kernel.states import Machine
from xianji.kernel.work import Work

from . import gifts

MACHINE: Machine = rules.ITEM

# What a changed item is screened for anew; a new price or picture says nothing.
_SAID = frozenset(("title", "description", "attributes", "category"))


async def publish_item(work: Work, new: NewItem, hold: bool = False) -> ItemId:
    """Publish a thing of the actor, or keep it as a draft. `hold` sends it to a person's eyes before it is shown.

    Refuses whatever `rules.judge` refuses, `cannot_sell_yet`, `serial_on_sale` and media that is not the actor's.
    """
    by = await sellers.limits_of(work, sells=not new.draft)
    facts = rules.judge(new, by, lambda number: work.keys.digest("item.serial", number))
    return await insert_item(work, facts, draft=new.draft, hold=hold, second_look=new.second_look)


async def draft_bought(work: Work, new: NewItem, order: str, item: ItemId) -> ItemId:
    """A draft of what the actor bought in this order as that item; the caller has seen that it is so.

    An answer that the pack of its category takes no more (a date that has passed) is left out.
    """
    assert new.draft, "what was bought is looked at by its seller before it is on sale"
    try:
        draft = await publish_item(work, new)
    except Refusal as refusal:
        if refusal.code.field != "attributes" or not new.attributes:
            raise
        draft = await publish_item(work, msgspec.structs.replace(new, attributes={}))
    await store.set_bought(work, draft, order, item)
    return draft


async def insert_item(
    work: Work,
    facts: Facts,
    draft: bool = False,
    hold: bool = False,
    second_look: bool = False,
    relisted_from: str | None = None,
) -> ItemId:
    """Write judged facts as a new item of the actor."""
    held = [] if draft else await _screened(work, facts, second_look)
    await media.claim(work, list(facts.media))
    item = work.new_id("itm")
    verb = "" if draft else "submit" if held or hold else "publish"
    await store.insert(work, store.Fresh(item, facts, verb, ",".join(held), relisted_from))
    if not draft:
        await gifts.hint_resale(work, item, facts)
    if verb == "submit":
        work.tell(ItemHeld(item, work.actor.me, held))
    return item


async def insert_plain(work: Work, many: Sequence[Facts]) -> list[ItemId | Refusal]:
    """Write many judged facts without pictures, steps and serials as new items of the actor, each screened alone."""
    answers: list[ItemId | Refusal] = []
    fresh: list[store.Fresh] = []
    for facts in many:
        try:
            held = await _screened(work, facts)
        except Refusal as refusal:
            answers.append(refusal)
            continue
        item = work.new_id("itm")
        answers.append(item)
        fresh.append(store.Fresh(item, facts, "submit" if held else "publish", ",".join(held)))
        if held:
            work.tell(ItemHeld(item, work.actor.me, held))
    await store.insert_plain(work, fresh)
    return answers


async def _screened(work: Work, facts: Facts, second_look: bool = False) -> list[str]:
    """The rules that want a person to look first. Refuses `screened_out` for what may not be traded."""
    return await screening.screen(work, rules.said(facts), facts.category, second_look=second_look)


async def edit_item(work: Work, item: ItemId, edit: EditItem, hold: bool = False) -> int:
    """Change the actor's own item and return its new version. Units that are reserved keep what was agreed.

    `hold` sends an item on sale back to a person's eyes. Refuses `item_changed` when the person saw an older version,
    `item_fixed` when it is over, `stock_promised` when fewer units would remain than are promised or sold.
    """
    row = await store.lock_own(work, item)
    if row.state not in rules.EDITABLE:
        raise ITEM_FIXED(state=row.state)
    if row.version != edit.version:
        raise ITEM_CHANGED(version=row.version)
    by = await sellers.limits_of(work, sells=row.state in rules.ON_SALE)
    facts = rules.edited(row.facts, edit, by, lambda number: work.keys.digest("item.serial", number))
    fields = rules.changed(row.facts, facts)
    if not fields:
        return row.version
    said_anew = row.state != "draft" and bool(_SAID & set(fields))
    held = await _screened(work, facts, edit.second_look) if said_anew else []
    if facts.stock < row.reserved + row.sold:
        raise STOCK_PROMISED(promised=row.reserved + row.sold)
    await media.claim(work, [one for one in facts.media if one not in row.facts.media])
    await store.write_facts(work, row, facts)
    if facts.serial_digest != row.facts.serial_digest and row.state in rules.HOLDS_SERIAL:
        await store.free_serial(work, item, row.facts.serial_digest)
        await store.claim_serial(work, item, facts.serial_digest)
    work.tell(ItemEdited(item, row.seller, row.version + 1, fields))
    if "price" in fields:
        _tell_price(work, row, facts.price, "edited")
    await _hold_edited(work, row, held, said_anew, hold)
    return row.version + 1


async def _hold_edited(work: Work, row: store.Row, held: Sequence[str], said_anew: bool, hold: bool) -> None:
    """An edit that a rule holds takes the item off sale; one of an item that waits is shown to whoever looks at it."""
    if row.state in rules.ON_SALE and (held or hold):
        await store.move(work, await store.lock_any(work, row.id), "hold", "system", ",".join(held) or "edited")
    elif row.state != "screening" or not said_anew:
        return
    work.tell(ItemHeld(row.id, row.seller, list(held)))


def _tell_price(work: Work, row: store.Row, price: int, why: str) -> None:
    work.tell(PriceChanged(row.id, row.seller, row.facts.price, price, row.facts.currency, why))


async def take_from_draft(work: Work, item: ItemId, hold: bool = False, second_look: bool = False) -> None:
    """Put a draft (or with `hold` a rejected item) of the actor on sale, judged as of today.

    With `second_look` a person looks at what a rule blocks; else it is refused as `screened_out`.
    """
    row = await store.lock_own(work, item)
    by = await sellers.limits_of(work)
    rules.check(row.facts, by)
    rules.deadline(row.facts.deadline, by)
    held = await _screened(work, row.facts, second_look)
    verb = "submit" if held or hold or row.state == "rejected" else "publish"
    await gifts.hint_resale(work, item, row.facts)
    if await store.move(work, row, verb, "seller", ",".join(held)) == "live":
        store.tell_published(work, item, row.seller, row.facts)
    else:
        work.tell(ItemHeld(item, row.seller, held))


async def pause(work: Work, item: ItemId) -> None:
    """Take the actor's item off sale for a while; reserved units stay promised."""
    await store.move(work, await store.lock_own(work, item), "pause", "seller")


async def resume(work: Work, item: ItemId) -> None:
    """Put a paused item back on sale."""
    await sellers.limits_of(work)
    await store.move(work, await store.lock_own(work, item), "resume", "seller")


async def remove(work: Work, item: ItemId) -> None:
    """Delete the actor's item from sight; orders keep their own copy."""
    await store.move(work, await store.lock_own(work, item), "remove", "seller")


async def expire(work: Work, item: ItemId) -> None:
    """End the sale of the actor's item before its deadline."""
    await store.move(work, await store.lock_own(work, item), "expire", "seller")


async def relist(work: Work, item: ItemId) -> ItemId:
    """One tap: an expired item comes back as it is; a sold one comes back as a new item with the same facts.

    Returns the id that is now on sale. The stock of a new item is one; past deadlines and steps are dropped,
    and so is a picture that was hidden meanwhile.
    """
    row = await store.lock_own(work, item)
    by = await sellers.limits_of(work)
    rules.check(row.facts, by)
    if row.state == "sold":
        seen = await media.load(work, list(row.facts.media))
        kept = tuple(one for one in row.facts.media if one in seen)
        return await insert_item(work, rules.again(row.facts, kept), relisted_from=item)
    await store.move(work, row, "relist", "seller")
    return item


async def pass_screening(work: Work, item: ItemId, reason: str) -> None:
    """A moderator has looked: the item may be shown."""
    row = await _for_operator(work, item)
    await store.move(work, row, "pass", "operator", reason)
    store.tell_published(work, item, row.seller, row.facts)


async def reject(work: Work, item: ItemId, reason: str) -> None:
    """A moderator has looked: the item may not be shown; the seller may change it and submit it again."""
    await store.move(work, await _for_operator(work, item), "reject", "operator", reason)


async def take_down(work: Work, item: ItemId, reason: str) -> None:
    """A moderator or a rule removes the item; `reason` names the rule. It can be restored on appeal."""
    who = "system" if work.actor.system else "operator"
    await store.move(work, await _for_operator(work, item), "take_down", who, reason)


async def hold(work: Work, item: ItemId, reason: str) -> None:
    """Take an item out of sight until a moderator has looked again."""
    who = "system" if work.actor.system else "operator"
    await store.move(work, await _for_operator(work, item), "hold", who, reason)


async def restore(work: Work, item: ItemId, reason: str) -> None:
    """An appeal was upheld: what was taken down or rejected is on sale. What its seller removed stays removed."""
    row = await _for_operator(work, item)
    if row.state == "removed" and await store.last_verb(work, item) != "take_down":
        raise MOVE_NOT_OPEN(state=row.state, verb="restore")
    await store.move(work, row, "restore", "operator", reason)
    if row.state == "rejected":
        store.tell_published(work, item, row.seller, row.facts)


async def _for_operator(work: Work, item: ItemId) -> store.Row:
    if not work.actor.system and not work.actor.roles & {"moderator", "admin"}:
        raise NOT_FOUND()
    return await store.lock_any(work, item)


async def reserve(work: Work, item: ItemId, quantity: int) -> ReservedLine:
    """Reserve units for the actor, all or nothing, and return the facts as they are at this moment.

    Refuses `item_sold_out` (fact `left`), `item_not_for_sale`, `own_item`, `blocked_pair`, `not_found`. Several items
    of one order are best reserved in the order of their ids, so that two buyers never wait for each other.
    """
    assert quantity > 0, "a quantity is at least one"
    return await store.reserve(work, item, quantity, work.actor.me, gift=False)


async def release(work: Work, item: ItemId, quantity: int) -> None:
    """Put reserved units back on the shelf: an order was closed."""
    await store.release(work, item, quantity)


async def settle(work: Work, item: ItemId, quantity: int) -> None:
    """Reserved units are sold: an order was completed. The item is sold when nothing is left; the sale counts."""
    row = await store.lock_any(work, item)
    await store.settle(work, item, quantity)
    work.tell(ItemSold(item, row.seller, quantity, row.left))
    if row.sold + quantity == row.facts.stock and "sell_out" in rules.ITEM.open_to(row.state, "order"):
        await store.move(work, row, "sell_out", "order")
    await sellers.record_sale(work, row.seller)


async def take_back(work: Work, item: ItemId, quantity: int) -> None:
    """Reserved units came back from a buyer: nobody may buy them before their seller has looked at them.

    A listing of these units alone is paused; of several, these leave it.
    """
    row = await store.lock_any(work, item)
    if row.facts.stock > quantity:
        await store.take_out(work, item, quantity)
        return
    await store.release(work, item, quantity)
    if "pause" in rules.ITEM.open_to(row.state, "order"):
        await store.move(work, row, "pause", "order")


async def write_off(work: Work, item: ItemId, quantity: int) -> None:
    """Reserved units stay with the buyer although the sale came to nothing; it does not count as a sale."""
    row = await store.lock_any(work, item)
    await store.settle(work, item, quantity)
    if row.sold + quantity == row.facts.stock and "sell_out" in rules.ITEM.open_to(row.state, "order"):
        await store.move(work, row, "sell_out", "order")


async def take_price_steps(work: Work, item: ItemId) -> None:
    """Time: take the steps that are due; the last of them counts, if it is lower and the item is on sale."""
    row = await store.lock_any(work, item)
    due = [price for at, price in row.facts.steps if at <= work.now]
    await store.forget_steps(work, item, work.now)
    if due and row.state in rules.ON_SALE and due[-1] < row.facts.price:
        await store.set_price(work, row, due[-1])
        _tell_price(work, row, due[-1], "step")


async def end_at_deadline(work: Work, item: ItemId) -> None:
    """Time: the sale ends; nothing happens when it is no longer due."""
    row = await store.lock_any(work, item)
    if row.state in rules.ON_SALE and row.facts.deadline is not None and row.facts.deadline <= work.now:
        await store.move(work, row, "expire", "time")
