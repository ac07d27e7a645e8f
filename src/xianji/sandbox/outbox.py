"""What the merchant is told and when: events, delivery attempts with backoff, and the scripted faults.

Pure: time and chance are handed in. The process around it makes the HTTP calls and reports how they went.
"""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from xianji.sandbox.model import Delivery, Event, Fault, FaultName, Limits, Payment, SandboxRefused

Keep = Callable[[str, str, msgspec.Struct], None]
"""Tells the books that a record (kind, key, record) changed."""

Disguise = Literal["wrong_amount", "forged_signature", "old_timestamp"]
_DISGUISES: tuple[Disguise, ...] = ("wrong_amount", "forged_signature", "old_timestamp")


class Faults:
    """The scripted faults and whether the next chance is hit."""

    def __init__(self, chance: random.Random, keep: Keep) -> None:
        self._chance = chance
        self._keep = keep
        self.rules: dict[str, Fault] = {}

    def script(self, fault: Fault) -> None:
        """Set or replace one fault; times 0 and rate 0 switch it off."""
        self.rules[fault.name] = fault
        self._keep("fault", fault.name, fault)

    def hit(self, name: FaultName) -> bool:
        """Say whether this chance is hit, using up one of the scripted times first."""
        rule = self.rules.get(name)
        if rule is None:
            return False
        if rule.times > 0:
            rule.times -= 1
            self._keep("fault", name, rule)
            return True
        return rule.rate_bp > 0 and self._chance.randrange(10000) < rule.rate_bp

    def seconds(self, name: FaultName) -> timedelta:
        """The size of a fault that has one."""
        return timedelta(seconds=self.rules[name].seconds)


class Outbox:
    """Events in the order they happened and the deliveries still owed."""

    def __init__(self, limits: Limits, faults: Faults, chance: random.Random, keep: Keep) -> None:
        self._limits = limits
        self._faults = faults
        self._chance = chance
        self._keep = keep
        self.events: dict[str, Event] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.waiting: dict[str, Delivery] = {}

    def about(
        self,
        now: datetime,
        type_: str,
        payment: Payment,
        part: str | None = None,
        amount: int = 0,
        request_no: str = "",
        lines: Sequence[object] = (),
        *,
        ref: str,
        parts: Sequence[object] = (),
        code: str | None = None,
        hold_until: str | None = None,
    ) -> Event:
        """Tell a payment's merchant what happened to its money."""
        facts: dict[str, object] = {
            "out_no": payment.out_no,
            "part": part,
            "amount": amount,
            "currency": payment.currency,
            "request_no": request_no,
            "lines": list(lines),
            "parts": list(parts),
            "provider_ref": ref,
            "occurred_at": now.isoformat(),
            "code": code,
            "hold_until": hold_until,
        }
        return self.tell(type_, payment.merchant, payment.notify_url, now, facts)

    def tell(self, type_: str, merchant: str, notify_url: str, now: datetime, facts: dict[str, object]) -> Event:
        """Record an event and promise its delivery, subject to the callback faults."""
        seq = len(self.events) + 1
        event_id = f"evt_{seq:08d}_{self._chance.getrandbits(48):012x}"
        whole = {"event_id": event_id, "type": type_, "merchant": merchant, **facts}
        event = Event(
            id=event_id,
            seq=seq,
            type=type_,
            merchant=merchant,
            notify_url=notify_url,
            created=now,
            facts=whole,
        )
        self.events[event_id] = event
        self._keep("event", event_id, event)
        self._promise(event, now)
        return event

    def _promise(self, event: Event, now: datetime) -> None:
        held_back = [d for d in self.waiting.values() if d.id.endswith("_behind")]
        for older in held_back:
            older.due_at = min(older.due_at, now + timedelta(seconds=1))
            self._keep("delivery", older.id, older)
        if self._faults.hit("lost_callback"):
            lost = self._add(event, now, "_lost")
            lost.state = "lost"
            del self.waiting[lost.id]
        elif self._faults.hit("reordered_callback"):
            self._add(event, now + self._faults.seconds("reordered_callback"), "_behind")
        elif self._faults.hit("late_callback"):
            self._add(event, now + self._faults.seconds("late_callback"), "_late")
        else:
            delivery = self._add(event, now, "")
            delivery.disguise = next((d for d in _DISGUISES if self._faults.hit(d)), "none")
        if self._faults.hit("duplicate_callback"):
            self._add(event, now, "_again")

    def _add(self, event: Event, due: datetime, suffix: str) -> Delivery:
        delivery = Delivery(id=f"dlv_{len(self.deliveries) + 1:08d}{suffix}", event_id=event.id, due_at=due)
        self.deliveries[delivery.id] = self.waiting[delivery.id] = delivery
        self._keep("delivery", delivery.id, delivery)
        return delivery

    def redeliver(self, event_id: str, merchant: str, now: datetime) -> Event:
        """Promise one more clean delivery of an event; refuses `not_found` for another merchant's."""
        event = self.events.get(event_id)
        if event is None or event.merchant != merchant:
            raise SandboxRefused("not_found", 404)
        self._add(event, now, "_asked")
        return event

    def due(self, now: datetime) -> list[Delivery]:
        """Deliveries to attempt now, earliest due first."""
        ready = [d for d in self.waiting.values() if d.due_at <= now]
        return sorted(ready, key=lambda d: (d.due_at, d.id))

    def next_due(self) -> datetime | None:
        """When the next delivery is owed, or None."""
        return min((d.due_at for d in self.waiting.values()), default=None)

    def attempted(self, delivery_id: str, accepted: bool, now: datetime) -> None:
        """Record an attempt: accepted ends it, anything else waits for the next step of the backoff."""
        delivery = self.deliveries[delivery_id]
        if delivery.state != "waiting":
            return
        backoff = self._limits.retry_seconds
        delivery.disguise = "none"
        if accepted:
            delivery.state = "done"
        elif delivery.attempt >= len(backoff):
            delivery.state = "given_up"
        else:
            delivery.due_at = now + timedelta(seconds=backoff[delivery.attempt])
        delivery.attempt += 1
        if delivery.state != "waiting":
            del self.waiting[delivery.id]
        self._keep("delivery", delivery.id, delivery)
