"""Notices are kept for a configured time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from xianji.kernel.jobs import Due
from xianji.kernel.work import Look, Work

from . import store
from .model import KEPT_DAYS


def _before(look: Look) -> datetime:
    return look.now - timedelta(days=look.config.get(KEPT_DAYS))


async def _find(look: Look, limit: int) -> Sequence[str]:
    return await store.old(look, _before(look), limit)


async def _forget(work: Work, member: str) -> None:
    await store.forget_old(work, member, _before(work))


DUE = (Due("notices.old", _find, _forget),)
