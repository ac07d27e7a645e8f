"""Standing: operator roles, restrictions, the real-name check, and what opens selling."""

from typing import Any
from zoneinfo import ZoneInfo

from xianji.domains.members import rules
from xianji.domains.members.events import MemberRestricted, MemberVerified, RestrictionLifted
from xianji.domains.members.identity import IdentityRequest, Verdict
from xianji.domains.members.model import (
    ALREADY_VERIFIED,
    CANNOT_SELL_YET,
    ID_NUMBER_NOT_VALID,
    OWN_ADMIN_ROLE_STAYS,
    REAL_NAME_AGE,
    REAL_NAME_LONGEST,
    REAL_NAME_NOT_CONFIRMED,
    REAL_NAME_RATE,
    REAL_NAME_SHARES,
    REASON_LONGEST,
    RESTRICTED,
    RESTRICTION_ENDS_BEFORE,
    SELLING_PATHS,
    TOO_YOUNG,
    Appeal,
    Restrict,
    RestrictionKind,
    Role,
    VerifyRealName,
)
from xianji.domains.members.store import people, standing
from xianji.kernel import audit
from xianji.kernel.errors import Refusal
from xianji.kernel.text import body, line
from xianji.kernel.work import Actor, Work

from .entry import counted

# Identity cards count birthdays in the time of the country that issues them.
_CHINA = ZoneInfo("Asia/Shanghai")
REAL_NAME = "member.real_name"


# --- roles -----------------------------------------------------------------------------------------------------


async def grant_role(work: Work, member: str, role: Role, reason: str) -> None:
    """Give an operator role; admins only, audited. Giving it twice changes nothing."""
    work.actor.need_role("admin")
    await people.lock_for(work, member)
    if await standing.insert_role(work, member, role):
        await audit.record(work, "members.grant_role", member, reason, role=role)


async def revoke_role(work: Work, member: str, role: Role, reason: str) -> None:
    """Take an operator role; admins only, audited. Refuses `own_admin_role_stays`."""
    work.actor.need_role("admin")
    if member == work.actor.member and role == "admin":
        raise OWN_ADMIN_ROLE_STAYS()
    await people.lock_for(work, member)
    if await standing.delete_role(work, member, role):
        await audit.record(work, "members.revoke_role", member, reason, role=role)


# --- restrictions ----------------------------------------------------------------------------------------------


def need_unrestricted(actor: Actor, kind: RestrictionKind) -> None:
    """Refuses `restricted` while a restriction of this kind is in force, and `sign_in_first` for nobody."""
    if not actor.system and actor.me and kind in actor.restrictions:
        raise RESTRICTED(kind=kind)


async def restrict(work: Work, wish: Restrict) -> str:
    """Put a restriction in force; moderators only, audited. Returns its id (`rst_…`).

    Refuses `restriction_ends_before`, `not_found`.
    """
    work.actor.need_role("moderator")
    if wish.until <= work.now:
        raise RESTRICTION_ENDS_BEFORE()
    rule, reason = (
        line("rule", wish.rule, 200),
        body("reason", wish.reason, work.config.get(REASON_LONGEST), required=True),
    )
    await people.lock_for(work, wish.member)
    restriction = work.new_id("rst")
    await standing.insert_restriction(
        work, wish.member, restriction, wish.kind, rule, reason, wish.evidence, wish.until
    )
    facts: dict[str, Any] = {"kind": wish.kind, "rule": rule, "until": wish.until.isoformat()}
    await audit.record(work, "members.restrict", restriction, "", member=wish.member, **facts)
    work.tell(MemberRestricted(wish.member, restriction, wish.kind, rule))
    return restriction


async def lift(work: Work, member: str, restriction: str) -> None:
    """End a restriction before its time; moderators only, audited. Lifting twice changes nothing."""
    work.actor.need_role("moderator")
    row = await standing.lock_restriction(work, member, restriction)
    if row["lifted_at"] is not None:
        return
    await standing.lift(work, member, restriction)
    await audit.record(work, "members.lift", restriction, "", member=member)
    work.tell(RestrictionLifted(member, restriction))


async def set_appeal(work: Work, member: str, restriction: str, appeal: Appeal) -> None:
    """Where the appeal stands: the member asks, moderators decide. An overturned restriction ends at once."""
    if appeal != "asked" or work.actor.member != member:
        work.actor.need_role("moderator")
    row = await standing.lock_restriction(work, member, restriction)
    await standing.set_appeal(work, member, restriction, appeal)
    if appeal == "overturned" and row["lifted_at"] is None:
        await standing.lift(work, member, restriction)
        work.tell(RestrictionLifted(member, restriction))


# --- selling ---------------------------------------------------------------------------------------------------


async def need_seller(work: Work) -> None:
    """Refuses `restricted`, or `cannot_sell_yet` with the codes of the unmet conditions."""
    if work.actor.system:
        return
    need_unrestricted(work.actor, "sell")
    facts = await people.facts_of(work, work.actor.me)
    checklist = rules.conditions(facts, work.config.get(SELLING_PATHS), work.now)
    unmet = [condition.code for condition in checklist if not condition.met]
    if unmet:
        raise CANNOT_SELL_YET(unmet=unmet)


# --- the real name ---------------------------------------------------------------------------------------------


async def ask_real_name(work: Work, wish: VerifyRealName) -> IdentityRequest | Refusal:
    """Write down the question before it is asked. The same number asked again keeps its request id.

    The number lives only in the returned request; the row holds its keyed hash.
    """
    member = work.actor.me
    row = await people.lock_for(work, member)
    if row["verified_at"] is not None:
        raise ALREADY_VERIFIED()
    name = line("name", wish.name, work.config.get(REAL_NAME_LONGEST))
    full = await counted(work, "members.real_name", member, work.config.get(REAL_NAME_RATE))
    if full:
        return full
    number = rules.normal_id_number(wish.id_number)
    digest = work.keys.digest("member.id_number", number)
    before = await standing.verification_of(work, member)
    open_before = before is not None and before["state"] == "asked" and before["id_digest"] == digest
    request = before["request"] if before and open_before else work.new_id("vrf")
    await standing.put_question(work, member, request, digest, work.keys.seal(REAL_NAME, name))
    today = work.now.astimezone(_CHINA).date()
    return IdentityRequest(request, name, number, today, work.config.get(REAL_NAME_AGE))


async def record_verdict(work: Work, request: str, verdict: Verdict) -> Refusal | None:
    """Write down the answer. A number used up by other accounts is refused like one that was not confirmed."""
    member = work.actor.me
    await people.lock_for(work, member)
    row = await standing.verification_of(work, member)
    if row is None or row["request"] != request or row["state"] != "asked":
        return REAL_NAME_NOT_CONFIRMED()
    shares = work.config.get(REAL_NAME_SHARES)
    if verdict == "confirmed" and await standing.claim_id_number(work, row["id_digest"], member, shares):
        await standing.put_verdict(work, member, "verified")
        await standing.mark_verified(work, member)
        work.tell(MemberVerified(member))
        return None
    await standing.put_verdict(work, member, "refused")
    if verdict == "number_not_valid":
        return ID_NUMBER_NOT_VALID()
    if verdict == "too_young":
        return TOO_YOUNG(least=work.config.get(REAL_NAME_AGE))
    return REAL_NAME_NOT_CONFIRMED()
