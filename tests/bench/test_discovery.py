"""Being found in small: rows the house takes, questions, a bare query over a real index, and the table."""

import json
from pathlib import Path

from bench.discovery import RANKED, Indexed, Size, growth, table
from bench.listings import rows, write
from bench.load import Measured
from bench.questions import texts
from bench.raw import Raw, alone
from bench.search_quality import product

from bench import report
from xianji.domains import items


def test_the_rows_are_read_and_are_the_same_again(tmp_path: Path) -> None:
    write(tmp_path / "table.csv", 500)
    read = items.read_listings((tmp_path / "table.csv").read_bytes(), "CNY")
    assert len(read) == 500
    assert {type(listing.new) for listing in read} == {items.NewItem}
    assert len({listing.key for listing in read}) == 500
    assert list(rows(20, seed=3)) == list(rows(20, seed=3)) != list(rows(20, seed=4))


def test_questions_are_many_different_ones_and_the_same_again() -> None:
    asked = texts(3000, "a")
    assert len(set(asked)) == 3000
    assert asked == texts(3000, "a") != texts(3000, "b")
    assert max(map(len, asked)) < 100


def test_a_bare_query_answers_with_what_is_stored_of_the_best_twenty(tmp_path: Path) -> None:
    product(tmp_path, {str(number): f"折叠书桌 {number}" for number in range(30)} | {"other": "相机"})
    told = json.loads(Raw(tmp_path).ask("书桌"))
    assert len(told) == 20
    assert {one["title"][:4] for one in told} == {"折叠书桌"}
    assert Raw(tmp_path).ask("！？") == b"[]"
    assert alone(tmp_path, ["书桌"], 0.01)[0] > 0


def measured(p95: float) -> Measured:
    return Measured(100, 1.0, 1.0, p95, p95 + 1, 100, 0.5, 0.004)


def test_the_table_tells_sizes_looks_and_how_the_ranked_feed_grows() -> None:
    indexed = Indexed(12_000, 6.0, 280, 0.3)
    sizes = [
        Size(things, 200.0, indexed, 9_000.0, [report.Line(RANKED, 1, 1, [measured(2.0)], [measured(p95)])], 300.0)
        for things, p95 in ((10_000, 20.0), (1_000_000, 30.0))
    ]
    assert growth(sizes) == 1.5
    told = table(sizes).splitlines()
    assert "| 10,000 | 200 | 12,000 | 2,000 | 0.3 | 280 | 300 | 9,000 |" in told
    row = "| 1,000,000 | ranked feed JSON, cold | 100 | 100 | **100%** | 4.00 | 4.00 | **100%** |"
    assert f"{row} 1.0 / 2.0 / 3.0 | 1.0 / 30.0 / 31.0 |" in told
    assert told[-1] == "Ranked feed, p95 at 1,000,000 things to that at 10,000: 1.50 (aim: at most 2)."
