"""The adapter to Alipay for platforms (直付通). Not run against the live institution.

A trade belongs to one seller (`smid`) and is settled to nobody until confirmed. A release confirms it, frozen while a
fee is due, then shares the fee and unfreezes the rest. One seller per payment: Alipay combines several trades only in
its own app. Amounts travel as text in yuan.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, unquote, urlencode

import httpx
import msgspec

from xianji.domains.payments import provider as port

from . import wire
from .alipay_wire import AlipayKeys, Gateway, moment, stamp

_CURRENCY = "CNY"
_PAID = ("TRADE_SUCCESS", "TRADE_FINISHED")
_SCENES = {
    "page": ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
    "wap": ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
}
_BILL_MOST = 200 * 1024 * 1024


class AlipayAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The platform's application, and the account (2088…) that fees go to."""

    app_id: str
    fee_account: str
    scene: Literal["page", "wap"] = "page"
    gateway: str = "https://openapi.alipay.com/gateway.do"
    hold_days: int = 30


class _Trade(msgspec.Struct):
    trade_no: str
    out_trade_no: str
    trade_status: str
    total_amount: str
    send_pay_date: str = ""


class _Unsettled(msgspec.Struct):
    unsettled_amount: str


class _Settled(msgspec.Struct):
    trade_no: str
    settle_no: str = ""


class _Refund(msgspec.Struct):
    trade_no: str = ""
    refund_status: str = ""
    refund_amount: str = ""
    gmt_refund_pay: str = ""


class _Link(msgspec.Struct):
    bill_download_url: str


class AlipayProvider:
    """Implements `PaymentProvider`."""

    def __init__(
        self,
        account: AlipayAccount,
        keys: AlipayKeys,
        records: wire.Records,
        *,
        now: Callable[[], datetime],
        timeout: httpx.Timeout | None = None,
        event_age: timedelta = timedelta(hours=26),
    ) -> None:
        self._me = account
        self._records = records
        self._event_age = event_age  # Alipay repeats a callback for 25 hours
        self._gateway = Gateway(account.gateway, keys, now, timeout)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._gateway.aclose()

    async def create_payment(self, ask: port.PaymentAsk) -> port.PaymentState:
        """See the port. Nothing is sent: the signed address makes the trade when the buyer opens it.

        Refuses `currency_not_offered`, `too_many_parts`, `payee_without_account`.
        """
        if ask.currency != _CURRENCY:
            raise port.ProviderRefused("currency_not_offered")
        if len(ask.parts) > 1:
            raise port.ProviderRefused("too_many_parts")
        part = ask.parts[0]
        method, product = _SCENES[self._me.scene]
        content = {
            "out_trade_no": ask.out_no,
            "total_amount": wire.yuan(ask.amount),
            "subject": ask.description[:80],
            "product_code": product,
            "time_expire": stamp(ask.expires_at),
            "passback_params": quote(f"{part.part}|{part.payee}", safe=""),
            "sub_merchant": {"merchant_id": await self._records.account_of(part.payee)},
            "settle_info": {
                "settle_detail_infos": [{"trans_in_type": "defaultSettle", "amount": wire.yuan(ask.amount)}],
                "settle_period_time": f"{self._me.hold_days}d",
            },
        }
        fields = self._gateway.fields(method, content, notify_url=ask.notify_url, return_url=ask.return_url)
        return port.PaymentState(
            out_no=ask.out_no,
            provider_no="",
            state="pending",
            amount=ask.amount,
            currency=ask.currency,
            pay_url=f"{self._gateway.url}?{urlencode(fields)}",
            expires_at=ask.expires_at,
            paid_at=None,
            closed_at=None,
            hold_until=None,
            parts=(wire.part_state(part, 0, False),),
        )

    async def query(self, out_no: str) -> port.PaymentState:
        """See the port."""
        trade, part = await self._trade(out_no)
        return self._state(trade, part, part.amount)

    async def _trade(self, out_no: str) -> tuple[_Trade, port.PaymentPart]:
        asked = await self._records.payment(out_no)
        trade = await self._gateway.call("alipay.trade.query", {"out_trade_no": out_no}, _Trade)
        amount = wire.fen(trade.total_amount)
        return trade, port.PaymentPart(asked.parts[0].part, asked.parts[0].payee, amount)

    def _state(self, trade: _Trade, part: port.PaymentPart, held: int) -> port.PaymentState:
        """A trade that was paid and wholly refunded is closed too; it keeps the moment it was paid."""
        paid_at = moment(trade.send_pay_date) if trade.send_pay_date else None
        paid = trade.trade_status in _PAID or paid_at is not None
        return port.PaymentState(
            out_no=trade.out_trade_no,
            provider_no=trade.trade_no,
            state="paid" if paid else "closed" if trade.trade_status == "TRADE_CLOSED" else "pending",
            amount=part.amount,
            currency=_CURRENCY,
            pay_url="",
            expires_at=None,
            paid_at=paid_at,
            closed_at=None,
            hold_until=wire.until(paid_at, self._me.hold_days) if paid else None,
            parts=(wire.part_state(part, held if paid else 0, paid),),
        )

    async def close(self, out_no: str) -> port.PaymentState:
        """See the port. A trade whose page nobody opened is `not_found`; its address expires by itself."""
        if (await self.query(out_no)).state == "paid":
            raise port.ProviderRefused("already_paid")
        await self._gateway.call("alipay.trade.close", {"out_trade_no": out_no}, _Settled)
        return await self.query(out_no)

    async def hold_status(self, out_no: str) -> port.HoldState:
        """See the port."""
        trade, part = await self._trade(out_no)
        about = {"trade_no": trade.trade_no}
        left = await self._gateway.call("alipay.trade.order.onsettle.query", about, _Unsettled)
        held = wire.fen(left.unsettled_amount)
        state = self._state(trade, part, held)
        return port.HoldState(
            out_no=out_no, currency=_CURRENCY, held=held, hold_until=state.hold_until, parts=state.parts
        )

    async def release(
        self, out_no: str, *, part: str, out_release_no: str, splits: tuple[port.Split, ...]
    ) -> port.ReleaseState:
        """See the port. Confirming comes first; a fee that cannot be shared then leaves the release partial."""
        trade, its = await self._trade(out_no)
        if its.part != part:
            raise port.ProviderRefused("not_found")
        if trade.trade_status not in _PAID:
            raise port.ProviderRefused("not_paid")
        about = {"out_request_no": out_release_no, "trade_no": trade.trade_no}
        fee = sum(split.amount for split in splits if split.kind == "fee")
        if any(split.kind == "seller" for split in splits):
            await self._confirm(about, sum(split.amount for split in splits), fee)
        code, number = None, trade.trade_no
        if fee:
            try:
                number = await self._share(about, fee)
            except port.ProviderRefused as no:
                code = no.code
        lines = tuple(_line(split, code) for split in splits)
        return port.ReleaseState(
            out_release_no=out_release_no,
            provider_no=number,
            out_no=out_no,
            part=part,
            state=wire.release_end(lines),
            lines=lines,
            finished_at=None,
        )

    async def _confirm(self, about: Mapping[str, str], amount: int, fee: int) -> None:
        detail = [{"trans_in_type": "defaultSettle", "amount": wire.yuan(amount)}]
        content: dict[str, Any] = {**about, "settle_info": {"settle_detail_infos": detail}}
        if fee:
            content["extend_params"] = {"royalty_freeze": "true"}
        await self._gateway.call("alipay.trade.settle.confirm", content, _Settled)

    async def _share(self, about: Mapping[str, str], fee: int) -> str:
        """Share the fee and unfreeze what is left; returns Alipay's number."""
        royalty = {
            "royalty_type": "transfer",
            "trans_in_type": "userId",
            "trans_in": self._me.fee_account,
            "amount": wire.yuan(fee),
            "desc": "fee",
        }
        content = {
            **about,
            "royalty_parameters": [royalty],
            "royalty_mode": "sync",
            "extend_params": {"royalty_finish": "true"},
        }
        return (await self._gateway.call("alipay.trade.order.settle", content, _Settled)).settle_no

    async def query_release(self, out_release_no: str) -> port.ReleaseState:
        """See the port. Alipay's own way of asking how a settlement went is to repeat it with the same number."""
        asked = await self._records.request(out_release_no)
        return await self.release(asked.out_no, part=asked.part, out_release_no=out_release_no, splits=asked.splits)

    async def refund(self, out_no: str, *, part: str, out_refund_no: str, amount: int, reason: str) -> port.RefundState:
        """See the port. Whether money moved is asked afterwards: the answer to the refund does not tell it safely."""
        content = {"out_trade_no": out_no, "out_request_no": out_refund_no, "refund_amount": wire.yuan(amount)}
        if reason:
            content["refund_reason"] = reason[:80]
        await self._gateway.call("alipay.trade.refund", content, _Refund)
        return await self._refund(out_no, part, out_refund_no)

    async def query_refund(self, out_refund_no: str) -> port.RefundState:
        """See the port."""
        asked = await self._records.request(out_refund_no)
        return await self._refund(asked.out_no, asked.part, out_refund_no)

    async def _refund(self, out_no: str, part: str, number: str) -> port.RefundState:
        content = {"out_trade_no": out_no, "out_request_no": number, "query_options": ["gmt_refund_pay"]}
        found = await self._gateway.call("alipay.trade.fastpay.refund.query", content, _Refund)
        if not found.refund_amount:
            raise port.ProviderRefused("not_found")
        return port.RefundState(
            out_refund_no=number,
            provider_no=found.trade_no,
            out_no=out_no,
            part=part,
            amount=wire.fen(found.refund_amount),
            state="succeeded" if found.refund_status == "REFUND_SUCCESS" else "processing",
            code=None,
            finished_at=moment(found.gmt_refund_pay) if found.gmt_refund_pay else None,
        )

    async def split_return(
        self, out_release_no: str, *, out_return_no: str, payee: str, kind: port.SplitKind, amount: int
    ) -> port.SplitReturnState:
        """See the port. Alipay returns a share only together with a refund, so this is always refused."""
        raise port.ProviderRefused("split_return_only_with_refund")

    async def bill(self, day: date) -> tuple[port.BillLine, ...]:
        """See the port. The trade bill tells what was paid and refunded; shares and fees are not on it."""
        about = {"bill_type": "trade", "bill_date": day.isoformat()}
        try:
            link = await self._gateway.call("alipay.data.dataservice.bill.downloadurl.query", about, _Link)
        except port.ProviderRefused as no:
            if no.code == "isp.bill_not_exist":
                return ()
            raise
        content = await self._gateway.file(link.bill_download_url)
        try:
            lines = [_bill_line(row) for row in _bill_rows(content)]
        except (zipfile.BadZipFile, KeyError, ValueError) as wrong:
            raise port.ProviderUnknown("unreadable_bill") from wrong
        return tuple(sorted(lines, key=lambda line: line.at))

    def verify_event(self, headers: Mapping[str, str], body: bytes, now: datetime) -> port.ProviderFact:
        """See the port."""
        fields = self._gateway.open(body)
        try:
            sent = moment(fields["notify_time"])
            if abs(now - sent) > self._event_age:
                raise port.EventRefused("stale")
            return self._fact(fields, sent)
        except (KeyError, ValueError) as wrong:
            raise port.EventRefused("malformed") from wrong

    def _fact(self, fields: Mapping[str, str], sent: datetime) -> port.ProviderFact:
        part, _, payee = unquote(fields.get("passback_params", "")).partition("|")
        amount, refund = wire.fen(fields["total_amount"]), fields.get("out_biz_no", "")
        paid_at = moment(fields["gmt_payment"]) if fields.get("gmt_payment") else None
        paid = fields["trade_status"] in _PAID
        if not (refund or paid or fields["trade_status"] == "TRADE_CLOSED"):
            raise port.EventRefused("malformed")
        return port.ProviderFact(
            event_id=fields["notify_id"],
            kind="heard" if refund else "paid" if paid else "payment_closed",
            out_no=fields["out_trade_no"],
            part=None,
            amount=0 if refund else amount,
            currency=_CURRENCY,
            occurred_at=paid_at or sent,
            provider_ref=fields["trade_no"],
            request_no=refund,
            parts=(port.PaymentPart(part, payee, amount),) if paid and not refund else (),
            hold_until=wire.until(paid_at, self._me.hold_days) if paid else None,
        )


def _line(split: port.Split, code: str | None) -> port.SplitState:
    failed = code is not None and split.kind == "fee"
    return port.SplitState(
        payee=split.payee,
        amount=split.amount,
        kind=split.kind,
        state="failed" if failed else "succeeded",
        code=code if failed else None,
    )


def _bill_rows(content: bytes) -> list[dict[str, str]]:
    """The lines of the detail table inside the zip; the summary is a file of its own."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for entry in packed.infolist():
            if entry.file_size > _BILL_MOST:
                raise ValueError("the bill is too large")
            text = packed.read(entry).decode("gb18030")
            if text.startswith("#支付宝业务明细查询"):
                return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    raise ValueError("no detail table in the bill")


def _bill_line(row: dict[str, str]) -> port.BillLine:
    row = {name.strip(): (value or "").strip() for name, value in row.items()}
    refund = row["业务类型"] == "退款"
    return port.BillLine(
        at=moment(row["完成时间"]),
        kind="refunded" if refund else "paid",
        out_no=row["商户订单号"],
        part="",
        request_no=row["退款批次号/请求号"] if refund else row["商户订单号"],
        payee="",
        amount=abs(wire.fen(row["订单金额（元）"])),
        currency=_CURRENCY,
        provider_ref=row["支付宝交易号"],
    )
