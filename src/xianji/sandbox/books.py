"""The state file: the provider's records as JSON rows in SQLite (WAL), so that a restart keeps its books."""

import os
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from xianji.sandbox import model
from xianji.sandbox.engine import Engine
from xianji.sandbox.parcels import Parcel, Parcels

_KINDS: dict[str, type[msgspec.Struct]] = {
    "payment": model.Payment,
    "release": model.Release,
    "refund": model.Refund,
    "return": model.SplitReturn,
    "line": model.BillLine,
    "event": model.Event,
    "delivery": model.Delivery,
    "fault": model.Fault,
}


class Clock(msgspec.Struct):
    """Real time shifted by `ahead_seconds`, or standing still at `frozen_at`."""

    ahead_seconds: float = 0
    frozen_at: datetime | None = None

    def __call__(self) -> datetime:
        """Now, in aware UTC."""
        return self.frozen_at or datetime.now(UTC) + timedelta(seconds=self.ahead_seconds)

    def advance(self, seconds: float) -> None:
        """Move forward; a frozen clock stays frozen at the later instant."""
        if self.frozen_at is None:
            self.ahead_seconds += seconds
        else:
            self.frozen_at += timedelta(seconds=seconds)


class Books:
    """Engine and clock with their state file. `save` must return before anyone hears of a change."""

    def __init__(
        self,
        path: Path,
        limits: model.Limits,
        seed: int | None = None,
        parcel_step: timedelta = timedelta(minutes=1),
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=normal")
        self._db.execute(
            "create table if not exists record (kind text not null, key text not null, body blob not null,"
            " primary key (kind, key)) without rowid"
        )
        self.clock = self._load_clock()
        rows = self._db.execute("select kind, body from record order by kind, key").fetchall()
        chance = random.SystemRandom() if seed is None else random.Random(f"{seed}/{len(rows)}")
        self.engine = Engine(self.clock, chance, limits)
        self.parcels = Parcels(parcel_step)
        for kind, body in rows:
            if kind == "parcel":
                parcel = msgspec.json.decode(body, type=Parcel)
                self.parcels.all[parcel.number] = parcel
            if kind in _KINDS:
                self.engine.load(kind, msgspec.json.decode(body, type=_KINDS[kind]))

    def _load_clock(self) -> Clock:
        row = self._db.execute("select body from record where kind = 'clock'").fetchone()
        return msgspec.json.decode(row[0], type=Clock) if row else Clock()

    def save(self) -> None:
        """Write every changed record in one transaction."""
        changed = self.engine.changed
        if not changed:
            return
        rows = [(kind, key, msgspec.json.encode(record)) for (kind, key), record in changed.items()]
        self._write(rows)
        changed.clear()

    def keep_parcel(self, parcel: Parcel) -> None:
        """Write one parcel."""
        self._write([("parcel", parcel.number, msgspec.json.encode(parcel))])

    def save_clock(self) -> None:
        """Keep the clock's setting."""
        self._write([("clock", "clock", msgspec.json.encode(self.clock))])

    def _write(self, rows: list[tuple[str, str, bytes]]) -> None:
        self._db.execute("begin immediate")
        self._db.executemany("insert or replace into record (kind, key, body) values (?, ?, ?)", rows)
        self._db.execute("commit")

    def close(self) -> None:
        """Close the state file."""
        self._db.close()
