"""The verbs of circles."""

import re
from typing import Any

import asyncpg
import msgspec
from msgspec import UNSET

from xianji.domains import media, members
from xianji.kernel import audit, config, text
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.work import Work

from . import store
from .model import (
    CIRCLE_CHANGED_MEANWHILE,
    CIRCLE_NAME_TAKEN,
    CIRCLE_NEEDS_A_HOST,
    CIRCLE_RULE_NOT_VALID,
    CIRCLE_SLUG_NOT_VALID,
    DESCRIPTION_LONGEST,
    HOUSE_RULE_LONGEST,
    MOST_FOUNDED,
    MOST_HOUSE_RULES,
    MOST_JOINED,
    NAME_LONGEST,
    NOT_IN_CIRCLE,
    OWN_RULES,
    TOO_MANY_CIRCLES,
    TOO_MANY_FOUNDED,
    TOO_MANY_HOUSE_RULES,
    UNKNOWN_CIRCLE_RULE,
    WHO_FOUNDS,
    CircleEdited,
    CircleFounded,
    CircleJoined,
    CircleLeft,
    EditCircle,
    FoundCircle,
    NewHost,
    RuleName,
    SetRule,
    SetRules,
)

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Words that our own addresses use where a circle's would stand.
_OURS = frozenset({"new"})


async def found_circle(work: Work, asked: FoundCircle) -> str:
    """Found a circle and become its host.

    Refuses `not_allowed` (where only operators may), `too_many_founded`, `restricted`, `circle_slug_not_valid`,
    `circle_name_taken` and text refusals.
    """
    me = work.actor.me
    members.need_unrestricted(work.actor, "speak")
    await _may_found(work)
    if not _SLUG.fullmatch(asked.slug) or len(asked.slug) > 40 or asked.slug in _OURS:
        raise CIRCLE_SLUG_NOT_VALID()
    await media.claim(work, [asked.cover] if asked.cover else [])
    circle = work.new_id("cir")
    try:
        await work.db.execute(
            "insert into circles (id, slug, kind, name, name_en, description, city, cover, created_by, created_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            circle,
            asked.slug,
            asked.kind,
            text.line("name", asked.name, work.config.get(NAME_LONGEST)),
            text.line("name_en", asked.name_en, work.config.get(NAME_LONGEST) * 2, required=False),
            text.body("description", asked.description, work.config.get(DESCRIPTION_LONGEST)),
            text.line("city", asked.city, work.config.get(NAME_LONGEST), required=False),
            asked.cover,
            me,
            work.now,
        )
    except asyncpg.UniqueViolationError:
        raise CIRCLE_NAME_TAKEN(slug=asked.slug) from None
    await store.insert_member(work, circle, me, "host")
    work.tell(CircleFounded(circle, me))
    return circle


async def _may_found(work: Work) -> None:
    if work.actor.system or work.actor.roles & {"moderator", "admin"}:
        return
    if work.config.get(WHO_FOUNDS) == "operators":
        work.actor.need_role("moderator")
    most = work.config.get(MOST_FOUNDED)
    if await store.founded_by(work, work.actor.me) >= most:
        raise TOO_MANY_FOUNDED(most=most)


async def edit_circle(work: Work, circle: str, asked: EditCircle) -> None:
    """Change name, description and cover. Hosts and operators. Refuses `circle_changed_meanwhile`."""
    row = await store.lock_for_host(work, circle)
    if row["version"] != asked.version:
        raise CIRCLE_CHANGED_MEANWHILE(version=row["version"])
    if asked.cover and asked.cover != row["cover"]:
        await media.claim(work, [asked.cover])
    await work.db.execute(
        "update circles set name = $2, name_en = $3, description = $4, cover = $5, city = $6, version = version + 1"
        " where id = $1",
        circle,
        text.line("name", asked.name, work.config.get(NAME_LONGEST)),
        text.line("name_en", asked.name_en, work.config.get(NAME_LONGEST) * 2, required=False),
        text.body("description", asked.description, work.config.get(DESCRIPTION_LONGEST)),
        asked.cover,
        row["city"]
        if asked.city is UNSET
        else text.line("city", asked.city, work.config.get(NAME_LONGEST), required=False),
    )
    work.tell(CircleEdited(circle))


async def join_circle(work: Work, circle: str) -> None:
    """Join; joining twice is joining once. Refuses `too_many_circles`."""
    me = work.actor.me
    await store.lock(work, circle)
    joined = await work.db.fetchval("select count(*) from circle_members where member = $1", me)
    if joined >= work.config.get(MOST_JOINED):
        raise TOO_MANY_CIRCLES(most=work.config.get(MOST_JOINED))
    if await store.insert_member(work, circle, me, "member"):
        work.tell(CircleJoined(circle, me))


async def leave_circle(work: Work, circle: str) -> None:
    """Leave; the last host hands over first. Refuses `circle_needs_a_host`."""
    me = work.actor.me
    row = await store.lock(work, circle)
    role = await work.db.fetchval("select role from circle_members where circle = $1 and member = $2", circle, me)
    if role == "host" and row["members"] > 1 and not await store.other_hosts(work, circle, me):
        raise CIRCLE_NEEDS_A_HOST()
    if await store.delete_member(work, circle, me):
        work.tell(CircleLeft(circle, me))


async def make_host(work: Work, circle: str, member: str) -> None:
    """A host (or an operator) makes another member of the circle a host."""
    await store.lock_for_host(work, circle)
    done = await work.db.fetchval(
        "update circle_members set role = 'host' where circle = $1 and member = $2 returning true", circle, member
    )
    if not done:
        raise NOT_FOUND()


async def name_host(work: Work, circle: str, asked: NewHost) -> None:
    """Make the member with this handle a host. Refuses `not_found` unless they are in the circle."""
    member = await store.member_with_handle(work, circle, asked.handle.strip().removeprefix("@"))
    if member is None:
        await store.lock_for_host(work, circle)
        raise NOT_IN_CIRCLE(handle=asked.handle.strip()[:40])
    await make_host(work, circle, member)


async def set_circle_rule(work: Work, circle: str, asked: SetRule) -> int:
    """A new version of one of the circle's own rules, in force from now. Returns the version number.

    For hosts and operators. Refuses `unknown_circle_rule` and `circle_rule_not_valid`.
    """
    await store.lock_for_host(work, circle)
    name = asked.name.removeprefix("circles.")
    if name not in OWN_RULES:
        raise UNKNOWN_CIRCLE_RULE(names=", ".join(OWN_RULES))
    reason = text.line("reason", asked.reason, 200)
    return await _set(work, circle, name, asked.value, reason)


async def set_circle_rules(work: Work, circle: str, asked: SetRules) -> None:
    """New versions of those rules that differ from the ones in force. For hosts and operators."""
    await store.lock_for_host(work, circle)
    reason = text.line("reason", asked.reason, 200)
    # Not from the snapshot: it may be a second old, and the change before this one would seem not to have happened.
    newest = await store.newest_values(work, circle, [key.name for key in OWN_RULES.values()])
    for name, key in OWN_RULES.items():
        value = getattr(asked, name)
        if name == "house_rules":
            value = [line for line in value if line.strip()]
        if value != newest.get(key.name, work.config.get(key)):
            await _set(work, circle, name, value, reason)


async def _set(work: Work, circle: str, name: RuleName, value: Any, reason: str) -> int:
    key = OWN_RULES[name]
    try:
        value = msgspec.convert(value, key.kind, strict=False)
    except msgspec.ValidationError:
        raise CIRCLE_RULE_NOT_VALID(name=name, value=str(value)[:40]) from None
    if name == "house_rules":
        value = _house_rules(work, value)
    elif isinstance(value, list):
        value = list(dict.fromkeys(value))
    await audit.record(work, "set_circle_rule", circle, reason, name=key.name, value=value)
    return await config.set_value(work, key.name, value, reason, scope=circle)


def _house_rules(work: Work, lines: list[str]) -> list[str]:
    most = work.config.get(MOST_HOUSE_RULES)
    if len(lines) > most:
        raise TOO_MANY_HOUSE_RULES(most=most)
    return [text.line("house_rules", line, work.config.get(HOUSE_RULE_LONGEST)) for line in lines]
