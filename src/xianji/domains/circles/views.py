"""Circles as readers see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from xianji.domains.media import media_url
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from .model import (
    COMMERCIAL_DAYS,
    COMMERCIAL_SHARE,
    GUEST_STALLS,
    HOUSE_RULES,
    KINDS_WELCOME,
    OWN_RULES,
    WHO_FOUNDS,
    WHO_POSTS,
    RuleName,
)


class CircleCard(msgspec.Struct, frozen=True):
    """A circle in a list."""

    id: str
    slug: str
    kind: str
    name: str
    name_en: str
    city: str
    cover_url: str | None
    members: int
    joined: bool


class CircleRules(msgspec.Struct, frozen=True):
    """The rules in force, with the version of each that an appeal or an order can name."""

    house_rules: list[str]
    guest_stalls: str
    kinds_welcome: list[str]
    who_posts: str
    commercial_share: int
    commercial_days: int
    version: int


class RuleVersion(msgspec.Struct, frozen=True):
    """One version of one rule: the installation's number of it, and the how manieth of this rule it is in the circle.

    Both are 0 for what holds in every circle that says nothing, since it was founded.
    """

    name: RuleName
    value: Any
    number: int
    ordinal: int
    since: datetime
    reason: str


class CirclePage(msgspec.Struct, frozen=True):
    """A circle with everything but its notes and things, which higher rooms add."""

    id: str
    slug: str
    kind: str
    name: str
    name_en: str
    description: str
    city: str
    cover: str | None
    cover_url: str | None
    members: int
    joined: bool
    role: str | None
    version: int
    created_at: datetime
    rules: CircleRules


async def circle_page(look: Look, slug_or_id: str) -> CirclePage:
    """One circle by its slug or id, with this viewer's role in it. Refuses `not_found`."""
    row = await look.db.fetchrow(
        "select c.id, c.slug, c.kind, c.name, c.name_en, c.description, c.city, c.cover, c.members, c.version,"
        " c.created_at, m.role from circles c left join circle_members m on m.circle = c.id and m.member = $2"
        " where c.slug = $1 or c.id = $1",
        slug_or_id,
        look.actor.member,
    )
    if row is None:
        raise NOT_FOUND()
    facts = dict(row)
    cover = row["cover"]
    return CirclePage(
        **facts,
        cover_url=media_url(cover) if cover else None,
        joined=row["role"] is not None,
        rules=rules_of(look, row["id"]),
    )


def rules_of(look: Look, circle: str) -> CircleRules:
    """The circle's own rules at this moment."""
    return CircleRules(
        look.config.get(HOUSE_RULES, circle),
        look.config.get(GUEST_STALLS, circle),
        [*look.config.get(KINDS_WELCOME, circle)],
        look.config.get(WHO_POSTS, circle),
        look.config.get(COMMERCIAL_SHARE, circle),
        look.config.get(COMMERCIAL_DAYS),
        max(look.config.version(key, circle) for key in OWN_RULES.values()),
    )


async def rule_versions(look: Look, circle: CirclePage) -> list[RuleVersion]:
    """Every version of the circle's own rules that is or was in force, the newest first."""
    names = {key.name: name for name, key in OWN_RULES.items()}
    rows = await look.db.fetch(
        "select number, name, value, valid_from, reason,"
        " row_number() over (partition by name order by number) as ordinal from config_versions"
        " where scope = $1 and name = any($2) and valid_from <= $3 order by number desc",
        circle.id,
        list(names),
        look.now,
    )
    return [
        RuleVersion(names[row["name"]], row["value"], row["number"], row["ordinal"], row["valid_from"], row["reason"])
        for row in rows
    ]


def rules_in_force(look: Look, circle: CirclePage, versions: list[RuleVersion]) -> list[RuleVersion]:
    """The version in force of each rule, in their order; what the circle never set stands as version 0."""
    newest = {version.name: version for version in reversed(versions)}
    return [
        newest.get(name) or RuleVersion(name, look.config.get(key, circle.id), 0, 0, circle.created_at, "")
        for name, key in OWN_RULES.items()
    ]


def may_found(look: Look) -> bool:
    """Whether this viewer is among those who may found a circle."""
    operator = bool(look.actor.roles & {"moderator", "admin"})
    return look.actor.member is not None and (operator or look.config.get(WHO_FOUNDS) == "members")


async def circles(look: Look, cursor: str | None = None, mine: bool = False) -> Page[CircleCard]:
    """All circles, or those the viewer is in, largest first."""
    members, last = decode_cursor(cursor, tuple[int, str]) if cursor else (2**31 - 1, "")
    rows = await look.db.fetch(
        "select c.id, c.slug, c.kind, c.name, c.name_en, c.city, c.cover, c.members, m.member is not null as joined"
        " from circles c left join circle_members m on m.circle = c.id and m.member = $1"
        " where (-c.members, c.id) > (-$2::int, $3) and (m.member is not null or not $4)"
        " order by -c.members, c.id limit $5",
        look.actor.member,
        members,
        last,
        mine,
        PAGE_SIZE + 1,
    )
    cards = [_card(dict(row)) for row in rows[:PAGE_SIZE]]
    more = len(rows) > PAGE_SIZE
    return Page(cards, encode_cursor(cards[-1].members, cards[-1].id) if more else None)


async def cards(look: Look, ids: Sequence[str]) -> list[CircleCard]:
    """The cards of these circles, in the order of `ids`."""
    rows = await look.db.fetch(
        "select c.id, c.slug, c.kind, c.name, c.name_en, c.city, c.cover, c.members, m.member is not null as joined"
        " from circles c left join circle_members m on m.circle = c.id and m.member = $2 where c.id = any($1::text[])",
        list(ids),
        look.actor.member,
    )
    found = {row["id"]: _card(dict(row)) for row in rows}
    return [found[circle] for circle in dict.fromkeys(ids) if circle in found]


def _card(facts: dict[str, object]) -> CircleCard:
    cover = facts.pop("cover")
    return CircleCard(**facts, cover_url=media_url(str(cover), 640) if cover else None)  # type: ignore[arg-type]


async def export_for(look: Look, member: str) -> dict[str, object]:
    """The circles a member is in, for the export of their data."""
    rows = await look.db.fetch(
        "select circle, role, joined_at from circle_members where member = $1 order by joined_at", member
    )
    return {"circles": [dict(row) for row in rows]}
