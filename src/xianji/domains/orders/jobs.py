"""What is due: every order whose deadline has passed, and the proof of the books once a night."""

from xianji.kernel.jobs import Due

from . import nightly, store
from .actions.ending import time_out

DUE = (
    Due("orders.time_out", store.due_orders, time_out),
    Due("orders.ask_for_proof", nightly.due_nights, nightly.ask_for_proof),
)
