"""`python -m bench.search_quality [FILES]`: how often search finds what was meant.

FILES are QUERIES.tsv QRELS.tsv CORPUS.tsv and any number of tables of titles more, with the columns qid, query; qid,
doc_id, rel; doc_id, title (what follows is ignored); without them the sample of our own. The titles are indexed and
asked for through the product's own search up to the order by fit; only the reading again from PostgreSQL is left out,
which can but drop what may not be shown. Beside it stands plain BM25, over single characters and over words. The last
line is JSON of the product's figures.
"""

import argparse
import csv
import json
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import quantiles
from typing import Any, cast

import rjieba
import tantivy
from tantivy import Occur, Query

from xianji.domains.search import analysis, filters, ordering, words
from xianji.domains.search.index import Doc, Folder, Mark, Reader, Writer
from xianji.domains.search.model import ENOUGH_PERCENT, Ask
from xianji.domains.search.ordering import Search
from xianji.kernel.config import Config
from xianji.kernel.work import NOBODY, Look

SAMPLE = [Path(__file__).parent / "samples" / "search" / f"{name}.tsv" for name in ("queries", "qrels", "corpus")]
DEEP = 100
"""How far down the list is read; MRR looks at the first ten."""

Find = Callable[[str], list[str]]
"""The best `DEEP` ids for a question."""


def main() -> None:
    """Measure, print a line for each way of searching, then JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.search_quality", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="queries, qrels, then one or more tables of titles")
    files = parser.parse_args().files or SAMPLE
    if len(files) < 3:
        parser.error("queries, qrels and at least one table of titles")
    asked = {row[0]: row[1] for row in _rows(files[0])}
    wanted: dict[str, set[str]] = {}
    for qid, doc, rel in (row[:3] for row in _rows(files[1])):
        if float(rel) > 0 and qid in asked:
            wanted.setdefault(qid, set()).add(doc)
    titles = {row[0]: row[1] for file in files[2:] for row in _rows(file)}
    print(f"{len(wanted)} queries over {len(titles)} titles")
    with tempfile.TemporaryDirectory() as place:
        ours = _figures(product(Path(place), titles), asked, wanted)
    plain = {"BM25, characters": _characters, "BM25, words": _words}
    others = {name: _figures(bm25(titles, cut), asked, wanted) for name, cut in plain.items()}
    print("\n| search | MRR@10 | recall@100 | p50 / p95 ms |\n|---|--:|--:|--:|")
    for name, figures in {"xianji": ours, **others}.items():
        print(
            f"| {name} | {figures['mrr@10']:.3f} | {figures['recall@100']:.3f} | {figures['p50']} / {figures['p95']} |"
        )
    print(json.dumps({**ours, "queries": len(wanted), "titles": len(titles)}))


def product(place: Path, titles: dict[str, str]) -> Find:
    """The product's own index in this folder, and the order by fit over it."""
    folder = Folder(place)
    generation = folder.fresh()
    writer = Writer(generation)
    for doc, title in _with_progress(titles):
        writer.add(Doc(id=doc, kind="item", title=title, read=analysis.read(title)))
    writer.commit(Mark())
    writer.close()
    folder.switch(generation)
    searcher = Reader(folder).searcher()
    assert searcher is not None
    now = datetime.now(UTC)
    look = Look(db=cast(Any, None), actor=NOBODY, now=now, config=Config({}, now), keys=cast(Any, None))

    def find(text: str) -> list[str]:
        asked = words.read(searcher, text, look.config.get(ENOUGH_PERCENT))
        if asked is None:
            return []
        search = Search(look, searcher, Ask(text=text), asked, filters.among("item"), [])
        return [one.id for one in islice(ordering.by_fit(search, None), DEEP)]

    return find


def bm25(titles: dict[str, str], cut: Callable[[str], list[str]]) -> Find:
    """Tantivy's BM25 over one field of these terms, nothing else."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw")
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
    schema = builder.build()
    index = tantivy.Index(schema)
    writer = index.writer(50_000_000, 1)
    for doc, title in titles.items():
        writer.add_document(tantivy.Document(id=[doc], terms=[" ".join(cut(title))]))
    writer.commit()
    index.reload()
    searcher = index.searcher()

    def find(text: str) -> list[str]:
        terms = [(Occur.Should, Query.term_query(schema, "terms", term)) for term in cut(text)]
        hits = searcher.search(Query.boolean_query(terms), DEEP).hits
        return [cast(str, searcher.doc(address).get_first("id")) for _, address in hits]

    return find


def _characters(text: str) -> list[str]:
    return [letter for letter in unicodedata.normalize("NFKC", text).lower() if letter.isalnum()]


def _words(text: str) -> list[str]:
    cut = rjieba.cut(unicodedata.normalize("NFKC", text).lower())
    return [word for word in map(str.strip, cut) if any(letter.isalnum() for letter in word)]


def _figures(find: Find, asked: dict[str, str], wanted: dict[str, set[str]]) -> dict[str, float]:
    reciprocals, recalls, times = [], [], []
    for qid, right in wanted.items():
        began = time.perf_counter()
        found = find(asked[qid])
        times.append((time.perf_counter() - began) * 1000)
        reciprocals.append(next((1 / place for place, doc in enumerate(found[:10], 1) if doc in right), 0.0))
        recalls.append(len(right.intersection(found)) / len(right))
    cuts = quantiles(times, n=20)
    return {
        "mrr@10": round(sum(reciprocals) / len(wanted), 4),
        "recall@100": round(sum(recalls) / len(wanted), 4),
        "p50": round(cuts[9], 1),
        "p95": round(cuts[18], 1),
    }


def _with_progress(titles: dict[str, str]) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(titles.items(), 1):
        yield one
        if number % 1000 == 0 and sys.stderr.isatty():
            print(f"\r{number} of {len(titles)} titles", end="", file=sys.stderr)


def _rows(file: Path) -> Iterable[Sequence[str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        yield from (row for row in rows if len(row) > 1)


if __name__ == "__main__":
    main()
