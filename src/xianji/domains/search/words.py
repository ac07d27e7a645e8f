"""What was typed as queries: one that weighs, one that says what matches well enough to be counted."""

from dataclasses import dataclass

import tantivy
from tantivy import Occur, Query

from . import analysis, ranking
from .analysis import Asked
from .index import SCHEMA
from .ranking import Clause, Question

_BODY = 0.2  # what a word in the description weighs beside one in the title


@dataclass(frozen=True, slots=True)
class Words:
    """A question with its queries: `weigh` matches whatever shares anything with it, `enough` most of it."""

    question: Question
    weigh: Query
    enough: Query

    @property
    def asked(self) -> Asked:
        return self.question.asked


def read(searcher: tantivy.Searcher, text: str, percent: int) -> Words | None:
    """What somebody typed, judged by what the index knows; None when nothing in it can be looked for."""

    def count(field: str, term: str) -> int:
        return int(searcher.doc_freq(field, term))

    asked = analysis.ask(text, lambda unit: not count("chars", unit))
    if asked.empty:
        return None
    question = ranking.question(asked, count, max(searcher.num_docs, 1))
    sought = ranking.clauses(question)
    return Words(question, _weighing(asked, sought), _enough(asked, sought, percent))


def _weighing(asked: Asked, sought: list[Clause]) -> Query:
    in_titles = [Query.boost_query(_term(one.field, one.term), one.weight) for one in sought]
    in_bodies = [Query.boost_query(_term("body", term), _BODY) for term in _in_body(asked)]
    return Query.boolean_query([(Occur.Should, one) for one in (*in_titles, *in_bodies)])


def _in_body(asked: Asked) -> list[str]:
    """Terms that mean something in a long text: neighbours, and names in letters and figures."""
    alone = [unit for unit in asked.units if len(unit) > 1 or len(asked.units) == 1]
    return list(dict.fromkeys([*analysis.grams(asked.units), *alone]))


def _enough(asked: Asked, sought: list[Clause], percent: int) -> Query:
    """At least so many percent of the units that tell something, each by any clause that stands for it."""
    telling = [at for at in range(len(asked.units)) if at not in asked.noise] or list(range(len(asked.units)))
    groups = [_standing_for(asked, sought, at) for at in telling]
    kept = [Query.boolean_query([(Occur.Should, one) for one in group]) for group in groups if group]
    least = max(1, -(-len(kept) * percent // 100))
    matching = Query.boolean_query([(Occur.Should, one) for one in kept], minimum_number_should_match=least)
    return Query.const_score_query(matching, 0.0)  # a quarter cheaper where nobody asks how well it matches


def _standing_for(asked: Asked, sought: list[Clause], at: int) -> list[Query]:
    unit = asked.units[at]
    names = {sense.name for sense in asked.senses if sense.span[0] <= at < sense.span[1]}
    terms = {("chars", unit), ("initials", unit), *(("body", term) for term in _in_body(asked) if _holds(term, unit))}
    terms |= {(field, name) for field in ("senses", "kinds") for name in names}
    terms |= {
        (one.field, one.term) for one in sought if one.field == "sounds" and unit.strip("'") in one.term.split("'")
    }
    known = {(one.field, one.term) for one in sought} | {term for term in terms if term[0] == "body"}
    return [_term(*term) for term in sorted(terms & known)]


def _holds(term: str, unit: str) -> bool:
    return unit in term.split("_")


def _term(field: str, term: str) -> Query:
    return Query.term_query(SCHEMA, field, term)
