"""The adapter to Stripe Connect: separate charges and transfers. Not run against the live institution.

Nobody holds money for the buyer here, and no text of ours may call it escrow: the charge lands in the platform's own
balance and stays there until it is transferred, at most 90 days in most countries. A release is a transfer to the
seller's connected account, the fee is what is not transferred, a split return is a reversal.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

import httpx
import msgspec

from xianji.domains.payments import provider as port

from . import stripe_shapes as shapes
from . import wire
from .stripe_wire import Line, amount_here, amount_there, judge_event

_PAGE = 100
_REFUND_FACTS: dict[str, port.FactKind] = {
    "pending": "heard",
    "requires_action": "heard",
    "succeeded": "refunded",
    "failed": "refund_failed",
    "canceled": "refund_failed",
}
_PAID_EVENTS = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
_REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")


class StripeAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The platform's account. `live` must fit the secret key: events of the other mode are not ours."""

    live: bool
    base_url: str = "https://api.stripe.com"
    hold_days: int = 90
    parts_most: int = 40  # a part is one of the 50 fields that may be attached to a charge


class StripeProvider:
    """Implements `PaymentProvider`. `key` is the secret key, `webhook_secret` that of our endpoint (whsec_…)."""

    def __init__(
        self,
        account: StripeAccount,
        key: str,
        webhook_secret: str,
        records: wire.Records,
        *,
        timeout: httpx.Timeout | None = None,
        event_age: timedelta = timedelta(minutes=5),
    ) -> None:
        self._me = account
        self._records = records
        self._webhook_secret = webhook_secret
        self._event_age = event_age
        self._line = Line(account.base_url, key, timeout)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._line.aclose()

    async def create_payment(self, ask: port.PaymentAsk) -> port.PaymentState:
        """See the port. Refuses `too_many_parts`."""
        if len(ask.parts) > self._me.parts_most:
            raise port.ProviderRefused("too_many_parts")
        about = {"out_no": ask.out_no} | {
            f"part_{number}": f"{part.part}|{part.payee}|{part.amount}" for number, part in enumerate(ask.parts)
        }
        # Their pages live at least 30 minutes; ours end earlier, and then we close theirs.
        expires = int(ask.expires_at.timestamp()) + 3600
        content = {
            "mode": "payment",
            "client_reference_id": ask.out_no,
            "line_items": [shapes.line_item(part, ask) for part in ask.parts],
            "metadata": about,
            "payment_intent_data": {"transfer_group": ask.out_no, "metadata": about},
            "success_url": ask.return_url,
            "cancel_url": ask.return_url,
            "expires_at": expires,
        }
        made = await self._line.post("/v1/checkout/sessions", content, ask.out_no, shapes.Session)
        return self._state(made)

    async def query(self, out_no: str) -> port.PaymentState:
        """See the port. Before its opening was answered a payment is `not_found`: opening again is safe."""
        return self._state(await self._session(out_no))

    async def _session(self, out_no: str) -> shapes.Session:
        asked = await self._records.payment(out_no)
        if not asked.provider_no:
            raise port.ProviderRefused("not_found")
        path = f"/v1/checkout/sessions/{quote(asked.provider_no, safe='')}"
        return await self._line.get(path, {"expand": ["payment_intent.latest_charge"]}, shapes.Session)

    def _state(self, found: shapes.Session, parts: tuple[port.PartState, ...] | None = None) -> port.PaymentState:
        currency, charge = found.currency.upper(), shapes.charge_of(found)
        paid = found.payment_status == "paid"
        paid_at = datetime.fromtimestamp(charge.created, UTC) if charge and paid else None
        told = tuple(wire.part_state(part, part.amount * paid, paid) for part in shapes.parts(found.metadata))
        return port.PaymentState(
            out_no=found.client_reference_id or "",
            provider_no=found.id,
            state="paid" if paid else "closed" if found.status == "expired" else "pending",
            amount=amount_here(found.amount_total, currency),
            currency=currency,
            pay_url=found.url or "",
            expires_at=datetime.fromtimestamp(found.expires_at, UTC),
            paid_at=paid_at,
            closed_at=None,
            hold_until=wire.until(paid_at, self._me.hold_days),
            parts=told if parts is None else parts,
        )

    async def close(self, out_no: str) -> port.PaymentState:
        """See the port."""
        found = await self._session(out_no)
        if found.payment_status == "paid":
            raise port.ProviderRefused("already_paid")
        if found.status == "expired":
            return self._state(found)
        path = f"/v1/checkout/sessions/{quote(found.id, safe='')}/expire"
        return self._state(await self._line.post(path, {}, f"{out_no}-expire", shapes.Session))

    async def _paid(self, out_no: str) -> tuple[shapes.Session, shapes.Charge, str]:
        found = await self._session(out_no)
        charge = shapes.charge_of(found)
        if found.payment_status != "paid" or charge is None or not isinstance(found.payment_intent, shapes.Intent):
            raise port.ProviderRefused("not_paid")
        return found, charge, found.payment_intent.id

    async def hold_status(self, out_no: str) -> port.HoldState:
        """See the port. What was not transferred, kept as a fee or refunded is still in the platform's balance."""
        found, _, intent = await self._paid(out_no)
        currency = found.currency.upper()
        transfers, refunds = await self._transfers(out_no), await self._refunds(intent)
        parts = tuple(shapes.held_of(part, transfers, refunds, currency) for part in shapes.parts(found.metadata))
        return port.HoldState(
            out_no=out_no,
            currency=currency,
            held=sum(part.held for part in parts),
            hold_until=self._state(found).hold_until,
            parts=parts,
        )

    async def release(
        self, out_no: str, *, part: str, out_release_no: str, splits: tuple[port.Split, ...]
    ) -> port.ReleaseState:
        """See the port. One transfer for each seller's line under a key of its own; the fee stays where it is."""
        found, charge, _ = await self._paid(out_no)
        currency = found.currency.upper()
        fee = sum(split.amount for split in splits if split.kind == "fee")
        last: shapes.Transfer | None = None
        lines: list[port.SplitState] = []
        ids: list[str] = []
        for number, split in enumerate(splits):
            code = None
            if split.kind == "seller":
                content = {
                    "amount": amount_there(split.amount, currency),
                    "currency": found.currency,
                    "destination": await self._records.account_of(split.payee),
                    "transfer_group": out_no,
                    "source_transaction": charge.id,
                    "metadata": shapes.about(out_no, part, out_release_no, payee=split.payee, fee=0 if ids else fee),
                }
                try:
                    last = await self._line.post(
                        "/v1/transfers", content, f"{out_release_no}-{number}", shapes.Transfer
                    )
                    ids.append(last.id)
                except port.ProviderRefused as no:
                    code = no.code
            lines.append(shapes.release_line(split, code))
        return shapes.release(out_release_no, out_no, part, tuple(lines), ",".join(ids), last)

    async def query_release(self, out_release_no: str) -> port.ReleaseState:
        """See the port. Where a transfer is missing it is `not_found`: its keys make sending it again safe."""
        asked = await self._records.request(out_release_no)
        mine = [one for one in await self._transfers(asked.out_no) if one.metadata.get("number") == out_release_no]
        done = {one.metadata.get("payee", "") for one in mine}
        if not mine or any(split.kind == "seller" and split.payee not in done for split in asked.splits):
            raise port.ProviderRefused("not_found")
        lines = tuple(shapes.release_line(split, None) for split in asked.splits)
        ids = ",".join(one.id for one in mine)
        return shapes.release(out_release_no, asked.out_no, asked.part, lines, ids, mine[0])

    async def refund(self, out_no: str, *, part: str, out_refund_no: str, amount: int, reason: str) -> port.RefundState:
        """See the port. It is paid out of the platform's balance: return what was transferred first."""
        found, _, intent = await self._paid(out_no)
        content = {
            "payment_intent": intent,
            "amount": amount_there(amount, found.currency.upper()),
            "metadata": shapes.about(out_no, part, out_refund_no, reason=reason[:200]),
        }
        made = await self._line.post("/v1/refunds", content, out_refund_no, shapes.Refund)
        return shapes.refund_state(made, out_no, part, out_refund_no)

    async def query_refund(self, out_refund_no: str) -> port.RefundState:
        """See the port."""
        asked = await self._records.request(out_refund_no)
        _, _, intent = await self._paid(asked.out_no)
        for one in await self._refunds(intent):
            if one.metadata.get("number") == out_refund_no:
                return shapes.refund_state(one, asked.out_no, asked.part, out_refund_no)
        raise port.ProviderRefused("not_found")

    async def split_return(
        self, out_release_no: str, *, out_return_no: str, payee: str, kind: port.SplitKind, amount: int
    ) -> port.SplitReturnState:
        """See the port. A fee never left the platform's balance, so its return is only noted on the transfer."""
        asked = await self._records.request(out_release_no)
        wanted = [one for one in await self._transfers(asked.out_no) if one.metadata.get("number") == out_release_no]
        found = next((one for one in wanted if kind == "fee" or one.metadata.get("payee") == payee), None)
        if found is None:
            raise port.ProviderRefused("not_found")
        path, currency = f"/v1/transfers/{found.id}", (await self._records.payment(asked.out_no)).currency
        if kind == "fee":
            note = {"metadata": {f"back_{out_return_no}": amount}}
            provider_no = (await self._line.post(path, note, out_return_no, shapes.Transfer)).id
        else:
            content = {
                "amount": amount_there(amount, currency),
                "metadata": shapes.about(asked.out_no, asked.part, out_return_no, payee=payee),
            }
            provider_no = (await self._line.post(f"{path}/reversals", content, out_return_no, shapes.Reversal)).id
        return port.SplitReturnState(
            out_return_no=out_return_no,
            provider_no=provider_no,
            out_release_no=out_release_no,
            out_no=asked.out_no,
            part=asked.part,
            payee=payee,
            kind=kind,
            amount=amount,
            state="succeeded",
        )

    async def _transfers(self, out_no: str) -> list[shapes.Transfer]:
        found: list[shapes.Transfer] = []
        while True:
            about = {"transfer_group": out_no, "limit": _PAGE} | ({"starting_after": found[-1].id} if found else {})
            page = await self._line.get("/v1/transfers", about, shapes.Transfers)
            found += page.data
            if not page.has_more or not page.data:
                return found

    async def _refunds(self, intent: str) -> list[shapes.Refund]:
        found: list[shapes.Refund] = []
        while True:
            about = {"payment_intent": intent, "limit": _PAGE} | ({"starting_after": found[-1].id} if found else {})
            page = await self._line.get("/v1/refunds", about, shapes.Refunds)
            found += page.data
            if not page.has_more or not page.data:
                return found

    async def bill(self, day: date) -> tuple[port.BillLine, ...]:
        """See the port. The day is UTC. Fees are no movement there, and payouts to the bank are not ours to compare."""
        begins = datetime.combine(day, time(), UTC)
        span = {"gte": int(begins.timestamp()), "lt": int((begins + timedelta(days=1)).timestamp())}
        found: list[shapes.Movement] = []
        while True:
            about = {"created": span, "limit": _PAGE, "expand": ["data.source"]}
            page = await self._line.get(
                "/v1/balance_transactions",
                about | ({"starting_after": found[-1].id} if found else {}),
                shapes.Movements,
            )
            found += page.data
            if not page.has_more or not page.data:
                break
        lines = [line for one in found for line in shapes.bill_lines(one)]
        return tuple(sorted(lines, key=lambda line: line.at))

    def verify_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> port.ProviderFact:
        """See the port."""
        named = {name.lower(): value for name, value in headers.items()}
        judge_event(self._webhook_secret, named.get("stripe-signature", ""), body, now, self._event_age)
        try:
            event = msgspec.json.decode(body, type=shapes.Event)
            if event.livemode != self._me.live:
                raise port.EventRefused("wrong_merchant")
            return self._fact(event)
        except (msgspec.MsgspecError, ValueError, KeyError, RecursionError) as wrong:
            raise port.EventRefused("malformed") from wrong

    def _fact(self, event: shapes.Event) -> port.ProviderFact:
        at = datetime.fromtimestamp(event.created, UTC)
        if event.type in _REFUND_EVENTS:
            refund = msgspec.json.decode(event.data.object, type=shapes.Refund)
            about, kind = refund.metadata, _REFUND_FACTS[refund.status]
            amount = amount_here(refund.amount, refund.currency.upper()) if kind != "heard" else 0
            return port.ProviderFact(
                event_id=event.id,
                kind=kind,
                out_no=about["out_no"],
                part=about["part"],
                amount=amount,
                currency=refund.currency.upper(),
                occurred_at=at,
                provider_ref=refund.id,
                request_no=about["number"],
                code=refund.failure_reason,
            )
        if event.type not in (*_PAID_EVENTS, "checkout.session.expired"):
            raise port.EventRefused("malformed")
        found = msgspec.json.decode(event.data.object, type=shapes.Session)
        paid = event.type in _PAID_EVENTS
        if paid != (found.payment_status == "paid"):
            raise port.EventRefused("malformed")
        state = self._state(found)
        return port.ProviderFact(
            event_id=event.id,
            kind="paid" if paid else "payment_closed",
            out_no=state.out_no,
            part=None,
            amount=state.amount,
            currency=state.currency,
            occurred_at=at,
            provider_ref=state.provider_no,
            request_no="",
            parts=shapes.parts(found.metadata) if paid else (),
            hold_until=wire.until(at, self._me.hold_days) if paid else None,
        )
