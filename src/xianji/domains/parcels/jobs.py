"""What is due: parcels to ask about."""

from xianji.kernel.jobs import Due

from . import store
from .actions import ask_soon

DUE = (Due("parcels.look", store.due, ask_soon),)
