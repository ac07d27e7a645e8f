"""What the trade tells whom: orders, refunds, offers and visits. Pure: from an event to tellings."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from xianji.domains import offers, orders, refunds, visits
from xianji.kernel.work import Event

from .model import Stale, Telling

Hear = Callable[[Any], Sequence[Telling | Stale]]


def _others(told: Any, role: str) -> tuple[str, ...]:
    """The sides of a trade who did not do it themselves."""
    return tuple(member for side, member in (("buyer", told.buyer), ("seller", told.seller)) if side != role)


def _other(told: Any, member: str) -> str:
    return str(told.seller if member == told.buyer else told.buyer)


def _money(amount: int, currency: str) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def _sides(
    told: Any, kind: str, to: Sequence[str], subject: str, link: str, item: str, facts: dict[str, Any] | None = None
) -> list[Telling]:
    """One telling for each side, since each is told of the other."""
    return [
        Telling(
            kind=kind,
            to=(member,),
            subject=subject,
            link=link,
            person=_other(told, member),
            item=item,
            facts=facts or {},
        )
        for member in to
    ]


def _order(told: Any, kind: str, to: Sequence[str], facts: dict[str, Any] | None = None) -> list[Telling]:
    return _sides(told, kind, to, told.order, f"/orders/{told.order}", told.order, facts)


def _completed(told: orders.OrderCompleted) -> list[Telling]:
    net = {"amount": _money(told.net, told.currency)}
    by_time = _order(told, "order_confirmed_by_time", [told.buyer]) if told.verb == "auto_confirm" else []
    return [*_order(told, "order_completed", [told.seller], net), *by_time]


def _called_off(told: orders.OrderRefunded) -> list[Telling]:
    """A refund that was asked for is told by its own moves."""
    return [] if told.verb == "refund_all" else _order(told, "order_cancelled", _others(told, told.role))


def _returned(told: orders.PaymentReturned) -> list[Telling]:
    amount = {"amount": _money(told.amount, told.currency)}
    link = f"/orders/{told.order}"
    return [
        Telling(kind="payment_returned", to=(told.buyer,), subject=told.order, link=link, item=told.order, facts=amount)
    ]


# The verb of a refund's move → what the other side, or with time and operators both, are told.
_REFUND = {
    "apply": "refund_asked",
    "grant": "refund_paid",
    "agree": "refund_paid",
    "agree_return": "refund_send_back",
    "agree_replacement": "refund_replacement_agreed",
    "counter": "refund_countered",
    "refuse": "refund_refused",
    "time_refund": "refund_paid",
    "time_return": "refund_send_back",
    "time_dispute": "refund_disputed",
    "accept_counter": "refund_paid",
    "accept_return": "refund_send_back",
    "time_close": "refund_closed",
    "ship_back": "refund_sent_back",
    "correct_waybill": "waybill_corrected",
    "receive": "refund_paid",
    "receive_exchange": "refund_replacement_agreed",
    "refuse_received": "refund_disputed",
    "replace": "refund_replaced",
    "escalate": "refund_disputed",
    "withdraw": "refund_closed",
    "rule_refund": "refund_ruled",
    "rule_return": "refund_ruled",
    "rule_release": "refund_ruled",
    "rule_repay": "refund_ruled",
}


def _refund(told: Any, kind: str, to: Sequence[str]) -> list[Telling]:
    amount = {"amount": _money(told.amount, told.currency)}
    return _sides(told, kind, to, told.refund, f"/refunds/{told.refund}", told.order, amount)


def _refund_moved(told: refunds.RefundMoved) -> list[Telling]:
    kind = _REFUND.get(told.verb)
    return _refund(told, kind, _others(told, told.role)) if kind else []


# (verb, role) of an offer's move → what is told to whom.
_OFFER: dict[tuple[str, str], list[tuple[str, str]]] = {
    ("counter", "seller"): [("offer_countered", "buyer")],
    ("accept", "seller"): [("offer_accepted", "buyer")],
    ("accept", "buyer"): [("offer_accepted", "seller")],
    ("accept", "floor"): [("offer_accepted", "seller")],
    ("decline", "seller"): [("offer_declined", "buyer")],
    ("withdraw", "buyer"): [("offer_withdrawn", "seller")],
    ("expire", "time"): [("offer_expired", "buyer"), ("offer_expired", "seller")],
    ("lapse", "time"): [("offer_lapsed", "buyer"), ("offer_lapsed", "seller")],
    ("end", "system"): [("offer_ended", "buyer")],
}


def _offer(told: Any, kind: str, to: Sequence[str]) -> list[Telling]:
    amount = {"amount": _money(told.amount, told.currency)}
    return _sides(told, kind, to, told.offer, f"/offers/{told.offer}", told.item, amount)


def _offer_moved(told: offers.OfferMoved) -> list[Telling | Stale]:
    """Whatever became of it, that it was made is no news any more."""
    sides = {"buyer": told.buyer, "seller": told.seller}
    found = [_offer(told, kind, [sides[side]]) for kind, side in _OFFER.get((told.verb, told.role), [])]
    return [Stale("offer_made", told.offer), *chain.from_iterable(found)]


def _visit(kind: str, slot: str, to: Sequence[str], person: str) -> list[Telling]:
    return [Telling(kind=kind, to=tuple(to), subject=slot, link="/visits", person=person)]


HEARD: dict[type[Event], Hear] = {
    orders.OrderPaid: lambda told: _order(told, "order_paid", [told.seller]),
    orders.DepositPaid: lambda told: _order(
        told, "deposit_paid", [told.seller], {"amount": _money(told.amount, told.currency)}
    ),
    orders.OrderShipped: lambda told: _order(told, "order_sent", [told.buyer]),
    orders.OrderUnseen: lambda told: _order(told, "order_unseen", [told.buyer, told.seller], {"hours": told.hours}),
    orders.WaybillCorrected: lambda told: _order(told, "waybill_corrected", [told.buyer]),
    orders.OrderDelivered: lambda told: _order(told, "order_delivered", [told.buyer]),
    orders.OrderCompleted: _completed,
    orders.OrderClosed: lambda told: _order(told, "order_closed", _others(told, told.role)),
    orders.OrderRefunded: _called_off,
    orders.OrderForfeited: lambda told: _order(
        told, "order_forfeited", _others(told, told.role), {"amount": _money(told.amount, told.currency)}
    ),
    orders.OrderRepriced: lambda told: _order(
        told,
        "order_repriced",
        [told.buyer],
        {"before": _money(told.before, told.currency), "after": _money(told.after, told.currency)},
    ),
    orders.PaymentReturned: _returned,
    orders.ThanksLeft: lambda told: [
        Telling(
            kind="thanked",
            to=(told.to,),
            subject=told.order,
            link=f"/orders/{told.order}",
            person=told.by,
            item=told.order,
        )
    ],
    refunds.RefundMoved: _refund_moved,
    refunds.RefundShort: lambda told: _refund(told, "refund_short", [told.seller]),
    offers.OfferMade: lambda told: _offer(told, "offer_made", [told.seller]),
    offers.OfferMoved: _offer_moved,
    visits.VisitTaken: lambda told: _visit("visit_taken", told.slot, [told.seller], told.member),
    visits.VisitLeft: lambda told: _visit("visit_left", told.slot, [told.seller], told.member),
    visits.SlotCalledOff: lambda told: _visit("visit_called_off", told.slot, told.guests, told.seller),
}
