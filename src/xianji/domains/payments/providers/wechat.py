"""The adapter to WeChat Pay for e-commerce platforms (平台收付通, APIv3). Not run against the live institution.

One combine order holds one sub order per seller, paid into the seller's own merchant account (`sub_mchid`) and frozen
there until shared. A release shares the fee and finishes the sub order: what is left is the seller's. Amounts are fen.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode

import httpx
import msgspec

from xianji.domains.payments import provider as port

from . import wechat_bill, wire
from .wechat_wire import Channel, Envelope, WechatKeys

_CURRENCY = "CNY"
_PAID = ("SUCCESS", "REFUND")
_SHARED = {"FINISHED": "SUCCESS", "CLOSED": "CLOSED"}
_DONE: dict[str, Literal["processing", "succeeded", "failed"]] = {
    "PENDING": "processing",
    "SUCCESS": "succeeded",
    "CLOSED": "failed",
}
_REFUND: dict[str, Literal["processing", "succeeded", "failed"]] = {
    "PROCESSING": "processing",
    "SUCCESS": "succeeded",
    "CLOSED": "failed",
    "ABNORMAL": "failed",
}
_REFUND_EVENTS: dict[str, port.FactKind] = {
    "REFUND.SUCCESS": "refunded",
    "REFUND.CLOSED": "refund_failed",
    "REFUND.ABNORMAL": "refund_failed",
}


class WechatAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The platform's own account. Buyers pay by scanning a code (`native`)."""

    mchid: str
    appid: str
    serial: str
    base_url: str = "https://api.mch.weixin.qq.com"
    hold_days: int = 180
    parts_most: int = 50


class _Amount(msgspec.Struct):
    total_amount: int
    currency: str = _CURRENCY


class _SubOrder(msgspec.Struct):
    sub_mchid: str
    out_trade_no: str
    attach: str
    trade_state: str
    amount: _Amount
    transaction_id: str = ""
    success_time: datetime | None = None


class _Combine(msgspec.Struct):
    combine_mchid: str
    combine_out_trade_no: str
    sub_orders: list[_SubOrder]


class _Receiver(msgspec.Struct):
    receiver_mchid: str
    amount: int
    result: Literal["PENDING", "SUCCESS", "CLOSED"]
    fail_reason: str = ""
    finish_time: datetime | None = None


class _Sharing(msgspec.Struct):
    order_id: str
    status: str
    receivers: list[_Receiver] = []
    close_reason: str = ""


class _Unsplit(msgspec.Struct):
    unsplit_amount: int


class _RefundAmount(msgspec.Struct):
    refund: int


class _Refund(msgspec.Struct):
    refund_id: str
    out_refund_no: str
    amount: _RefundAmount
    status: str = "PROCESSING"
    success_time: datetime | None = None


class _RefundEvent(msgspec.Struct):
    sp_mchid: str
    refund_id: str
    out_refund_no: str
    amount: _RefundAmount
    success_time: datetime | None = None


class _SharingEvent(msgspec.Struct):
    sp_mchid: str
    out_order_no: str
    order_id: str


class _Return(msgspec.Struct):
    return_no: str
    result: Literal["PROCESSING", "SUCCESS", "FAILED"]
    fail_reason: str = ""


class WechatProvider:
    """Implements `PaymentProvider`."""

    def __init__(
        self,
        account: WechatAccount,
        keys: WechatKeys,
        records: wire.Records,
        notify_url: str,
        *,
        now: Callable[[], datetime],
        nonce: Callable[[], str],
        timeout: httpx.Timeout | None = None,
        event_age: timedelta = timedelta(minutes=5),
    ) -> None:
        self._me = account
        self._records = records
        self._notify_url = notify_url
        self._channel = Channel(account.base_url, keys, now, nonce, event_age, timeout)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._channel.aclose()

    async def create_payment(self, ask: port.PaymentAsk) -> port.PaymentState:
        """See the port. Refuses `currency_not_offered`, `too_many_parts`, `payee_without_account`."""
        if ask.currency != _CURRENCY:
            raise port.ProviderRefused("currency_not_offered")
        if len(ask.parts) > self._me.parts_most:
            raise port.ProviderRefused("too_many_parts")
        body: dict[str, Any] = {
            "combine_appid": self._me.appid,
            "combine_mchid": self._me.mchid,
            "combine_out_trade_no": ask.out_no,
            "sub_orders": [await self._sub_ask(ask, index, part) for index, part in enumerate(_ordered(ask.parts))],
            "time_expire": ask.expires_at.astimezone(wire.CHINA).isoformat(timespec="seconds"),
            "notify_url": ask.notify_url,
        }
        answer = await self._channel.call("POST", "/v3/combine-transactions/native", body)
        told = wire.shaped(answer, dict[str, str])
        parts = tuple(wire.part_state(part, 0, False) for part in _ordered(ask.parts))
        return port.PaymentState(
            out_no=ask.out_no,
            provider_no="",
            state="pending",
            amount=ask.amount,
            currency=ask.currency,
            pay_url=told.get("code_url", ""),
            expires_at=ask.expires_at,
            paid_at=None,
            closed_at=None,
            hold_until=None,
            parts=parts,
        )

    async def _sub_ask(self, ask: port.PaymentAsk, index: int, part: port.PaymentPart) -> dict[str, Any]:
        return {
            "mchid": self._me.mchid,
            "sub_mchid": await self._records.account_of(part.payee),
            "out_trade_no": _sub_number(ask.out_no, index),
            "attach": f"{part.part}|{part.payee}",
            "description": ask.description[:40],
            "amount": {"total_amount": part.amount, "currency": _CURRENCY},
            "settle_info": {"profit_sharing": True},
        }

    async def query(self, out_no: str) -> port.PaymentState:
        """See the port."""
        return self._state(await self._combine(out_no), {})

    async def _combine(self, out_no: str) -> _Combine:
        path = f"/v3/combine-transactions/out-trade-no/{quote(out_no, safe='')}"
        return wire.shaped(await self._channel.call("GET", path), _Combine)

    def _state(self, found: _Combine, held: Mapping[str, int]) -> port.PaymentState:
        states = {sub.trade_state for sub in found.sub_orders}
        paid = states <= set(_PAID)
        paid_at = max((sub.success_time for sub in found.sub_orders if sub.success_time), default=None)
        parts = [_part_of(sub) for sub in found.sub_orders]
        return port.PaymentState(
            out_no=found.combine_out_trade_no,
            provider_no=",".join(sub.transaction_id for sub in found.sub_orders if sub.transaction_id),
            state="paid" if paid else "closed" if states == {"CLOSED"} else "pending",
            amount=sum(part.amount for part in parts),
            currency=found.sub_orders[0].amount.currency,
            pay_url="",
            expires_at=None,
            paid_at=paid_at,
            closed_at=None,
            hold_until=wire.until(paid_at, self._me.hold_days) if paid else None,
            parts=tuple(wire.part_state(part, held.get(part.part, part.amount * paid), paid) for part in parts),
        )

    async def close(self, out_no: str) -> port.PaymentState:
        """See the port."""
        found = await self._combine(out_no)
        if {sub.trade_state for sub in found.sub_orders} <= set(_PAID):
            raise port.ProviderRefused("already_paid")
        subs = [
            {"mchid": self._me.mchid, "sub_mchid": sub.sub_mchid, "out_trade_no": sub.out_trade_no}
            for sub in found.sub_orders
        ]
        path = f"/v3/combine-transactions/out-trade-no/{quote(out_no, safe='')}/close"
        await self._channel.call("POST", path, {"combine_appid": self._me.appid, "sub_orders": subs})
        return await self.query(out_no)

    async def hold_status(self, out_no: str) -> port.HoldState:
        """See the port. Asks for each seller what is not shared yet."""
        found = await self._combine(out_no)
        held = {
            _part_of(sub).part: await self._unsplit(sub.transaction_id)
            for sub in found.sub_orders
            if sub.trade_state in _PAID
        }
        state = self._state(found, held)
        return port.HoldState(
            out_no=out_no,
            currency=state.currency,
            held=sum(held.values()),
            hold_until=state.hold_until,
            parts=state.parts,
        )

    async def _unsplit(self, transaction: str) -> int:
        path = f"/v3/ecommerce/profitsharing/orders/{quote(transaction, safe='')}/amounts"
        return wire.shaped(await self._channel.call("GET", path), _Unsplit).unsplit_amount

    async def _sub(self, out_no: str, part: str) -> _SubOrder:
        for sub in (await self._combine(out_no)).sub_orders:
            if _part_of(sub).part == part:
                if sub.trade_state not in _PAID:
                    raise port.ProviderRefused("not_paid")
                return sub
        raise port.ProviderRefused("not_found")

    async def release(
        self, out_no: str, *, part: str, out_release_no: str, splits: tuple[port.Split, ...]
    ) -> port.ReleaseState:
        """See the port. A seller's share can only be all that is left: refuses `release_must_be_whole` otherwise."""
        sub = await self._sub(out_no, part)
        asked = wire.AskedRequest(number=out_release_no, out_no=out_no, part=part, amount=0, splits=splits)
        try:
            return await self._sharing(sub, asked)
        except port.ProviderRefused as no:
            if no.code != "not_found":
                raise
        fees = [split for split in splits if split.kind == "fee"]
        finish = len(fees) < len(splits)
        if finish and sum(split.amount for split in splits) != await self._unsplit(sub.transaction_id):
            raise port.ProviderRefused("release_must_be_whole")
        body: dict[str, Any] = {
            "sub_mchid": sub.sub_mchid,
            "transaction_id": sub.transaction_id,
            "out_order_no": out_release_no,
        }
        if fees:
            receivers = [_receiver(self._me.mchid, split.amount) for split in fees]
            body |= {"appid": self._me.appid, "receivers": receivers, "finish": finish}
            await self._channel.call("POST", "/v3/ecommerce/profitsharing/orders", body)
        else:
            await self._channel.call("POST", "/v3/ecommerce/profitsharing/finish-order", body | {"description": part})
        return await self._sharing(sub, asked)

    async def query_release(self, out_release_no: str) -> port.ReleaseState:
        """See the port."""
        asked = await self._records.request(out_release_no)
        return await self._sharing(await self._sub(asked.out_no, asked.part), asked)

    async def _sharing(self, sub: _SubOrder, asked: wire.AskedRequest) -> port.ReleaseState:
        about = {"sub_mchid": sub.sub_mchid, "transaction_id": sub.transaction_id, "out_order_no": asked.number}
        answer = await self._channel.call("GET", "/v3/ecommerce/profitsharing/orders?" + urlencode(about))
        found = wire.shaped(answer, _Sharing)
        lines = tuple(self._line(split, found) for split in asked.splits)
        return port.ReleaseState(
            out_release_no=asked.number,
            provider_no=found.order_id,
            out_no=asked.out_no,
            part=asked.part,
            state=wire.release_end(lines),
            lines=lines,
            finished_at=max((one.finish_time for one in found.receivers if one.finish_time), default=None),
        )

    def _line(self, split: port.Split, found: _Sharing) -> port.SplitState:
        if split.kind == "fee":
            mine = [one for one in found.receivers if one.receiver_mchid == self._me.mchid]
            ends = {one.result for one in mine} or {"CLOSED" if found.status == "CLOSED" else "PENDING"}
            result: str = ends.pop() if len(ends) == 1 else "PENDING"
            reason = next((one.fail_reason for one in mine if one.fail_reason), found.close_reason)
        else:
            result = _SHARED.get(found.status, "PENDING")
            reason = found.close_reason
        code = (reason or "closed").lower() if result == "CLOSED" else None
        return port.SplitState(payee=split.payee, amount=split.amount, kind=split.kind, state=_DONE[result], code=code)

    async def refund(self, out_no: str, *, part: str, out_refund_no: str, amount: int, reason: str) -> port.RefundState:
        """See the port. After a release the money comes out of the seller's own account there."""
        sub = await self._sub(out_no, part)
        body = {
            "sub_mchid": sub.sub_mchid,
            "sp_appid": self._me.appid,
            "transaction_id": sub.transaction_id,
            "out_refund_no": out_refund_no,
            "amount": {"refund": amount, "total": sub.amount.total_amount, "currency": _CURRENCY},
            "notify_url": self._notify_url,
        } | ({"reason": reason[:80]} if reason else {})
        answer = await self._channel.call("POST", "/v3/ecommerce/refunds/apply", body)
        return _refund_state(wire.shaped(answer, _Refund), out_no, part)

    async def query_refund(self, out_refund_no: str) -> port.RefundState:
        """See the port."""
        asked = await self._records.request(out_refund_no)
        sub = await self._sub(asked.out_no, asked.part)
        path = f"/v3/ecommerce/refunds/out-refund-no/{quote(out_refund_no, safe='')}?sub_mchid={sub.sub_mchid}"
        return _refund_state(wire.shaped(await self._channel.call("GET", path), _Refund), asked.out_no, asked.part)

    async def split_return(
        self, out_release_no: str, *, out_return_no: str, payee: str, kind: port.SplitKind, amount: int
    ) -> port.SplitReturnState:
        """See the port. Only the platform's fee can be returned; a refund takes a seller's share by itself.

        A return under way is `ProviderUnknown`: asking again with the same number tells how it ended.
        """
        if kind == "seller":
            raise port.ProviderRefused("seller_share_not_returnable")
        asked = await self._records.request(out_release_no)
        sub = await self._sub(asked.out_no, asked.part)
        body = {
            "sub_mchid": sub.sub_mchid,
            "out_order_no": out_release_no,
            "out_return_no": out_return_no,
            "return_mchid": self._me.mchid,
            "amount": amount,
            "description": asked.part,
        }
        found = wire.shaped(await self._channel.call("POST", "/v3/ecommerce/profitsharing/returnorders", body), _Return)
        if found.result == "PROCESSING":
            raise port.ProviderUnknown("processing")
        if found.result == "FAILED":
            raise port.ProviderRefused((found.fail_reason or "return_failed").lower())
        return port.SplitReturnState(
            out_return_no=out_return_no,
            provider_no=found.return_no,
            out_release_no=out_release_no,
            out_no=asked.out_no,
            part=asked.part,
            payee=payee,
            kind=kind,
            amount=amount,
            state="succeeded",
        )

    async def bill(self, day: date) -> tuple[port.BillLine, ...]:
        """See the port. Two files: what was paid and refunded, and what was shared and returned."""
        return await wechat_bill.read(self._channel, self._records, self._me.mchid, day)

    def verify_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> port.ProviderFact:
        """See the port."""
        envelope, plain = self._channel.open(headers, body, now)
        try:
            return self._fact(envelope, plain)
        except (msgspec.MsgspecError, ValueError, LookupError) as wrong:
            raise port.EventRefused("malformed") from wrong

    def _fact(self, envelope: Envelope, plain: bytes) -> port.ProviderFact:
        if envelope.event_type in _REFUND_EVENTS:
            refund = msgspec.json.decode(plain, type=_RefundEvent)
            self._mine(refund.sp_mchid)
            return _said(
                envelope, _REFUND_EVENTS[envelope.event_type], refund.refund_id, refund.out_refund_no,
                refund.amount.refund, refund.success_time,
            )  # fmt: skip
        if envelope.resource.original_type == "profitsharing":
            shared = msgspec.json.decode(plain, type=_SharingEvent)
            self._mine(shared.sp_mchid)
            return _said(envelope, "heard", shared.order_id, shared.out_order_no, 0, None)
        if envelope.event_type != "TRANSACTION.SUCCESS":
            raise port.EventRefused("malformed")
        found = msgspec.json.decode(plain, type=_Combine)
        self._mine(found.combine_mchid)
        state = self._state(found, {})
        if state.state != "paid":
            raise port.EventRefused("malformed")
        return port.ProviderFact(
            event_id=envelope.id,
            kind="paid",
            out_no=state.out_no,
            part=None,
            amount=state.amount,
            currency=state.currency,
            occurred_at=state.paid_at or envelope.create_time,
            provider_ref=state.provider_no,
            request_no="",
            parts=tuple(_part_of(sub) for sub in found.sub_orders),
            hold_until=state.hold_until,
        )

    def _mine(self, mchid: str) -> None:
        if mchid != self._me.mchid:
            raise port.EventRefused("wrong_merchant")


def _ordered(parts: tuple[port.PaymentPart, ...]) -> list[port.PaymentPart]:
    return sorted(parts, key=lambda part: part.part)


def _sub_number(out_no: str, index: int) -> str:
    """Sub orders are numbered below their payment, so that a second payment of an order takes no number twice."""
    return f"{out_no}{index:02d}"


def _part_of(sub: _SubOrder) -> port.PaymentPart:
    part, _, payee = sub.attach.partition("|")
    return port.PaymentPart(part, payee, sub.amount.total_amount)


def _receiver(mchid: str, amount: int) -> dict[str, Any]:
    return {"type": "MERCHANT_ID", "receiver_account": mchid, "amount": amount, "description": "fee"}


def _refund_state(found: _Refund, out_no: str, part: str) -> port.RefundState:
    return port.RefundState(
        out_refund_no=found.out_refund_no,
        provider_no=found.refund_id,
        out_no=out_no,
        part=part,
        amount=found.amount.refund,
        state=_REFUND[found.status],
        code=f"refund_{found.status.lower()}" if found.status in ("CLOSED", "ABNORMAL") else None,
        finished_at=found.success_time,
    )


def _said(
    envelope: Envelope, kind: port.FactKind, ref: str, request_no: str, amount: int, at: datetime | None
) -> port.ProviderFact:
    return port.ProviderFact(
        event_id=envelope.id,
        kind=kind,
        out_no="",
        part=None,
        amount=amount,
        currency=_CURRENCY,
        occurred_at=at or envelope.create_time,
        provider_ref=ref,
        request_no=request_no,
        code=envelope.event_type.lower() if kind == "refund_failed" else None,
    )
