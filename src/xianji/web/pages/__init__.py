"""Screens: they compose views of several domains and hold what only a screen needs."""

from litestar.types import ControllerRouterHandler

from xianji.web.api import IDS
from xianji.web.commands import Command, handlers

from . import home, items, market, publish, sign_in

COMMANDS: list[Command] = [*publish.COMMANDS]


def routes() -> list[ControllerRouterHandler]:
    """Every page, and the forms that only a page has."""
    made: list[ControllerRouterHandler] = []
    for command in COMMANDS:
        made.extend(handlers(command, IDS))
    return [*made, *home.ROUTES, *items.ROUTES, *market.ROUTES, *publish.ROUTES, *sign_in.ROUTES]
