"""Rows of addresses. Everything a reader could learn from one is inside the sealed text."""

from xianji.kernel.work import Work


async def count_addresses(work: Work, member: str) -> int:
    """How many addresses the member keeps."""
    number: int = await work.db.fetchval("select count(*) from addresses where member = $1", member)
    return number


async def insert_address(work: Work, member: str, address: str, country: str, sealed: str, is_default: bool) -> None:
    """A new address."""
    await work.db.execute(
        "insert into addresses (member, id, country, sealed, is_default, created_at, changed_at)"
        " values ($1, $2, $3, $4, $5, $6, $6)",
        member,
        address,
        country,
        sealed,
        is_default,
        work.now,
    )


async def update_address(work: Work, member: str, address: str, country: str, sealed: str, is_default: bool) -> bool:
    """Replace an address of this member; whether there was one."""
    changed = await work.db.fetchval(
        "update addresses set country = $3, sealed = $4, is_default = is_default or $5, changed_at = $6"
        " where member = $1 and id = $2 returning true",
        member,
        address,
        country,
        sealed,
        is_default,
        work.now,
    )
    return changed is not None


async def only_default(work: Work, member: str, address: str) -> None:
    """No other address is the default one."""
    await work.db.execute(
        "update addresses set is_default = false where member = $1 and id <> $2 and is_default", member, address
    )


async def delete_address(work: Work, member: str, address: str) -> bool:
    """Delete an address; the newest of the rest becomes the default when it was that."""
    row = await work.db.fetchrow(
        "delete from addresses where member = $1 and id = $2 returning is_default", member, address
    )
    if row is not None and row["is_default"]:
        await work.db.execute(
            "update addresses set is_default = true where member = $1 and id ="
            " (select id from addresses where member = $1 order by changed_at desc, id desc limit 1)",
            member,
        )
    return row is not None
