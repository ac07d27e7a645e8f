"""What readers see of members. One round trip each; a session is one indexed select."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec
from asyncpg import Record as Row

from xianji.kernel import ids
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.installation import COUNTRY, PHONE_REGION
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Actor, Look

from . import rules
from .actions.addresses import SEAL, SealedAddress
from .actions.entry import token_digest
from .model import (
    ADDRESS_FORMS,
    OPERATOR_HOURS,
    OPERATORS_NEED_TOTP,
    SELLING_PATHS,
    SESSION_TOUCH_MINUTES,
    AddressField,
    Condition,
    MemberBadge,
    Session,
)
from .store import people


class MemberCard(msgspec.Struct, frozen=True):
    """A member beside a thing or a note. `response_minutes` is null until it is known."""

    id: str
    handle: str
    name: str
    avatar: str | None
    city: str
    verified: bool
    seller_type: str
    response_minutes: int | None
    sold_count: int


class MemberPage(msgspec.Struct, frozen=True):
    """A member's public page, with what the one who looks may do."""

    card: MemberCard
    bio: str
    joined_at: datetime
    badges: list[str]
    items_live: int
    followers: int
    following: int
    is_me: bool
    followed_by_me: bool
    blocked_by_me: bool
    can_follow: bool
    can_talk: bool


class Me(msgspec.Struct, frozen=True):
    """My own view; `version` goes back with an edit."""

    card: MemberCard
    bio: str
    joined_at: datetime
    badges: list[str]
    phone: str | None
    language: str
    zone: str
    version: int
    has_password: bool
    has_totp: bool
    passkeys: int
    roles: list[str]
    restrictions: list[str]
    can_sell: bool


class SessionLine(msgspec.Struct, frozen=True):
    """One of my sessions in the list."""

    id: str
    device: str
    way: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


class RestrictionLine(msgspec.Struct, frozen=True):
    """One restriction as its member sees it."""

    id: str
    kind: str
    rule: str
    reason: str
    since: datetime
    until: datetime
    appeal: str
    lifted_at: datetime | None
    in_force: bool


class Address(msgspec.Struct, frozen=True):
    """An opened address; `lines` by the names of the country's form."""

    id: str
    country: str
    name: str
    phone: str
    lines: dict[str, str]
    is_default: bool


def address_form(look: Look) -> list[AddressField]:
    """The lines of an address in the installation's country, in order."""
    forms = look.config.get(ADDRESS_FORMS)
    return rules.address_form(forms, look.config.get(COUNTRY)) or []


class PasskeyLine(msgspec.Struct, frozen=True):
    """One passkey in the list; `id` is the credential id in hex."""

    id: str
    name: str
    created_at: datetime
    used_at: datetime | None


_LONG_AGO = datetime.min.replace(tzinfo=UTC)

# --- sessions --------------------------------------------------------------------------------------------------


async def load_session(look: Look, token: str) -> Session | None:
    """The session behind a token with everything a page needs of the member; None when it is over or unknown."""
    member = "mbr_" + token.partition(".")[0]
    if not ids.is_id("mbr", member):
        return None
    row = await look.db.fetchrow(
        "select s.id as session, s.seen_at, s.totp_at, m.id, m.handle, m.name, m.avatar, m.language, m.zone,"
        " m.joined_at, m.verified_at, m.badges, m.phone_digest is not null as has_phone,"
        " array(select r.role from member_roles r where r.member = s.member) as roles,"
        " array(select distinct t.kind from restrictions t where t.member = s.member and t.lifted_at is null"
        "  and t.since <= $3 and t.until > $3) as restrictions, least(s.expires_at,"
        " (select min(edge) from restrictions t, unnest(array[t.since, t.until]) as edge"
        "  where t.member = s.member and t.lifted_at is null and edge > $3)) as until"
        " from sessions s join members m on m.id = s.member"
        " where s.member = $1 and s.digest = $2 and s.expires_at > $3 and m.scrubbed_at is null",
        member,
        token_digest(token),
        look.now,
    )
    if row is None or "sign_in" in row["restrictions"]:
        return None
    awake_until = _awake_until(look, row)
    awake = awake_until > look.now
    actor = Actor(
        row["id"], row["session"], frozenset(row["roles"]) if awake else frozenset(), frozenset(row["restrictions"])
    )
    touch_at = row["seen_at"] + timedelta(minutes=look.config.get(SESSION_TOUCH_MINUTES))
    return Session(
        row["session"],
        actor,
        _badge(look, row),
        frozenset() if awake else frozenset(row["roles"]),
        touch_at <= look.now,
        min(row["until"], touch_at, awake_until if awake else touch_at),
    )


def _awake_until(look: Look, row: Row) -> datetime:
    """Until when the roles need no new code; the beginning of time when none was ever shown."""
    if not look.config.get(OPERATORS_NEED_TOTP):
        return cast(datetime, row["until"])
    shown = row["totp_at"]
    return _LONG_AGO if shown is None else shown + timedelta(hours=look.config.get(OPERATOR_HOURS))


def _badge(look: Look, row: Row) -> MemberBadge:
    return MemberBadge(
        id=row["id"],
        handle=row["handle"],
        name=row["name"],
        avatar=row["avatar"],
        language=row["language"],
        zone=row["zone"],
        verified=row["verified_at"] is not None,
        can_sell=rules.may_sell(people.facts_from(row), look.config.get(SELLING_PATHS), look.now),
    )


async def load_actor(look: Look, member: str) -> Actor:
    """A member as actor without a session: for jobs, imports and the simulator. Refuses `not_found`."""
    row = await look.db.fetchrow(
        "select m.id, array(select r.role from member_roles r where r.member = m.id) as roles,"
        " array(select distinct t.kind from restrictions t where t.member = m.id and t.lifted_at is null"
        "  and t.since <= $2 and t.until > $2) as restrictions"
        " from members m where m.id = $1 and m.scrubbed_at is null",
        member,
        look.now,
    )
    if row is None:
        raise NOT_FOUND()
    return Actor(row["id"], None, frozenset(row["roles"]), frozenset(row["restrictions"]))


async def list_sessions(look: Look) -> list[SessionLine]:
    """My sessions in force, the most recently used first."""
    rows = await look.db.fetch(
        "select id, device, way, created_at, seen_at, id is not distinct from $3 as is_this from sessions"
        " where member = $1 and expires_at > $2 order by seen_at desc, id desc",
        look.actor.me,
        look.now,
        look.actor.session,
    )
    return [SessionLine(**row) for row in rows]


# --- members ---------------------------------------------------------------------------------------------------


def card_of(row: Row, id: str = "id") -> MemberCard:
    """A card from any row with the columns of `members`, whose id stands in column `id`.

    A deleted member keeps an empty name.
    """
    return MemberCard(
        id=row[id],
        handle=row["handle"],
        name=row["name"],
        avatar=row["avatar"],
        city=row["city"],
        verified=row["verified_at"] is not None,
        seller_type=row["seller_type"],
        response_minutes=row["response_minutes"],
        sold_count=row["sold_count"],
    )


async def cards(look: Look, members: Sequence[str]) -> dict[str, MemberCard]:
    """The cards of these members by id, deleted members included; unknown ids are left out."""
    rows = await look.db.fetch(
        "select id, handle, name, avatar, city, verified_at, seller_type, response_minutes, sold_count"
        " from members where id = any($1::text[])",
        list(members),
    )
    return {row["id"]: card_of(row) for row in rows}


async def shown(look: Look, members: Sequence[str]) -> list[MemberCard]:
    """Those of these members whom this reader may meet, in the order given: here, free to sign in, and not apart."""
    rows = await look.db.fetch(
        "select id, handle, name, avatar, city, verified_at, seller_type, response_minutes, sold_count from members m"
        " where id = any($1::text[]) and scrubbed_at is null"
        " and not exists (select from apart where member = $2 and other = m.id)"
        " and not exists (select from restrictions t where t.member = m.id and t.kind = 'sign_in'"
        " and t.lifted_at is null and t.since <= $3 and t.until > $3)",
        list(members),
        look.actor.member,
        look.now,
    )
    found = {row["id"]: card_of(row) for row in rows}
    return [found[one] for one in dict.fromkeys(members) if one in found]


async def member_page(look: Look, handle_or_id: str) -> MemberPage:
    """A member's public page by id or handle (an old handle still leads there). Refuses `not_found`."""
    wanted = handle_or_id.removeprefix("@").lower()
    by_id = ids.is_id("mbr", wanted)
    if not by_id and not rules.is_handle(wanted):
        raise NOT_FOUND()
    row = await look.db.fetchrow(
        "select m.*,"
        " array(select t.kind from ties t where t.member = m.id and t.other = $2) as ties"
        " from members m where m.scrubbed_at is null"
        " and m.id = case when $3 then $1 else (select h.member from handles h where h.handle = $1) end",
        wanted,
        look.actor.member,
        by_id,
    )
    if row is None:
        raise NOT_FOUND()
    return _page(row, look.actor.member)


def _page(row: Row, viewer: str | None) -> MemberPage:
    ties = frozenset(row["ties"])
    open_to_me = viewer is not None and viewer != row["id"] and not ties & {"blocks", "blocked_by"}
    return MemberPage(
        card=card_of(row),
        bio=row["bio"],
        joined_at=row["joined_at"],
        badges=list(row["badges"]),
        items_live=row["items_live"],
        followers=row["followers_count"],
        following=row["following_count"],
        is_me=viewer == row["id"],
        followed_by_me="followed_by" in ties,
        blocked_by_me="blocked_by" in ties,
        can_follow=open_to_me and "followed_by" not in ties,
        can_talk=open_to_me,
    )


async def me(look: Look) -> Me:
    """My own view. Refuses `sign_in_first`."""
    row = await look.db.fetchrow(
        "select m.*, m.phone_digest is not null as has_phone,"
        " array(select r.role from member_roles r where r.member = m.id order by 1) as roles,"
        " array(select distinct t.kind from restrictions t where t.member = m.id and t.lifted_at is null"
        "  and t.since <= $2 and t.until > $2 order by 1) as restrictions,"
        " exists (select from passwords w where w.member = m.id) as has_password,"
        " exists (select from totp_secrets s where s.member = m.id and s.confirmed_at is not null) as has_totp,"
        " (select count(*) from passkeys k where k.member = m.id) as passkeys"
        " from members m where m.id = $1 and m.scrubbed_at is null",
        look.actor.me,
        look.now,
    )
    if row is None:
        raise NOT_FOUND()
    phone = row["phone_sealed"] and look.keys.open("member.phone", row["phone_sealed"])
    return Me(
        card=card_of(row),
        bio=row["bio"],
        joined_at=row["joined_at"],
        badges=list(row["badges"]),
        phone=rules.masked_phone(phone, look.config.get(PHONE_REGION)) if phone else None,
        language=row["language"],
        zone=row["zone"],
        version=row["version"],
        has_password=row["has_password"],
        has_totp=row["has_totp"],
        passkeys=row["passkeys"],
        roles=list(row["roles"]),
        restrictions=list(row["restrictions"]),
        can_sell=rules.may_sell(people.facts_from(row), look.config.get(SELLING_PATHS), look.now),
    )


async def selling_conditions(look: Look, member: str) -> list[Condition]:
    """The checklist that opens selling, for this member. Refuses `not_found`."""
    facts = await people.facts_of(look, member)
    return rules.conditions(facts, look.config.get(SELLING_PATHS), look.now)


async def my_restrictions(look: Look) -> list[RestrictionLine]:
    """What restricts or has restricted me, the newest first, with the rule and where the appeal stands."""
    rows = await look.db.fetch(
        "select id, kind, rule, reason, since, until, appeal, lifted_at,"
        " lifted_at is null and since <= $2 and until > $2 as in_force"
        " from restrictions where member = $1 order by since desc, id desc",
        look.actor.me,
        look.now,
    )
    return [RestrictionLine(**row) for row in rows]


# --- addresses -------------------------------------------------------------------------------------------------


async def list_addresses(look: Look) -> list[Address]:
    """My addresses, the default one first, then the newest."""
    rows = await look.db.fetch(
        "select id, country, sealed, is_default from addresses where member = $1"
        " order by is_default desc, changed_at desc, id desc",
        look.actor.me,
    )
    return [_address(look, row) for row in rows]


async def address_for(look: Look, address: str, actor: Actor) -> Address:
    """The opened address, for its owner only. Refuses `not_found` to everybody else."""
    row = await look.db.fetchrow(
        "select id, country, sealed, is_default from addresses where member = $1 and id = $2", actor.me, address
    )
    if row is None:
        raise NOT_FOUND()
    return _address(look, row)


async def default_address_of(look: Look, member: str) -> Address | None:
    """A member's default address, opened; for a return that somebody else has decided. The caller seals it again."""
    row = await look.db.fetchrow(
        "select id, country, sealed, is_default from addresses where member = $1 and is_default", member
    )
    return None if row is None else _address(look, row)


def _address(look: Look, row: Row) -> Address:
    kept = msgspec.json.decode(look.keys.open(SEAL, row["sealed"]), type=SealedAddress)
    return Address(row["id"], row["country"], kept.name, kept.phone, kept.lines, row["is_default"])


async def my_passkeys(look: Look) -> list[PasskeyLine]:
    """My passkeys, the oldest first."""
    rows = await look.db.fetch(
        "select credential, name, created_at, used_at from passkeys where member = $1 order by created_at, credential",
        look.actor.me,
    )
    return [PasskeyLine(row["credential"].hex(), row["name"], row["created_at"], row["used_at"]) for row in rows]


# --- ties ------------------------------------------------------------------------------------------------------


async def followers(look: Look, member: str, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[MemberCard]:
    """Who follows this member, the newest first."""
    return await _tied(look, member, "followed_by", cursor, limit)


async def following(look: Look, member: str, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[MemberCard]:
    """Whom this member follows, the newest first."""
    return await _tied(look, member, "follows", cursor, limit)


async def blocks(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[MemberCard]:
    """Whom I block, the newest first; nobody else may see it."""
    return await _tied(look, look.actor.me, "blocks", cursor, limit)


async def _tied(look: Look, member: str, kind: str, cursor: str | None, limit: int) -> Page[MemberCard]:
    at, other = decode_cursor(cursor, tuple[datetime, str]) if cursor else (None, None)
    rows = await look.db.fetch(
        "select t.at, m.id, m.handle, m.name, m.avatar, m.city, m.verified_at, m.seller_type, m.response_minutes,"
        " m.sold_count from ties t join members m on m.id = t.other"
        " where t.member = $1 and t.kind = $2 and ($3::timestamptz is null or (t.at, t.other) < ($3, $4))"
        " order by t.at desc, t.other desc limit $5",
        member,
        kind,
        at,
        other,
        limit + 1,
    )
    shown = rows[:limit]
    more = encode_cursor(shown[-1]["at"], shown[-1]["id"]) if len(rows) > limit else None
    return Page([card_of(row) for row in shown], more)


async def apart_from(look: Look) -> list[str]:
    """Whom a block keeps apart from me, either way; of nobody there is none."""
    if look.actor.member is None:
        return []
    rows = await look.db.fetch("select other from apart where member = $1 order by other", look.actor.member)
    return [row["other"] for row in rows]


async def blocks_between(look: Look, one: str, other: str) -> bool:
    """Whether either of the two blocks the other."""
    found = await look.db.fetchval(
        "select exists (select from apart where member = $1 and other = $2)",
        one,
        other,
    )
    return bool(found)


async def find_members(look: Look, words: str, limit: int = 30) -> list[MemberCard]:
    """Members whose handle starts with, or whose name holds, these words, or who have this id; for moderators."""
    look.actor.need_role("moderator")
    wanted = words.strip().removeprefix("@")
    if not wanted:
        return []
    rows = await look.db.fetch(
        "select id, handle, name, avatar, city, verified_at, seller_type, response_minutes, sold_count from members"
        " where scrubbed_at is null and (id = $1 or starts_with(handle, lower($1)) or strpos(name, $1) > 0)"
        " order by joined_at desc, id desc limit $2",
        wanted,
        limit,
    )
    return [card_of(row) for row in rows]


async def has_operators(look: Look) -> bool:
    """Whether anybody holds an operator role."""
    return bool(await look.db.fetchval("select exists (select from member_roles)"))
