"""What becomes due: price steps and deadlines."""

from xianji.kernel.jobs import Due

from . import actions, store

DUE = (
    Due("items.price_steps", store.due_steps, actions.take_price_steps),
    Due("items.deadlines", store.due_deadlines, actions.end_at_deadline),
)
