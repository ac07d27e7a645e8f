"""What is due: calls to the provider that were never made, never answered, or never heard of again."""

from xianji.kernel.jobs import Due

from . import actions, store

DUE = (Due("payments.nudge", store.due_payments, actions.nudge),)
