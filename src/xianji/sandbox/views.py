"""What the provider shows a merchant of its records, and the day's bill as CSV."""

import csv
import io
from datetime import date, timedelta, timezone

from xianji.sandbox.engine import Engine
from xianji.sandbox.model import Event, Payment, Refund, Release, SplitReturn


def payment_view(payment: Payment, base_url: str) -> dict[str, object]:
    """A payment with its parts' money and its pay page."""
    return {
        **_shown(payment, "out_no", "provider_no", "state", "amount", "currency"),
        "pay_url": f"{base_url}/pay/{payment.token}",
        **_shown(payment, "created_at", "expires_at", "paid_at", "closed_at", "hold_until", "failed_tries", "parts"),
    }


def hold_view(payment: Payment) -> dict[str, object]:
    """What is still held of a payment and until when."""
    return {
        "out_no": payment.out_no,
        "currency": payment.currency,
        "held": sum(p.held for p in payment.parts),
        "hold_until": payment.hold_until,
        "parts": payment.parts,
    }


def release_view(release: Release) -> dict[str, object]:
    """A release with each line's outcome."""
    return _shown(release, "out_release_no", "provider_no", "out_no", "part", "state", "lines", "finished_at")


def refund_view(refund: Refund) -> dict[str, object]:
    """A refund and its outcome."""
    return _shown(refund, "out_refund_no", "provider_no", "out_no", "part", "amount", "state", "code", "finished_at")


def return_view(record: SplitReturn) -> dict[str, object]:
    """A split return."""
    names = ("out_return_no", "provider_no", "out_release_no", "out_no", "part", "payee", "kind", "amount")
    return {**_shown(record, *names), "state": "succeeded"}


def _shown(record: object, *names: str) -> dict[str, object]:
    """These fields of a record; the others are the provider's own business."""
    return {name: getattr(record, name) for name in names}


def event_view(engine: Engine, event: Event) -> dict[str, object]:
    """An event and how its deliveries stand; the facts travel only inside the sealed callback."""
    mine = [d for d in engine.outbox.deliveries.values() if d.event_id == event.id]
    states = [{"id": d.id, "state": d.state, "attempt": d.attempt, "due_at": d.due_at} for d in mine]
    return {
        "id": event.id,
        "seq": event.seq,
        "type": event.type,
        "created": event.created,
        "out_no": event.facts["out_no"],
        "deliveries": states,
    }


def bill_csv(engine: Engine, merchant: str, day: date) -> bytes:
    """One merchant's movements of a day (the provider's own calendar), oldest first."""
    zone = timezone(timedelta(minutes=engine.limits.bill_offset_minutes))
    out = io.StringIO()
    names = ("at", "kind", "out_no", "part", "request_no", "payee", "amount", "currency", "provider_ref")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(names)
    for line in engine.lines:
        if line.merchant == merchant and line.at.astimezone(zone).date() == day:
            table.writerow([line.at.isoformat(), *(getattr(line, name) for name in names[1:])])
    return out.getvalue().encode()


def totals(engine: Engine) -> dict[str, dict[str, int]]:
    """Money by currency over all paid payments: paid = held + released + fee + refunded."""
    sums: dict[str, dict[str, int]] = {}
    for payment in engine.payments.values():
        if payment.state == "paid":
            row = sums.setdefault(payment.currency, dict.fromkeys(("paid", "held", "released", "fee", "refunded"), 0))
            row["paid"] += payment.amount
            for part in payment.parts:
                row["held"] += part.held
                row["released"] += part.released
                row["fee"] += part.fee
                row["refunded"] += part.refunded
    return sums
