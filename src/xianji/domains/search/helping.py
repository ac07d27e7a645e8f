"""What to try when nothing was found."""

from difflib import get_close_matches
from itertools import islice

import tantivy
from tantivy import Query

from xianji.domains import items

from . import analysis, index, phrases, sounds
from .model import Help, Looser
from .ordering import Search

_MOST = 3
_SHORTEST, _LONGEST = 3, 24  # letters that may be pinyin
_WALK = 2000  # spelled names that begin alike, of which the closest are offered
_SPELLINGS = 200  # names in letters that begin alike, of which the closest is offered


def help_for(search: Search, wishes: dict[str, Query]) -> Help:
    """Other spellings, wishes to drop with what is found then, and categories whose names were typed."""
    return Help(_did_you_mean(search), _looser(search, wishes), _categories(search.ask.text))


def _looser(search: Search, wishes: dict[str, Query]) -> list[Looser]:
    found = []
    for name in wishes:
        rest = [query for wish, query in wishes.items() if wish != name]
        found.append(Looser(name, index.count(search.searcher, search.fulfilling(rest))))
    return sorted((one for one in found if one.count), key=lambda one: -one.count)[:_MOST]


def _did_you_mean(search: Search) -> list[str]:
    plain = analysis.plain(search.ask.text)
    sounding = phrases.beginning_with(search.searcher, phrases.spelled(plain), whole=True)
    found = [one.name for one in sounding] or _nearly_sounding(search.searcher, plain.replace(" ", ""))
    found.append(" ".join(_closest(search.searcher, unit) for unit in plain.split()))
    return [name for name in dict.fromkeys(found) if name and analysis.plain(name) != plain][:_MOST]


def _nearly_sounding(searcher: tantivy.Searcher, letters: str) -> list[str]:
    """Names that are spelled nearly like these letters: as people mix up sounds, or with a slip in the second half."""
    if not (letters.isascii() and letters.isalpha() and _SHORTEST <= len(letters) <= _LONGEST):
        return []
    spellings = sounds.mixed_up(letters)
    start = letters[: max(2, len(letters) // 2)]
    written = (term.partition(phrases.MARK)[0] for term, _ in searcher.terms_with_prefix("phrases", start, limit=_WALK))
    near = {one for one in written if one.isascii() and abs(len(one) - len(letters)) < 3}
    spellings += get_close_matches(letters, sorted(near), _MOST, 0.8)
    found = (one.name for spelling in spellings for one in phrases.beginning_with(searcher, spelling, True, _MOST))
    return list(islice(dict.fromkeys(found), _MOST))


def _closest(searcher: tantivy.Searcher, unit: str) -> str:
    """The name in letters that is written nearly like this one and stands in a title; the unit itself when none is."""
    if not unit.isalpha() or not unit.isascii() or searcher.doc_freq("chars", unit):
        return unit
    alike = dict(searcher.terms_with_prefix("chars", unit[0], limit=_SPELLINGS * 10))
    names = [name for name in alike if name.isalpha() and abs(len(name) - len(unit)) < 3]
    return next(iter(get_close_matches(unit, names, 1, 0.7)), unit)


def _categories(text: str) -> list[str]:
    plain = analysis.plain(text)
    return [
        code
        for code, one in items.all_categories().items()
        if plain and any(_meets(plain, analysis.plain(name)) for name in (one.name.zh, one.name.en, *one.aliases))
    ][:_MOST]


def _meets(plain: str, name: str) -> bool:
    return (len(name) > 1 and name in plain) or (len(plain) > 1 and plain in name)
