"""One small town for permission tests: everybody who matters, and things made through real verbs."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from tests.build import a_phone, an_id_number, signed_in
from tests.notes.build import a_comment, a_note
from tests.orders.build import ADDRESS
from tests.payments.fake_provider import FakeProvider
from tests.refunds.build import Desk, a_picture, a_waybill
from xianji.domains import circles, items, members, moderation, notes, notices, offers, orders, refunds, search, visits
from xianji.kernel.config import set_value
from xianji.kernel.db import Database
from xianji.kernel.money import Money
from xianji.kernel.work import NOBODY, SYSTEM, Actor

from .conftest import browser

ROLES = ("anonymous", "stranger", "sanctioned", "moderator", "admin", "buyer", "seller")

# What may change although nothing was allowed: attempts are counted, sessions are seen, views written a second later.
_COUNTERS = ("rate_windows", "sessions", "idempotency", "touched", "feed_views", "feed_reaches")

# Verbs of a refund whose goods go back.
_BACK = ("ship-back", "receive", "refuse-received", "waybill")

# Limits that one buyer and one seller would reach who meet every route.
_ROOMY = (
    "items.gift_requests_a_week",
    "items.gifts_a_week",
    "items.wanted_open_most",
    "members.most_addresses",
    "notes.notes_a_day",
    "offers.holds_most",
    "offers.open_most",
    "offers.links_most",
    "visits.slots_most",
    "notes.comments_an_hour",
    "search.saved_most",
)


@dataclass
class World:
    """Who is there, with which token, and the ids of what they share."""

    database: Database
    site: Any
    market: Desk
    tokens: dict[str, str]
    actors: dict[str, Actor]
    handles: dict[str, str]
    phones: dict[str, str] = field(default_factory=dict)
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
        if "/requests" in path:
            await self._a_gift()
        if path.endswith("/alerts"):
            async with self.database.work(buyer) as work:
                await items.save_item(work, self.ids["item"])
        if "{case}" in path:
            thing = await self.market.item()
            async with self.database.work(self.actors["stranger"]) as work:
                self.ids["case"] = await moderation.report(work, moderation.Report(thing, "fraud"))
        if "{order}" in path:
            self.ids["order"] = await self._an_order(path)
        if "{refund}" in path:
            self.ids["refund"] = await self._a_refund(path.rpartition("/")[2])
        if "{circle}" in path:
            self.made += 1
            async with self.database.work(self.actors["moderator"]) as work:
                ask = circles.FoundCircle(slug=f"camera-{self.made}", kind="interest", name=f"相机 {self.made}")
                self.ids["circle"] = await circles.found_circle(work, ask)
        if "{wanted}" in path:
            async with self.database.work(seller) as work:
                self.ids["wanted"] = await items.open_wanted(work, items.NewWanted("求购相机"))
        if "{slot}" in path:
            self.ids["slot"] = await self._a_slot(taken=path.endswith("/leave"))
        await self._bargains(path)
        await self._belongings(path)

    async def _bargains(self, path: str) -> None:
        """What the buyer and the seller share before an order: an offer, a private link, a checkout."""
        seller, buyer = self.actors["seller"], self.actors["buyer"]
        if "{offer}" in path:
            thing = await self.market.item()
            async with self.database.work(buyer) as work:
                self.ids["offer"] = await offers.make_offer(work, thing, offers.NewOffer(Money(9_000)))
        if "{link}" in path or "{token}" in path:
            thing = await self.market.item()
            async with self.database.work(seller) as work:
                self.ids["link"] = await offers.make_link(work, thing, offers.NewLink(Money(9_000), buyer.me))
            async with self.database.look(seller) as look:
                self.ids["token"] = (await offers.link_page(look, self.ids["link"])).token
        if "{checkout}" in path:
            lines = [orders.WantedLine(await self.market.item())]
            async with self.database.work(buyer) as work:
                self.ids["checkout"] = await orders.place_checkout(work, orders.PlaceCheckout(lines, "meet"))

    async def _an_order(self, path: str) -> str:
        """An order at the point where the verb of this path is open."""
        if path.endswith(("/confirm", "/extend", "/waybill")):
            return await self.market.shipped(a_waybill())
        if path.endswith(("/price", "/reconfirm")):
            order = await self.market.placed()
            if path.endswith("/reconfirm"):
                async with self.database.work(self.actors["seller"]) as work:
                    await orders.change_price(work, order, orders.ChangePrice(1, Money(9_000)))
            return order
        return await self.market.paid("ship" if path.endswith("/ship") else "meet")

    async def _a_refund(self, verb: str) -> str:
        """A refund at the point where this verb is open."""
        desk, buyer = self.market, self.actors["buyer"]
        shows = "seller" if verb == "refuse-received" else "buyer"
        self.ids |= {"waybill": a_waybill(), "shown": await a_picture(self.database, self.actors[shows])}
        kind = {"replace": "exchange"}.get(verb, "return" if verb in _BACK else "keep_goods")
        refund = await desk.asked(await desk.delivered(), kind)
        if verb == "replace":
            await desk.agree(refund, keep=True)
        elif verb in _BACK:
            await desk.agree(refund)
        if verb in ("receive", "refuse-received", "waybill"):
            await desk.ship_back(refund)
        if verb == "accept-counter":
            await desk.do(desk.seller, "counter", refund, refunds.CounterRefund("partial", Money(100)))
        if verb in ("escalate", "rule", "{refund}"):
            await desk.refuse(refund)
        if verb in ("rule", "{refund}"):
            await desk.do(buyer, "escalate", refund, refunds.Escalate())
        return refund

    async def _a_gift(self) -> None:
        """A gift of the seller's for which the buyer has asked."""
        async with self.database.work(self.actors["seller"]) as work:
            gift = items.NewItem("绘本一箱", Money(0), kind="giveaway")
            self.ids["item"] = await items.publish_item(work, gift)
        async with self.database.work(self.actors["buyer"]) as work:
            await items.ask_for(work, self.ids["item"], "想要")

    async def _a_slot(self, taken: bool) -> str:
        """A time at which the seller receives the buyer, who has paid for something to be fetched."""
        await self.market.paid()
        address = await self.market.address(self.actors["seller"])
        begins = self.database.clock.now() + timedelta(days=2)
        async with self.database.work(self.actors["seller"]) as work:
            slot = await visits.offer_slot(work, visits.OfferSlot(begins, begins + timedelta(hours=2), address))
        if taken:
            async with self.database.work(self.actors["buyer"]) as work:
                await visits.take_slot(work, slot)
        return slot

    async def _belongings(self, path: str) -> None:
        """What belongs to the buyer alone: an address, a saved search, a notice, another session, a passkey."""
        buyer = self.actors["buyer"]
        if "{saved}" in path:
            async with self.database.work(buyer) as work:
                ask = search.SaveSearch("相机", search.Ask(text="相机"))
                self.ids["saved"] = await search.save_search(work, ask)
        if "/notices/" in path:
            await self._a_notice(buyer.me)
        if "{address}" in path:
            self.ids["address"] = await self.market.address()
        if "{session}" in path:
            self.database.clock.move(minutes=2)  # type: ignore[attr-defined]
            came = await signed_in(self.database, self.phones["buyer"])
            async with self.database.look(NOBODY) as look:
                session = await members.load_session(look, came.token)
            assert session is not None
            self.ids["session"] = str(session.actor.session)
        if "{passkey}" in path:
            self.made += 1
            key = self.made.to_bytes(16)
            async with self.database.work(buyer) as work:
                await work.db.execute(
                    "insert into passkeys (member, credential, public_key, sign_count, name, created_at)"
                    " values ($1, $2, $2, 0, 'made for the test', $3)",
                    buyer.me,
                    key,
                    work.now,
                )
            self.ids["passkey"] = key.hex()

    async def _a_notice(self, member: str) -> None:
        """Something that the member was told and has not read."""
        self.made += 1
        news = notices.Telling(kind="followed", to=(member,), subject=f"made {self.made}", link="/")
        async with self.database.work(SYSTEM) as work:
            await notices.tell(work, [news])
            self.ids["notice"] = await work.db.fetchval(
                "select id from notices where member = $1 and subject = $2", member, news.subject
            )

    def fill(self, path: str) -> str:
        """A path with the ids of this world in the places of its names."""
        self.made += 1
        path = path.replace("{fresh}", str(self.made))
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
    phones = {role: a_phone() for role in ROLES[1:]}
    for role in ROLES[1:]:
        came = await signed_in(database, phones[role])
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
        await set_value(work, "items.gift_wait_hours", 0, "everybody asks at once here")
        for name in _ROOMY:
            await set_value(work, name, 1000, "one person does everything here")
        for role in ("moderator", "admin"):
            await members.grant_role(work, actors[role].me, role, "made for the test")  # type: ignore[arg-type]
            await work.db.execute("update sessions set totp_at = $2 where member = $1", actors[role].me, work.now)
        for kind in ("sell", "buy", "speak"):
            until = work.now + timedelta(days=30)
            ask = members.Restrict(actors["sanctioned"].me, kind, "rule", "made for the test", {}, until)  # type: ignore[arg-type]
            await members.restrict(work, ask)
    database.book.forget()
    async with database.look(NOBODY) as look:
        for role in ("moderator", "admin"):
            actors[role] = await members.load_actor(look, actors[role].me)
    market = Desk(database, FakeProvider(), actors["seller"], actors["buyer"], actors["moderator"])
    async with database.work(actors["seller"]) as work:
        await members.add_address(work, ADDRESS)
    world = World(database, site, market, tokens, actors, handles, phones)
    world.ids |= {"member": actors["seller"].me, "who": handles["seller"], "name": "相机", "provider": "sandbox"}
    world.ids |= {
        "quota": "qta_" + "0" * 26,
        "subject": "rfd_" + "0" * 26,
        "upload": "med_" + "0" * 26,
        "file_path": "manifest.json",
        "path": "no-such-page",
    }
    return world
