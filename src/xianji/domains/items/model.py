"""The words of the item domain: what may be said about a thing, its limits, and why something is refused."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from xianji.kernel.config import Key
from xianji.kernel.errors import Code, Kind
from xianji.kernel.ids import ItemId, MediaId, NoteId
from xianji.kernel.money import Money
from xianji.kernel.text import Body, Line

ItemKind = Literal["sale", "giveaway", "rental", "service"]
State = Literal["draft", "screening", "live", "paused", "rejected", "sold", "expired", "removed"]
Handover = Literal["ship", "meet", "digital"]
Condition = Literal["new", "like_new", "light_wear", "used", "heavy_wear"]
GiveawayWay = Literal["pick", "draw", "first_come"]
SerialKind = Literal["imei", "imeisv", "meid", "serial"]
RequestState = Literal["waiting", "chosen", "taken", "withdrawn", "passed_over", "no_show"]
Tab = Literal["new", "near", "following", "price_asc", "price_desc"]

TITLE_LONGEST = Key("items.title_longest", 60, "characters in a title")
DESCRIPTION_LONGEST = Key("items.description_longest", 5000, "characters in a description")
PLACE_LONGEST = Key("items.place_longest", 20, "characters in the name of a district")
ATTRIBUTE_LONGEST = Key("items.attribute_longest", 60, "characters in one attribute of free text")
PRICE_CAP = Key(
    "items.individual_price_cap", 1_000_000, "highest price of an individual seller, minor units; 0 is none"
)
SHIPPING_MOST = Key("items.shipping_most", 50_000, "highest cost of sending one item, minor units")
STOCK_MOST = Key("items.stock_most", 999, "units of one item")
PICTURES_MOST = Key("items.pictures_most", 18, "pictures and videos of one item")
STEPS_MOST = Key("items.price_steps_most", 10, "automatic price steps of one item")
DEADLINE_DAYS = Key("items.deadline_days_most", 365, "how far ahead a sale may end")
BATCH_MOST = Key("items.batch_most", 1000, "items published in one transaction")
NEAR_RINGS = Key("items.near_rings", 12, "rings of grid cells, each about 0.9 km wide, that count as near")
REASON_LONGEST = Key("items.request_reason_longest", 100, "characters in the reason of somebody who asks for a gift")
REQUESTS_A_WEEK = Key("items.gift_requests_a_week", 10, "gifts a member may ask for in seven days")
GIFTS_A_WEEK = Key("items.gifts_a_week", 3, "gifts a member may be given in seven days")
REQUESTS_MOST = Key("items.gift_requests_most", 200, "people who may wait for one gift")
GIFT_WAIT_HOURS = Key("items.gift_wait_hours", 24, "hours from joining until a member may ask for a gift; 0 is none")
NO_SHOWS_MOST = Key("items.gift_no_shows_most", 2, "gifts not collected after which a member pauses")
NO_SHOW_DAYS = Key("items.gift_no_show_days", 90, "days in which gifts not collected count")
NO_SHOW_PAUSE_DAYS = Key("items.gift_no_show_pause_days", 30, "days of pause, from the last gift not collected")
RESALE_DAYS = Key(
    "items.gift_resale_days", 30, "days after a gift in which a thing on sale like it is marked for people"
)
RESALE_LIKENESS = Key("items.gift_resale_likeness", 60, "percent of a title's letter pairs that make it like a gift's")
WANTED_OPEN_MOST = Key("items.wanted_open_most", 20, "open wanted posts of one member")
ANSWERS_MOST = Key("items.wanted_answers_most", 100, "items that may answer one wanted post")
SAVES_MOST = Key("items.saves_most", 1_000, "things a member may keep in mind")
ANSWERS_EACH = Key("items.wanted_answers_each", 5, "items with which one member may answer one wanted post")

WRONG_CURRENCY = Code("wrong_currency", Kind.MALFORMED, field="price")
PRICE_OVER_CAP = Code("price_over_cap", Kind.MALFORMED, field="price")
SHIPPING_OVER_CAP = Code("shipping_over_cap", Kind.MALFORMED, field="shipping")
PRICE_MISSING = Code("price_missing", Kind.MALFORMED, field="price")
GIFT_HAS_PRICE = Code("gift_has_price", Kind.MALFORMED, field="price")
ORIGINAL_PRICE_LOWER = Code("original_price_lower", Kind.MALFORMED, field="original_price")
STOCK_NOT_VALID = Code("stock_not_valid", Kind.MALFORMED, field="stock")
STOCK_PROMISED = Code("stock_promised", Kind.CONFLICT, field="stock")
TOO_MANY_PICTURES = Code("too_many_pictures", Kind.MALFORMED, field="media")
SAME_PICTURE_TWICE = Code("same_picture_twice", Kind.MALFORMED, field="media")
DEADLINE_NOT_VALID = Code("deadline_not_valid", Kind.MALFORMED, field="deadline")
STEPS_NOT_VALID = Code("price_steps_not_valid", Kind.MALFORMED, field="price_steps")
UNKNOWN_CATEGORY = Code("unknown_category", Kind.MALFORMED, field="category")
UNKNOWN_ATTRIBUTE = Code("unknown_attribute", Kind.MALFORMED, field="attributes")
ATTRIBUTE_NOT_VALID = Code("attribute_not_valid", Kind.MALFORMED, field="attributes")
UNIT_NOT_KNOWN = Code("unit_not_known", Kind.MALFORMED, field="attributes")
ISBN_NOT_VALID = Code("isbn_not_valid", Kind.MALFORMED, field="attributes")
ALREADY_EXPIRED = Code("already_expired", Kind.MALFORMED, field="attributes")
SERIAL_NOT_VALID = Code("serial_not_valid", Kind.MALFORMED, field="serial")
SERIAL_MEANS_ONE = Code("serial_means_one", Kind.MALFORMED, field="stock")
SERIAL_ON_SALE = Code("serial_on_sale", Kind.CONFLICT, field="serial")
SERIAL_OTHER = Code("serial_other", Kind.MALFORMED, field="serial")
ITEM_CHANGED = Code("item_changed", Kind.CONFLICT)
ITEM_FIXED = Code("item_fixed", Kind.CONFLICT)
ITEM_NOT_FOR_SALE = Code("item_not_for_sale", Kind.CONFLICT)
ITEM_SOLD_OUT = Code("item_sold_out", Kind.CONFLICT)
OWN_ITEM = Code("own_item", Kind.CONFLICT)
BLOCKED_PAIR = Code("blocked_pair", Kind.CONFLICT)
TOO_MANY_ITEMS = Code("too_many_items", Kind.LIMIT)
NOT_A_GIFT = Code("not_a_gift", Kind.CONFLICT)
ALREADY_ASKED = Code("already_asked", Kind.CONFLICT)
TOO_MANY_GIFT_REQUESTS = Code("too_many_gift_requests", Kind.LIMIT)
TOO_MANY_GIFTS = Code("too_many_gifts", Kind.LIMIT)
GIFT_TOO_SOON = Code("gift_too_soon", Kind.CONFLICT)
GIFTS_PAUSED = Code("gifts_paused", Kind.LIMIT)
NOBODY_ASKED = Code("nobody_asked", Kind.CONFLICT)
NOT_CHOSEN = Code("not_chosen", Kind.CONFLICT)
TOO_MANY_WANTED = Code("too_many_wanted", Kind.LIMIT)
WANTED_CLOSED = Code("wanted_closed", Kind.CONFLICT)
TOO_MANY_ANSWERS = Code("too_many_answers", Kind.LIMIT)
TABLE_NOT_READABLE = Code("table_not_readable", Kind.MALFORMED, field="file")
TABLE_HAS_NO_COLUMN = Code("table_has_no_column", Kind.MALFORMED, field="columns")
TOO_MANY_SAVES = Code("too_many_saves", Kind.LIMIT)
PRICE_NOT_READABLE = Code("price_not_readable", Kind.MALFORMED, field="price")
NUMBER_NOT_READABLE = Code("number_not_readable", Kind.MALFORMED, field="stock")

Stock = Annotated[int, Meta(ge=0, le=1_000_000)]


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number with its unit: `{value: "120.5", unit: "cm"}`. The value is an exact decimal as text."""

    value: Annotated[str, Meta(max_length=20)]
    unit: Annotated[str, Meta(max_length=12)]


AttributeValue = Line | int | float | Measure
Attributes = Annotated[dict[Annotated[str, Meta(max_length=40)], AttributeValue], Meta(max_length=40)]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the thing is. The point is turned into a grid cell at once and never stored."""

    lat: Annotated[float, Meta(ge=-90, le=90)]
    lon: Annotated[float, Meta(ge=-180, le=180)]
    label: Line | None = None


class PriceStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From `at` on the price is `price`, if that is lower than the price then asked."""

    at: datetime
    price: Money


class NewItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a seller says of a thing: title, price and stock; all else is optional.

    `shipping` is what sending costs the buyer, once for the item whatever the quantity; null is 包邮, in the price.
    `place_label` names the district when no point is known; with a point, `place.label` does. `second_look` objects to
    a rule that blocks it: the thing is then held until a person has looked.
    """

    title: Line
    price: Money
    stock: Stock = 1
    kind: ItemKind = "sale"
    description: Body = ""
    media: Annotated[list[MediaId], Meta(max_length=100)] = []
    condition: Condition | None = None
    category: Annotated[str, Meta(max_length=40)] | None = None
    attributes: Attributes = {}
    original_price: Money | None = None
    shipping: Money | None = None
    handover: Annotated[list[Handover], Meta(max_length=10)] = []
    place: Place | None = None
    place_label: Line | None = None
    bargain: bool = True
    way: GiveawayWay = "pick"
    deadline: datetime | None = None
    price_steps: Annotated[list[PriceStep], Meta(max_length=100)] = []
    serial: Annotated[str, Meta(max_length=60)] | None = None
    draft: bool = False
    second_look: bool = False


class EditItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A change to an item. `version` is the one the person saw; what is left out stays as it is.

    `second_look` as in `NewItem`.
    """

    version: int
    title: Line | UnsetType = UNSET
    price: Money | UnsetType = UNSET
    stock: Stock | UnsetType = UNSET
    description: Body | UnsetType = UNSET
    media: Annotated[list[MediaId], Meta(max_length=100)] | UnsetType = UNSET
    condition: Condition | UnsetType | None = UNSET
    category: Annotated[str, Meta(max_length=40)] | UnsetType | None = UNSET
    attributes: Attributes | UnsetType = UNSET
    original_price: Money | UnsetType | None = UNSET
    shipping: Money | UnsetType | None = UNSET
    handover: Annotated[list[Handover], Meta(max_length=10)] | UnsetType = UNSET
    place: Place | UnsetType | None = UNSET
    place_label: Line | UnsetType | None = UNSET
    bargain: bool | UnsetType = UNSET
    deadline: datetime | UnsetType | None = UNSET
    price_steps: Annotated[list[PriceStep], Meta(max_length=100)] | UnsetType = UNSET
    serial: Annotated[str, Meta(max_length=60)] | UnsetType | None = UNSET
    second_look: bool = False


class NewWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody looks for. `from_note` is the note that woke the wish (求同款)."""

    title: Line
    budget: Money | None = None
    category: Annotated[str, Meta(max_length=40)] | None = None
    place: Place | None = None
    from_note: NoteId | None = None


class Facts(msgspec.Struct, frozen=True):
    """What is true of a thing after judging: every field valid, the place coarse, the serial hashed."""

    title: str
    description: str
    price: int
    currency: str
    stock: int
    kind: ItemKind
    media: tuple[str, ...]
    condition: Condition | None
    category: str | None
    attributes: dict[str, str | int | dict[str, str]]
    original_price: int | None
    shipping: int | None
    handover: tuple[Handover, ...]
    cell: int | None
    place_label: str | None
    bargain: bool
    way: GiveawayWay | None
    deadline: datetime | None
    steps: tuple[tuple[datetime, int], ...]
    serial_kind: SerialKind | None
    serial_digest: bytes | None


class ReservedLine(msgspec.Struct, frozen=True):
    """The frozen facts of the units somebody has just reserved; orders keep them as the snapshot."""

    item: ItemId
    seller: str
    version: int
    kind: ItemKind
    quantity: int
    title: str
    description: str
    price: Money
    shipping: Money | None
    condition: Condition | None
    category: str | None
    attributes: dict[str, str | int | dict[str, str]]
    handover: list[Handover]
    media: list[str]
    place_label: str | None
    confirmed_at: datetime
