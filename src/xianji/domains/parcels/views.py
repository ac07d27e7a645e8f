"""The way of a parcel for those who wait for it. Who may see it is decided by the door of the order or refund."""

from xianji.kernel.work import Look

from . import rules
from .model import SeenScan


async def waits_for(look: Look, subject: str, carrier: str, waybill: str) -> bool:
    """Whether an order or refund waits or waited for this parcel; never for one that was named by mistake."""
    found: bool = await look.db.fetchval(
        "select exists(select from parcel_subjects where subject = $1 and parcel = $2)",
        subject,
        rules.key_of(carrier, waybill),
    )
    return found


async def way_of(look: Look, subject: str) -> list[SeenScan]:
    """Every scan of the parcels an order or refund waits or waited for, by the carrier's time; for its own page."""
    rows = await look.db.fetch(
        "select n.at, n.kind, n.words, n.heard_at from parcel_subjects s join parcel_scans n on n.parcel = s.parcel"
        " where s.subject = $1 order by n.at, n.heard_at, n.words",
        subject,
    )
    return [SeenScan(**row) for row in rows]
