"""Rows of who follows and who blocks whom: one row on each side."""

from xianji.kernel.work import Work


async def tie(work: Work, member: str, kind: str, other: str, mirror: str) -> bool:
    """Write both rows; whether anything is new."""
    made = await work.db.execute(
        "insert into ties (member, kind, other, at) values ($1, $2, $3, $5), ($3, $4, $1, $5) on conflict do nothing",
        member,
        kind,
        other,
        mirror,
        work.now,
    )
    return bool(made.endswith("2"))


async def untie(work: Work, member: str, kind: str, other: str, mirror: str) -> bool:
    """Delete both rows; whether there were any."""
    gone = await work.db.execute(
        "delete from ties where (member = $1 and kind = $2 and other = $3)"
        " or (member = $3 and kind = $4 and other = $1)",
        member,
        kind,
        other,
        mirror,
    )
    return not gone.endswith(" 0")


async def count_ties(work: Work, member: str, kind: str) -> int:
    """How many ties of this kind the member has."""
    number: int = await work.db.fetchval("select count(*) from ties where member = $1 and kind = $2", member, kind)
    return number


async def blocked_between(work: Work, one: str, other: str) -> bool:
    """Whether either blocks the other."""
    found = await work.db.fetchval(
        "select exists (select from apart where member = $1 and other = $2)",
        one,
        other,
    )
    return bool(found)


async def count_follow(work: Work, follower: str, followed: str, change: int) -> None:
    """Keep the figures on both rows."""
    await work.db.execute("update members set following_count = following_count + $2 where id = $1", follower, change)
    await work.db.execute("update members set followers_count = followers_count + $2 where id = $1", followed, change)
