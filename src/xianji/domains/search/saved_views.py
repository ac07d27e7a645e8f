"""What a member looks for again and again."""

import msgspec

from xianji.kernel.work import Look

from .model import Ask
from .saved_model import SavedSearch


async def saved_searches(look: Look) -> list[SavedSearch]:
    """The viewer's, the last saved first."""
    rows = await look.db.fetch(
        "select s.id, s.name, s.ask, s.frequency, s.made_at,"
        " (select count(*) from saved_search_finds f where f.search = s.id) as found"
        " from saved_searches s where s.member = $1 order by s.made_at desc, s.id desc",
        look.actor.me,
    )
    return [
        SavedSearch(
            row["id"],
            row["name"],
            msgspec.convert(row["ask"], Ask),
            row["frequency"],
            row["found"],
            row["made_at"],
        )
        for row in rows
    ]


async def saved_now(look: Look, search: str) -> list[str]:
    """The name of a saved search, or nothing when it is gone."""
    rows = await look.db.fetch("select name from saved_searches where id = $1", search)
    return [row["name"] for row in rows]
