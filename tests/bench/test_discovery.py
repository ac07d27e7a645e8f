"""The table of a million things: realistic rows that the house takes, the same for the same seed."""

from pathlib import Path

from bench.listings import rows, write

from xianji.domains import items


def test_the_rows_are_read_and_are_the_same_again(tmp_path: Path) -> None:
    write(tmp_path / "table.csv", 500)
    read = items.read_listings((tmp_path / "table.csv").read_bytes(), "CNY")
    assert len(read) == 500
    assert {type(listing.new) for listing in read} == {items.NewItem}
    assert len({listing.key for listing in read}) == 500
    assert list(rows(20, seed=3)) == list(rows(20, seed=3)) != list(rows(20, seed=4))
