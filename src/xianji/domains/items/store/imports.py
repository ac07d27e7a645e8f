"""Rows of tables that have become things, by their fingerprints."""

from collections.abc import Mapping, Sequence

from xianji.kernel.work import Work


async def known(work: Work, fingerprints: Sequence[bytes]) -> dict[bytes, str]:
    """Which of these rows of the actor's have become which things. Imports of one seller take turns."""
    await work.db.execute("select pg_advisory_xact_lock(hashtextextended('import ' || $1, 0))", work.actor.me)
    rows = await work.db.fetch(
        "select fingerprint, item from item_imports where seller = $1 and fingerprint = any($2)",
        work.actor.me,
        fingerprints,
    )
    return {row["fingerprint"]: row["item"] for row in rows}


async def remember(work: Work, made: Mapping[bytes, str]) -> None:
    """These rows of the actor's have become these things."""
    await work.db.execute(
        "insert into item_imports (seller, fingerprint, item, at)"
        " select $1, fingerprint, item, $4 from unnest($2::bytea[], $3::text[]) as made (fingerprint, item)",
        work.actor.me,
        list(made),
        list(made.values()),
        work.now,
    )
