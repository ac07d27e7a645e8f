"""Pure decisions about members: phones, handles, identity numbers, conditions. No I/O and no clock."""

import hashlib
import re
from datetime import date, datetime
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumberType

from xianji.kernel.text import line

from .model import (
    ADDRESS_LINE_UNKNOWN,
    HANDLE_NOT_VALID,
    PASSWORD_TOO_WEAK,
    PHONE_NOT_VALID,
    PHONE_REGION_CLOSED,
    AddressField,
    Condition,
    Facts,
    SellingPath,
    SellingRule,
)

# --- phones ----------------------------------------------------------------------------------------------------

_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def normal_phone(text: str, region: str, open_regions: list[str]) -> str:
    """The number in E.164. `region` completes a number without country code; empty `open_regions` opens all.

    Refuses `phone_not_valid` and `phone_region_closed`.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise PHONE_NOT_VALID() from None
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _MOBILE:
        raise PHONE_NOT_VALID()
    if open_regions and phonenumbers.region_code_for_number(number) not in open_regions:
        raise PHONE_REGION_CLOSED()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked_phone(phone: str, home: str) -> str:
    """An E.164 number with its middle hidden: 138****8000 at home, +1 202****0123 elsewhere."""
    number = phonenumbers.parse(phone)
    digits = phonenumbers.national_significant_number(number)
    hidden = f"{digits[:-8]}****{digits[-4:]}" if len(digits) > 9 else f"{digits[:-6]}****{digits[-2:]}"
    abroad = phonenumbers.region_code_for_number(number) != home
    return f"+{number.country_code} {hidden}" if abroad else hidden


# --- handles and names -----------------------------------------------------------------------------------------

_HANDLE = re.compile(r"[a-z][a-z0-9_]{2,23}")
_FRIENDLY = (
    ("robin", "知更鸟"),
    ("maple", "小枫叶"),
    ("kettle", "暖水壶"),
    ("lantern", "小灯笼"),
    ("pebble", "鹅卵石"),
    ("finch", "小山雀"),
    ("sorrel", "酢浆草"),
    ("teapot", "茶壶"),
    ("acorn", "小橡果"),
    ("willow", "柳条"),
    ("otter", "水獭"),
    ("quilt", "百家被"),
    ("biscuit", "小饼干"),
    ("harbor", "小港湾"),
    ("clover", "三叶草"),
    ("pomelo", "柚子"),
)


def friendly_names(draw: int, language: str) -> tuple[str, str]:
    """A handle and a display name for a new member from a random number below 2**32."""
    word, zh = _FRIENDLY[draw % len(_FRIENDLY)]
    digits = draw // len(_FRIENDLY) % 1_000_000
    name = f"{zh}{digits % 10_000:04d}" if language == "zh" else f"{word.title()} {digits % 10_000:04d}"
    return f"{word}{digits:06d}", name


def is_handle(text: str) -> bool:
    """Whether the text has the shape of a handle."""
    return _HANDLE.fullmatch(text) is not None


def normal_handle(text: str, reserved: list[str]) -> str:
    """The handle in lower case without a leading @. Refuses `handle_not_valid`."""
    handle = text.strip().removeprefix("@").lower()
    if not is_handle(handle) or handle in reserved:
        raise HANDLE_NOT_VALID()
    return handle


# --- passwords -------------------------------------------------------------------------------------------------

_COMMON = ("password", "123456", "qwerty", "abc123", "111111", "iloveyou", "woaini", "letmein", "a123456")


def judge_password(password: str, shortest: int, own_words: list[str]) -> None:
    """Refuses `password_too_weak`: short, few different characters, a common one, or made of the member's own words."""
    plain = password.lower()
    common = any(word in plain and len(plain) - len(word) < 5 for word in (*_COMMON, *filter(None, own_words)))
    if len(password) < shortest or len(set(password)) < 5 or common:
        raise PASSWORD_TOO_WEAK(shortest=shortest)


# --- identity numbers (GB 11643: 17 digits and a check character by ISO 7064 MOD 11-2) ----------------------------

_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
    ]
)
_ID_NUMBER = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)
_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS = "10X98765432"
_EARLIEST_BIRTH = 1900

IdProblem = Literal["shape", "region", "date", "checksum", "age"]


def normal_id_number(text: str) -> str:
    """The number without spaces and with a capital X."""
    return text.replace(" ", "").strip().upper()


def id_number_problem(number: str, today: date, least_age: int) -> IdProblem | None:
    """What is wrong with a normalised 18-character mainland identity number; None when nothing is.

    15-digit numbers of the first generation are of the wrong shape: they have not been valid since 2013.
    """
    if not _ID_NUMBER.fullmatch(number):
        return "shape"
    if number[:2] not in _PROVINCES:
        return "region"
    born = _birth_date(number[6:14])
    if born is None or born.year < _EARLIEST_BIRTH or born > today:
        return "date"
    if _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11] != number[17]:
        return "checksum"
    return "age" if full_years(born, today) < least_age else None


def _birth_date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def full_years(born: date, today: date) -> int:
    """Completed years of age; somebody born on 29 February completes a year on 1 March of a common year."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


# --- addresses -------------------------------------------------------------------------------------------------


def address_form(forms: dict[str, list[AddressField]], country: str) -> list[AddressField] | None:
    """The lines asked for in a country; None when there is no such country or nobody sends there."""
    return (forms.get(country) or forms.get("")) if is_country(country) else None


def address_lines(given: dict[str, str], form: list[AddressField]) -> dict[str, str]:
    """The lines of an address in the order of its form, judged. Refuses `address_line_unknown` and text refusals."""
    unknown = set(given) - {field.name for field in form}
    if unknown:
        raise ADDRESS_LINE_UNKNOWN(line=min(unknown))
    lines = {
        field.name: line(f"lines.{field.name}", given.get(field.name, ""), field.longest, field.required)
        for field in form
    }
    return {name: text for name, text in lines.items() if text}


# --- selling ---------------------------------------------------------------------------------------------------

_WHERE = {
    "verified": "/verify",
    "account_days": "/me",
    "no_restriction": "/me/cases",
    "has_phone": "/settings/security",
    "has_avatar": "/settings",
    "badge": "/me",
}


def share_of(member: str) -> int:
    """A number from 0 to 99 that is always the same for this member and evenly spread over all."""
    return int.from_bytes(hashlib.sha256(member.encode()).digest()[:8]) % 100


def path_for(facts: Facts, paths: list[SellingPath]) -> SellingPath | None:
    """The first path whose cohort the member belongs to; None when selling is closed to everybody like this."""
    for path in paths:
        if (not path.cohort or path.cohort in facts.badges) and share_of(facts.id) < path.percent:
            return path
    return None


def conditions(facts: Facts, paths: list[SellingPath], now: datetime) -> list[Condition]:
    """The checklist of this member; never empty, so that an installation without a fitting path stays closed."""
    path = path_for(facts, paths)
    if path is None:
        return [Condition("selling_closed", False, {}, "/me")]
    return [_judge(facts, rule, now) for rule in path.conditions] or [Condition("open_to_all", True, {}, "/me")]


def _judge(facts: Facts, rule: SellingRule, now: datetime) -> Condition:
    days = (now - facts.joined_at).days
    met = {
        "verified": facts.verified_at is not None,
        "account_days": days >= rule.days,
        "no_restriction": not facts.restrictions,
        "has_phone": facts.has_phone,
        "has_avatar": facts.has_avatar,
        "badge": rule.badge in facts.badges,
    }[rule.kind]
    texts: dict[str, dict[str, object]] = {
        "account_days": {"days": rule.days, "now": days},
        "badge": {"badge": rule.badge},
    }
    return Condition(rule.kind, met, texts.get(rule.kind, {}), _WHERE[rule.kind])


def may_sell(facts: Facts, paths: list[SellingPath], now: datetime) -> bool:
    """Whether every condition is met and no restriction on selling is in force."""
    return "sell" not in facts.restrictions and all(condition.met for condition in conditions(facts, paths, now))


def is_country(code: str) -> bool:
    """Whether this is an ISO 3166 code that has telephones."""
    return code in phonenumbers.SUPPORTED_REGIONS
