"""What is due: refunds whose deadline has passed, and money that the provider is to be asked for again."""

from xianji.kernel.jobs import Due

from . import store
from .actions.deciding import retry, time_out

DUE = (
    Due("refunds.time_out", store.due_refunds, time_out),
    Due("refunds.retry", store.due_retries, retry),
)
