"""The board: sums by day, trends, what is too little to be shown, and who may see the single trades."""

import pytest

from tests.conftest import FakeClock
from xianji.domains import prices
from xianji.domains.prices.model import SETTLE_MINUTES, board_of
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import NOBODY, SYSTEM, Actor

from .build import past_trades, summed

EIGHT = [200_000, 202_000, 204_000, 206_000, 208_000, 210_000, 212_000, 214_000]


async def context(database: Database, title: str, condition: str | None = None) -> prices.PriceContext | None:
    async with database.look(NOBODY) as look:
        return await prices.price_context(look, title, "digital", {}, condition)


async def test_a_price_appears_with_its_sample_spread_and_day(database: Database, clock: FakeClock) -> None:
    await past_trades(database, EIGHT[:7])
    assert await summed(database) == 2, "the model and its category"
    found = await context(database, "iPhone 13 128G")
    assert found is not None
    assert found.figures is not None
    assert (found.figures.trades, found.figures.middle) == (7, None)
    await past_trades(database, EIGHT[7:], begin=7)
    assert await summed(database) == 0, "it settles first"
    clock.move(minutes=SETTLE_MINUTES.default)
    assert await summed(database) == 2
    found = await context(database, "iPhone 13 128G")
    assert found is not None
    assert found.figures is not None
    figures = found.figures
    assert (figures.low, figures.middle, figures.high) == (Money(203_000), Money(207_000), Money(211_000))
    assert (figures.trades, figures.sellers, figures.days, figures.change) == (8, 8, 90, None)
    assert figures.day == clock.moment.date()
    assert await context(database, "iPhone 13 手机壳") is None
    nothing = await context(database, "iPhone 14")
    assert nothing is not None
    assert nothing.figures is None
    assert await summed(database) == 0
    clock.move(days=1)
    assert await summed(database) == 2, "once a day"


async def test_an_outlier_is_left_out_and_told_to_operators_alone(database: Database) -> None:
    await past_trades(database, [*EIGHT, 900_000])
    await past_trades(database, [1], begin=20, excluded="pair_repeated")
    await summed(database)
    async with database.look(NOBODY) as look:
        page = await prices.model_page(look, "iphone-13")
        with pytest.raises(Refusal, match="sign_in_first"):
            await prices.trade_desk(look)
    assert page.figures is not None
    assert (page.figures.trades, page.figures.high) == (8, Money(211_000))
    async with database.look(Actor("mbr_" + "0" * 26)) as look:
        with pytest.raises(Refusal, match="not_allowed"):
            await prices.trade_desk(look)
    async with database.look(Actor("mbr_" + "0" * 26, roles=frozenset({"moderator"}))) as look:
        desk = await prices.trade_desk(look, "iphone-13")
        none = await prices.trade_desk(look, "iphone-14")
    assert desk.reasons == {"outlier": 1, "pair_repeated": 1}
    assert {one.price.amount for one in desk.trades if one.excluded} == {900_000, 1}
    assert (none.trades, none.reasons) == ([], {})


async def test_condition_and_variant_narrow_the_context_when_enough_were_sold(database: Database) -> None:
    await past_trades(database, [one - 50_000 for one in EIGHT], condition="used", variant="128G")
    await past_trades(database, [one + 50_000 for one in EIGHT], begin=20, condition="new", variant="256G")
    await past_trades(database, [300_000], begin=40, variant="512G")
    await summed(database)
    cases = {
        ("iPhone 13 128G", None): ("128G", 157_000),
        ("iPhone 13 256G", "used"): ("256G", 257_000),
        ("iPhone 13 512G", "used"): ("worn", 157_000),
        ("iPhone 13", "like_new"): ("fresh", 257_000),
    }
    for (title, condition), (cut, middle) in cases.items():
        found = await context(database, title, condition)
        assert found is not None
        assert found.figures is not None
        assert (found.cut, found.figures.middle) == (cut, Money(middle))
    async with database.look(NOBODY) as look:
        page = await prices.model_page(look, "iphone-13")
    assert [cut.name for cut in page.cuts] == ["fresh", "worn", "128G", "256G"]
    assert page.figures is not None
    assert page.figures.trades == 17


async def test_rising_and_falling_are_not_called_on_three_trades(database: Database) -> None:
    await past_trades(database, EIGHT, days_ago=50)
    await past_trades(database, [one + 40_000 for one in EIGHT[:3]], days_ago=5, begin=20)
    await past_trades(database, EIGHT, model="iphone-12", days_ago=50)
    await past_trades(database, [one - 40_000 for one in EIGHT], model="iphone-12", days_ago=5, begin=20)
    await past_trades(database, EIGHT, model="iphone-11", days_ago=50)
    await past_trades(database, [one + 40_000 for one in EIGHT], model="iphone-11", days_ago=5, begin=20)
    await summed(database)
    async with database.look(NOBODY) as look:
        board = await prices.board(look)
        cameras = await prices.board(look, "cameras")
        searched = await prices.board(look, text="iphone 1")
    assert [(line.product.code, line.figures and line.figures.change) for line in board.rising] == [("iphone-11", 193)]
    assert [(line.product.code, line.figures and line.figures.change) for line in board.falling] == [
        ("iphone-12", -194)
    ]
    assert [line.product.code for line in board.busiest] == ["iphone-11", "iphone-12", "iphone-13"]
    assert [(line.code, line.figures.trades, line.figures.change) for line in board.categories] == [("digital", 43, 0)]
    assert (cameras.rising, cameras.falling, cameras.busiest) == ([], [], [])
    assert board.found is None
    assert searched.found is not None
    assert {"iphone-11", "iphone-16-pro-max"} <= {line.product.code for line in searched.found}


async def test_the_chart_is_mended_from_the_day_of_a_refund_on(database: Database, clock: FakeClock) -> None:
    await past_trades(database, EIGHT, days_ago=30)
    await past_trades(database, [250_000], days_ago=10, begin=20)
    await summed(database)
    async with database.look(NOBODY) as look:
        before = (await prices.model_page(look, "iphone-13")).history
    assert (len(before), before[0].middle, before[0].traded) == (31, 207_000, 8)
    assert (before[20].middle, before[20].traded, before[-1].traded) == (208_000, 1, 0)
    async with database.work(SYSTEM) as work:
        await prices.note_refund_moved(work, "ord_iphone-13_20", "refunded")
    clock.move(minutes=SETTLE_MINUTES.default)
    await summed(database)
    async with database.look(NOBODY) as look:
        after = (await prices.model_page(look, "iphone-13")).history
    assert (after[:20], {day.middle for day in after[20:]}) == (before[:20], {207_000})


async def test_unknown_models_are_not_found(database: Database) -> None:
    async with database.look(NOBODY) as look:
        with pytest.raises(Refusal, match="not_found"):
            await prices.model_page(look, "iphone-99")
        page = await prices.model_page(look, "iphone-13")
    assert (page.figures, page.cuts, page.history, page.board) == (None, [], [], board_of("model", "iphone-13"))
