"""What becomes due: floors that end, views that are old, wishes for less that are over."""

from xianji.kernel.jobs import Due

from . import actions, store

DUE = (
    Due("feed.floors", store.ending_floors, actions.end_floor),
    Due("feed.views", actions.due_days, actions.forget_day),
    Due("feed.less", store.ending_less, actions.end_less),
)
