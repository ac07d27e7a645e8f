"""What is due: calls never made, never answered or never heard of again; holds that end soon; bills to compare."""

from collections.abc import Sequence

from xianji.kernel.jobs import Due
from xianji.kernel.work import Look

from . import actions, reconciling, store


async def _holds(look: Look, limit: int) -> Sequence[str]:
    return await store.due_holds(look, limit, actions.warned_from(look))


DUE = (
    Due("payments.nudge", store.due_payments, actions.nudge),
    Due("payments.warn_of_hold", _holds, actions.warn_of_hold),
    Due("payments.ask_for_bill", reconciling.due_days, reconciling.ask_for),
)
