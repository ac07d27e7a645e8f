"""What becomes due: sums that are no longer true."""

from xianji.kernel.jobs import Due

from . import summing

DUE = (Due("prices.sum_up", summing.due_sums, summing.sum_up),)
