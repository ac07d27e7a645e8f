"""Orders for their two sides: one page, lists, and a quote before anything is placed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from xianji.domains import fees, parcels
from xianji.domains.parcels import SeenScan
from xianji.domains.payments import OFFLINE, PROVIDER
from xianji.kernel.errors import NOT_FOUND
from xianji.kernel.money import Money
from xianji.kernel.pages import PAGE_SIZE, Page, decode_cursor, encode_cursor
from xianji.kernel.work import Look

from . import carriers, deposits, offline, rules
from .deposit_store import deposit_on
from .model import (
    ADDRESS_SEAL,
    CODE_MINUTES,
    CONTENT_SEAL,
    MEETING_SEAL,
    WAYBILL_CORRECTIONS,
    Deadline,
    Deposit,
    DepositView,
    Handover,
    Meeting,
    MoneyLines,
    Order,
    OrderCard,
    OrderLine,
    OrderPage,
    Role,
    ShipmentView,
    Snapshot,
    State,
    Terms,
    TimelineEntry,
    Waiting,
)
from .store import charge_of

# The seller sees where to send while there is something to send or something on its way, never before or after.
_SELLER_SEES_ADDRESS = ("awaiting_shipment", "shipped", "delivered")
_PLACE_IS_OPEN = ("awaiting_meeting",)


async def order_page(look: Look, id: str) -> OrderPage:
    """An order for its buyer or seller. Refuses `not_found` for everybody else."""
    row = await look.db.fetchrow(
        "select o.id, o.buyer, o.seller, o.state, o.handover, o.currency, o.goods, o.shipping, o.total, o.paid,"
        " o.refunded, o.charge, o.payment, o.terms, o.version, o.extensions, o.due_at, o.paused_at, o.address_sealed,"
        " o.meeting_sealed, o.note, o.placed_at, c.nonce, s.carrier, s.waybill, s.note_sealed, s.shipped_at,"
        " l.released, l.refunded as sent_back, l.held, l.penalty, l.penalty_paid,"
        " (select p.pay_url from payment_parts t join payments p on p.id = t.payment and p.state = 'requested'"
        "  where t.part = o.id order by p.id desc limit 1) as pay_url,"
        " o.bundle, o.lowered, o.confirmed, o.checkout, o.deposit, o.deposit_payment,"
        " (select jsonb_agg(jsonb_build_object('at', w.at, 'kind', w.kind, 'words', w.words, 'heard_at', w.heard_at)"
        "   order by w.at, w.heard_at, w.words) from parcel_subjects u join parcel_scans w on w.parcel = u.parcel"
        "   where u.subject = o.id) as way,"
        " (select jsonb_agg(jsonb_build_object('item', n.item, 'quantity', n.quantity, 'price', n.price,"
        "   'off', n.off, 'amount', n.amount, 'version', n.version, 'snapshot', n.snapshot,"
        "   'digest', encode(n.digest, 'hex')) order by n.number) from order_lines n where n.order_id = o.id) as lines,"
        " (select jsonb_agg(jsonb_build_object('verb', m.verb, 'state', m.to_state, 'role', m.role, 'at', m.at,"
        "   'facts', m.facts) order by m.version) from order_moves m where m.order_id = o.id) as timeline"
        " from orders o"
        " left join handover_codes c on c.order_id = o.id"
        " left join shipments s on s.order_id = o.id"
        " left join ledger_order_sums l on l.reference = o.id"
        " where o.id = $1 and (o.buyer = $2 or o.seller = $2)",
        id,
        look.actor.me,
    )
    if row is None:
        raise NOT_FOUND()
    return _page(look, row)


def _page(look: Look, row: Any) -> OrderPage:
    order = _order(row)
    role = order.role_of(look.actor.me)
    code, qr, until = _code_for(look, order, role, row["nonce"])
    return OrderPage(
        id=order.id,
        role=role,
        buyer=order.buyer,
        seller=order.seller,
        state=order.state,
        handover=order.handover,
        version=order.version,
        waiting=_waiting(_standing(row, order.terms.protected, order.terms.deposit), role),
        deadlines=_deadlines(order),
        actions=_actions(look, order, role, row),
        money=_money(order, row),
        lines=_lines(order, row["lines"]),
        timeline=msgspec.convert(row["timeline"], list[TimelineEntry]),
        note=row["note"],
        unpaid=order.state in deposits.PAYABLE,
        confirmed=order.confirmed,
        checkout=order.checkout if role == "buyer" else None,
        address=_address_for(look, order, role, row["address_sealed"]),
        meeting=_meeting_for(look, order, row["meeting_sealed"]),
        shipment=_shipment(look, order, row),
        meet_code=code,
        meet_qr=qr,
        meet_code_until=until,
        meet_offline=_offline_code(look, order, role, row["nonce"]),
        meet_proofs=_offline_proofs(look, order, role, row["nonce"]),
        pay_url=row["pay_url"] if role == "buyer" and order.state in deposits.PAYABLE else None,
        placed_at=row["placed_at"],
        protected=order.terms.protected,
        deposit=_deposit(order, row),
    )


def _actions(look: Look, order: Order, role: Role, row: Any) -> list[str]:
    """What this side may do: the table's verbs, but a waybill only while nobody had the parcel and not too often."""
    verbs = rules.actions_open(order, role)
    put_right = sum(move["verb"] == "correct_waybill" for move in row["timeline"])
    seen = parcels.in_hand(scan["kind"] for scan in row["way"] or [])
    closed = seen or put_right >= look.config.get(WAYBILL_CORRECTIONS)
    return [verb for verb in verbs if not (verb == "correct_waybill" and closed)]


def _deposit(order: Order, row: Any) -> DepositView | None:
    if order.terms.deposit is None:
        return None
    view = deposit_view(order.terms.deposit, order.goods, order.total, order.currency)
    penalty, paid = Money(row["penalty"] or 0, order.currency), Money(row["penalty_paid"] or 0, order.currency)
    return msgspec.structs.replace(view, penalty=penalty, penalty_paid=paid)


def deposit_view(deposit: Deposit, goods: int, total: int, currency: str) -> DepositView:
    """A deposit on an order of these goods that costs `total`, nobody owing more."""
    amount = deposits.amount_of(deposit, goods)
    return DepositView(
        kind=deposit.kind,
        percent=deposit.percent,
        hours=deposit.hours,
        silent=deposit.silent,
        amount=Money(amount, currency),
        balance=Money(total - amount, currency),
        penalty=Money(0, currency),
        penalty_paid=Money(0, currency),
    )


async def deposit_offered(look: Look, item: str, price: Money) -> DepositView | None:
    """What a thing of this price is kept for, as its page says; None where it is paid at once, or nothing is held."""
    offered = await deposit_on(look, item)
    if offered.kind is None or look.config.get(PROVIDER) == OFFLINE:
        return None
    deposit = Deposit(offered.kind, offered.percent, offered.hours, offered.silent, extensions=0)
    found = deposit_view(deposit, price.amount, price.amount, price.currency)
    return found if found.amount.amount else None


def _order(row: Any) -> Order:
    names = Order.__struct_fields__
    terms, charge = msgspec.convert(row["terms"], Terms), charge_of(row["charge"])
    return Order(**{name: row[name] for name in names} | {"terms": terms, "charge": charge})


@dataclass(frozen=True, slots=True)
class _Standing:
    """What an order and a card know of who waits for whom."""

    state: State
    handover: Handover
    due_at: datetime | None
    paused_at: datetime | None
    extensions: int
    protected: bool
    deposit: Deposit | None


def _waiting(at: _Standing, role: Role) -> Waiting:
    """Who must act, until when, and what time does otherwise."""
    paused = at.paused_at is not None
    earnest = at.deposit is not None and at.deposit.kind == "earnest"
    return Waiting(
        code=rules.waiting_code(at.state, role, at.handover, paused, at.protected, earnest),
        turn=rules.TURN.get(at.state, "nobody"),  # type: ignore[arg-type]
        until=None if paused else at.due_at,
        otherwise=rules.otherwise(at.state, at.deposit, at.extensions),
        paused=paused,
    )


def _standing(row: Any, protected: bool, deposit: Deposit | None) -> _Standing:
    return _Standing(
        row["state"], row["handover"], row["due_at"], row["paused_at"], row["extensions"], protected, deposit
    )


def _deadlines(order: Order) -> list[Deadline]:
    if order.due_at is None or order.paused_at is not None:
        return []
    found = [Deadline(rules.otherwise(order.state, order.terms.deposit, order.extensions), order.due_at)]
    if order.state == "awaiting_shipment":
        found.insert(0, Deadline("ship", order.due_at - timedelta(hours=order.terms.ship_grace_hours)))
    return found


def _charge(order: Order) -> fees.Charge:
    return rules.charge_as_it_stands(
        order.terms.fee, order.charge, order.state, order.goods, order.shipping, order.refunded
    )


def _money(order: Order, row: Any) -> MoneyLines:
    def money(amount: int) -> Money:
        return Money(amount, order.currency)

    fee = _charge(order).total
    kept = rules.kept_of(order.state, order.total, order.paid, order.refunded)
    return MoneyLines(
        goods=money(order.goods + order.bundle + order.lowered),
        bundle=money(order.bundle),
        lowered=money(order.lowered),
        shipping=money(order.shipping),
        total=money(order.total),
        fee=money(fee),
        fee_decided=order.charge is not None,
        fee_owed=money(max(0, fee - kept)),
        net=money(max(0, kept - fee)),
        paid=money(order.paid),
        held=money(row["held"] or 0),
        released=money(row["released"] or 0),
        refunded=money(row["sent_back"] or 0),
        fee_policy=order.terms.fee.name,
        fee_policy_version=order.terms.fee_version,
    )


def _lines(order: Order, lines: list[dict[str, Any]]) -> list[OrderLine]:
    shares = fees.shares(_charge(order).total, [line["amount"] for line in lines])
    return [_line(line, order.currency, share) for line, share in zip(lines, shares, strict=True)]


def _line(line: dict[str, Any], currency: str, share: int) -> OrderLine:
    return OrderLine(
        item=line["item"],
        quantity=line["quantity"],
        price=Money(line["price"], currency),
        off=Money(line["off"], currency),
        amount=Money(line["amount"], currency),
        version=line["version"],
        snapshot=msgspec.convert(line["snapshot"], Snapshot),
        digest=line["digest"],
        fee=Money(share, currency),
    )


def _code_for(
    look: Look, order: Order, role: Role, nonce: str | None
) -> tuple[str | None, str | None, datetime | None]:
    """The buyer's code, QR content and until when they are shown; only while a meeting is ahead."""
    if role != "buyer" or order.state != "awaiting_meeting" or nonce is None:
        return None, None, None
    minutes = look.config.get(CODE_MINUTES)
    window = rules.code_window(look.now, minutes)
    until = datetime.fromtimestamp((window + 1) * minutes * 60, look.now.tzinfo)
    code = rules.meet_code(look.keys, order.id, nonce, window)
    return code, rules.meet_qr(look.keys, order.id, nonce, window), until


def _offline_code(look: Look, order: Order, role: Role, nonce: str | None) -> offline.OfflineCode | None:
    """The buyer's code for places without a network; only while a meeting is ahead."""
    if role != "buyer" or order.state != "awaiting_meeting" or nonce is None:
        return None
    return offline.code_now(look.keys, order.id, nonce, look.now, look.config)


def _offline_proofs(look: Look, order: Order, role: Role, nonce: str | None) -> list[offline.OfflineProof]:
    """What the seller's phone recognises such a code by."""
    if role != "seller" or order.state != "awaiting_meeting" or nonce is None:
        return []
    return offline.proofs(look.keys, order.id, nonce, look.now, order.due_at, look.config)


def _address_for(look: Look, order: Order, role: Role, sealed: str | None) -> dict[str, Any] | None:
    if sealed is None or (role == "seller" and order.state not in _SELLER_SEES_ADDRESS):
        return None
    return msgspec.json.decode(look.keys.open(ADDRESS_SEAL, sealed), type=dict[str, Any])


def _meeting_for(look: Look, order: Order, sealed: str | None) -> Meeting | None:
    if sealed is None or order.state not in _PLACE_IS_OPEN:
        return None
    return msgspec.json.decode(look.keys.open(MEETING_SEAL, sealed), type=Meeting)


def _shipment(look: Look, order: Order, row: Any) -> ShipmentView | None:
    if row["shipped_at"] is None:
        return None
    carrier = carriers.all_carriers().get(row["carrier"]) if row["carrier"] else None
    way = msgspec.convert(row["way"] or [], list[SeenScan])
    return ShipmentView(
        carrier=row["carrier"],
        carrier_name=carrier.zh if carrier else None,
        waybill=row["waybill"],
        content=look.keys.open(CONTENT_SEAL, row["note_sealed"]) if row["note_sealed"] else None,
        shipped_at=row["shipped_at"],
        way=way,
        unseen=_warned(row["timeline"]) and order.state == "shipped" and not parcels.in_hand(scan.kind for scan in way),
    )


def _warned(timeline: list[dict[str, Any]]) -> bool:
    """Whether the alarm rang for the number as it is: the first correction winds it again, later ones do not."""
    verbs = [move["verb"] for move in timeline]
    since = verbs.index("correct_waybill") if "correct_waybill" in verbs else 0
    return "unseen" in verbs[since:]


async def orders_of(
    look: Look, role: Role, states: list[State] | None = None, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[OrderCard]:
    """My orders as buyer or as seller, newest first, in all or some states."""
    (before,) = decode_cursor(cursor, tuple[str]) if cursor else (None,)
    find = _bought if role == "buyer" else _sold
    rows = await find(look, list(states or rules.STATES), before, limit + 1)
    cards = [_card(row, role) for row in rows[:limit]]
    return Page(cards, encode_cursor(cards[-1].id) if len(rows) > limit else None)


async def _bought(look: Look, states: list[str], before: str | None, limit: int) -> list[Any]:
    return await look.db.fetch(
        "select o.id, o.seller as other, o.state, o.handover, o.total, o.currency, o.due_at, o.paused_at, o.placed_at,"
        " o.extensions, o.terms -> 'deposit' as deposit,"
        " coalesce((o.terms ->> 'protected')::boolean, true) as protected,"
        " n.snapshot ->> 'title' as title, n.snapshot -> 'media' ->> 0 as picture,"
        " (select sum(c.quantity)::bigint from order_lines c where c.order_id = o.id) as count"
        " from orders o join order_lines n on n.order_id = o.id and n.number = 1"
        " where o.buyer = $1 and o.state = any($2::text[]) and ($3::text is null or o.id < $3)"
        " order by o.id desc limit $4",
        look.actor.me,
        states,
        before,
        limit,
    )


async def _sold(look: Look, states: list[str], before: str | None, limit: int) -> list[Any]:
    return await look.db.fetch(
        "select o.id, o.buyer as other, o.state, o.handover, o.total, o.currency, o.due_at, o.paused_at, o.placed_at,"
        " o.extensions, o.terms -> 'deposit' as deposit,"
        " coalesce((o.terms ->> 'protected')::boolean, true) as protected,"
        " n.snapshot ->> 'title' as title, n.snapshot -> 'media' ->> 0 as picture,"
        " (select sum(c.quantity)::bigint from order_lines c where c.order_id = o.id) as count"
        " from orders o join order_lines n on n.order_id = o.id and n.number = 1"
        " where o.seller = $1 and o.state = any($2::text[]) and ($3::text is null or o.id < $3)"
        " order by o.id desc limit $4",
        look.actor.me,
        states,
        before,
        limit,
    )


def _card(row: Any, role: Role) -> OrderCard:
    deposit = msgspec.convert(row["deposit"], Deposit | None)
    return OrderCard(
        id=row["id"],
        role=role,
        other=row["other"],
        state=row["state"],
        handover=row["handover"],
        total=Money(row["total"], row["currency"]),
        title=row["title"],
        picture=row["picture"],
        count=row["count"],
        waiting=_waiting(_standing(row, row["protected"], deposit), role),
        unpaid=row["state"] in deposits.PAYABLE,
        placed_at=row["placed_at"],
        protected=row["protected"],
    )
