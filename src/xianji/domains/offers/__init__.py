"""Offers: prices that two people agree on before there is an order.

One offer of a buyer is alive for a thing at a time, under any concurrency; it is one round, an amount and at most one
counter, so nobody can say yes to a number they have not seen. A yes binds: the price stands whatever the seller edits
later, and one unit is kept for the buyer until the order or until time puts it back. A seller's secret floor answers
yes or no and never with a number, and a buyer has few tries. A private link names one member and opens nothing for
anybody else. A bundle belongs to a note and to the things of the member who set it.
"""

from .actions.bargaining import (
    accept,
    counter,
    decline,
    end_of_item,
    end_of_member,
    expire,
    make_offer,
    withdraw,
)
from .actions.pricing import drop_bundle, drop_floor, expire_link, make_link, put_bundle, revoke_link, set_floor
from .actions.using import note_order, use_agreed
from .events import BundleChanged, LinkMade, LinkMoved, OfferMade, OfferMoved
from .jobs import DUE
from .model import (
    OFFER_ONE_UNIT,
    Agreed,
    Bundle,
    BundleView,
    Counter,
    Decline,
    Floor,
    FloorView,
    LinkView,
    NewLink,
    NewOffer,
    OfferState,
    OfferView,
    Side,
)
from .rules import LINK, OFFER, bundle_off
from .store import scrub
from .views import (
    agreed_for,
    bundle_of,
    bundles_for,
    export_for,
    floor_view,
    link_agreed,
    link_for,
    link_page,
    links_of,
    lowest_offer,
    offer_page,
    offers_of,
    offers_on,
    presets_for,
    tries_left,
)

__all__ = [
    "DUE",
    "LINK",
    "OFFER",
    "OFFER_ONE_UNIT",
    "Agreed",
    "Bundle",
    "BundleChanged",
    "BundleView",
    "Counter",
    "Decline",
    "Floor",
    "FloorView",
    "LinkMade",
    "LinkMoved",
    "LinkView",
    "NewLink",
    "NewOffer",
    "OfferMade",
    "OfferMoved",
    "OfferState",
    "OfferView",
    "Side",
    "accept",
    "agreed_for",
    "bundle_of",
    "bundle_off",
    "bundles_for",
    "counter",
    "decline",
    "drop_bundle",
    "drop_floor",
    "end_of_item",
    "end_of_member",
    "expire",
    "expire_link",
    "export_for",
    "floor_view",
    "link_agreed",
    "link_for",
    "link_page",
    "links_of",
    "lowest_offer",
    "make_link",
    "make_offer",
    "note_order",
    "offer_page",
    "offers_of",
    "offers_on",
    "presets_for",
    "put_bundle",
    "revoke_link",
    "scrub",
    "set_floor",
    "tries_left",
    "use_agreed",
    "withdraw",
]
