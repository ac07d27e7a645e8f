"""Counting what a seller sells, which two of the published policies look at."""

from xianji.kernel import installation
from xianji.kernel.work import Work

from . import store
from .model import Standing


async def record_sale(work: Work, seller: str, amount: int, currency: str) -> Standing:
    """Count one sale, once, in the month and year it has now in the installation's zone; how the seller stands then.

    The seller's month stays locked until the work ends, so of two sales at once one is counted after the other.
    """
    month = installation.today(work).replace(day=1)
    return await store.add_sale(work, seller, currency, month, amount)
