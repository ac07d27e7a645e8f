"""The words of the pages. Templates are written in Chinese; English comes from `xianji/words/pages/*.toml`.

A line is `"中文" = "English"`; where the English depends on a number it is `"中文" = ["%(n)s thing", "%(n)s things"]`
and the template says `ngettext("中文", "中文", n, n=n)`. Files are merged; in which one a text stands means nothing.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from markupsafe import Markup

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


def marked(say: Gettext) -> Callable[..., Markup]:
    """`_` of the templates: what Jinja's own does, but a text without facts is made once, not at every rendering."""

    @lru_cache(maxsize=4096)
    def whole(text: str) -> Markup:
        return Markup(say(text)) % {}  # noqa: S704  our own words

    def spoken(text: str, **facts: Any) -> Markup:
        return Markup(say(text)) % facts if facts else whole(text)  # noqa: S704  the facts are escaped

    return spoken
