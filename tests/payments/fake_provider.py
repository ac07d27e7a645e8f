"""A provider in memory: the outside world of these tests, with the ways in which it may misbehave."""

from datetime import UTC, date, datetime

from msgspec.structs import replace

from xianji.domains.payments import ProviderFact, ProviderRefused
from xianji.domains.payments.provider import (
    BillLine,
    HoldState,
    PartState,
    PaymentAsk,
    PaymentPart,
    PaymentState,
    RefundState,
    ReleaseState,
    Split,
    SplitKind,
    SplitReturnState,
    SplitState,
)

AT = datetime(2026, 3, 2, 8, 1, tzinfo=UTC)


class FakeProvider:
    """Keeps payments, releases, refunds and returns by their numbers; counts what was asked of it."""

    def __init__(self) -> None:
        self.payments: dict[str, PaymentState] = {}
        self.releases: dict[str, ReleaseState] = {}
        self.refunds: dict[str, RefundState] = {}
        self.asked: list[str] = []
        self.before: list[Exception] = []  # raised instead of doing anything, one a call
        self.after: list[Exception] = []  # raised after it was done, one a call
        self.returns: dict[str, SplitReturnState] = {}
        self.payee_short = False  # sellers' accounts are empty
        self.payee_has: int | None = None  # or hold just so much
        self.fails_next = 0  # so many releases' last lines or refunds fail
        self.settles_at_once = True
        self.billed: list[BillLine] = []  # what every day's bill says
        self._events = 0

    def _enter(self, name: str) -> None:
        self.asked.append(name)
        if self.before:
            raise self.before.pop(0)

    def _leave(self) -> None:
        if self.after:
            raise self.after.pop(0)

    async def create_payment(self, ask: PaymentAsk) -> PaymentState:
        self._enter("create_payment")
        if ask.out_no not in self.payments:
            parts = tuple(PartState(p.part, p.payee, p.amount, 0, 0, 0, 0, 0) for p in ask.parts)
            self.payments[ask.out_no] = PaymentState(
                out_no=ask.out_no,
                provider_no=f"prv_{len(self.payments)}",
                state="pending",
                amount=ask.amount,
                currency=ask.currency,
                pay_url=f"https://pay.example/{ask.out_no}?back={ask.return_url}",
                expires_at=ask.expires_at,
                paid_at=None,
                closed_at=None,
                hold_until=None,
                parts=parts,
            )
        self._leave()
        return self.payments[ask.out_no]

    async def query(self, out_no: str) -> PaymentState:
        self._enter("query")
        return self._known(self.payments, out_no)

    async def close(self, out_no: str) -> PaymentState:
        self._enter("close")
        found = self._known(self.payments, out_no)
        if found.state == "paid":
            raise ProviderRefused("already_paid")
        self.payments[out_no] = replace(found, state="closed", closed_at=AT)
        self._leave()
        return self.payments[out_no]

    async def hold_status(self, out_no: str) -> HoldState:
        raise NotImplementedError

    async def release(self, out_no: str, *, part: str, out_release_no: str, splits: tuple[Split, ...]) -> ReleaseState:
        self._enter("release")
        if out_release_no not in self.releases:
            lines = [SplitState(payee=s.payee, amount=s.amount, kind=s.kind, state="succeeded") for s in splits]
            if self.fails_next:
                self.fails_next -= 1
                lines[-1] = replace(lines[-1], state="failed", code="receiver_unavailable")
            good = sum(line.state == "succeeded" for line in lines)
            self.releases[out_release_no] = ReleaseState(
                out_release_no=out_release_no,
                provider_no=f"rel_{len(self.releases)}",
                out_no=out_no,
                part=part,
                state="succeeded" if good == len(lines) else "partial" if good else "failed",
                lines=tuple(lines),
                finished_at=AT,
            )
        self._leave()
        return self._shown(self.releases[out_release_no])

    async def query_release(self, out_release_no: str) -> ReleaseState:
        self._enter("query_release")
        return self._shown(self._known(self.releases, out_release_no))

    async def refund(self, out_no: str, *, part: str, out_refund_no: str, amount: int, reason: str) -> RefundState:
        self._enter("refund")
        if out_refund_no not in self.refunds:
            failed = self.fails_next > 0
            self.fails_next -= failed
            self.refunds[out_refund_no] = RefundState(
                out_refund_no=out_refund_no,
                provider_no=f"ref_{len(self.refunds)}",
                out_no=out_no,
                part=part,
                amount=amount,
                state="failed" if failed else "succeeded",
                code="buyer_account_unavailable" if failed else None,
                finished_at=AT,
            )
        self._leave()
        return self._shown(self.refunds[out_refund_no])

    async def query_refund(self, out_refund_no: str) -> RefundState:
        self._enter("query_refund")
        return self._shown(self._known(self.refunds, out_refund_no))

    async def split_return(
        self, out_release_no: str, *, out_return_no: str, payee: str, kind: SplitKind, amount: int
    ) -> SplitReturnState:
        self._enter("split_return")
        if out_return_no not in self.returns:
            release = self._known(self.releases, out_release_no)
            short = self.payee_short or (self.payee_has is not None and self.payee_has < amount)
            if short and kind == "seller":
                raise ProviderRefused("payee_short")
            line = next(line for line in release.lines if (line.payee, line.kind) == (payee, kind))
            if line.state != "succeeded" or amount > line.amount - line.returned:
                raise ProviderRefused("return_over_line")
            lines = tuple(replace(x, returned=x.returned + amount) if x is line else x for x in release.lines)
            self.releases[out_release_no] = replace(release, lines=lines)
            self.returns[out_return_no] = SplitReturnState(
                out_return_no=out_return_no,
                provider_no=f"ret_{len(self.returns)}",
                out_release_no=out_release_no,
                out_no=release.out_no,
                part=release.part,
                payee=payee,
                kind=kind,
                amount=amount,
                state="succeeded",
            )
        self._leave()
        return self.returns[out_return_no]

    async def bill(self, day: date) -> tuple[BillLine, ...]:
        self._enter("bill")
        return tuple(self.billed)

    def verify_event(self, headers: object, body: bytes, now: datetime) -> ProviderFact:
        raise NotImplementedError

    def _known(self, records: dict, number: str):  # type: ignore[no-untyped-def, type-arg]
        if number not in records:
            raise ProviderRefused("not_found")
        return records[number]

    def _shown(self, record):  # type: ignore[no-untyped-def]
        return record if self.settles_at_once else replace(record, state="processing", finished_at=None)

    def pay(self, out_no: str) -> ProviderFact:
        """The buyer pays on the provider's page; returns what the callback will say."""
        found = self.payments[out_no]
        assert found.state != "closed", "a closed payment takes no money"
        self.payments[out_no] = replace(found, state="paid", paid_at=AT)
        return self.paid_fact(out_no)

    def paid_fact(self, out_no: str) -> ProviderFact:
        """A callback about a payment; each has an event id of its own."""
        self._events += 1
        found = self.payments[out_no]
        return ProviderFact(
            event_id=f"evt_{self._events}",
            kind="paid",
            out_no=out_no,
            part=None,
            amount=found.amount,
            currency=found.currency,
            occurred_at=AT,
            provider_ref=found.provider_no,
            request_no="",
            parts=tuple(PaymentPart(p.part, p.payee, p.amount) for p in found.parts),
        )
