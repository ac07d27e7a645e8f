"""Prices: what things were really sold for. Only completed, paid trades between people whom nothing ties together
count, no single seller or buyer can move a price, a refund takes a trade out again, and a price is shown only when
enough people traded, always with how many, how far apart and when. Every trade that does not count has a reason."""

from .actions import note_completed, note_made_up, note_refund_moved
from .catalogue import all_models
from .jobs import DUE
from .model import (
    CategoryLine,
    Cut,
    Figures,
    MadeUp,
    ModelLine,
    ModelPage,
    Needs,
    PriceBoard,
    PriceContext,
    PriceDay,
    Product,
    Reason,
    TradeDesk,
    TradeLine,
)
from .store import scrub
from .views import board, export_for, model_page, price_context, trade_desk

__all__ = [
    "DUE",
    "CategoryLine",
    "Cut",
    "Figures",
    "MadeUp",
    "ModelLine",
    "ModelPage",
    "Needs",
    "PriceBoard",
    "PriceContext",
    "PriceDay",
    "Product",
    "Reason",
    "TradeDesk",
    "TradeLine",
    "all_models",
    "board",
    "export_for",
    "model_page",
    "note_completed",
    "note_made_up",
    "note_refund_moved",
    "price_context",
    "scrub",
    "trade_desk",
]
