"""Screens: they compose views of several domains and hold what only a screen needs."""

from litestar.types import ControllerRouterHandler

from xianji.web.commands import Command, handlers
from xianji.web.paths import IDS

from . import home, items, market, order_steps, orders, publish, sign_in

# Forms that only a page has; the API has its own commands for the same verbs.
COMMANDS: list[Command] = [*publish.COMMANDS]


def routes() -> list[ControllerRouterHandler]:
    """Every page."""
    made: list[ControllerRouterHandler] = []
    for command in COMMANDS:
        made.extend(handlers(command, IDS))
    return [
        *made,
        *home.ROUTES,
        *items.ROUTES,
        *market.ROUTES,
        *order_steps.ROUTES,
        *orders.ROUTES,
        *publish.ROUTES,
        *sign_in.ROUTES,
    ]
