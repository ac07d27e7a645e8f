"""The public contract, v1: JSON looks and the JSON entrance of every command."""

from importlib import import_module
from types import ModuleType

from litestar.types import ControllerRouterHandler

from xianji.web.commands import Command, handlers
from xianji.web.paths import IDS

# Each room has ROUTES, COMMANDS, or both.
ROOMS: tuple[ModuleType, ...] = tuple(
    import_module(f"{__name__}.{room}")
    for room in (
        "after",
        "auth",
        "carts",
        "circles",
        "deposits",
        "feed",
        "health",
        "items",
        "media",
        "members",
        "notes",
        "notices",
        "offers",
        "orders",
        "parcels",
        "payments",
        "price_board",
        "refunds",
        "reports",
        "rules",
        "search",
        "searches",
        "security",
        "visits",
    )
)


def commands() -> list[Command]:
    """Every command of every room."""
    return [command for room in ROOMS for command in getattr(room, "COMMANDS", ())]


def routes() -> list[ControllerRouterHandler]:
    """Every route of the API, and the form entrances of the commands."""
    made: list[ControllerRouterHandler] = [route for room in ROOMS for route in getattr(room, "ROUTES", ())]
    for command in commands():
        made.extend(handlers(command, IDS))
    return made
