"""Every number of the trade is configuration with a version, never a constant in code.

A domain declares its keys in `model.py`: `PAY_WITHIN = Key("orders.pay_within_minutes", 30, …)`. The default is
version 0. An operator adds versions, each with a moment from which it holds, a reason and an author; none is
ever edited. A scope ("" for the installation, or a circle id) may carry its own value and falls back to the
installation's. `work.config` is the snapshot in force at `work.now`.
"""

import time
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import msgspec

from .errors import Code, Kind
from .work import Event, Look, Work

if TYPE_CHECKING:
    from .pool import Connection

T = TypeVar("T")

UNKNOWN_SETTING = Code("unknown_setting", Kind.UNKNOWN)
SETTING_NOT_VALID = Code("setting_not_valid", Kind.MALFORMED, field="value")
SETTING_IN_THE_PAST = Code("setting_in_the_past", Kind.MALFORMED, field="valid_from")
SETTING_NEEDS_NOTICE = Code("setting_needs_notice", Kind.MALFORMED, field="valid_from")

# How old a process's copy may be. A version that must hold from an exact moment is entered ahead of it.
_FRESH_SECONDS = 1.0
_EVER, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Key(Generic[T]):
    """One declared setting: its name, its type (taken from the default) and what it means.

    `notice` names another key: so many days must lie between entering a version and its beginning.
    """

    declared: ClassVar[dict[str, "Key[Any]"]] = {}

    def __init__(self, name: str, default: T, why: str, kind: Any = None, notice: "Key[int] | None" = None) -> None:
        assert name not in Key.declared, f"setting {name} is declared twice"
        self.name = name
        self.default = default
        self.why = why
        self.kind = kind or type(default)
        self.notice = notice
        Key.declared[name] = self


class ConfigChanged(Event, frozen=True, tag="kernel.config_changed.v1"):
    name: str
    scope: str
    version: int


@dataclass(frozen=True, slots=True)
class _Version:
    number: int
    valid_from: datetime
    value: Any


class Config:
    """The values in force at one moment."""

    def __init__(self, versions: dict[tuple[str, str], list[_Version]], moment: datetime) -> None:
        self._versions = versions
        self._moment = moment
        self._known: dict[tuple[str, str], Any] = {}

    def get(self, key: Key[T], scope: str = "") -> T:
        """The value of `key` in this scope, or the installation's, or the default."""
        try:
            value: T = self._known[key.name, scope]
        except KeyError:
            found = self._find(key.name, scope)
            value = self._known[key.name, scope] = key.default if found is None else found.value
        return value

    def version(self, key: Key[Any], scope: str = "") -> int:
        """The version number that `get` answered from; 0 is the built-in default."""
        found = self._find(key.name, scope)
        return 0 if found is None else found.number

    def as_of(self, moment: datetime) -> "Config":
        """What was in force at an earlier moment."""
        return Config(self._versions, moment)

    def coming(self, key: Key[T]) -> list[tuple[datetime, T]]:
        """What is announced for the installation and not in force yet, the nearest first."""
        return [(v.valid_from, v.value) for v in self._versions.get((key.name, ""), []) if v.valid_from > self._moment]

    def _find(self, name: str, scope: str) -> _Version | None:
        for level in (scope, "") if scope else ("",):
            versions = self._versions.get((name, level))
            if versions:
                place = bisect_right(versions, self._moment, key=lambda version: version.valid_from)
                if place:
                    return versions[place - 1]
        return None


class Book:
    """A process's copy of all versions, re-read when the newest number has changed."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], list[_Version]] = {}
        self._newest = -1
        self._read_at = float("-inf")
        self._snapshot = Config({}, _EVER)
        self._holds = (_NEVER, _NEVER)  # from when until when the snapshot is the one in force

    def at(self, moment: datetime) -> Config:
        """The snapshot for one unit of work: the same one from the beginning of a version to that of the next."""
        since, until = self._holds
        if not since <= moment < until:
            starts = sorted(version.valid_from for versions in self._versions.values() for version in versions)
            place = bisect_right(starts, moment)
            self._holds = (starts[place - 1] if place else _EVER, starts[place] if place < len(starts) else _NEVER)
            self._snapshot = Config(self._versions, moment)
        return self._snapshot

    async def refresh(self, connection: "Connection") -> None:
        """Look for newer versions at most once a second; nearly always this costs nothing."""
        if time.monotonic() - self._read_at < _FRESH_SECONDS:
            return
        self._read_at = time.monotonic()
        newest = await connection.fetchval("select coalesce(max(number), 0) from config_versions")
        if newest == self._newest:
            return
        versions: dict[tuple[str, str], list[_Version]] = {}
        for row in await connection.fetch(
            "select number, name, scope, value, valid_from from config_versions order by valid_from, number"
        ):
            key = Key.declared.get(row["name"])
            if key is not None:
                value = msgspec.convert(row["value"], key.kind)
                versions.setdefault((row["name"], row["scope"]), []).append(
                    _Version(row["number"], row["valid_from"], value)
                )
        self._versions, self._newest = versions, newest
        self._holds = (_NEVER, _NEVER)

    def forget(self) -> None:
        """Read again at the next use; for tests and after our own change."""
        self._read_at = float("-inf")


async def set_value(
    work: Work, name: str, value: Any, reason: str, scope: str = "", valid_from: datetime | None = None
) -> int:
    """Add a version. `value` is plain JSON data and must fit the declared type. Returns the version number.

    Refuses `unknown_setting`, `setting_not_valid`, `setting_in_the_past` and `setting_needs_notice` (only the very
    first version of a setting with notice may hold at once: before it nothing was promised).
    """
    key = Key.declared.get(name)
    if key is None:
        raise UNKNOWN_SETTING(name=name)
    try:
        msgspec.convert(value, key.kind)
    except msgspec.ValidationError as wrong:
        raise SETTING_NOT_VALID(name=name, why=str(wrong)) from None
    start = valid_from or work.now
    if start < work.now:
        raise SETTING_IN_THE_PAST(name=name)
    if key.notice is not None:
        await _judge_notice(work, name, work.config.get(key.notice), start)
    number: int = await work.db.fetchval(
        "insert into config_versions (name, scope, value, valid_from, reason, set_by, set_at)"
        " values ($1, $2, $3, $4, $5, $6, $7) returning number",
        name,
        scope,
        value,
        start,
        reason,
        work.actor.member,
        work.now,
    )
    work.tell(ConfigChanged(name, scope, number))
    return number


async def _judge_notice(work: Work, name: str, days: int, start: datetime) -> None:
    earliest = work.now + timedelta(days=days)
    if start < earliest and await work.db.fetchval("select exists (select from config_versions where name = $1)", name):
        raise SETTING_NEEDS_NOTICE(days=days, earliest=earliest.isoformat())


class VersionLine(msgspec.Struct, frozen=True):
    """One version of a setting as operators see it."""

    number: int
    name: str
    scope: str
    value: Any
    valid_from: datetime
    reason: str
    set_by: str | None
    set_at: datetime


async def versions_of(look: Look, name: str) -> list[VersionLine]:
    """All versions of one setting, the newest first; for operators."""
    look.actor.need_role("admin")
    rows = await look.db.fetch(
        "select number, name, scope, value, valid_from, reason, set_by, set_at from config_versions"
        " where name = $1 order by number desc",
        name,
    )
    return [VersionLine(**row) for row in rows]
