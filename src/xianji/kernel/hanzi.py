"""Traditional characters as simplified ones, so that a word is the same word whoever writes it."""

from collections.abc import Callable
from functools import cache

import opencc


def simplified(text: str) -> str:
    """Taiwan's words become the mainland's only where traditional characters say that they are meant."""
    simple = _converter("t2s")(text)
    return simple if simple == text else _converter("t2s")(_converter("tw2sp")(text))


@cache
def _converter(name: str) -> Callable[[str], str]:
    convert: Callable[[str], str] = opencc.OpenCC(name).convert
    return convert
