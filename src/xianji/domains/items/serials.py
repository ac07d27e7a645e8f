"""Serial numbers: shape and check digit only. A number that passes is well formed, not proven real.

IMEI: 15 digits, the last a Luhn digit over the other 14. IMEISV: 16 digits without a check digit. MEID: 14
hexadecimal digits beginning with A-F, or 15 with a Luhn digit counted in base 16. Anything else of 5 to 30 letters
and digits is a maker's own serial number (some makers use 10 random characters, so nothing more can be asked).
"""

import re

from .model import SERIAL_NOT_VALID, SerialKind

_GAPS = re.compile(r"[\s\-./]")
_GENERIC = re.compile(r"[A-Z0-9]{5,30}")
_MEID = re.compile(r"[A-F][0-9A-F]{13,14}")


def luhn_digit(payload: str, base: int = 10) -> str:
    """The check digit for these digits, counted in base 10 or 16."""
    total = 0
    for place, letter in enumerate(reversed(payload)):
        digit = int(letter, base)
        if place % 2 == 0:
            digit = sum(divmod(digit * 2, base))
        total += digit
    return f"{-total % base:X}"


def is_imei(digits: str) -> bool:
    """Whether 15 ASCII digits carry the right check digit."""
    return (
        len(digits) == 15
        and digits.isascii()
        and digits.isdigit()
        and luhn_digit(digits[:-1]) == digits[-1]
        and digits.strip("0") != ""
    )


def read(typed: str) -> tuple[SerialKind, str]:
    """The kind of number and its plain form, upper case without gaps. Refuses `serial_not_valid`.

    Fifteen digits are always meant as an IMEI, so a wrong check digit is refused and not taken as another serial.
    """
    plain = _GAPS.sub("", typed).upper()
    if not plain.isascii() or not _GENERIC.fullmatch(plain) or len(set(plain)) == 1:
        raise SERIAL_NOT_VALID()
    if plain.isdigit() and len(plain) == 15:
        if not is_imei(plain):
            raise SERIAL_NOT_VALID()
        return "imei", plain
    if plain.isdigit() and len(plain) == 16:
        return "imeisv", plain
    if _MEID.fullmatch(plain):
        if len(plain) == 15 and luhn_digit(plain[:-1], 16) != plain[-1]:
            return "serial", plain
        return "meid", plain[:14]
    return "serial", plain


def identity(kind: SerialKind, plain: str) -> str:
    """What must be unique: the device. An IMEI and its IMEISV name one device by their first 14 digits."""
    if kind in ("imei", "imeisv"):
        return "imei " + plain[:14]
    return f"{kind} {plain}"
