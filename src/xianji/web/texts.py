"""The words of the pages. Templates are written in Chinese; English comes from `xianji/words/pages/*.toml`.

A line is `"中文" = "English"`; where the English depends on a number it is `"中文" = ["%(n)s thing", "%(n)s things"]`
and the template says `ngettext("中文", "中文", n, n=n)`. Files are merged; in which one a text stands means nothing.
"""

from collections.abc import Callable
from typing import Any

from xianji.kernel.words import Language, catalogue

Gettext = Callable[[str], str]
Ngettext = Callable[[str, str, int], str]


def english() -> dict[str, Any]:
    """Chinese text → English text, or a pair [for one, for several]."""
    return dict(catalogue("pages"))


def speakers(language: Language) -> tuple[Gettext, Ngettext]:
    """gettext and ngettext of this language; a text without English is shown as it is (a test forbids it)."""
    if language == "zh":
        return (lambda text: text), (lambda text, _several, _n: text)
    texts = english()

    def say(text: str) -> str:
        found = texts.get(text, text)
        return found if isinstance(found, str) else str(found[-1])

    def count(text: str, several: str, number: int) -> str:
        found = texts.get(text, several)
        return found if isinstance(found, str) else str(found[0 if number == 1 else 1])

    return say, count
