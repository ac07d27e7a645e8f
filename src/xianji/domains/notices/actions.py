"""Telling, as reactions do it, and what a member does with what they were told."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from xianji.domains import items, members
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import NoticeId
from xianji.kernel.work import Event, Work

from . import of_talk, of_trade, store
from .events import NoticesTold
from .model import ALWAYS, KINDS, NOTICES_ALWAYS_ON, ChooseNotices, Stale, Telling

HEARD = of_trade.HEARD | of_talk.HEARD
_PARTED = [kind for kind, group in KINDS.items() if group not in ALWAYS]


class ReadNotices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to which moment; what was told later stays unread. Without it, everything."""

    until: datetime | None = None


async def hear(work: Work, told: Event) -> None:
    """Tell members of an event that is in `HEARD`."""
    await tell(work, HEARD[type(told)](told))


async def tell(work: Work, news: Iterable[Telling | Stale]) -> None:
    """Tell each of these, and take back what is not so any more."""
    heard: set[str] = set()
    for one in news:
        if isinstance(one, Stale):
            await store.drop(work, one)
        else:
            heard.update(await store.put(work, one))
    if heard:
        work.tell(NoticesTold(sorted(heard)))


async def hear_price(work: Work, told: items.PriceChanged) -> None:
    """A price fell: who keeps the thing in mind hears it, of each price once. One that rose makes the news stale."""
    if told.after >= told.before:
        await tell(work, [Stale("price_drop", told.item)])
        return
    facts = {
        "before": {"amount": told.before, "currency": told.currency},
        "after": {"amount": told.after, "currency": told.currency},
    }
    await tell(work, [_of_thing("price_drop", told, await store.keeping(work, told.item, told.after), facts)])


async def hear_gone(work: Work, told: items.ItemMoved) -> None:
    """A gift has gone to somebody else, or is not given any more: who still waits for it hears so."""
    if told.after not in ("sold", "removed", "expired"):
        return
    await tell(work, [_of_thing("gift_gone", told, await store.still_asking(work, told.item), {})])


def _of_thing(
    kind: str, told: items.PriceChanged | items.ItemMoved, to: Sequence[str], facts: dict[str, Any]
) -> Telling:
    return Telling(
        kind=kind,
        to=tuple(to),
        subject=told.item,
        link=f"/items/{told.item}",
        person=told.seller,
        item=told.item,
        facts=facts,
    )


async def hear_block(work: Work, told: members.MemberBlocked) -> None:
    """Neither is told of the other any more, but for trades and decisions."""
    await store.part(work, told.member, told.blocked, _PARTED)


async def tell_held(work: Work, case: str, subject: str, owner: str) -> None:
    """Something of the owner's waits for a person to look at it."""
    await tell(work, [_about(subject, "held", case, [owner])])


# The verb of a decision → what the owner is told.
_DECIDED = {
    "release": "let_through",
    "reject": "not_let_through",
    "hide": "taken_down",
    "restrict_member": "restricted",
    "uphold": "appeal_upheld",
    "restore": "decision_undone",
}
_REPORTS_ANSWERED = frozenset(("dismiss", "hide", "restrict_member", "release", "reject"))


async def tell_decided(work: Work, case: str, subject: str, owner: str, reporters: Sequence[str], verb: str) -> None:
    """Operators have decided: the owner hears what, who reported hears that it was looked at.

    How a disputed refund ends is told by its own moves.
    """
    news = [_about(subject, _DECIDED[verb], case, [owner])] if verb in _DECIDED else []
    if verb in _REPORTS_ANSWERED and reporters:
        news.append(Telling(kind="report_answered", to=tuple(reporters), subject=case, link="/me/reports"))
    await tell(work, news)


async def tell_search(work: Work, member: str, search: str, name: str, item: str, count: int, daily: bool) -> None:
    """Something new or newly cheaper for a saved search: the thing, or how many there were in a day."""
    news = Telling(
        kind="search_digest" if daily else "search_found",
        to=(member,),
        subject=search,
        link=f"/me/searches/{search}" if daily or count > 1 else f"/items/{item}",
        item=item,
        facts={"search": name, "count": count},
    )
    await tell(work, [news])


def _about(subject: str, kind: str, case: str, to: Sequence[str]) -> Telling:
    what = subject[:3]
    return Telling(
        kind=kind,
        to=tuple(to),
        subject=case,
        link="/me/cases",
        item=subject if what == "itm" else None,
        note=subject if what == "nte" else None,
        facts={"of": what},
    )


async def read_notice(work: Work, notice: NoticeId) -> str:
    """I have read one; doing it twice changes nothing. Returns its link. Refuses `not_found`."""
    link = await store.mark(work, notice)
    if link is None:
        raise NOT_FOUND()
    return link


async def read_notices(work: Work, ask: ReadNotices) -> None:
    """I have read everything that I was told, up to a moment if one is named."""
    await store.mark_all(work, ask.until)


async def choose_notices(work: Work, ask: ChooseNotices) -> None:
    """Say which groups I do not want to hear of. Refuses `notices_always_on` for trades and decisions."""
    if ALWAYS.intersection(ask.off):
        raise NOTICES_ALWAYS_ON()
    await store.choose(work, list(dict.fromkeys(ask.off)))
