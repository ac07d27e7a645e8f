"""Items 宝贝: things offered, their stock, price, place and state; gifts, wanted posts and imports.

What this package promises: exactly one buyer gets the last unit under any concurrency; an item moves only by the
machine in `rules.ITEM`, with a line of history for every move; a point on the map is never stored, only its cell; a
serial number is kept only as a keyed hash and is on sale at most once; what was reserved stays as it was agreed,
whatever the seller edits later; a person who is blocked sees and buys nothing of the one who blocked.
"""

from .actions.batch import RowResult, import_listings, publish_many
from .actions.gifts import (
    ask_for,
    draw_request,
    give_back,
    giveaway_line,
    pick_request,
    promised_to_me,
    unpick_request,
    withdraw_request,
)
from .actions.selling import (
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
    take_back,
    take_down,
    take_from_draft,
    take_price_steps,
    write_off,
)
from .actions.wanted import answer_wanted, close_wanted, open_wanted
from .categories import Attribute, Category, all_categories, grade_words
from .jobs import DUE
from .listings import Listing, parse_map
from .listings import read as read_listings
from .model import (
    BLOCKED_PAIR,
    ITEM_NOT_FOR_SALE,
    ITEM_SOLD_OUT,
    OWN_ITEM,
    EditItem,
    Measure,
    NewItem,
    NewWanted,
    Place,
    PriceStep,
    ReservedLine,
)
from .outside import check_serial, import_table
from .places import around, cell_of, is_cell, kilometres, metres_between
from .registry import DevRegistry, SerialRegistry, SerialReport
from .rules import ITEM, even_steps
from .share import ShareText, path_of, share_text
from .store.people import export as export_for
from .store.people import scrub
from .store.things import attach_to_note
from .views.gifts import (
    GiftRequest,
    GiftToGive,
    WantedCard,
    WantedPage,
    gift_requests,
    gifts_to_give,
    wanted_list,
    wanted_page,
)
from .views.things import ItemCard, ItemPage, Picture, PricePoint, Seller, cards, item_page, live_items, seller_items

__all__ = [
    "BLOCKED_PAIR",
    "DUE",
    "ITEM",
    "ITEM_NOT_FOR_SALE",
    "ITEM_SOLD_OUT",
    "OWN_ITEM",
    "Attribute",
    "Category",
    "DevRegistry",
    "EditItem",
    "GiftRequest",
    "GiftToGive",
    "ItemCard",
    "ItemPage",
    "Listing",
    "Measure",
    "NewItem",
    "NewWanted",
    "Picture",
    "Place",
    "PricePoint",
    "PriceStep",
    "ReservedLine",
    "RowResult",
    "Seller",
    "SerialRegistry",
    "SerialReport",
    "ShareText",
    "WantedCard",
    "WantedPage",
    "all_categories",
    "answer_wanted",
    "around",
    "ask_for",
    "attach_to_note",
    "cards",
    "cell_of",
    "check_serial",
    "close_wanted",
    "draw_request",
    "edit_item",
    "end_at_deadline",
    "even_steps",
    "expire",
    "export_for",
    "gift_requests",
    "gifts_to_give",
    "give_back",
    "giveaway_line",
    "grade_words",
    "hold",
    "import_listings",
    "import_table",
    "is_cell",
    "item_page",
    "kilometres",
    "live_items",
    "metres_between",
    "open_wanted",
    "parse_map",
    "pass_screening",
    "path_of",
    "pause",
    "pick_request",
    "promised_to_me",
    "publish_item",
    "publish_many",
    "read_listings",
    "reject",
    "release",
    "relist",
    "remove",
    "reserve",
    "restore",
    "resume",
    "scrub",
    "seller_items",
    "settle",
    "share_text",
    "take_back",
    "take_down",
    "take_from_draft",
    "take_price_steps",
    "unpick_request",
    "wanted_list",
    "wanted_page",
    "withdraw_request",
    "write_off",
]
