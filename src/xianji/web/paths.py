"""The ids that stand in addresses."""

from typing import Any

from xianji.kernel import ids

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
    "report": ids.ReportId,
    "request": ids.RequestId,
    "session": ids.SessionId,
    "wanted": ids.WantedId,
}
