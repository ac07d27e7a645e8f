"""The index on disk: a folder of generations under the node's home, one writer, any number of readers.

`current` names the generation that serves. Each generation is a Tantivy index whose documents stand for one row each,
and one document more that says how far the outbox has been read. Both change in the same commit, so that an indexer
which is killed goes on exactly where the index stands.
"""

import fcntl
import hashlib
import os
import shutil
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec
import tantivy
from tantivy import Query

from xianji.kernel.outbox import Cursor

from . import analysis
from .analysis import Reading

# What decides how a row is written into the index; when any of it differs, every index is built anew.
_MAKERS = (
    ("xianji.domains.search", "analysis.py documents.py index.py lexicon.py lexicon.toml phrases.py sounds.py"),
    ("xianji.kernel", "hanzi.py"),
)
_HEAP = 64_000_000
_SMALL_HEAP = 15_000_000
_MARK = "mark"
TIE_BITS = 22
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class IndexBusy(Exception):
    """Another process writes this index."""


class Doc(msgspec.Struct, frozen=True):
    """One row as it is found: `read` is its title, `body` its other words, `facts` are `name=value`, `cells` its grid.

    `owner` is the member whose it is, `phrases` may be suggested, `kept` is what the indexer needs to know of the row
    when it changes.
    """

    id: str
    kind: str
    title: str
    read: Reading
    owner: str = ""
    body: str = ""
    facts: list[str] = []
    cells: list[str] = []
    phrases: list[str] = []
    kept: list[str] = []
    listed: datetime = _EPOCH
    price: int = 0
    cell: int = 0
    grade: int = 0
    response: int = 0
    credit: int = 0

    @property
    def by_new(self) -> int:
        """Sorts by the moment of listing; equal moments have an order of their own, so a page can begin between."""
        return by_time(self.listed) | _tie(self.id, TIE_BITS)

    @property
    def by_price(self) -> int:
        return by_amount(self.price) | _tie(self.id, TIE_BITS)


class Said(msgspec.Struct, frozen=True):
    """What a document answers beside its numbers; `print` is the same for equal documents."""

    id: str
    title: str
    kept: list[str]
    print: int


class Mark(msgspec.Struct, frozen=True):
    """How far the outbox has been read and by what; another history may have the numbers, but not the event's id."""

    transaction: int = 0
    sequence: int = 0
    event: str = ""
    version: str = ""

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.transaction, self.sequence)


@cache
def version() -> str:
    """What an index must have been built with to be of use now."""
    made = b"".join((files(package) / name).read_bytes() for package, names in _MAKERS for name in names.split())
    return hashlib.sha256(made).hexdigest()[:16]


def by_time(moment: datetime) -> int:
    """The least `by_new` of this moment."""
    return int((moment - _EPOCH).total_seconds() * 1000) << TIE_BITS


def by_amount(amount: int) -> int:
    """The least `by_price` of this amount of minor units."""
    return min(amount, 2**40) << TIE_BITS


def _tie(id: str, bits: int) -> int:
    return zlib.crc32(id.encode()) & (1 << bits) - 1


def schema() -> tantivy.Schema:
    """The fields of every document. Numbers are fast fields; facts and cells are whole terms."""
    made = tantivy.SchemaBuilder()
    for name in ("id", "kind", "owner", "cells", "phrases"):
        made.add_text_field(name, tokenizer_name="raw", index_option="basic")
    made.add_text_field("facts", tokenizer_name="raw", index_option="basic", fast=True)
    for name in (*analysis.FIELDS, "body"):
        made.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    for name in ("said", "trace"):
        made.add_bytes_field(name, stored=True)
    for name in ("by_new", "by_price"):
        made.add_unsigned_field(name, indexed=True, fast=True)
    made.add_unsigned_field("code", fast=True)
    for name in ("price", "cell", "grade", "response", "credit"):
        made.add_integer_field(name, indexed=True, fast=True)
    return made.build()


SCHEMA = schema()


class Folder:
    """Where a node keeps its generations."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def current(self) -> Path | None:
        """The generation that serves; None before the first is ready."""
        try:
            return self.path / (self.path / "current").read_text("ascii")
        except FileNotFoundError:
            return None

    def fresh(self) -> Path:
        """A new, empty generation, which nobody reads yet."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        numbers = [int(one.name) for one in self.path.iterdir() if one.name.isdigit()]
        made = self.path / str(max(numbers, default=0) + 1)
        made.mkdir()
        return made

    def switch(self, to: Path) -> None:
        """Let this generation serve from now on."""
        draft = self.path / "current.new"
        draft.write_text(to.name, "ascii")
        os.replace(draft, self.path / "current")

    def tidy(self) -> None:
        """Remove every generation that does not serve; readers that hold one open go on until they look again."""
        serving = self.current
        for one in self.path.iterdir():
            if one.name.isdigit() and one != serving:
                shutil.rmtree(one, ignore_errors=True)

    @contextmanager
    def lock(self, what: str) -> Iterator[None]:
        """Hold the lock `what` ("follow" or "build") of this folder. Raises `IndexBusy`."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.path / f"{what}.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise IndexBusy(f"another process holds {file.name}") from None
            yield


class Reader:
    """The newest commit of the generation that serves, whoever wrote it."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._seen: tuple[Path | None, int] = (None, 0)
        self._asked: tuple[Path | None, int] = (None, 0)
        self._index: tantivy.Index | None = None

    def searcher(self) -> tantivy.Searcher | None:
        """A view of the newest commit; None when there is no index yet."""
        serving = self._folder.current
        try:
            stamp = (serving, (serving / "meta.json").stat().st_mtime_ns) if serving else (None, 0)
            if stamp != self._seen:
                if self._index is None or serving != self._seen[0]:
                    self._index = _opened(serving)
                if self._index is not None:
                    self._index.reload()
                self._seen = stamp
        except (FileNotFoundError, ValueError):
            self._seen = (None, 0)  # tidied away between two looks: the next one finds its successor
        return self._index.searcher() if self._index is not None else None

    def moved(self) -> bool:
        """Whether another commit serves than when this was asked last."""
        self.searcher()
        before, self._asked = self._asked, self._seen
        return before != self._seen

    def mark(self) -> Mark | None:
        """How far the index that serves has read; None when there is none."""
        searcher = self.searcher()
        return mark_of(searcher) if searcher else None


def _opened(generation: Path | None) -> tantivy.Index | None:
    if generation is None:
        return None
    index = tantivy.Index.open(str(generation))
    index.config_reader("manual")  # a look at `meta.json` before each search is sooner than a watcher twice a second
    return index


class Writer:
    """The one writer of a generation. Nothing of what it was given is seen before `commit`."""

    def __init__(self, generation: Path) -> None:
        self._index = tantivy.Index(SCHEMA, str(generation))
        try:
            self._writer = self._index.writer(_HEAP, 1)
        except ValueError as error:
            raise IndexBusy(str(error)) from None

    def searcher(self) -> tantivy.Searcher:
        """What has been committed."""
        self._index.reload()
        return self._index.searcher()

    def put(self, docs: Iterable[Doc]) -> None:
        """Add or replace documents."""
        for doc in docs:
            self.drop([doc.id])
            self.add(doc)

    def add(self, doc: Doc) -> None:
        """Add a document that is not there yet."""
        self._writer.add_document(_stored(doc))

    def drop(self, ids: Iterable[str]) -> None:
        """Remove documents; unknown ids are nothing."""
        for one in ids:
            self._writer.delete_documents_by_term("id", one)

    def commit(self, mark: Mark) -> None:
        """Make everything visible at once, together with how far that is."""
        self._writer.delete_documents_by_term("id", _MARK)
        made = tantivy.Document()
        made.add_text("id", _MARK)
        made.add_bytes("said", msgspec.json.encode(mark))
        self._writer.add_document(made)
        self._writer.commit()

    def close(self) -> None:
        """Let the generation go, after what is being merged."""
        self._writer.wait_merging_threads()


def in_memory(docs: Iterable[Doc]) -> tantivy.Searcher:
    """A small index of these documents alone, gone with its searcher."""
    made = tantivy.Index(SCHEMA)
    writer = made.writer(_SMALL_HEAP, 1)
    for doc in docs:
        writer.add_document(_stored(doc))
    writer.commit()
    made.reload()
    return made.searcher()


def mark_of(searcher: tantivy.Searcher) -> Mark:
    """How far this index has read the outbox."""
    hits = searcher.search(Query.term_query(SCHEMA, "id", _MARK), 1).hits
    return msgspec.json.decode(_bytes_of(searcher, hits[0][1]), type=Mark) if hits else Mark()


_SAID = msgspec.json.Decoder(Said)


def said(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> Said:
    """What the document at this address answers."""
    return _SAID.decode(_bytes_of(searcher, address))


def numbers(searcher: tantivy.Searcher, field: str, addresses: list[tantivy.DocAddress]) -> list[int]:
    """A number of each of these documents."""
    return [int(number or 0) for number in searcher.fast_field_values(field, addresses)]


def count(searcher: tantivy.Searcher, query: Query) -> int:
    """How many documents match."""
    return int(searcher.search(query, 1).count)  # type: ignore[attr-defined]  # missing in the library's stub


def facts(searcher: tantivy.Searcher, query: Query, most: int) -> tuple[int, list[tuple[str, int]]]:
    """How many documents match, and the facts most of them share with how many have each; one walk for both."""
    asked = {"facts": {"terms": {"field": "facts", "size": most}}, "all": {"value_count": {"field": "by_new"}}}
    found = searcher.aggregate(query, asked)
    counts = [(bucket["key"], bucket["doc_count"]) for bucket in found["facts"]["buckets"]]
    return int(found["all"]["value"]), counts


class Weighable(NamedTuple):
    """What an order needs of a document: its id, and its title's trace for `ranking`."""

    id: str
    trace: bytes


_MOST_KEPT = 50_000  # some 15 MB
_kept: OrderedDict[int, Weighable] = OrderedDict()


def weighable(searcher: tantivy.Searcher, addresses: list[tantivy.DocAddress]) -> list[Weighable]:
    """What an order needs of these documents, from memory where an equal one was read before.

    A code stands for id and trace themselves, so it means the same in every commit and every generation.
    """
    found = []
    for code, address in zip(numbers(searcher, "code", addresses), addresses, strict=True):
        if code not in _kept:
            document = searcher.doc(address)
            _kept[code] = Weighable(_SAID.decode(_bytes(document, "said")).id, _bytes(document, "trace"))
        _kept.move_to_end(code)
        found.append(_kept[code])
    while len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)
    return found


def _code(doc: Doc) -> int:
    return int.from_bytes(blake2b(doc.id.encode() + doc.read.trace, digest_size=8).digest(), "big")


def said_of(searcher: tantivy.Searcher, ids: Iterable[str]) -> dict[str, Said]:
    """What the documents with these ids answer; those that are not there are left out."""
    query = Query.term_set_query(SCHEMA, "id", wanted := list(ids))
    found = [said(searcher, address) for _, address in searcher.search(query, len(wanted)).hits] if wanted else []
    return {one.id: one for one in found}


def print_of(doc: Doc) -> int:
    """A number that is the same for equal documents."""
    return zlib.crc32(msgspec.msgpack.encode(doc))


def _bytes_of(searcher: tantivy.Searcher, address: tantivy.DocAddress) -> bytes:
    return _bytes(searcher.doc(address), "said")


def _bytes(document: tantivy.Document, field: str) -> bytes:
    kept = document.get_first(field)
    assert kept is not None, f"every document has {field}"
    return bytes(kept)


def _stored(doc: Doc) -> tantivy.Document:
    made = tantivy.Document()
    made.add_text("id", doc.id)
    made.add_text("kind", doc.kind)
    made.add_text("owner", doc.owner)
    for name, terms in (*doc.read.fields.items(), ("body", doc.body)):
        made.add_text(name, terms)
    for name in ("facts", "cells", "phrases"):
        for term in getattr(doc, name):
            made.add_text(name, term)
    made.add_bytes("trace", doc.read.trace)
    made.add_bytes("said", msgspec.json.encode(Said(doc.id, doc.title, doc.kept, print_of(doc))))
    for name in ("by_new", "by_price"):
        made.add_unsigned(name, getattr(doc, name))
    made.add_unsigned("code", _code(doc))
    for name in ("price", "cell", "grade", "response", "credit"):
        made.add_integer(name, getattr(doc, name))
    return made
