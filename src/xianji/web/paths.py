"""The ids that stand in addresses."""

from typing import Annotated, Any
from urllib.parse import quote

from msgspec import Meta

from xianji.kernel import ids

# A credential id in hex: authenticators make it, so it is no typed id of ours.
PasskeyId = Annotated[str, Meta(pattern="^[0-9a-f]{2,2048}$")]

# A topic is known by its name.
TopicName = Annotated[str, Meta(min_length=1, max_length=100)]

# What amends came of: a refund, or an order itself.
AmendsSubject = Annotated[str, Meta(pattern="^(ord|rfd)_[0-9a-hjkmnp-tv-z]{26}$")]

# Of what type each id in a path is; one word per thing, also in addresses.
IDS: dict[str, Any] = {
    "address": ids.AddressId,
    "case": ids.CaseId,
    "checkout": ids.CheckoutId,
    "circle": ids.CircleId,
    "comment": ids.CommentId,
    "item": ids.ItemId,
    "link": ids.LinkId,
    "media": ids.MediaId,
    "member": ids.MemberId,
    "note": ids.NoteId,
    "notice": ids.NoticeId,
    "offer": ids.OfferId,
    "order": ids.OrderId,
    "passkey": PasskeyId,
    "quota": ids.QuotaId,
    "refund": ids.RefundId,
    "report": ids.ReportId,
    "request": ids.RequestId,
    "saved": ids.SavedSearchId,
    "session": ids.SessionId,
    "slot": ids.VisitSlotId,
    "subject": AmendsSubject,
    "topic": TopicName,
    "wanted": ids.WantedId,
}


def topic_address(name: str) -> str:
    """Where the page of a topic is."""
    return f"/topics/{quote(name, safe='')}"
