"""The verbs of circles."""

import re

import asyncpg

from xianji.domains import media
from xianji.kernel import audit, config, text
from xianji.kernel.errors import NOT_ALLOWED, NOT_FOUND
from xianji.kernel.work import Work

from . import store
from .model import (
    CIRCLE_CHANGED_MEANWHILE,
    CIRCLE_NAME_TAKEN,
    CIRCLE_NEEDS_A_HOST,
    CIRCLE_SLUG_NOT_VALID,
    DESCRIPTION_LONGEST,
    MOST_JOINED,
    NAME_LONGEST,
    OWN_RULES,
    TOO_MANY_CIRCLES,
    WHO_FOUNDS,
    CircleJoined,
    CircleLeft,
    EditCircle,
    FoundCircle,
    SetRule,
)

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


async def found_circle(work: Work, asked: FoundCircle) -> str:
    """Found a circle and become its host.

    Refuses `not_allowed` (where only operators may), `circle_slug_not_valid`, `circle_name_taken` and text refusals.
    """
    me = work.actor.me
    if work.config.get(WHO_FOUNDS) == "operators":
        work.actor.need_role("moderator")
    if not _SLUG.fullmatch(asked.slug) or len(asked.slug) > 40:
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
    return circle


async def edit_circle(work: Work, circle: str, asked: EditCircle) -> None:
    """Change name, description and cover. Hosts and operators. Refuses `circle_changed_meanwhile`."""
    row = await store.lock_for_host(work, circle)
    if row["version"] != asked.version:
        raise CIRCLE_CHANGED_MEANWHILE(version=row["version"])
    if asked.cover and asked.cover != row["cover"]:
        await media.claim(work, [asked.cover])
    await work.db.execute(
        "update circles set name = $2, name_en = $3, description = $4, cover = $5, version = version + 1 where id = $1",
        circle,
        text.line("name", asked.name, work.config.get(NAME_LONGEST)),
        text.line("name_en", asked.name_en, work.config.get(NAME_LONGEST) * 2, required=False),
        text.body("description", asked.description, work.config.get(DESCRIPTION_LONGEST)),
        asked.cover,
    )


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


async def set_circle_rule(work: Work, circle: str, asked: SetRule) -> int:
    """A new version of one of the circle's own rules, in force from now. Returns the version number."""
    await store.lock_for_host(work, circle)
    if asked.name not in {key.name for key in OWN_RULES}:
        raise NOT_ALLOWED()
    reason = text.line("reason", asked.reason, 200)
    await audit.record(work, "set_circle_rule", circle, reason, name=asked.name, value=asked.value)
    return await config.set_value(work, asked.name, asked.value, reason, scope=circle)
