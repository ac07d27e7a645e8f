"""One small town for permission tests: everybody who matters, and things made through real verbs."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from tests.build import a_phone, an_id_number, signed_in
from tests.notes.build import a_comment, a_note
from tests.orders.build import Market
from tests.payments.fake_provider import FakeProvider
from xianji.domains import circles, items, members, notes
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import NOBODY, SYSTEM, Actor

from .conftest import browser

ROLES = ("anonymous", "stranger", "sanctioned", "moderator", "admin", "buyer", "seller")

# What may change although nothing was allowed: attempts are counted, sessions are seen.
_COUNTERS = ("rate_windows", "sessions", "idempotency")


@dataclass
class World:
    """Who is there, with which token, and the ids of what they share."""

    database: Database
    site: Any
    market: Market
    tokens: dict[str, str]
    actors: dict[str, Actor]
    handles: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)
    made: int = 0

    def visitor(self, role: str) -> httpx.AsyncClient:
        """Somebody of this role, by bearer token."""
        client = browser(self.site)
        if role != "anonymous":
            client.headers["authorization"] = "Bearer " + self.tokens[role]
        return client

    async def refresh(self, path: str) -> None:
        """New things for the ids of this path, so that no route inherits what another has done."""
        seller, buyer = self.actors["seller"], self.actors["buyer"]
        if "{item}" in path or "{note}" in path:
            note = await a_note(self.database, seller, items=[THING])
            async with self.database.look(seller) as look:
                board = (await notes.note_page(look, note)).board
            self.ids |= {"note": note, "item": board.things[0].card.id}
            self.ids["comment"] = await a_comment(self.database, buyer, note)
        if "{order}" in path:
            self.ids["order"] = await self.market.paid("meet")
        if "{circle}" in path:
            self.made += 1
            async with self.database.work(self.actors["moderator"]) as work:
                ask = circles.FoundCircle(slug=f"camera-{self.made}", kind="interest", name=f"相机 {self.made}")
                self.ids["circle"] = await circles.found_circle(work, ask)
        if "{wanted}" in path:
            async with self.database.work(seller) as work:
                self.ids["wanted"] = await items.open_wanted(work, items.NewWanted("求购相机"))

    def fill(self, path: str) -> str:
        """A path with the ids of this world in the places of its names."""
        for name, value in self.ids.items():
            path = path.replace("{" + name + "}", value)
        return path

    async def digest(self) -> dict[str, tuple[int, str]]:
        """How many rows each table has and what they say together."""
        async with self.database.look(SYSTEM) as look:
            names = await look.db.fetch(
                "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
            )
            parts = [
                f"select '{row['relname']}' as name, count(*) as rows,"
                f" md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as says from \"{row['relname']}\" t"
                for row in names
                if row["relname"] not in _COUNTERS
            ]
            found = await look.db.fetch(" union all ".join(parts))
        return {row["name"]: (row["rows"], row["says"]) for row in found}


THING = items.NewItem("小相机", Money(12_900))


async def a_world(database: Database, site: Any) -> World:
    """Everybody signs in as a person would; roles and sanctions come from the admin's verbs."""
    tokens, actors, handles = {}, {}, {}
    for role in ROLES[1:]:
        came = await signed_in(database, a_phone())
        tokens[role] = came.token
        async with database.look(NOBODY) as look:
            session = await members.load_session(look, came.token)
        assert session is not None
        actors[role] = session.actor
        handles[role] = session.badge.handle
    for role in ("seller", "sanctioned"):
        wish = members.VerifyRealName("王小满", an_id_number())
        await members.verify_real_name(database, actors[role], wish, members.DevIdentityProvider())
    async with database.work(SYSTEM) as work:
        for role in ("moderator", "admin"):
            await members.grant_role(work, actors[role].me, role, "made for the test")  # type: ignore[arg-type]
            await work.db.execute("update sessions set totp_at = $2 where member = $1", actors[role].me, work.now)
        for kind in ("sell", "buy", "speak"):
            until = work.now + timedelta(days=30)
            ask = members.Restrict(actors["sanctioned"].me, kind, "rule", "made for the test", {}, until)  # type: ignore[arg-type]
            await members.restrict(work, ask)
    async with database.look(NOBODY) as look:
        for role in ("moderator", "admin"):
            actors[role] = await members.load_actor(look, actors[role].me)
    market = Market(database, FakeProvider(), actors["seller"], actors["buyer"])
    world = World(database, site, market, tokens, actors, handles)
    world.ids |= {"member": actors["seller"].me, "who": handles["seller"], "name": "相机", "provider": "sandbox"}
    world.ids |= {"upload": "med_" + "0" * 26, "file_path": "manifest.json", "path": "no-such-page"}
    return world
