"""What each line costs this buyer: the public price, an agreed one, and what a note's bundle takes off. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xianji.domains import offers

from .model import Deal


@dataclass(frozen=True, slots=True)
class Asked:
    """A line before it is priced: the public price of a unit, minor units."""

    item: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Priced:
    """A line with the unit price that holds and what is taken off the line: amount = price * quantity - off."""

    item: str
    quantity: int
    price: int
    off: int
    deal: Deal | None

    @property
    def gross(self) -> int:
        return self.price * self.quantity

    @property
    def amount(self) -> int:
        return self.gross - self.off


def price_lines(
    lines: Sequence[Asked], agreed: Mapping[str, offers.Agreed], bundles: Mapping[str, offers.BundleView]
) -> list[Priced]:
    """Every line with its price, in the order given.

    An agreed price is for one unit (refuses `offer_one_unit`) and takes part in no bundle; neither does a gift.
    """
    shares = _shares([line for line in lines if line.item not in agreed and line.price], bundles)
    return [_priced(line, agreed.get(line.item), bundles.get(line.item), shares.get(line.item, 0)) for line in lines]


def _priced(line: Asked, agreed: offers.Agreed | None, bundle: offers.BundleView | None, off: int) -> Priced:
    if agreed is not None:
        if line.quantity != 1:
            raise offers.OFFER_ONE_UNIT(item=line.item)
        return Priced(line.item, 1, agreed.price.amount, 0, Deal(line.price, agreed.by, agreed.id))
    deal = None
    if off and bundle is not None:
        deal = Deal(line.price, "bundle", bundle.note, bundle.count, bundle.percent, off)
    return Priced(line.item, line.quantity, line.price, off, deal)


def _shares(lines: Sequence[Asked], bundles: Mapping[str, offers.BundleView]) -> dict[str, int]:
    """What each line gets off by the bundle of its note, where enough units of that note come together."""
    shares: dict[str, int] = {}
    for note in sorted({bundle.note for bundle in bundles.values()}):
        together = [line for line in lines if line.item in bundles and bundles[line.item].note == note]
        if not together:
            continue
        bundle = bundles[together[0].item]
        if sum(line.quantity for line in together) >= bundle.count:
            off = offers.bundle_off([line.price * line.quantity for line in together], bundle.percent)
            shares |= {line.item: share for line, share in zip(together, off, strict=True)}
    return shares
