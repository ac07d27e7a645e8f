"""Screening inside a command: what it refuses, and what it sends to a person first."""

from xianji.kernel import rates
from xianji.kernel.errors import Refusal
from xianji.kernel.work import Work

from .judging import pass_or_hold
from .model import SCREENED_OUT, SECOND_LOOKS


async def screen(
    work: Work, text: str, category: str | None = None, talk: bool = False, second_look: bool = False
) -> list[str]:
    """`pass_or_hold` for the actor; a second look that turns a block into a hold is counted.

    Refuses `screened_out`, and `too_many_requests` when the actor has asked for too many second looks.
    """
    try:
        return pass_or_hold(text, category, talk)
    except Refusal as refusal:
        if refusal.code is not SCREENED_OUT or not second_look:
            raise
    await rates.count(work, "screening.second_look", work.actor.me, work.config.get(SECOND_LOOKS))
    return pass_or_hold(text, category, talk, second_look=True)
