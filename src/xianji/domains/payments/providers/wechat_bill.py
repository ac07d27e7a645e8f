"""WeChat's bills of a day: CSV with a backtick before every value, amounts in yuan, a summary after the lines."""

import csv
import hashlib
import io
from datetime import date, datetime
from urllib.parse import urlencode, urlsplit

import msgspec

from xianji.domains.payments import provider as port

from . import wire
from .wechat_wire import Channel

_NO_BILL = ("no_statement_exist", "statement_creating")


class _Link(msgspec.Struct):
    hash_type: str
    hash_value: str
    download_url: str


async def read(channel: Channel, records: wire.Records, mchid: str, day: date) -> tuple[port.BillLine, ...]:
    """Both bills as lines, oldest first. `ProviderUnknown` when a file is not the one that was announced."""
    wanted = {"bill_date": day.isoformat()}
    trades = await _rows(channel, "/v3/bill/tradebill?" + urlencode(wanted | {"bill_type": "ALL"}))
    shares = await _rows(channel, "/v3/profitsharing/bills?" + urlencode(wanted))
    try:
        lines = [_trade(row) for row in trades]
        lines += [await _share(records, mchid, row) for row in shares]
    except (KeyError, ValueError) as wrong:
        raise port.ProviderUnknown("unreadable_bill") from wrong
    return tuple(sorted(lines, key=lambda line: line.at))


async def _rows(channel: Channel, path: str) -> list[dict[str, str]]:
    try:
        link = wire.shaped(await channel.call("GET", path), _Link)
    except port.ProviderRefused as no:
        if no.code in _NO_BILL[:1]:
            return []
        if no.code in _NO_BILL:
            raise port.ProviderBusy(no.code) from no
        raise
    where = urlsplit(link.download_url)  # the host is left out: our signature goes to nobody else
    content = await channel.file(f"{where.path}?{where.query}" if where.query else where.path)
    if link.hash_type != "SHA1" or hashlib.sha1(content, usedforsecurity=False).hexdigest() != link.hash_value:
        raise port.ProviderUnknown("bill_hash")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    heads, rows = lines[0], []
    for line in lines[1:]:
        if len(line) != len(heads) or not line[0].startswith("`"):
            break  # the summary begins
        rows.append({head: value.lstrip("`") for head, value in zip(heads, line, strict=True)})
    return rows


def _at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=wire.CHINA)


def _trade(row: dict[str, str]) -> port.BillLine:
    refunded = row["交易状态"] == "REFUND"
    part, _, payee = row["商户数据包"].partition("|")
    return port.BillLine(
        at=_at(row["交易时间"]),
        kind="refunded" if refunded else "paid",
        out_no=row["商户订单号"][:-2],
        part=part,
        request_no=row["商户退款单号"] if refunded else row["商户订单号"][:-2],
        payee=payee,
        amount=wire.fen(row["退款金额"] if refunded else row["订单金额"]),
        currency=row["货币种类"],
        provider_ref=row["微信退款单号"] if refunded else row["微信订单号"],
    )


async def _share(records: wire.Records, mchid: str, row: dict[str, str]) -> port.BillLine:
    number = row["商户分账/回退单号"]
    try:
        asked = await records.request(number)
        out_no, part = asked.out_no, asked.part
    except port.ProviderRefused:
        out_no, part = "", ""  # not ours: the comparison shows it, so it must not be hidden here
    to_us = row["分账接收方"] == mchid
    back = "回退" in row["业务类型"]
    return port.BillLine(
        at=_at(row["分账时间"]),
        kind="returned" if back else "fee" if to_us else "released",
        out_no=out_no,
        part=part,
        request_no=number,
        payee=row["分账接收方"],
        amount=wire.fen(row["分账金额"]),
        currency="CNY",
        provider_ref=row["微信分账/回退单号"],
    )
