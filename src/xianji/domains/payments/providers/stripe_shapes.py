"""What Stripe's objects look like as far as we read them, and what they say in the words of the port. No calls."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from xianji.domains.payments import provider as port

from . import wire
from .stripe_wire import amount_here, amount_there

_REFUND: dict[str, Literal["processing", "succeeded", "failed"]] = {
    "pending": "processing",
    "requires_action": "processing",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "failed",
}
_BILLED = {
    "charge": "paid",
    "payment": "paid",
    "refund": "refunded",
    "payment_refund": "refunded",
    "transfer": "released",
    "transfer_refund": "returned",
}


class Charge(msgspec.Struct):
    """Money that came in."""

    id: str
    created: int


class Intent(msgspec.Struct):
    """The intent to pay behind a session, with its charge when expanded."""

    id: str
    latest_charge: Charge | str | None = None


class Session(msgspec.Struct):
    """A pay page."""

    id: str
    amount_total: int
    currency: str
    status: str | None
    payment_status: str
    client_reference_id: str | None
    metadata: dict[str, str]
    expires_at: int
    url: str | None = None
    payment_intent: Intent | str | None = None


class Transfer(msgspec.Struct):
    """Money that went to a connected account."""

    id: str
    amount: int
    amount_reversed: int
    created: int
    metadata: dict[str, str]


class Reversal(msgspec.Struct):
    """Money that came back from one."""

    id: str


class Refund(msgspec.Struct):
    """Money that went back to the buyer."""

    id: str
    amount: int
    currency: str
    created: int
    metadata: dict[str, str]
    status: str
    failure_reason: str | None = None


class Source(msgspec.Struct):
    """What a movement of the balance is about."""

    id: str
    metadata: dict[str, str] = {}


class Movement(msgspec.Struct):
    """A movement of the balance."""

    id: str
    type: str
    amount: int
    currency: str
    created: int
    source: Source | str | None = None


class Transfers(msgspec.Struct):
    """A page of them."""

    data: list[Transfer]
    has_more: bool


class Refunds(msgspec.Struct):
    """A page of them."""

    data: list[Refund]
    has_more: bool


class Movements(msgspec.Struct):
    """A page of them."""

    data: list[Movement]
    has_more: bool


class Data(msgspec.Struct):
    """The object an event is about, unread."""

    object: msgspec.Raw


class Event(msgspec.Struct):
    """An event."""

    id: str
    type: str
    created: int
    livemode: bool
    data: Data


def line_item(part: port.PaymentPart, ask: port.PaymentAsk) -> dict[str, Any]:
    """One seller's part as a line of the pay page."""
    name = f"{ask.description} · {part.name}" if part.name else ask.description
    price = {
        "currency": ask.currency.lower(),
        "unit_amount": amount_there(part.amount, ask.currency),
        "product_data": {"name": name[:200]},
    }
    return {"price_data": price, "quantity": 1}


def about(out_no: str, part: str, number: str, **more: str | int) -> dict[str, str]:
    """What is attached to everything we make, so that it can be found by our numbers."""
    given = {"out_no": out_no, "part": part, "number": number}
    return given | {name: str(value) for name, value in more.items() if value}


def parts(about: Mapping[str, str]) -> tuple[port.PaymentPart, ...]:
    """The shares that were attached when the payment was opened."""
    found = []
    for name in sorted(about):
        if name.startswith("part_"):
            part, payee, amount = about[name].split("|")
            found.append(port.PaymentPart(part, payee, int(amount)))
    return tuple(found)


def charge_of(found: Session) -> Charge | None:
    """A session's charge, when there is one and it was expanded."""
    intent = found.payment_intent
    charge = intent.latest_charge if isinstance(intent, Intent) else None
    return charge if isinstance(charge, Charge) else None


def held_of(part: port.PaymentPart, transfers: list[Transfer], refunds: list[Refund], currency: str) -> port.PartState:
    """What became of a part."""
    mine = [one for one in transfers if one.metadata.get("part") == part.part]
    released = sum(amount_here(one.amount - one.amount_reversed, currency) for one in mine)
    fee = sum(int(one.metadata.get("fee", "0")) for one in mine)
    fee -= sum(int(back) for one in mine for name, back in one.metadata.items() if name.startswith("back_"))
    back = [one for one in refunds if one.metadata.get("part") == part.part and _REFUND[one.status] != "failed"]
    refunded = sum(amount_here(one.amount, currency) for one in back if one.status == "succeeded")
    moving = sum(amount_here(one.amount, currency) for one in back) - refunded
    held = part.amount - released - fee - refunded
    return port.PartState(part.part, part.payee, part.amount, held, moving, released, fee, refunded)


def release_line(split: port.Split, code: str | None) -> port.SplitState:
    """One receiver; `code` when it failed."""
    return port.SplitState(
        payee=split.payee,
        amount=split.amount,
        kind=split.kind,
        state="failed" if code else "succeeded",
        code=code,
    )


def release(
    number: str, out_no: str, part: str, lines: tuple[port.SplitState, ...], ids: str, last: Transfer | None
) -> port.ReleaseState:
    """A release of these lines."""
    return port.ReleaseState(
        out_release_no=number,
        provider_no=ids,
        out_no=out_no,
        part=part,
        state=wire.release_end(lines),
        lines=lines,
        finished_at=datetime.fromtimestamp(last.created, UTC) if last else None,
    )


def refund_state(found: Refund, out_no: str, part: str, number: str) -> port.RefundState:
    """A refund in the words of the port."""
    state = _REFUND[found.status]
    return port.RefundState(
        out_refund_no=number,
        provider_no=found.id,
        out_no=out_no,
        part=part,
        amount=amount_here(found.amount, found.currency.upper()),
        state=state,
        code=found.failure_reason or ("refund_failed" if state == "failed" else None),
        finished_at=datetime.fromtimestamp(found.created, UTC) if state != "processing" else None,
    )


def bill_lines(one: Movement) -> list[port.BillLine]:
    """A charge is one line for each seller's part; everything else is one line."""
    kind = _BILLED.get(one.type)
    if kind is None:
        return []
    source = one.source if isinstance(one.source, Source) else Source(str(one.source or one.id))
    about, currency = source.metadata, one.currency.upper()
    rows = [(part.part, part.payee, part.amount) for part in parts(about)] if kind == "paid" else []
    rows = rows or [(about.get("part", ""), about.get("payee", ""), abs(amount_here(one.amount, currency)))]
    return [
        port.BillLine(
            at=datetime.fromtimestamp(one.created, UTC),
            kind=kind,
            out_no=about.get("out_no", ""),
            part=part,
            request_no=about.get("number", about.get("out_no", "")),
            payee=payee,
            amount=amount,
            currency=currency,
            provider_ref=source.id,
        )
        for part, payee, amount in rows
    ]
