"""The public contract, v1: JSON looks and the JSON entrance of every command."""

from litestar.types import ControllerRouterHandler

from xianji.web.commands import Command, handlers
from xianji.web.paths import IDS

from . import auth, circles, feed, health, items, media, notes, orders, payments

COMMANDS: list[Command] = [
    *auth.COMMANDS,
    *circles.COMMANDS,
    *items.COMMANDS,
    *notes.COMMANDS,
    *orders.COMMANDS,
]


def routes() -> list[ControllerRouterHandler]:
    """Every route of the API, and the form entrances of the commands."""
    made: list[ControllerRouterHandler] = []
    for command in COMMANDS:
        made.extend(handlers(command, IDS))
    return [
        *made,
        *auth.ROUTES,
        *circles.ROUTES,
        *feed.ROUTES,
        *health.ROUTES,
        *items.ROUTES,
        *media.ROUTES,
        *notes.ROUTES,
        *orders.ROUTES,
        *payments.ROUTES,
    ]
