"""Refunds for their two sides and for operators: one page, the list of an order, and what may be asked for now."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from xianji.domains import orders, parcels
from xianji.domains.parcels import SeenScan
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.money import Money
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from . import rules
from .model import (
    RECORD_DAYS,
    RETURN_SEAL,
    RISK_SELLERS,
    Agreed,
    BuyerRecord,
    CaseFacts,
    Choice,
    Choices,
    CounterOffer,
    DisputeLine,
    MoveLine,
    Payout,
    Refund,
    RefundCard,
    RefundKind,
    RefundPage,
    RefundRole,
    RefundTurn,
    Waits,
)

# The exact address is shown while goods go back, never before or after.
_ADDRESS_SHOWN = ("waiting_return", "returning")
_GUARDED = ("partial", "keep_goods")


async def refund_page(look: Look, id: str) -> RefundPage:
    """A refund for its buyer, its seller or a moderator. Refuses `not_found` to everybody else."""
    row = await look.db.fetchrow(
        "select r.id, r.order_id, r.buyer, r.seller, r.kind, r.state, r.reason, r.asked, r.amount, r.currency,"
        " r.after_sale, r.counter_kind, r.counter_amount, r.address_sealed, r.carrier, r.waybill, r.signed_at,"
        " r.again_of, r.short, r.retry_at, r.version, r.due_at, r.opened_at, r.ended_at, o.state as order_state,"
        " o.paid, coalesce(l.refunded - l.repaid, 0) as gone,"
        " (select t.amount from ledger_transfers t where t.reference = o.id and t.id = 'amends:' || r.id) as amends,"
        " exists (select from ledger_transfers t"
        "  where t.reference = o.id and t.id = 'amends_paid:' || r.id) as amends_paid,"
        " (select coalesce(sum(c.amount), 0)::bigint from payment_calls c"
        "   where c.payment in (o.payment, o.deposit_payment) and c.kind = 'refund' and c.reason = r.id"
        "   and c.state = 'done') as sent,"
        " (select jsonb_agg(jsonb_build_object('at', w.at, 'kind', w.kind, 'words', w.words, 'heard_at', w.heard_at)"
        "   order by w.at, w.heard_at, w.words) from parcel_subjects u join parcel_scans w on w.parcel = u.parcel"
        "   where u.subject = r.id) as way,"
        " (select jsonb_agg(jsonb_build_object('verb', m.verb, 'state', m.to_state, 'role', m.role, 'words', m.words,"
        "   'evidence', m.evidence, 'facts', m.facts, 'at', m.at) order by m.version)"
        "   from refund_moves m where m.refund = r.id) as timeline,"
        " (select jsonb_agg(jsonb_build_object('title', n.snapshot ->> 'title', 'quantity', n.quantity,"
        "   'condition', n.snapshot -> 'condition', 'attributes', n.snapshot -> 'attributes',"
        "   'media', n.snapshot -> 'media', 'digest', encode(n.digest, 'hex')) order by n.number)"
        "   from order_lines n where n.order_id = o.id) as agreed,"
        " exists (select from addresses a where a.member = r.seller and a.is_default) as has_address"
        " from refunds r join orders o on o.id = r.order_id"
        " left join ledger_order_sums l on l.reference = o.id where r.id = $1",
        id,
    )
    role = _role(look, row)
    assert row is not None
    record = await _record_of(look, row["buyer"]) if _guarded(row, role) else None
    return _page(look, row, role, record)


def _role(look: Look, row: Any) -> RefundRole:
    me = look.actor.me
    if row is not None and me == row["buyer"]:
        return "buyer"
    if row is not None and me == row["seller"]:
        return "seller"
    if row is not None and look.actor.roles & {"moderator", "admin"}:
        return "operator"
    raise NOT_FOUND()


def _guarded(row: Any, role: str) -> bool:
    return role != "buyer" and row["kind"] in _GUARDED


async def _record_of(look: Look, buyer: str) -> BuyerRecord:
    days = look.config.get(RECORD_DAYS)
    row = await look.db.fetchrow(
        "select (select count(*) from orders where buyer = $1 and paid > 0 and placed_at > $2) as orders,"
        " count(*) as partials, count(distinct seller) as sellers"
        " from refunds where buyer = $1 and opened_at > $2 and kind in ('partial', 'keep_goods') and state <> 'closed'",
        buyer,
        look.now - timedelta(days=days),
    )
    assert row is not None
    return BuyerRecord(days, **row, pointed_out=row["sellers"] >= look.config.get(RISK_SELLERS))


def _page(look: Look, row: Any, role: RefundRole, record: BuyerRecord | None) -> RefundPage:
    refund = _refund(row)
    money = _money(refund.currency)
    spoken = role != "operator"
    return RefundPage(
        id=refund.id,
        order=refund.order_id,
        role=role,
        buyer=refund.buyer,
        seller=refund.seller,
        kind=refund.kind,
        state=refund.state,
        reason=refund.reason,
        amount=money(refund.amount),
        asked=money(refund.asked),
        most=money(max(0, row["paid"] - row["gone"])),
        after_sale=refund.after_sale,
        waiting=_waiting(refund, role, row["order_state"] == "delivered", row["has_address"]),
        actions=_actions(look, refund, role, row),
        counter=_counter(refund),
        address=_address(look, refund) if spoken else None,
        carrier=refund.carrier,
        waybill=refund.waybill,
        way=msgspec.convert(row["way"] or [], list[SeenScan]),
        payout=_payout(refund, row),
        owed=money(refund.short),
        back=money(row["gone"]),
        amends=money(row["amends"] or 0),
        record=record,
        timeline=msgspec.convert(row["timeline"], list[MoveLine]),
        agreed=msgspec.convert(row["agreed"], list[Agreed]),
        opened_at=row["opened_at"],
        ended_at=row["ended_at"],
        version=refund.version,
    )


def _actions(look: Look, refund: Refund, role: RefundRole, row: Any) -> list[str]:
    """What this side may do: the table's verbs, but a waybill only while nobody had the parcel and not too often."""
    verbs = rules.actions_open(refund, role)
    put_right = sum(move["verb"] == "correct_waybill" for move in row["timeline"])
    seen = refund.signed_at is not None or parcels.in_hand(scan["kind"] for scan in row["way"] or [])
    closed = seen or put_right >= look.config.get(orders.WAYBILL_CORRECTIONS)
    return [verb for verb in verbs if not (verb == "correct_waybill" and closed)]


def _refund(row: Any) -> Refund:
    return Refund(**{name: row[name] for name in Refund.__struct_fields__})


def _money(currency: str) -> Any:
    return lambda amount: Money(amount, currency)


def _waiting(refund: Refund, role: str, delivered: bool, has_address: bool) -> Waits:
    """Whose turn it is, until when, and what time does otherwise."""
    return Waits(
        code=f"refund_{refund.state}_{role}",
        turn=rules.TURN.get(refund.state, "nobody"),  # type: ignore[arg-type]
        until=refund.due_at,
        otherwise=rules.time_verb(refund, delivered, has_address) if refund.due_at else "",
    )


def _counter(refund: Refund) -> CounterOffer | None:
    if refund.counter_kind is None or refund.counter_amount is None:
        return None
    return CounterOffer(refund.counter_kind, Money(refund.counter_amount, refund.currency))


def _address(look: Look, refund: Refund) -> dict[str, Any] | None:
    if refund.address_sealed is None or refund.state not in _ADDRESS_SHOWN:
        return None
    return msgspec.json.decode(look.keys.open(RETURN_SEAL, refund.address_sealed), type=dict[str, Any])


def _payout(refund: Refund, row: Any) -> Payout:
    """How far the money is on its way to the buyer; amends also of a ruling by which it goes to the seller."""
    if row["amends"]:
        return "amends_paid" if row["amends_paid"] else "amends_owed"
    if refund.state != "refunded" or not refund.amount:
        return "none"
    if refund.short:
        return "owed"
    return "sent" if row["sent"] >= refund.amount else "on_its_way"


async def refunds_of(look: Look, order: str) -> list[RefundCard]:
    """The refunds of an order, the newest first, for its two sides. Refuses `not_found` to everybody else."""
    rows = await look.db.fetch(
        "select r.id, r.order_id, r.buyer, r.seller, r.kind, r.state, r.reason, r.asked, r.amount, r.currency,"
        " r.after_sale, r.counter_kind, r.counter_amount, r.address_sealed, r.carrier, r.waybill, r.signed_at,"
        " r.again_of, r.short, r.retry_at, r.version, r.due_at, r.opened_at, r.ended_at, o.state as order_state,"
        " (select t.amount from ledger_transfers t where t.reference = o.id and t.id = 'amends:' || r.id) as amends,"
        " exists (select from ledger_transfers t"
        "  where t.reference = o.id and t.id = 'amends_paid:' || r.id) as amends_paid,"
        " (select coalesce(sum(c.amount), 0)::bigint from payment_calls c"
        "   where c.payment in (o.payment, o.deposit_payment) and c.kind = 'refund' and c.reason = r.id"
        "   and c.state = 'done') as sent,"
        " exists (select from addresses a where a.member = r.seller and a.is_default) as has_address"
        " from orders o left join refunds r on r.order_id = o.id"
        " where o.id = $1 and (o.buyer = $2 or o.seller = $2) order by r.id desc",
        order,
        look.actor.me,
    )
    if not rows:
        raise NOT_FOUND()
    return [_card(look, row) for row in rows if row["id"]]


async def my_turn(look: Look, most: int = PAGE_SIZE) -> list[RefundTurn]:
    """The refunds that wait for the actor, the most pressing first."""
    rows = await look.db.fetch(
        "select r.id, r.seller = $1 as selling, case when r.seller = $1 then r.buyer else r.seller end as other,"
        " r.state, r.amount, r.currency, r.due_at, n.snapshot ->> 'title' as title,"
        " n.snapshot -> 'media' ->> 0 as picture"
        " from refunds r join order_lines n on n.order_id = r.order_id and n.number = 1"
        " where (r.buyer = $1 and r.state = any($2::text[])) or (r.seller = $1 and r.state = any($3::text[]))"
        " order by r.due_at, r.id limit $4",
        look.actor.me,
        [state for state, turn in rules.TURN.items() if turn == "buyer"],
        [state for state, turn in rules.TURN.items() if turn == "seller"],
        most,
    )
    return [
        RefundTurn(
            id=row["id"],
            title=row["title"],
            picture=row["picture"],
            other=row["other"],
            role="seller" if row["selling"] else "buyer",
            state=row["state"],
            amount=Money(row["amount"], row["currency"]),
            until=row["due_at"],
        )
        for row in rows
    ]


def _card(look: Look, row: Any) -> RefundCard:
    refund = _refund(row)
    return RefundCard(
        id=refund.id,
        kind=refund.kind,
        state=refund.state,
        amount=Money(refund.amount, refund.currency),
        after_sale=refund.after_sale,
        waiting=_waiting(refund, refund.role_of(look.actor.me), row["order_state"] == "delivered", row["has_address"]),
        payout=_payout(refund, row),
        opened_at=row["opened_at"],
        ended_at=row["ended_at"],
    )


async def choices(look: Look, order_id: str) -> Choices:
    """What the buyer of an order may ask for now. Refuses `not_found` to everybody else."""
    row = await look.db.fetchrow(
        "select o.*, coalesce(l.refunded - l.repaid, 0) as gone, u.refund as open,"
        " (select max(m.at) from order_moves m where m.order_id = o.id and m.from_state <> m.to_state) as since"
        " from orders o left join ledger_order_sums l on l.reference = o.id"
        " left join open_refunds u on u.order_id = o.id where o.id = $1 and o.buyer = $2",
        order_id,
        look.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    at_once = not orders.needs_consent(msgspec.convert(row["terms"], orders.Terms))
    money = _money(row["currency"])
    left = max(0, row["paid"] - row["gone"])
    until = _until(look, row)
    late = until is not None and look.now > until
    found = [] if row["open"] or not left or late else rules.kinds_in(row["state"], row["handover"])
    return Choices(
        order=order_id,
        refundable=money(left),
        goods=money(row["goods"]),
        shipping=money(row["shipping"]),
        open=row["open"],
        until=until,
        choices=[_choice(kind, money(left), row["state"] == "completed", at_once) for kind in found],
    )


def _until(look: Look, row: Any) -> datetime | None:
    if row["state"] != "completed":
        return None
    until: datetime = row["since"] + rules.after_sale_time(row["handover"], look.config.as_of(row["placed_at"]))
    return until


def _choice(kind: RefundKind, left: Money, after_sale: bool, at_once: bool) -> Choice:
    reasons = list(rules.reasons_open(kind, after_sale))
    return Choice(
        kind=kind,
        most=left if kind != "exchange" else Money(0, left.currency),
        all_only=kind == "unshipped",
        at_once=kind == "unshipped" and at_once,
        reasons=reasons,
        needs_evidence=rules.needs_pictures(kind, ""),
        needs_words=rules.needs_words(kind, ""),
    )


async def disputed(look: Look, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[DisputeLine]:
    """Refunds that wait for an operator, the oldest first; for moderators."""
    look.actor.need_role("moderator")
    (after,) = decode_cursor(cursor, tuple[str]) if cursor else ("",)
    rows = await look.db.fetch(
        "select r.id, r.kind, r.amount, r.currency, r.after_sale, n.snapshot ->> 'title' as title,"
        " (select max(m.at) from refund_moves m where m.refund = r.id and m.to_state = 'disputed') as since"
        " from refunds r join order_lines n on n.order_id = r.order_id and n.number = 1"
        " where r.state = 'disputed' and r.id > $1 order by r.id limit $2",
        after,
        limit + 1,
    )
    found = [
        DisputeLine(
            id=row["id"],
            kind=row["kind"],
            title=row["title"],
            amount=Money(row["amount"], row["currency"]),
            after_sale=row["after_sale"],
            since=row["since"],
        )
        for row in rows[:limit]
    ]
    return Page(found, encode_cursor(found[-1].id) if len(rows) > limit else None)


async def in_the_way(look: Look) -> list[str]:
    """My open refunds and those that still owe or are owed money, as ids: they keep me from leaving."""
    rows = await look.db.fetch(
        "select id from refunds where (buyer = $1 or seller = $1) and (ended_at is null or short > 0) order by id",
        look.actor.me,
    )
    return [row["id"] for row in rows]


async def case_facts(look: Look, id: str) -> CaseFacts:
    """What a case keeps of a disputed refund; for the reaction that opens it."""
    row = await look.db.fetchrow(
        "select r.buyer, r.seller, r.kind, n.snapshot ->> 'title' as title,"
        " (select string_agg(m.words, E'\\n' order by m.version) from refund_moves m"
        "   where m.refund = r.id and m.words <> '') as body,"
        " array(select e from refund_moves m, unnest(m.evidence) as e where m.refund = r.id"
        "   order by m.version) as media"
        " from refunds r join order_lines n on n.order_id = r.order_id and n.number = 1 where r.id = $1",
        id,
    )
    assert row is not None, "refunds are never deleted"
    return CaseFacts(row["buyer"], row["seller"], row["title"], row["body"] or "", list(row["media"]))


async def export_for(look: Look, member: str) -> dict[str, Any]:
    """A member's refunds with their history; the other side only by id."""
    rows = await look.db.fetch(
        "select r.id, r.order_id, r.buyer, r.seller, r.kind, r.state, r.reason, r.asked, r.amount, r.currency,"
        " r.opened_at, r.ended_at, (select jsonb_agg(jsonb_build_object('verb', m.verb, 'state', m.to_state,"
        " 'role', m.role, 'at', m.at, 'words', case when m.actor = $1 then m.words else '' end) order by m.version)"
        " from refund_moves m where m.refund = r.id) as history"
        " from refunds r where r.buyer = $1 or r.seller = $1 order by r.id",
        member,
    )
    return {"refunds": [dict(row) for row in rows]}
