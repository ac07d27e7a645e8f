"""What becomes due: price steps and deadlines."""

from xianji.kernel.jobs import Due

from .actions import selling
from .store import things

DUE = (
    Due("items.price_steps", things.due_steps, selling.take_price_steps),
    Due("items.deadlines", things.due_deadlines, selling.end_at_deadline),
)
