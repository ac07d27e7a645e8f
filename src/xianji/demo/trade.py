"""The trade of the town: every thing marked sold has a real order behind it, and the shown people are in the middle of
more. Orders are made just now, because the provider's clock is the real one; before and after paying they are deeds.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from xianji.demo.bargains import BUNDLE, CARTS, DEALS, FAULT, MEETING, TALKS, Deal, Talk
from xianji.demo.model import Demo, Handover, Item, Member
from xianji.demo.residents import phone
from xianji.demo.timeline import Deed, Do
from xianji.demo.town import Town
from xianji.domains import members, notes, offers, orders, refunds
from xianji.kernel.money import Money
from xianji.kernel.work import Work

_WAYS: tuple[Handover, ...] = ("ship", "meet", "digital")
_FIRST_WAYBILL = 1_600_000_000_000
# Within the time a payment is open, and after everything else has happened.
_ORDERS_AGO, _TALKS_AGO = timedelta(minutes=12), timedelta(minutes=50)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Sale:
    """A deal with all that doing it needs; `name` is the thing's in the town, `number` one of the sale's own."""

    number: int
    name: str
    thing: Item
    deal: Deal


@dataclass(frozen=True, slots=True)
class Shelf:
    """Every thing of the town by its seller and title, with its name."""

    things: dict[tuple[str, str], tuple[str, Item]]
    handles: list[str]

    def has(self, seller: str, title: str, buyer: str) -> bool:
        """Whether these people and this thing are in this town."""
        return (seller, title) in self.things and buyer in self.handles


def shelf(demo: Demo) -> Shelf:
    """The things of this town; of two with one title the newest."""
    found: dict[tuple[str, str], tuple[str, Item]] = {}
    for number, note in enumerate(demo.notes):
        for place, thing in enumerate(note.items):
            found[note.author, thing.title] = (f"item {number} {place}", thing)
        for place, comment in enumerate(note.comments):
            if comment.item is not None:
                found[comment.author, comment.item.title] = (f"guest {number} {place}", comment.item)
    return Shelf(found, [member.handle for member in demo.members])


def sales(demo: Demo, seed: int = 11) -> list[Sale]:
    """What is bought: all that is marked sold, by anybody, then the deals of the shown people."""
    dice, here = random.Random(seed), shelf(demo)
    deals = [
        (name, thing, _sold(seller, thing, dice.choice([one for one in here.handles if one != seller])))
        for (seller, _), (name, thing) in here.things.items()
        if thing.sold
    ]
    known = [deal for deal in DEALS if here.has(deal.seller, deal.title, deal.buyer)]
    deals += [(*here.things[deal.seller, deal.title], deal) for deal in known]
    return [Sale(number, name, thing, deal) for number, (name, thing, deal) in enumerate(deals)]


def _sold(seller: str, thing: Item, buyer: str) -> Deal:
    way = next(way for way in _WAYS if way in thing.handover)
    return Deal(seller, thing.title, buyer, way, "done")


def before_paying(demo: Demo, made: list[Sale], now: datetime) -> list[Deed]:
    """Addresses and orders, oldest first."""
    people = {member.handle: (number, member) for number, member in enumerate(demo.members)}
    sending = {who for sale in made if sale.deal.way == "ship" for who in (sale.deal.buyer, sale.deal.seller)}
    found = [Deed(now - _ORDERS_AGO, f"address {who}", who, _live_at(*people[who])) for who in sorted(sending)]
    found += [Deed(now - _ORDERS_AGO, f"order {sale.name}", sale.deal.buyer, _order(sale)) for sale in made]
    return found


def after_paying(demo: Demo, made: list[Sale], now: datetime) -> list[Deed]:
    """Handing over and what follows, then what else is in the air, in the order of time."""
    found = list(_in_the_air(shelf(demo), now))
    for sale in made:
        deal = sale.deal
        if deal.until in ("handed", "done"):
            found.append(Deed(now, f"handed {sale.name}", deal.seller, _hand_over(sale)))
        if deal.until == "done" and deal.way != "meet":
            found.append(Deed(now, f"confirmed {sale.name}", deal.buyer, _confirm(sale)))
        if deal.until == "paid" and deal.way == "meet" and not deal.refund:
            found.append(Deed(now, f"meeting {sale.name}", deal.buyer, _arrange(sale, now)))
        if deal.refund:
            found.append(Deed(now, f"refund {sale.name}", deal.buyer, _ask_back(sale)))
    return sorted(found, key=lambda deed: deed.at)


def _in_the_air(here: Shelf, now: datetime) -> Iterator[Deed]:
    at = now - _TALKS_AGO
    for talk in TALKS:
        if here.has(talk.seller, talk.title, talk.buyer):
            name, _ = here.things[talk.seller, talk.title]
            yield Deed(at, f"offer {name}", talk.buyer, _offer(name, talk))
            if talk.answer:
                yield Deed(at + 9 * _MINUTE, f"answer {name}", talk.seller, _answer(name, talk))
    for buyer, seller, title in CARTS:
        if here.has(seller, title, buyer):
            name, _ = here.things[seller, title]
            yield Deed(now - _MINUTE, f"cart {buyer} {name}", buyer, _put_aside(name))
    host, count, percent = BUNDLE
    of_host = [name for (seller, _), (name, _) in here.things.items() if seller == host and name.startswith("item")]
    if of_host:
        yield Deed(at, f"bundle {host}", host, _bundle(of_host[-1].split()[1], count, percent))


def _live_at(number: int, member: Member) -> Do:
    async def do(work: Work, _: Town) -> str:
        place = member.place
        lines = {"province": place.city, "city": place.city, "district": f"{place.district}区"}
        lines["detail"] = f"花园路 {number + 1} 号院 2 单元 301"
        wish = members.PutAddress(name=member.name, phone=phone(number), lines=lines)
        return await members.add_address(work, wish)

    return do


def _order(sale: Sale) -> Do:
    """Placed, and the payment started; the payment is remembered beside the order."""

    async def do(work: Work, town: Town) -> str:
        line = orders.WantedLine(town.id(sale.name), sale.thing.stock)
        address = town.id(f"address {sale.deal.buyer}") if sale.deal.way == "ship" else None
        made = await orders.place_order(work, orders.PlaceOrder([line], sale.deal.way, address))
        if sale.deal.until != "unpaid":
            town.remember(f"payment {sale.name}", await orders.start_payment(work, made))
        return made

    return do


def _hand_over(sale: Sale) -> Do:
    async def do(work: Work, town: Town) -> str:
        order = town.id(f"order {sale.name}")
        if sale.deal.way == "ship":
            await orders.ship(work, order, orders.Ship("sf", f"SF{_FIRST_WAYBILL + sale.number}"))
        elif sale.deal.way == "digital":
            await orders.deliver_in_writing(work, order, orders.DeliverInWriting(content="已经发到你留的邮箱了"))
        else:
            buyer = Work(work.db, town.actor(sale.deal.buyer), work.now, work.config, work.keys, work.random)
            code = (await orders.order_page(buyer, order)).meet_code
            await orders.redeem(work, order, orders.Redeem(code or ""))
        return ""

    return do


def _confirm(sale: Sale) -> Do:
    async def do(work: Work, town: Town) -> str:
        await orders.confirm(work, town.id(f"order {sale.name}"))
        return ""

    return do


def _arrange(sale: Sale, now: datetime) -> Do:
    async def do(work: Work, town: Town) -> str:
        tomorrow = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        await orders.arrange(work, town.id(f"order {sale.name}"), orders.Meeting(MEETING, tomorrow))
        return ""

    return do


def _ask_back(sale: Sale) -> Do:
    async def do(work: Work, town: Town) -> str:
        order = town.id(f"order {sale.name}")
        if sale.deal.refund == "unshipped":
            return await refunds.apply(work, order, refunds.Apply("unshipped", "changed_mind"))
        shown = await town.uploads(work, sale.deal.buyer, sale.thing.pictures)
        return await refunds.apply(work, order, refunds.Apply("return", "damaged", words=FAULT, evidence=shown))

    return do


def _offer(name: str, talk: Talk) -> Do:
    async def do(work: Work, town: Town) -> str:
        wish = offers.NewOffer(Money(talk.yuan * 100), talk.words)
        return await offers.make_offer(work, town.id(name), wish)

    return do


def _answer(name: str, talk: Talk) -> Do:
    async def do(work: Work, town: Town) -> str:
        offer = town.id(f"offer {name}")
        if talk.answer == "yes":
            await offers.accept(work, offer)
        elif talk.answer == "no":
            await offers.decline(work, offer, offers.Decline("已经答应留给邻居了，不好意思"))
        else:
            await offers.counter(work, offer, offers.Counter(Money(int(talk.answer) * 100), "六十二，送你一只灯泡"))
        return ""

    return do


def _put_aside(name: str) -> Do:
    async def do(work: Work, town: Town) -> str:
        await orders.put_in_cart(work, orders.PutInCart(town.id(name)))
        return ""

    return do


def _bundle(note: str, count: int, percent: int) -> Do:
    async def do(work: Work, town: Town) -> str:
        await notes.set_bundle(work, town.id(f"note {note}"), offers.Bundle(count, percent))
        return ""

    return do
