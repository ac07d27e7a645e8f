"""HTML forms into the same structs that JSON fills.

Names say the place: `title`, `items.0.price`, `handover` (repeated for several). Money is typed as a person writes
it ("12.50") in the installation's currency. An empty field is a field left out. Check boxes send "on".
"""

import re
from collections.abc import Iterable
from os import SEEK_END
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from litestar.datastructures import UploadFile

from xianji.kernel.errors import MALFORMED, Code, Kind, Refusal
from xianji.kernel.money import Money, parse_decimal
from xianji.kernel.text import TEXT_EMPTY

from .bodies import judge_text, whole
from .visit import Req

S = TypeVar("S", bound=msgspec.Struct)

Pairs = list[tuple[str, str]]

AMOUNT_NOT_VALID = Code("amount_not_valid", Kind.MALFORMED)
NUMBER_TOO_BIG = Code("number_too_big", Kind.MALFORMED)
NUMBER_TOO_SMALL = Code("number_too_small", Kind.MALFORMED)
_LIMIT = re.compile(r"`int` (<=|>=) (-?\d+)")

_DEEPEST = 8
_OURS = frozenset({"_csrf_token", "_key", "_again"})


def fill(kind: type[S], pairs: Iterable[tuple[str, str]], currency: str) -> S:
    """A command from form fields. Refuses what `converted` refuses, and `amount_not_valid`."""
    return converted(kind, _fit(kind, _tree(pairs), currency, ""))


def converted(kind: type[S], plain: Any) -> S:
    """A command from a plain tree of strings. Refuses, naming the field, `text_empty`, `number_too_…`, `malformed`."""
    try:
        return msgspec.convert(plain, kind, strict=False)
    except msgspec.ValidationError as wrong:
        raise _refused(str(wrong)) from None


def _refused(why: str) -> Refusal:
    """What a person did wrong, from what the reader of structs complains of."""
    field = field_of(why)
    if why.startswith("Object missing required field"):
        return TEXT_EMPTY(field=field)
    if limit := _LIMIT.search(why):
        code = NUMBER_TOO_BIG if limit[1] == "<=" else NUMBER_TOO_SMALL
        return code(limit=int(limit[2]), field=field)
    return MALFORMED(why=why, field=field)


class Typed(dict[str, str]):
    """What a person typed into a form: the last value of each name, and with `all` every one of them."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = list(pairs)
        super().__init__(self.pairs)

    def all(self, name: str) -> list[str]:
        """Every value sent under this name, blanks left out, in order."""
        return [value for sent, value in self.pairs if sent == name and value.strip()]


async def pairs(request: Req) -> Pairs:
    """The text fields of a form in order; files are left out. Refuses NUL and half characters."""
    found = [(name, value) for name, value in (await request.form()).items() if isinstance(value, str)]
    for name, value in found:
        judge_text(name)
        judge_text(value)
    return found


async def sent(request: Req) -> bytes:
    """What a form sent, for telling a repeat from another request: its fields, of files the name and the size."""
    found = []
    for name, value in (await request.form()).items():
        if isinstance(value, str):
            found.append([name, value])
        elif isinstance(value, UploadFile):
            found.append([name, value.filename, str(value.file.seek(0, SEEK_END))])
            value.file.seek(0)
    return msgspec.json.encode([part for part in found if part[0] != "_csrf_token"])


def field_of(message: str) -> str:
    """The field a msgspec message talks about: "… - at `$.items[0].title`" → "items.0.title"; also one left out."""
    before, found, after = message.rpartition("at `$")
    place = after.rstrip("`").lstrip(".").replace("[", ".").replace("]", "") if found else ""
    _, missing, name = (before if found else message).partition("missing required field `")
    return ".".join(part for part in (place, name.partition("`")[0] if missing else "") if part)


def _tree(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    root: dict[str, Any] = {}
    for name, value in pairs:
        if name in _OURS or not value.strip():
            continue
        *path, last = name.split(".")
        if len(path) >= _DEEPEST:
            raise MALFORMED(why=name[:40], field=name[:40])
        here = root
        for step in path:
            inner = here.setdefault(step, {})
            if not isinstance(inner, dict):
                raise MALFORMED(why=name, field=name)
            here = inner
        values = here.setdefault(last, [])
        if not isinstance(values, list):
            raise MALFORMED(why=name, field=name)
        values.append(value)
    return root


def _fit(kind: Any, value: Any, currency: str, place: str) -> Any:
    """Shape a tree of strings like `kind`: lists, single values, money, booleans."""
    kind = _plain(kind)
    if isinstance(kind, type) and issubclass(kind, Money):
        return _money(value, currency, place)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
        hints = get_type_hints(kind, include_extras=True)
        return {name: _fit(hints.get(name), part, currency, f"{place}{name}.") for name, part in value.items()}
    if get_origin(kind) in (list, tuple, set, frozenset):
        inner = get_args(kind)[0]
        parts = [value[key] for key in sorted(value, key=_number)] if isinstance(value, dict) else value
        return [_fit(inner, part, currency, f"{place}{index}.") for index, part in enumerate(parts)]
    if isinstance(value, dict):
        return {name: _fit(None, part, currency, f"{place}{name}.") for name, part in value.items()}
    single = value[-1] if isinstance(value, list) else value
    return {"on": True, "off": False}.get(single, single) if kind is bool else single


def _plain(kind: Any) -> Any:
    """The type without Annotated, Optional and UNSET."""
    while True:
        if hasattr(kind, "__metadata__"):
            kind = kind.__origin__
        elif get_origin(kind) in (Union, UnionType):
            kinds = [part for part in get_args(kind) if part not in (type(None), msgspec.UnsetType)]
            if len(kinds) != 1:
                return None
            kind = kinds[0]
        else:
            return kind


def _money(value: Any, currency: str, place: str) -> dict[str, Any]:
    text = value[-1] if isinstance(value, list) else ""
    amount = parse_decimal(text, currency) if isinstance(text, str) else None
    if amount is None:
        raise AMOUNT_NOT_VALID(field=place.rstrip("."))
    return {"amount": amount, "currency": currency}


def _number(key: str) -> tuple[int, str]:
    number = whole(key)
    return (number, "") if number is not None else (1_000_000, key)
