"""The public contract, v1: JSON looks and the JSON entrance of every command."""

from typing import Any

from litestar.types import ControllerRouterHandler

from xianji.kernel import ids
from xianji.web.commands import Command, handlers

from . import auth, health, media, members, security

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

COMMANDS: list[Command] = [
    *auth.COMMANDS,
    *members.COMMANDS,
    *security.COMMANDS,
]


def routes() -> list[ControllerRouterHandler]:
    """Every route of the API, and the form entrances of the commands."""
    made: list[ControllerRouterHandler] = []
    for command in COMMANDS:
        made.extend(handlers(command, IDS))
    return [*made, *auth.ROUTES, *health.ROUTES, *media.ROUTES, *members.ROUTES, *security.ROUTES]
