"""The rules of the sandbox provider: pure state, injected clock and chance, no I/O.

Every request is idempotent by the caller's number: the same number with the same body answers with the same
record in its present state; with another body it is refused `out_no_conflict`.
At every step and for every paid part: amount = held + released + fee + refunded.
"""

import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from xianji.sandbox.checks import check_lines, check_payment, fingerprint, same
from xianji.sandbox.model import (
    BillLine,
    Delivery,
    Event,
    Fault,
    Limits,
    Line,
    Part,
    Payment,
    PaymentRequest,
    Refund,
    RefundRequest,
    Release,
    ReleaseRequest,
    ReturnRequest,
    SandboxRefused,
    SplitReturn,
)
from xianji.sandbox.outbox import Faults, Outbox

Key = tuple[str, str]


class Engine:
    """All books of the provider. `clock()` returns aware UTC; `chance` supplies tokens and fault draws."""

    def __init__(self, clock: Callable[[], datetime], chance: random.Random, limits: Limits | None = None) -> None:
        self.clock = clock
        self.limits = limits or Limits()
        self._chance = chance
        self.changed: dict[Key, msgspec.Struct] = {}
        self.faults = Faults(chance, self._keep)
        self.outbox = Outbox(self.limits, self.faults, chance, self._keep)
        self.payments: dict[Key, Payment] = {}
        self.releases: dict[Key, Release] = {}
        self.refunds: dict[Key, Refund] = {}
        self.returns: dict[Key, SplitReturn] = {}
        self.lines: list[BillLine] = []
        self.down_until: datetime | None = None
        self._tokens: dict[str, Key] = {}
        self._releases_of: dict[Key, list[Release]] = {}
        self._agenda: list[tuple[datetime, str, Key]] = []

    def create_payment(self, merchant: str, ask: PaymentRequest) -> Payment:
        """Open a payment. Refuses amount_mismatch, parts_repeat, too_many_parts, already_expired."""
        now, key, mark = self.clock(), (merchant, ask.out_no), fingerprint(ask)
        known = self.payments.get(key)
        if known is not None:
            return same(known, mark)
        check_payment(ask, self.limits, now)
        payment = Payment(
            merchant=merchant,
            out_no=ask.out_no,
            provider_no=self._number("pay", len(self.payments)),
            token=f"{self._chance.getrandbits(160):040x}",
            fingerprint=mark,
            amount=ask.amount,
            currency=ask.currency,
            description=ask.description,
            notify_url=ask.notify_url,
            return_url=ask.return_url,
            created_at=now,
            expires_at=ask.expires_at.astimezone(UTC),
            parts=[Part(part=p.part, payee=p.payee, amount=p.amount, name=p.name) for p in ask.parts],
        )
        self.load("payment", payment)
        self._touch(payment)
        return payment

    def payment(self, merchant: str, out_no: str) -> Payment:
        """Look a payment up; refuses not_found."""
        found = self.payments.get((merchant, out_no))
        if found is None:
            raise SandboxRefused("not_found", 404)
        return found

    def payment_by_token(self, token: str) -> Payment:
        """Look a payment up by its pay page's token; refuses not_found."""
        key = self._tokens.get(token)
        if key is None:
            raise SandboxRefused("not_found", 404)
        return self.payments[key]

    def close_payment(self, merchant: str, out_no: str) -> Payment:
        """Close an unpaid payment; closing twice is the same; refuses already_paid."""
        payment = self.payment(merchant, out_no)
        if payment.state == "paid":
            raise SandboxRefused("already_paid")
        if payment.state == "pending":
            self._close(payment, self.clock())
        return payment

    def pay(self, token: str, result: Literal["success", "fail"]) -> Payment:
        """The buyer's answer, never an amount. Paying twice is once; refuses payment_closed."""
        payment, now = self.payment_by_token(token), self.clock()
        if payment.state == "pending" and payment.expires_at <= now:
            self._close(payment, now)
        if payment.state == "closed":
            raise SandboxRefused("payment_closed")
        if payment.state == "paid":
            return payment
        if result == "fail":
            payment.failed_tries += 1
            self._touch(payment)
            return payment
        hold = timedelta(seconds=self.limits.hold_seconds)
        if self.faults.hit("hold_expiry"):
            hold = self.faults.seconds("hold_expiry")
        payment.state, payment.paid_at, payment.hold_until = "paid", now, now + hold
        for part in payment.parts:
            part.held = part.amount
            self._bill("paid", payment, part, payment.out_no, part.payee, part.amount, payment.provider_no)
        self._touch(payment)
        self._watch_hold(payment)
        parts = [{"part": p.part, "payee": p.payee, "amount": p.amount} for p in payment.parts]
        self.outbox.about(
            self.clock(), "payment.paid", payment, amount=payment.amount, parts=parts, ref=payment.provider_no
        )
        return payment

    def release(self, merchant: str, out_no: str, ask: ReleaseRequest) -> Release:
        """Start a release; the lines settle later, each for itself.

        Refuses what `check_lines` refuses, not_paid, not_found and too_many_releases.
        """
        now, key, mark = self.clock(), (merchant, ask.out_release_no), fingerprint(ask, out_no)
        known = self.releases.get(key)
        if known is not None:
            return same(known, mark)
        payment, part = self._paid_part(merchant, out_no, ask.part)
        if len(self._releases_of.get((merchant, out_no), [])) >= self.limits.max_releases:
            raise SandboxRefused("too_many_releases")
        check_lines(ask, part, self._fee_promised(payment, part), self.limits)
        record = Release(
            merchant=merchant,
            out_release_no=ask.out_release_no,
            provider_no=self._number("rel", len(self.releases)),
            fingerprint=mark,
            out_no=out_no,
            part=part.part,
            lines=[Line(payee=x.payee, amount=x.amount, kind=x.kind) for x in ask.lines],
            created_at=now,
            due_at=now + timedelta(seconds=self.limits.release_seconds),
        )
        part.moving += sum(x.amount for x in ask.lines)
        self.load("release", record)
        self._touch(payment)
        self._keep("release", f"{merchant}/{record.out_release_no}", record)
        self.tick()
        return record

    def _fee_promised(self, payment: Payment, part: Part) -> int:
        """The part's fee already taken or under way."""
        mine = self._releases_of.get((payment.merchant, payment.out_no), [])
        lines = [x for r in mine if r.part == part.part and r.state == "processing" for x in r.lines]
        return part.fee + sum(x.amount for x in lines if x.kind == "fee")

    def refund(self, merchant: str, out_no: str, ask: RefundRequest) -> Refund:
        """Refund held money of one part to the buyer; refuses not_enough_held (return the split first)."""
        now, key, mark = self.clock(), (merchant, ask.out_refund_no), fingerprint(ask, out_no)
        known = self.refunds.get(key)
        if known is not None:
            return same(known, mark)
        payment, part = self._paid_part(merchant, out_no, ask.part)
        if ask.amount > part.held - part.moving:
            raise SandboxRefused("not_enough_held")
        record = Refund(
            merchant=merchant,
            out_refund_no=ask.out_refund_no,
            provider_no=self._number("ref", len(self.refunds)),
            fingerprint=mark,
            out_no=out_no,
            part=part.part,
            amount=ask.amount,
            reason=ask.reason,
            created_at=now,
            due_at=now + timedelta(seconds=self.limits.refund_seconds),
        )
        part.moving += ask.amount
        self.load("refund", record)
        self._touch(payment)
        self._keep("refund", f"{merchant}/{record.out_refund_no}", record)
        self.tick()
        return record

    def split_return(self, merchant: str, out_release_no: str, ask: ReturnRequest) -> SplitReturn:
        """Take released money of one line back into the hold; refuses return_over_line, payee_short, not_found."""
        now, key, mark = self.clock(), (merchant, ask.out_return_no), fingerprint(ask, out_release_no)
        known = self.returns.get(key)
        if known is not None:
            return same(known, mark)
        release = self.find_release(merchant, out_release_no)
        line = next((x for x in release.lines if (x.payee, x.kind) == (ask.payee, ask.kind)), None)
        if line is None:
            raise SandboxRefused("not_found", 404)
        if line.state != "succeeded" or ask.amount > line.amount - line.returned:
            raise SandboxRefused("return_over_line")
        if ask.kind == "seller" and self.faults.hit("payee_short"):
            raise SandboxRefused("payee_short")
        payment, part = self._paid_part(merchant, release.out_no, release.part)
        record = SplitReturn(
            merchant=merchant,
            out_return_no=ask.out_return_no,
            provider_no=self._number("ret", len(self.returns)),
            fingerprint=mark,
            out_release_no=out_release_no,
            out_no=payment.out_no,
            part=part.part,
            payee=ask.payee,
            kind=ask.kind,
            amount=ask.amount,
            created_at=now,
        )
        line.returned += ask.amount
        part.held += ask.amount
        if ask.kind == "fee":
            part.fee -= ask.amount
        else:
            part.released -= ask.amount
        again = now + timedelta(seconds=self.limits.return_hold_seconds)
        payment.hold_until = max(payment.hold_until or again, again)
        self._watch_hold(payment)
        self.load("return", record)
        self._keep("return", f"{merchant}/{record.out_return_no}", record)
        self._keep("release", f"{merchant}/{release.out_release_no}", release)
        self._touch(payment)
        ref = record.provider_no
        self._bill("returned", payment, part, record.out_return_no, record.payee, record.amount, ref)
        body = [{"payee": ask.payee, "amount": ask.amount, "kind": ask.kind, "state": "returned", "code": None}]
        self.outbox.about(
            self.clock(),
            "split.returned",
            payment,
            part.part,
            ask.amount,
            record.out_return_no,
            body,
            ref=ref,
        )
        return record

    def find_release(self, merchant: str, out_release_no: str) -> Release:
        """Look a release up; refuses not_found."""
        found = self.releases.get((merchant, out_release_no))
        if found is None:
            raise SandboxRefused("not_found", 404)
        return found

    def find_refund(self, merchant: str, out_refund_no: str) -> Refund:
        """Look a refund up; refuses not_found."""
        found = self.refunds.get((merchant, out_refund_no))
        if found is None:
            raise SandboxRefused("not_found", 404)
        return found

    def tick(self) -> None:
        """Do everything due by the clock: settle, close, warn of and end holds. Harmless when repeated."""
        now = self.clock()
        while self._agenda and self._agenda[0][0] <= now:
            _, kind, key = heapq.heappop(self._agenda)
            if kind == "payment":
                self._tick_payment(self.payments[key], now)
            elif kind == "release":
                self._settle_release(self.releases[key], now)
            else:
                self._settle_refund(self.refunds[key], now)

    def is_down(self) -> bool:
        """Whether the provider answers nothing now; a hit on `provider_down` starts such a period."""
        now = self.clock()
        if self.down_until is None or self.down_until <= now:
            if not self.faults.hit("provider_down"):
                return False
            self.down_until = now + self.faults.seconds("provider_down")
        return True

    def next_due(self) -> datetime | None:
        """The next instant at which `tick` or a delivery has something to do, or None."""
        due = [self._agenda[0][0]] if self._agenda else []
        delivery = self.outbox.next_due()
        return min([*due, delivery] if delivery else due, default=None)

    def _tick_payment(self, payment: Payment, now: datetime) -> None:
        if payment.state == "pending" and payment.expires_at <= now:
            self._close(payment, now)
        if payment.state != "paid" or payment.hold_until is None:
            return
        if payment.hold_until <= now:
            self._end_hold(payment)
        elif not payment.notice_sent and self._notice_at(payment) <= now and any(p.held for p in payment.parts):
            payment.notice_sent = True
            self._touch(payment)
            held = sum(p.held for p in payment.parts)
            until = payment.hold_until.isoformat()
            self.outbox.about(
                self.clock(), "hold.expiring", payment, amount=held, ref=payment.provider_no, hold_until=until
            )

    def _end_hold(self, payment: Payment) -> None:
        for part in payment.parts:
            free = part.held - part.moving
            if free > 0:
                part.held -= free
                part.released += free
                ref = f"{payment.provider_no}-hold"
                self._bill("hold_released", payment, part, payment.out_no, part.payee, free, ref)
                body = [
                    {
                        "payee": part.payee,
                        "amount": free,
                        "kind": "seller",
                        "state": "succeeded",
                        "code": None,
                    }
                ]
                self.outbox.about(self.clock(), "hold.released", payment, part.part, free, "", body, ref=ref)
        self._touch(payment)

    def _close(self, payment: Payment, now: datetime) -> None:
        payment.state, payment.closed_at = "closed", now
        self._touch(payment)
        self.outbox.about(self.clock(), "payment.closed", payment, amount=payment.amount, ref=payment.provider_no)

    def _settle_release(self, release: Release, now: datetime) -> None:
        if release.state != "processing":
            return
        payment, part = self._paid_part(release.merchant, release.out_no, release.part)
        broken = self.faults.hit("partial_split")
        for index, line in enumerate(release.lines):
            part.moving -= line.amount
            # The last receiver fails: with one line the whole release fails, which callers must meet as well.
            if broken and index == len(release.lines) - 1:
                line.state, line.code = "failed", "receiver_unavailable"
                continue
            line.state = "succeeded"
            part.held -= line.amount
            if line.kind == "fee":
                part.fee += line.amount
            else:
                part.released += line.amount
            kind = "fee" if line.kind == "fee" else "released"
            self._bill(kind, payment, part, release.out_release_no, line.payee, line.amount, release.provider_no)
        done = sum(x.amount for x in release.lines if x.state == "succeeded")
        all_done = all(x.state == "succeeded" for x in release.lines)
        release.state = "succeeded" if all_done else "partial" if done else "failed"
        release.finished_at = now
        self._keep("release", f"{release.merchant}/{release.out_release_no}", release)
        self._touch(payment)
        body = [msgspec.to_builtins(x) for x in release.lines]
        type_ = f"release.{release.state}"
        self.outbox.about(
            self.clock(),
            type_,
            payment,
            part.part,
            done,
            release.out_release_no,
            body,
            ref=release.provider_no,
        )
        self._late_work(payment)

    def _settle_refund(self, refund: Refund, now: datetime) -> None:
        if refund.state != "processing":
            return
        payment, part = self._paid_part(refund.merchant, refund.out_no, refund.part)
        part.moving -= refund.amount
        refund.finished_at = now
        ref = refund.provider_no
        if self.faults.hit("refund_failure"):
            refund.state, refund.code = "failed", "buyer_account_unavailable"
        else:
            refund.state = "succeeded"
            part.held -= refund.amount
            part.refunded += refund.amount
            self._bill("refunded", payment, part, refund.out_refund_no, "buyer", refund.amount, ref)
        self._keep("refund", f"{refund.merchant}/{refund.out_refund_no}", refund)
        self._touch(payment)
        self.outbox.about(
            self.clock(),
            f"refund.{refund.state}",
            payment,
            part.part,
            refund.amount,
            refund.out_refund_no,
            ref=ref,
            code=refund.code,
        )
        self._late_work(payment)

    def _late_work(self, payment: Payment) -> None:
        """Money that came free after the hold's end must not stay held for ever."""
        if payment.hold_until is not None and payment.hold_until <= self.clock():
            self._end_hold(payment)

    def load(self, kind: str, record: msgspec.Struct) -> None:
        """Put one record back into the books (restart), or a new one into its index."""
        match record:
            case Payment():
                key = (record.merchant, record.out_no)
                self.payments[key] = record
                self._tokens[record.token] = key
                if record.state == "pending":
                    heapq.heappush(self._agenda, (record.expires_at, kind, key))
                self._watch_hold(record)
            case Release():
                key = (record.merchant, record.out_release_no)
                self.releases[key] = record
                self._releases_of.setdefault((record.merchant, record.out_no), []).append(record)
                heapq.heappush(self._agenda, (record.due_at, kind, key))
            case Refund():
                key = (record.merchant, record.out_refund_no)
                self.refunds[key] = record
                heapq.heappush(self._agenda, (record.due_at, kind, key))
            case SplitReturn():
                self.returns[record.merchant, record.out_return_no] = record
            case BillLine():
                self.lines.append(record)
            case Event():
                self.outbox.events[record.id] = record
            case Delivery():
                self.outbox.deliveries[record.id] = record
                if record.state == "waiting":
                    self.outbox.waiting[record.id] = record
            case Fault():
                self.faults.rules[record.name] = record

    def _watch_hold(self, payment: Payment) -> None:
        if payment.state == "paid" and payment.hold_until is not None:
            key = (payment.merchant, payment.out_no)
            heapq.heappush(self._agenda, (self._notice_at(payment), "payment", key))
            heapq.heappush(self._agenda, (payment.hold_until, "payment", key))

    def _notice_at(self, payment: Payment) -> datetime:
        assert payment.hold_until is not None
        return payment.hold_until - timedelta(seconds=self.limits.hold_notice_seconds)

    def _paid_part(self, merchant: str, out_no: str, part_no: str) -> tuple[Payment, Part]:
        payment = self.payment(merchant, out_no)
        if payment.state != "paid":
            raise SandboxRefused("not_paid")
        part = next((p for p in payment.parts if p.part == part_no), None)
        if part is None:
            raise SandboxRefused("not_found", 404)
        return payment, part

    def _number(self, prefix: str, count: int) -> str:
        return f"sbx_{prefix}_{count + 1:08d}_{self._chance.getrandbits(32):08x}"

    def _keep(self, kind: str, key: str, record: msgspec.Struct) -> None:
        self.changed[kind, key] = record

    def _touch(self, payment: Payment) -> None:
        self._keep("payment", f"{payment.merchant}/{payment.out_no}", payment)

    def _bill(
        self, kind: str, payment: Payment, part: Part, request_no: str, payee: str, amount: int, ref: str
    ) -> None:
        line = BillLine(
            at=self.clock(),
            merchant=payment.merchant,
            kind=kind,
            out_no=payment.out_no,
            part=part.part,
            request_no=request_no,
            payee=payee,
            amount=amount,
            currency=payment.currency,
            provider_ref=ref,
        )
        self.lines.append(line)
        self._keep("line", f"{len(self.lines):010d}", line)
