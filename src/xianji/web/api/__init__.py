"""The public contract, v1: JSON looks and the JSON entrance of every command."""

from types import ModuleType
from typing import Any

from litestar.types import ControllerRouterHandler

from xianji.kernel import ids
from xianji.web.commands import Command, handlers

from . import auth, health, media, members, orders, payments, security

# Each room has ROUTES, COMMANDS, or both.
ROOMS: tuple[ModuleType, ...] = (
    auth,
    health,
    media,
    members,
    orders,
    payments,
    security,
)

# Of what type each id in a path is; one word per thing, also in addresses.
IDS: dict[str, Any] = {
    "address": ids.AddressId,
    "circle": ids.CircleId,
    "comment": ids.CommentId,
    "item": ids.ItemId,
    "media": ids.MediaId,
    "member": ids.MemberId,
    "note": ids.NoteId,
    "order": ids.OrderId,
    "passkey": security.PasskeyId,
    "report": ids.ReportId,
    "request": ids.RequestId,
    "session": ids.SessionId,
}


def commands() -> list[Command]:
    """Every command of every room."""
    return [command for room in ROOMS for command in getattr(room, "COMMANDS", ())]


def routes() -> list[ControllerRouterHandler]:
    """Every route of the API, and the form entrances of the commands."""
    made: list[ControllerRouterHandler] = [route for room in ROOMS for route in getattr(room, "ROUTES", ())]
    for command in commands():
        made.extend(handlers(command, IDS))
    return made
