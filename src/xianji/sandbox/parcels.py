"""Parcels of a carrier that does not exist: each moves by a script from the moment it is first asked about.

Which script follows from the last three digits of the waybill (`SCRIPTS`), or from what was scripted by hand.
"""

import hashlib
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

CHINA = timedelta(hours=8)
# (steps after the start, state code, state in words, what the carrier writes)
Step = tuple[int, str, str, str]

_COLLECTED: Step = (1, "103", "揽收", "【演示市】东门营业部 已揽收")
_ON_ROAD: Step = (2, "1002", "在途", "快件离开【演示市转运中心】，发往【样板市】")
_ARRIVED: Step = (3, "1001", "在途", "快件到达【样板市转运中心】")
_OUT: Step = (4, "5", "派件", "【样板市】快递员正在派件，请保持电话畅通")
_SIGNED: Step = (6, "301", "签收", "已签收，签收人：本人")

SCRIPTS: Mapping[str, tuple[Step, ...]] = {
    "normal": (_COLLECTED, _ON_ROAD, _ARRIVED, _OUT, _SIGNED),
    "announced": ((0, "102", "揽收", "商家已下单，等待快递员揽收"),),
    "never": (),
    "problem": (_COLLECTED, _ON_ROAD, (3, "2", "疑难", "地址不详，联系不上收件人，等待处理")),
    "returned": (_COLLECTED, _ON_ROAD, _OUT, (5, "14", "拒签", "收件人拒收"), (6, "6", "退回", "快件正在退回寄件人")),
    "untidy": (_COLLECTED, _ON_ROAD, _ARRIVED, _OUT, _SIGNED),
    "silent": (_COLLECTED,),
}
_BY_ENDING = {
    "001": "never",
    "002": "problem",
    "003": "returned",
    "004": "untidy",
    "005": "silent",
    "006": "announced",
}


class Parcel(msgspec.Struct):
    """One parcel: when it was first heard of, how it moves, who wants to be called, and how much they were told."""

    number: str
    company: str
    started: datetime
    script: str
    notify_url: str = ""
    salt: str = ""
    told: int = 0
    try_at: datetime | None = None


class Parcels:
    """All parcels of the sandbox; `step` is how long the shortest stretch of a way takes."""

    def __init__(self, step: timedelta) -> None:
        self._step = step
        self.all: dict[str, Parcel] = {}

    def find(self, company: str, number: str, now: datetime) -> Parcel:
        """The parcel of this number, which begins to move when it is first heard of."""
        parcel = self.all.get(number)
        if parcel is None:
            parcel = Parcel(number, company, now, _BY_ENDING.get(number[-3:], "normal"))
            self.all[number] = parcel
        return parcel

    def steps(self, parcel: Parcel, now: datetime) -> list[Step]:
        """What has happened to a parcel by now, oldest first."""
        return [step for step in SCRIPTS[parcel.script] if parcel.started + step[0] * self._step <= now]

    def answer(self, parcel: Parcel, now: datetime) -> dict[str, Any]:
        """The way so far on the documented wire, newest first; an untidy carrier repeats and shuffles."""
        steps = self.steps(parcel, now)
        if not steps:
            return {"result": False, "returnCode": "500", "message": "查询无结果，请隔段时间再查"}
        rows = [self._row(parcel, step) for step in reversed(steps)]
        if parcel.script == "untidy":
            rows = rows * 2
            random.Random(parcel.number).shuffle(rows)
        return {
            "message": "ok",
            "nu": parcel.number,
            "com": parcel.company,
            "ischeck": "1" if steps[-1][1] == "301" else "0",
            "condition": "00",
            "status": "200",
            "state": steps[-1][1],
            "data": rows,
        }

    def _row(self, parcel: Parcel, step: Step) -> dict[str, str]:
        _, code, status, words = step
        at = (parcel.started + step[0] * self._step + CHINA).strftime("%Y-%m-%d %H:%M:%S")
        return {"time": at, "ftime": at, "context": words, "status": status, "statusCode": code}

    def due(self, now: datetime) -> list[Parcel]:
        """Parcels whose follower has something to hear."""
        return [
            parcel
            for parcel in self.all.values()
            if parcel.notify_url
            and len(self.steps(parcel, now)) > parcel.told
            and (parcel.try_at is None or parcel.try_at <= now)
        ]


def digest(*texts: str) -> str:
    """The upper-case MD5 that this wire signs with."""
    return hashlib.md5("".join(texts).encode(), usedforsecurity=False).hexdigest().upper()
