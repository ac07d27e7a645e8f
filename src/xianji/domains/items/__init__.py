"""Items 宝贝: things offered, their stock, price, place and state; gifts, wanted posts and imports.

What this package promises: exactly one buyer gets the last unit under any concurrency; an item moves only by the
machine in `rules.ITEM`, with a line of history for every move; a point on the map is never stored, only its cell; a
serial number is kept only as a keyed hash and is on sale at most once; what was reserved stays as it was agreed,
whatever the seller edits later; a person who is blocked sees and buys nothing of the one who blocked.
"""

from .actions import (
    edit_item,
    end_at_deadline,
    expire,
    hold,
    pass_screening,
    pause,
    publish_item,
    reject,
    release,
    relist,
    remove,
    reserve,
    restore,
    resume,
    settle,
    take_down,
    take_from_draft,
    take_price_steps,
)
from .jobs import DUE
from .model import (
    BLOCKED_PAIR,
    CURRENCY,
    ITEM_NOT_FOR_SALE,
    ITEM_SOLD_OUT,
    OWN_ITEM,
    TIME_ZONE,
    EditItem,
    Measure,
    NewItem,
    Place,
    PriceStep,
    ReservedLine,
)
from .places import cell_of
from .rules import ITEM, even_steps
from .share import ShareText, path_of, share_text
from .store import attach_to_note
from .views import ItemCard, ItemPage, Picture, Seller, cards, item_page, live_items, seller_items

__all__ = [
    "BLOCKED_PAIR",
    "CURRENCY",
    "DUE",
    "ITEM",
    "ITEM_NOT_FOR_SALE",
    "ITEM_SOLD_OUT",
    "OWN_ITEM",
    "TIME_ZONE",
    "EditItem",
    "ItemCard",
    "ItemPage",
    "Measure",
    "NewItem",
    "Picture",
    "Place",
    "PriceStep",
    "ReservedLine",
    "Seller",
    "ShareText",
    "attach_to_note",
    "cards",
    "cell_of",
    "edit_item",
    "end_at_deadline",
    "even_steps",
    "expire",
    "hold",
    "item_page",
    "live_items",
    "pass_screening",
    "path_of",
    "pause",
    "publish_item",
    "reject",
    "release",
    "relist",
    "remove",
    "reserve",
    "restore",
    "resume",
    "seller_items",
    "settle",
    "share_text",
    "take_down",
    "take_from_draft",
    "take_price_steps",
]
