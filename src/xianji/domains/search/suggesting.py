"""Lines under the search field while somebody types: from the index itself, in a fraction of a millisecond."""

from urllib.parse import quote, urlencode

from tantivy import Searcher

from xianji.domains import items
from xianji.kernel.words import Language
from xianji.kernel.work import Look

from . import analysis, phrases, shortcuts
from .index import Reader
from .model import SUGGESTIONS, Suggestion
from .phrases import Phrase


def suggest(look: Look, reader: Reader, typed: str, language: Language = "zh") -> list[Suggestion]:
    """What begins like `typed`, in characters, pinyin or first letters: doors, categories, then names and words."""
    start = phrases.key(typed)
    if not start:
        return []
    searcher = reader.searcher()
    found = [_line(searcher, one) for one in phrases.beginning_with(searcher, start)] if searcher else []
    doors = [
        Suggestion(one.zh if language == "zh" else one.en, "shortcut", one.href)
        for one in shortcuts.beginning_with(typed)
    ]
    lines = [*doors[:2], *_categories(start, language)[:2], *found]
    once = {(line.text, line.href): line for line in reversed(lines)}
    return [line for line in lines if once.get((line.text, line.href)) is line][: look.config.get(SUGGESTIONS)]


def _line(searcher: Searcher, found: Phrase) -> Suggestion:
    match found.kind:
        case "topic":
            return Suggestion(f"#{found.name}", "topic", f"/topics/{quote(found.target, safe='')}")
        case "circle":
            return Suggestion(found.name, "circle", f"/circles/{found.target}")
        case _:
            name = phrases.as_written(searcher, found.name)
            return Suggestion(name, "words", "/search?" + urlencode({"q": name}))


def _categories(start: str, language: Language) -> list[Suggestion]:
    return [
        Suggestion(
            one.name.zh if language == "zh" else one.name.en, "category", "/search?" + urlencode({"category": code})
        )
        for code, one in items.all_categories().items()
        if any(_begins(analysis.plain(name), start) for name in (one.name.zh, one.name.en, *one.aliases))
    ]


def _begins(name: str, start: str) -> bool:
    return name.startswith(start) or (len(start) > 1 and phrases.spelled(name).startswith(start))
