"""What is due: every order whose deadline has passed."""

from xianji.kernel.jobs import Due

from . import store
from .actions.ending import time_out

DUE = (Due("orders.time_out", store.due_orders, time_out),)
