"""Wanted posts 求购: somebody says what they look for, others answer with things they sell."""

from xianji.domains import members
from xianji.domains.items import categories, rules, sellers
from xianji.domains.items.events import WantedAnswered, WantedOpened
from xianji.domains.items.model import (
    ANSWERS_EACH,
    ANSWERS_MOST,
    BLOCKED_PAIR,
    ITEM_NOT_FOR_SALE,
    OWN_ITEM,
    TOO_MANY_ANSWERS,
    TOO_MANY_WANTED,
    WANTED_CLOSED,
    WANTED_OPEN_MOST,
    NewWanted,
)
from xianji.domains.items.store import things, wanted
from xianji.kernel import text
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import ItemId, NoteId, WantedId
from xianji.kernel.work import Work

Where = tuple[int | None, str | None]


async def open_wanted(work: Work, new: NewWanted, note: NoteId | None = None, where: Where | None = None) -> WantedId:
    """Say what the actor looks for; `note` is the note that shows it, `where` its cell and district.

    Refuses `restricted`, `too_many_wanted`, `unknown_category`, `wrong_currency` and titles that do not fit.
    """
    members.need_unrestricted(work.actor, "speak")
    by = rules.limits(work.config, work.now, individual=False)
    title = _judged(new, by)
    where = where or rules.where(new.place, by)
    most = work.config.get(WANTED_OPEN_MOST)
    if await wanted.count_open(work) >= most:
        raise TOO_MANY_WANTED(most=most)
    post = work.new_id("wnt")
    await wanted.insert(work, post, title, new, by.currency, where, note)
    work.tell(WantedOpened(post, work.actor.me, new.category, where[0], work.now))
    return post


def _judged(new: NewWanted, by: rules.Limits) -> str:
    """The title; refuses a wrong title, category or budget."""
    categories.judge(new.category, {}, by.today, by.attribute)
    if new.budget:
        rules.amount(new.budget, by)
    return text.line("title", new.title, by.title)


async def edit_wanted(work: Work, post: WantedId, new: NewWanted, where: Where) -> None:
    """The note of the actor's post says something else now: title, budget, category and place follow it."""
    title = _judged(new, rules.limits(work.config, work.now, individual=False))
    row = await wanted.lock(work, post)
    if row["member"] != work.actor.me:
        raise NOT_FOUND()
    await wanted.write(work, post, title, new, where)


async def show_wanted_of(work: Work, note: NoteId, shown: bool) -> None:
    """The post of a note leaves and enters sight with it; one that is closed stays closed."""
    await wanted.show_of(work, note, shown)


async def close_wanted(work: Work, post: WantedId) -> None:
    """The actor has found it, or no longer looks. Closing twice changes nothing."""
    row = await wanted.lock(work, post)
    if row["member"] != work.actor.me:
        raise NOT_FOUND()
    if row["state"] == "open":
        await wanted.close(work, post)


async def answer_wanted(work: Work, post: WantedId, item: ItemId) -> None:
    """Show a thing of the actor's that is on sale to somebody who looks for it; the same thing twice changes nothing.

    Refuses `wanted_closed`, `own_item` (one's own post), `item_not_for_sale`, `blocked_pair`, `too_many_answers`.
    """
    await sellers.limits_of(work)
    row = await wanted.lock(work, post)
    if row["state"] != "open":
        raise WANTED_CLOSED()
    if row["member"] == work.actor.me:
        raise OWN_ITEM()
    if (await things.lock_own(work, item)).state != "live":
        raise ITEM_NOT_FOR_SALE()
    if await things.are_blocked(work, work.actor.me, row["member"]):
        raise BLOCKED_PAIR()
    of_all, mine = await wanted.count_answers(work, post)
    most, each = work.config.get(ANSWERS_MOST), work.config.get(ANSWERS_EACH)
    if await wanted.answer(work, post, item):
        if of_all >= most or mine >= each:
            raise TOO_MANY_ANSWERS(most=each if mine >= each else most)
        work.tell(WantedAnswered(post, row["member"], item, work.actor.me))
