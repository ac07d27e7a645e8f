"""The words of the market board: its numbers, why a trade does not count, and what a reader sees."""

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from xianji.kernel import ids
from xianji.kernel.config import Key
from xianji.kernel.ids import BoardId, ItemId, OrderId
from xianji.kernel.money import Money

WINDOW_DAYS = Key("prices.window_days", 90, "days of trades that a price is made of")
RECENT_DAYS = Key("prices.recent_days", 30, "the last days of the window, compared with those before them for a trend")
SAMPLE_LEAST = Key("prices.sample_least", 8, "trades, as they weigh, below which no price is shown")
SELLERS_LEAST = Key("prices.sellers_least", 5, "different sellers below which no price is shown")
BUYERS_LEAST = Key("prices.buyers_least", 5, "different buyers below which no price is shown")
SELLER_MOST = Key("prices.seller_most", 2, "trades that all sales of one seller weigh at most in a window")
BUYER_MOST = Key("prices.buyer_most", 2, "trades that all purchases of one buyer weigh at most in a window")
OUTLIER_DEVIATIONS = Key("prices.outlier_deviations", 5, "median deviations from the median that are too far")
OUTLIER_PERCENT = Key("prices.outlier_percent", 25, "percent from the median that are never too far")
GROUP_LEAST = Key("prices.group_least", 5, "fresh and worn trades from which trends are levelled")
TREND_LEAST = Key("prices.trend_least", 30, "thousandths a price must have moved to rise or fall")
TREND_SURENESS = Key("prices.trend_sureness", 196, "hundredths of a deviation that are more than chance")
TREND_SELLERS = Key("prices.trend_sellers", 5, "different sellers before and after that a trend needs")
CATEGORY_MODELS = Key("prices.category_models", 3, "models with a change that a category needs to have one")
LINK_DAYS = Key("prices.link_days", 180, "days in which dealings between two people tie them together")
CIRCLE_LONGEST = Key("prices.circle_longest", 3, "people in a circle that sells round within a category")
NEW_DAYS = Key("prices.new_days", 14, "days from joining in which a trade between two newcomers does not count")
BOUNCE_DAYS = Key("prices.bounce_days", 60, "days in which the same thing may be sold only so often")
BOUNCE_MOST = Key("prices.bounce_most", 2, "sales of the same thing in these days that may be real")
CHART_DAYS = Key("prices.chart_days", 365, "days that a chart goes back")
TRADES_MOST = Key("prices.trades_most", 5000, "the latest trades of a subject that are summed up")
LIST_MOST = Key("prices.list_most", 10, "models in a list of the board")
SETTLE_MINUTES = Key("prices.settle_minutes", 10, "minutes between two sums of the same subject on one day")

Kind = Literal["model", "category"]
Group = Literal["fresh", "worn"]

# Why a trade does not count. Facts of the order first, then ties between the two, then what a set of trades shows.
Reason = Literal[
    "refunded",
    "part_refunded",
    "not_paid_here",
    "private_price",
    "same_identity",
    "same_phone",
    "same_address",
    "gift_between",
    "pair_repeated",
    "circle",
    "bounced",
    "both_new",
    "outlier",
]


def board_of(kind: Kind, code: str) -> BoardId:
    """The id under which a model or category is summed up; it follows from the two."""
    return ids.named_id("prc", f"{kind} {code}")


class MadeUp(NamedTuple):
    """A trade for a demonstration, so long ago. `number` tells apart those of one model."""

    model: str
    variant: str
    condition: str | None
    price: int
    ago: timedelta
    number: int


class Product(msgspec.Struct, frozen=True):
    """A model as a reader sees it. `category` is a code of the things' categories."""

    code: str
    name: str
    brand: str
    kind: str
    category: str


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What was paid. `low` and `high` are the quarter points, `middle` the median; null where too few people traded.

    `trades` were made by `sellers` in the `days` before `day`. `change` in thousandths is null when it could be chance.
    `demo`: some of them are made up for the demonstration.
    """

    trades: int
    sellers: int
    low: Money | None
    middle: Money | None
    high: Money | None
    change: int | None
    days: int
    day: date
    demo: bool


class ModelLine(msgspec.Struct, frozen=True):
    """A model in a list; `figures` are null when it was never traded here."""

    board: BoardId
    product: Product
    figures: Figures | None


class CategoryLine(msgspec.Struct, frozen=True):
    """A category in the list. Its `figures.change` is the middle change of its models."""

    board: BoardId
    code: str
    figures: Figures


class PriceBoard(msgspec.Struct, frozen=True):
    """The market board: what rises, what falls, what is traded most, the categories; or what was searched for."""

    rising: list[ModelLine]
    falling: list[ModelLine]
    busiest: list[ModelLine]
    categories: list[CategoryLine]
    found: list[ModelLine] | None


class Cut(msgspec.Struct, frozen=True):
    """A part of the trades: of one condition group ("fresh", "worn") or one variant ("256G")."""

    name: str
    figures: Figures


class PriceDay(msgspec.Struct, frozen=True):
    """A point of the chart, minor units: what was paid in the window up to this day; `traded` on the day alone."""

    day: date
    low: int
    middle: int
    high: int
    trades: int
    traded: int


class Needs(msgspec.Struct, frozen=True):
    """From how many trades, sellers and buyers on a price is shown."""

    trades: int
    sellers: int
    buyers: int


class ModelPage(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known of what a model is sold for."""

    board: BoardId
    product: Product
    figures: Figures | None
    cuts: list[Cut]
    history: list[PriceDay]
    needs: Needs
    currency: str


class PriceContext(msgspec.Struct, frozen=True):
    """What things like this one were sold for; `cut` names the part of the trades it is made of, "" all of them."""

    board: BoardId
    product: Product
    cut: str
    figures: Figures | None
    needs: Needs


class TradeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A trade as operators see it: `excluded` says why it does not count."""

    order: OrderId
    item: ItemId
    model: str | None
    variant: str
    condition: str | None
    price: Money
    traded_at: datetime
    excluded: Reason | None
    demo: bool


class TradeDesk(msgspec.Struct, frozen=True):
    """The latest trades for operators, and how many of the window do not count, by reason."""

    trades: list[TradeLine]
    reasons: dict[str, int]
