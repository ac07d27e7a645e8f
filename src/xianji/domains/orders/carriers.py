"""The carriers as data: names and the shape of their waybill numbers."""

import re
import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from .model import CARRIER_UNKNOWN, WAYBILL_NOT_VALID


class Carrier(msgspec.Struct, frozen=True):
    """A carrier: its code, its names, the pattern of a whole waybill number, and whether it shows the way only to
    who knows the end of the receiver's or sender's number.
    """

    code: str
    zh: str
    en: str
    waybill: str
    asks_phone: bool = False


@cache
def all_carriers() -> dict[str, Carrier]:
    """Every carrier by its code, in the order in which they are offered."""
    text = (files("xianji.domains.orders") / "carriers.toml").read_text("utf-8")
    return {code: Carrier(code, **facts) for code, facts in tomllib.loads(text).items()}


def judge_waybill(carrier: str, waybill: str) -> str:
    """The waybill as it is stored: upper case, without gaps. Refuses `carrier_unknown` and `waybill_not_valid`."""
    known = all_carriers().get(carrier)
    if known is None:
        raise CARRIER_UNKNOWN()
    plain = re.sub(r"[\s-]", "", waybill).upper()
    if re.fullmatch(known.waybill, plain) is None:
        raise WAYBILL_NOT_VALID(carrier=known.zh, carrier_en=known.en)
    return plain
