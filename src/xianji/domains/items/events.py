"""What happened to items, gifts and wanted posts."""

from datetime import datetime

from xianji.kernel.work import Event


class ItemPublished(Event, frozen=True, tag="items.published.v1"):
    item: str
    seller: str
    kind: str
    category: str | None
    cell: int | None
    price: int
    currency: str


class ItemEdited(Event, frozen=True, tag="items.edited.v1"):
    item: str
    seller: str
    version: int
    fields: list[str]


class ItemsAttached(Event, frozen=True, tag="items.attached.v1"):
    """These things belong to another note now, or to none."""

    note: str | None
    items: list[str]


class ItemMoved(Event, frozen=True, tag="items.moved.v1"):
    """A move of the machine other than publishing; `role` is who made it."""

    item: str
    seller: str
    verb: str
    before: str
    after: str
    role: str
    reason: str


class ItemHeld(Event, frozen=True, tag="items.held.v1"):
    """A person must look before this is shown (again). `rules` of screening say why; none when an operator asked."""

    item: str
    seller: str
    rules: list[str]


class PriceChanged(Event, frozen=True, tag="items.price_changed.v1"):
    item: str
    seller: str
    before: int
    after: int
    currency: str
    why: str


class ItemSold(Event, frozen=True, tag="items.sold.v1"):
    """Reserved units became sold ones; `left` is what may still be bought."""

    item: str
    seller: str
    quantity: int
    left: int


class GiftAskedFor(Event, frozen=True, tag="items.gift_asked_for.v1"):
    item: str
    seller: str
    member: str


class GiftPromised(Event, frozen=True, tag="items.gift_promised.v1"):
    item: str
    seller: str
    member: str
    way: str


class GiftUnpromised(Event, frozen=True, tag="items.gift_unpromised.v1"):
    """The giver took a promise back before an order was made of it."""

    item: str
    seller: str
    member: str


class GiftMaybeResold(Event, frozen=True, tag="items.gift_maybe_resold.v1"):
    """A thing on sale looks like a gift its seller was given shortly before: a hint, no judgment."""

    item: str
    seller: str
    gift: str
    giver: str


class WantedOpened(Event, frozen=True, tag="items.wanted_opened.v1"):
    wanted: str
    member: str
    category: str | None
    cell: int | None
    at: datetime


class WantedAnswered(Event, frozen=True, tag="items.wanted_answered.v1"):
    wanted: str
    asker: str
    item: str
    seller: str
