"""What becomes due: offers without an answer, agreed prices without an order, private links that are over."""

from xianji.kernel.jobs import Due

from . import store
from .actions.bargaining import expire
from .actions.pricing import expire_link

DUE = (Due("offers.expire", store.due_offers, expire), Due("offers.links", store.due_links, expire_link))
