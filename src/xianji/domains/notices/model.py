"""The words of notices: the kinds, the groups a member may switch off, and what is told."""

from typing import Any, Literal

import msgspec

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import MemberId

KEPT_DAYS = Key("notices.kept_days", 90, "how long a notice is kept after the last time it was told")

NOTICES_ALWAYS_ON = Code("notices_always_on", Kind.CONFLICT, field="off")

Group = Literal["orders", "decisions", "offers", "gifts", "visits", "talk", "likes", "follows", "prices", "searches"]

# Who trades or is judged must hear of it: these cannot be switched off, nor kept away by a block.
ALWAYS: frozenset[Group] = frozenset(("orders", "decisions"))

# The closed catalogue: every kind and its group. Its words stand in words/notices/*.toml.
KINDS: dict[str, Group] = {
    "order_paid": "orders",
    "deposit_paid": "orders",
    "order_sent": "orders",
    "order_unseen": "orders",
    "waybill_corrected": "orders",
    "order_delivered": "orders",
    "order_completed": "orders",
    "order_confirmed_by_time": "orders",
    "order_closed": "orders",
    "order_cancelled": "orders",
    "order_forfeited": "orders",
    "order_repriced": "orders",
    "payment_returned": "orders",
    "refund_asked": "orders",
    "refund_countered": "orders",
    "refund_refused": "orders",
    "refund_send_back": "orders",
    "refund_replacement_agreed": "orders",
    "refund_sent_back": "orders",
    "refund_replaced": "orders",
    "refund_paid": "orders",
    "refund_disputed": "orders",
    "refund_ruled": "orders",
    "refund_closed": "orders",
    "refund_short": "orders",
    "held": "decisions",
    "let_through": "decisions",
    "not_let_through": "decisions",
    "taken_down": "decisions",
    "restricted": "decisions",
    "restriction_ended": "decisions",
    "appeal_upheld": "decisions",
    "decision_undone": "decisions",
    "report_answered": "decisions",
    "offer_made": "offers",
    "offer_countered": "offers",
    "offer_accepted": "offers",
    "offer_declined": "offers",
    "offer_withdrawn": "offers",
    "offer_expired": "offers",
    "offer_lapsed": "offers",
    "offer_ended": "offers",
    "gift_asked_for": "gifts",
    "gift_promised": "gifts",
    "gift_taken_back": "gifts",
    "gift_gone": "gifts",
    "wanted_answered": "gifts",
    "visit_taken": "visits",
    "visit_left": "visits",
    "visit_called_off": "visits",
    "commented": "talk",
    "answered": "talk",
    "mentioned": "talk",
    "guest_waiting": "talk",
    "guest_shown": "talk",
    "guest_refused": "talk",
    "thanked": "talk",
    "note_liked": "likes",
    "note_saved": "likes",
    "followed": "follows",
    "price_drop": "prices",
    "search_found": "searches",
    "search_digest": "searches",
}


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be told to one or several members.

    `item` may be an order's id: then it is the order's first thing. Amounts in `facts` are `{amount, currency}`.
    A fact called `before` stays what it was when the member last read.
    """

    kind: str
    to: tuple[MemberId, ...]
    subject: str
    link: str
    person: MemberId | None = None
    item: str | None = None
    note: str | None = None
    facts: dict[str, Any] = {}


class Stale(msgspec.Struct, frozen=True):
    """What was told and not read is not so any more."""

    kind: str
    subject: str


class ChooseNotices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The groups a member does not want to hear of; all others they do."""

    off: list[Group] = []
