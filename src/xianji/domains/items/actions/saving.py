"""Keeping things in mind. Whoever does hears of a lower price, unless they do not want to."""

import msgspec

from xianji.domains.items.model import SAVES_MOST, TOO_MANY_SAVES
from xianji.domains.items.store import saves
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.ids import ItemId
from xianji.kernel.work import Work


class Alerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether I want to hear when its price falls."""

    alerts: bool = True


async def save_item(work: Work, item: ItemId) -> None:
    """Keep a thing of somebody else's in mind; twice is once. Refuses `not_found` and `too_many_saves`."""
    if not await saves.may_save(work, item):
        raise NOT_FOUND()
    most = work.config.get(SAVES_MOST)
    if await saves.count(work) >= most:
        raise TOO_MANY_SAVES(most=most)
    await saves.put(work, item)


async def unsave_item(work: Work, item: ItemId) -> None:
    """Keep it in mind no more; fine when it was not."""
    await saves.drop(work, item)


async def set_alerts(work: Work, item: ItemId, ask: Alerts) -> None:
    """Say whether a lower price of a saved thing is worth a word. Refuses `not_found` for what is not saved."""
    if not await saves.set_alerts(work, item, ask.alerts):
        raise NOT_FOUND()
