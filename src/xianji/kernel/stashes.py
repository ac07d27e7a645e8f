"""What somebody typed when their session was over: kept sealed for a while, so that nothing is lost by signing in.

It lives in the kernel beside idempotency, because it belongs to no domain and a screen owns no SQL. A stash can be
opened only with the secret that the same browser carries: a link to it makes nobody send what another has typed.
"""

from datetime import timedelta

import msgspec

from .config import Key
from .work import Look, Work

KEEP_HOURS = Key("kernel.stash_keep_hours", 24, "how long a form of an ended session can be taken up again")

_SEAL = "stash.fields"
Pairs = list[tuple[str, str]]


class Stash(msgspec.Struct, frozen=True):
    """A form that was not taken: where it was sent to and its fields in order."""

    id: str
    path: str
    fields: Pairs


async def keep(work: Work, path: str, fields: Pairs, secret: str) -> str:
    """Keep the fields; `secret` stays with the browser. Returns the id."""
    stash = work.new_id("sta")
    await work.db.execute(
        "insert into stashes (id, path, fields, secret, at) values ($1, $2, $3, $4, $5)",
        stash,
        path,
        work.keys.seal(_SEAL, msgspec.json.encode(fields).decode()),
        work.keys.digest(_SEAL, secret),
        work.now,
    )
    return stash


async def find(look: Look, stash: str, secret: str) -> Stash | None:
    """The stash, for the browser that made it; None when it is over, unknown or another's."""
    row = await look.db.fetchrow(
        "select id, path, fields from stashes where id = $1 and secret = $2 and at > $3",
        stash,
        look.keys.digest(_SEAL, secret),
        look.now - timedelta(hours=look.config.get(KEEP_HOURS)),
    )
    if row is None:
        return None
    fields = msgspec.json.decode(look.keys.open(_SEAL, row["fields"]), type=Pairs)
    return Stash(row["id"], row["path"], fields)


async def forget_old(work: Work) -> None:
    """Delete what nobody took up in time."""
    keep_until = work.now - timedelta(hours=work.config.get(KEEP_HOURS))
    await work.db.execute("delete from stashes where at <= $1", keep_until)
