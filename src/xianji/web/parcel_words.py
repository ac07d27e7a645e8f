"""A parcel's way in sentences: what each scan means, where it was seen last, and what to do when nobody saw it."""

from datetime import datetime
from typing import Any

from xianji.domains import orders
from xianji.domains.orders import OrderPage
from xianji.domains.parcels import SeenScan

from . import render
from .visit import Visit

_KINDS = {
    "announced": "已下单，等快递来取",
    "collected": "快递已揽收",
    "in_transit": "运输中",
    "out_for_delivery": "派送中",
    "at_station": "到了代收点",
    "signed": "快递显示已签收",
    "refused": "拒收",
    "returning": "正在退回",
    "problem": "快递遇到问题",
}
_WORRYING = ("refused", "returning", "problem")


def carrier_name(visit: Visit, carrier: str) -> str:
    """A carrier as this visitor calls it."""
    found = orders.all_carriers().get(carrier)
    return carrier if found is None else found.zh if visit.language == "zh" else found.en


def woven(visit: Visit, line: list[dict[str, Any]], way: list[SeenScan], sent: datetime) -> list[dict[str, Any]]:
    """A time line with the parcel's way in it.

    A carrier's clock may be wrong, so its scans stand after the sending and before whatever followed from hearing them.
    """
    placed = [(entry["at"], 0, entry) for entry in line]
    placed += [(min(max(scan.at, sent), scan.heard_at), 1, _entry(visit, scan)) for scan in way]
    return [entry for _, _, entry in sorted(placed, key=lambda one: one[:2])]


def _entry(visit: Visit, scan: SeenScan) -> dict[str, Any]:
    what = render.translate(visit, _KINDS[scan.kind])
    return {"what": what, "at": scan.at, "note": scan.words, "state": "passed", "pictures": []}


def parcel(visit: Visit, page: OrderPage) -> dict[str, Any] | None:
    """The parcel of an order for `order.parcel`; None when nothing was posted."""
    sent = page.shipment
    if sent is None or sent.carrier is None:
        return None
    last = sent.way[-1] if sent.way else None
    return {
        "carrier": carrier_name(visit, sent.carrier),
        "waybill": sent.waybill,
        "last": _entry(visit, last) if last else None,
        "worrying": last is not None and last.kind in _WORRYING,
        "unseen": sent.unseen,
    }
