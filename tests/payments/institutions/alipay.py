"""Alipay's open platform for platforms with sellers, as its documents describe gateway, signature and notification."""

import base64
import io
import json
import zipfile
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from .base import Answer, Institution

CN = timezone(timedelta(hours=8))
HEADS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,"
    "商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
    "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)
PAY = {"alipay.trade.page.pay": "FAST_INSTANT_TRADE_PAY"}
MOVES = ("alipay.trade.refund", "alipay.trade.settle.confirm", "alipay.trade.order.settle", "alipay.trade.close")


class Alipay(Institution):
    name = "alipay"
    app_id, fee_account = "2021000000000001", "2088000000000001"

    def __init__(self, clock: Any, ours: RSAPublicKey, theirs: RSAPrivateKey) -> None:
        super().__init__(clock)
        self.ours, self.theirs = ours, theirs
        self.trades: dict[str, dict[str, Any]] = {}
        self.settles: dict[tuple[str, str], dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}

    def serve(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        if target in self.files:
            return 200, {"content-type": "application/zip"}, self.files[target]
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if not self._signed(fields):
            told = {"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature"}
        else:
            try:
                told = {"code": "10000", "msg": "Success", **self._route(fields["method"], fields)}
            except _No as no:
                told = {"code": "40004", "msg": "Business Failed", "sub_code": no.args[0], "sub_msg": "失败"}
        return self._say(fields["method"], told)

    def _say(self, method: str, told: dict[str, Any]) -> Answer:
        node = json.dumps(told, ensure_ascii=False)
        signature = base64.b64encode(self.theirs.sign(node.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
        text = '{{"{}":{},"sign":"{}"}}'.format(method.replace(".", "_") + "_response", node, signature)
        return 200, {"content-type": "text/html;charset=utf-8"}, text.encode()

    def busy(self) -> Answer:
        return 429, {}, b""

    def may_lose(self, method: str, body: bytes) -> bool:
        return dict(parse_qsl(body.decode())).get("method") in MOVES

    def _signed(self, fields: dict[str, str]) -> bool:
        if fields.get("sign_type") != "RSA2" or fields.get("app_id") != self.app_id or fields.get("version") != "1.0":
            return False
        if abs(self.now() - _moment(fields["timestamp"])) > timedelta(minutes=15):
            return False
        text = "&".join(f"{k}={v}" for k, v in sorted(fields.items()) if k != "sign" and v)
        try:
            self.ours.verify(base64.b64decode(fields["sign"]), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True

    def buyer_opens(self, pay_url: str, out_no: str) -> None:
        """The buyer's browser comes with the signed address: now there is a trade."""
        where = urlsplit(pay_url)
        assert f"{where.scheme}://{where.netloc}" == self.url
        assert where.path == "/gateway.do"
        fields = dict(parse_qsl(where.query, keep_blank_values=True))
        assert self._signed(fields)
        assert fields["charset"] == "utf-8"
        ask = json.loads(fields["biz_content"])
        assert ask["product_code"] == PAY[fields["method"]]
        assert ask["out_trade_no"] == out_no
        assert _moment(ask["time_expire"]) > self.now()
        assert ask["settle_info"]["settle_detail_infos"][0]["trans_in_type"] == "defaultSettle"
        if out_no not in self.trades:
            self.trades[out_no] = {
                "ask": ask,
                "notify_url": fields["notify_url"],
                "trade_no": f"20260302220014{len(self.trades):04d}",
                "status": "WAIT_BUYER_PAY",
                "total": Decimal(ask["total_amount"]),
                "back": Decimal(0),
                "confirmed": Decimal(0),
            }

    def buyer_pays(self, pay_url: str, out_no: str) -> None:
        self.buyer_opens(pay_url, out_no)
        trade = self.trades[out_no]
        trade |= {"status": "TRADE_SUCCESS", "paid": self.now()}
        self.moved.append(("paid", trade["ask"]["sub_merchant"]["merchant_id"], _fen(trade["total"])))
        self.facts.append((trade, {}))

    def _route(self, method: str, fields: dict[str, str]) -> dict[str, Any]:
        ask = json.loads(fields["biz_content"])
        match method:
            case "alipay.trade.query":
                return self._show(self._trade(ask))
            case "alipay.trade.close":
                return self._close(self._trade(ask))
            case "alipay.trade.order.onsettle.query":
                trade = self._by_number(ask["trade_no"])
                return {"unsettled_amount": str(trade["total"] - trade["confirmed"] - trade["back"])}
            case "alipay.trade.settle.confirm":
                return self._confirm(ask)
            case "alipay.trade.order.settle":
                return self._share(ask)
            case "alipay.trade.refund":
                return self._refund(self._trade(ask), ask)
            case "alipay.trade.fastpay.refund.query":
                self._trade(ask)
                return self.refunds.get(ask["out_request_no"], {})
            case "alipay.data.dataservice.bill.downloadurl.query":
                return self._bill(ask["bill_date"])
        raise _No("isv.unknown-method")

    def _trade(self, ask: dict[str, Any]) -> dict[str, Any]:
        if ask["out_trade_no"] not in self.trades:
            raise _No("ACQ.TRADE_NOT_EXIST")
        return self.trades[ask["out_trade_no"]]

    def _by_number(self, trade_no: str) -> dict[str, Any]:
        return next(trade for trade in self.trades.values() if trade["trade_no"] == trade_no)

    def _show(self, trade: dict[str, Any]) -> dict[str, Any]:
        shown = {
            "trade_no": trade["trade_no"],
            "out_trade_no": trade["ask"]["out_trade_no"],
            "trade_status": trade["status"],
            "total_amount": f"{trade['total']:.2f}",
            "buyer_logon_id": "cha***@example.com",
        }
        return shown | ({"send_pay_date": _text(trade["paid"])} if "paid" in trade else {})

    def _close(self, trade: dict[str, Any]) -> dict[str, Any]:
        if "paid" in trade:
            raise _No("ACQ.TRADE_HAS_SUCCESS")
        trade["status"] = "TRADE_CLOSED"
        return {"trade_no": trade["trade_no"], "out_trade_no": trade["ask"]["out_trade_no"]}

    def _confirm(self, ask: dict[str, Any]) -> dict[str, Any]:
        trade, key = self._by_number(ask["trade_no"]), ("confirm", ask["out_request_no"])
        amount = Decimal(ask["settle_info"]["settle_detail_infos"][0]["amount"])
        if key not in self.settles:
            if amount > trade["total"] - trade["confirmed"] - trade["back"]:
                raise _No("ACQ.SETTLE_AMOUNT_EXCEED")
            trade["confirmed"] += amount
            trade["frozen"] = ask.get("extend_params", {}).get("royalty_freeze") == "true"
            self.moved.append(("released", trade["ask"]["sub_merchant"]["merchant_id"], _fen(amount)))
            self.settles[key] = {"trade_no": trade["trade_no"], "out_request_no": ask["out_request_no"]}
        return self.settles[key]

    def _share(self, ask: dict[str, Any]) -> dict[str, Any]:
        trade, key = self._by_number(ask["trade_no"]), ("share", ask["out_request_no"])
        (one,) = ask["royalty_parameters"]
        assert one["trans_in"] == self.fee_account
        assert one["trans_in_type"] == "userId"
        assert ask["extend_params"]["royalty_finish"] == "true"
        assert trade["frozen"] is not None
        if self.receiver_fails:
            raise _No("ACQ.ROYALTY_RECEIVER_INVALID")
        if key not in self.settles:
            amount = _fen(Decimal(one["amount"]))
            self.moved += [
                ("released", trade["ask"]["sub_merchant"]["merchant_id"], -amount),
                ("fee", self.fee_account, amount),
            ]
            self.settles[key] = {"trade_no": trade["trade_no"], "settle_no": f"2021{len(self.settles):04d}"}
        return self.settles[key]

    def _refund(self, trade: dict[str, Any], ask: dict[str, Any]) -> dict[str, Any]:
        number, amount, changed = ask["out_request_no"], Decimal(ask["refund_amount"]), "N"
        if number not in self.refunds:
            if "paid" not in trade or amount > trade["total"] - trade["back"]:
                raise _No("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            trade["back"] += amount
            if trade["back"] == trade["total"]:
                trade["status"] = "TRADE_CLOSED"
            self.refunds[number] = {
                "trade_no": trade["trade_no"],
                "out_trade_no": trade["ask"]["out_trade_no"],
                "out_request_no": number,
                "refund_status": "REFUND_SUCCESS",
                "refund_amount": f"{amount:.2f}",
                "gmt_refund_pay": _text(self.now()),
            }
            self.moved.append(("refunded", trade["ask"]["sub_merchant"]["merchant_id"], _fen(amount)))
            self.facts.append((trade, {"out_biz_no": number, "refund_fee": f"{trade['back']:.2f}"}))
            changed = "Y"
        return {"trade_no": trade["trade_no"], "refund_fee": f"{trade['back']:.2f}", "fund_change": changed}

    def _bill(self, day: str) -> dict[str, Any]:
        rows = []
        for trade in self.trades.values():
            if "paid" in trade and trade["paid"].astimezone(CN).date().isoformat() == day:
                rows.append(self._row(trade, "交易", _text(trade["paid"]), trade["total"], ""))
        for number, one in self.refunds.items():
            trade = self.trades[one["out_trade_no"]]
            if one["gmt_refund_pay"].startswith(day):
                rows.append(self._row(trade, "退款", one["gmt_refund_pay"], -Decimal(one["refund_amount"]), number))
        if not rows:
            raise _No("isp.bill_not_exist")
        text = "\n".join(
            ["#支付宝业务明细查询", "#账号：[2088]", "#----业务明细列表----", HEADS, *rows, "#----结束----", ""]
        )
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as out:
            out.writestr("2088_20260302_1.csv", "#支付宝业务汇总查询\n".encode("gb18030"))
            out.writestr("2088_20260302_2.csv", text.encode("gb18030"))
        target = f"/download?name={len(self.files)}"
        self.files[target] = packed.getvalue()
        return {"bill_download_url": self.url + target}

    def _row(self, trade: dict[str, Any], kind: str, at: str, amount: Decimal, number: str) -> str:
        given = {
            "支付宝交易号": trade["trade_no"] + "\t",
            "商户订单号": trade["ask"]["out_trade_no"] + "\t",
            "业务类型": kind + "\t",
            "完成时间": at,
            "订单金额（元）": f"{amount:.2f}",
            "退款批次号/请求号": number + "\t",
        }
        return ",".join(given.get(name, "") for name in HEADS.split(","))

    def callback(
        self,
        fact: Any,
        at: datetime | None = None,
        key: RSAPrivateKey | None = None,
        id: str = "EV-1",
        app_id: str = "",
    ) -> tuple[dict[str, str], bytes]:
        trade, more = fact
        fields = {
            "notify_time": _text(at or self.now()),
            "notify_type": "trade_status_sync",
            "notify_id": id,
            "charset": "utf-8",
            "version": "1.0",
            "sign_type": "RSA2",
            "app_id": app_id or self.app_id,
            "out_trade_no": trade["ask"]["out_trade_no"],
            "trade_no": trade["trade_no"],
            "trade_status": trade["status"],
            "total_amount": f"{trade['total']:.2f}",
            "subject": trade["ask"]["subject"],
            "passback_params": quote(unquote(trade["ask"]["passback_params"]), safe=""),
            "gmt_payment": _text(trade["paid"]),
            "body": "",
            **more,
        }
        text = "&".join(f"{k}={v}" for k, v in sorted(fields.items()) if v and k not in ("sign", "sign_type"))
        signature = (key or self.theirs).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        fields["sign"] = base64.b64encode(signature).decode()
        return {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}, urlencode(fields).encode()

    def tampered(self, body: bytes) -> bytes:
        return body.replace(b"total_amount=", b"total_amount=9")


class _No(Exception):
    pass


def _text(moment: datetime) -> str:
    return moment.astimezone(CN).strftime("%Y-%m-%d %H:%M:%S")


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CN)


def _fen(amount: Decimal) -> int:
    return int(amount * 100)
