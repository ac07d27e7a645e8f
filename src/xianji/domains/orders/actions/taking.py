"""Units for every line, all or none, each at the price that holds for this buyer."""

from collections.abc import Sequence

import msgspec

from xianji.domains import items, offers
from xianji.domains.orders.model import LINE_TWICE, LINES_MOST, TOO_MANY_LINES, WantedLine
from xianji.domains.orders.pricing import Asked, Priced, price_lines
from xianji.kernel.money import Money
from xianji.kernel.work import Work


class TakenLine(msgspec.Struct, frozen=True):
    """A reserved line, its price, and the agreement that set the price, if one did."""

    line: items.ReservedLine
    priced: Priced
    agreed: offers.Agreed | None


def judged_lines(work: Work, lines: Sequence[WantedLine]) -> list[WantedLine]:
    """The lines in item order. Refuses `line_twice` and `too_many_lines`."""
    if len({line.item for line in lines}) < len(lines):
        raise LINE_TWICE()
    most = work.config.get(LINES_MOST)
    if len(lines) > most:
        raise TOO_MANY_LINES(most=most)
    return sorted(lines, key=lambda line: line.item)


async def take_lines(
    work: Work, wanted: Sequence[WantedLine], offer: str | None = None, link: str | None = None
) -> list[TakenLine]:
    """Units for every line. Items are locked in the order given, so that two buyers cannot wait for each other."""
    asked = [line.item for line in wanted]
    agreed = await offers.use_agreed(work, asked, offer, link)
    gifts = await items.promised_to_me(work, asked)
    lines = [await _take(work, line, agreed.get(line.item), line.item in gifts) for line in wanted]
    bundles = await offers.bundles_for(work, asked)
    priced = price_lines([Asked(line.item, line.quantity, line.price.amount) for line in lines], agreed, bundles)
    return [_taken(line, price, agreed.get(line.item)) for line, price in zip(lines, priced, strict=True)]


async def _take(work: Work, line: WantedLine, agreed: offers.Agreed | None, gift: bool) -> items.ReservedLine:
    if agreed is not None and line.quantity != 1:
        raise offers.OFFER_ONE_UNIT(item=line.item)
    if agreed is not None and agreed.holds_unit:
        return await items.held_line(work, line.item)
    if not gift:
        return await items.reserve(work, line.item, line.quantity)
    if line.quantity != 1:
        raise items.ITEM_SOLD_OUT(left=1)
    return await items.giveaway_line(work, line.item)


def _taken(line: items.ReservedLine, priced: Priced, agreed: offers.Agreed | None) -> TakenLine:
    price = Money(priced.price, line.price.currency)
    return TakenLine(msgspec.structs.replace(line, price=price), priced, agreed)
