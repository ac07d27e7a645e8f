"""Screens: they compose views of several domains and hold what only a screen needs."""

from importlib import import_module
from types import ModuleType

from litestar.types import ControllerRouterHandler

from xianji.web.commands import handlers
from xianji.web.paths import IDS

# Each room has ROUTES, and COMMANDS for forms that only a page has (the API has its own for the same verbs).
ROOMS: tuple[ModuleType, ...] = tuple(
    import_module(f"{__name__}.{room}")
    for room in (
        "about",
        "addresses",
        "after",
        "bargain",
        "baskets",
        "circle_forms",
        "circles",
        "deposits",
        "home",
        "items",
        "language",
        "market",
        "me",
        "messages",
        "notes",
        "notice_settings",
        "order_steps",
        "orders",
        "phone",
        "price_board",
        "prices",
        "privacy",
        "profile",
        "publish",
        "publish_many",
        "publish_note",
        "qr",
        "reach",
        "refunds",
        "reports",
        "resume",
        "saved_searches",
        "search",
        "security",
        "seen",
        "settings",
        "sign_in",
        "verify",
        "visits",
    )
)


def routes() -> list[ControllerRouterHandler]:
    """Every page."""
    made: list[ControllerRouterHandler] = [route for room in ROOMS for route in room.ROUTES]
    for command in (command for room in ROOMS for command in getattr(room, "COMMANDS", ())):
        made.extend(handlers(command, IDS))
    return made
