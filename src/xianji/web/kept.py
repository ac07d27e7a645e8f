"""Pieces of pages that look the same whenever they are given the same facts: cards, panels, icons.

`{{ once(card, facts) }}` draws a macro and remembers what came out under the facts themselves, so nothing is ever out
of date: other facts are another piece. A macro may be kept when it shows its arguments and nothing else: no moment
("3 分钟前"), no token, nothing of the visitor. A card takes 0.2 ms to draw, and a feed shows everybody the same ones.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
from jinja2.runtime import Macro
from markupsafe import Markup, escape

_MOST = 2048  # of a kilobyte or two each
_encode = msgspec.msgpack.Encoder(enc_hook=str).encode


class Kept:
    """What was drawn lately in one language, the longest unused forgotten first."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[tuple[str, str, bytes], Markup] = OrderedDict()

    def __call__(self, macro: Macro, *facts: Any) -> Markup:
        """The macro drawn with these facts."""
        key = (macro._func.__globals__["name"], macro.name, _encode(facts))  # the template's name, the macro's
        found = self._drawn.get(key)
        if found is None:
            found = self._drawn[key] = Markup(macro(*facts))  # noqa: S704  a macro escapes what it is given
            if len(self._drawn) > _MOST:
                self._drawn.popitem(last=False)
        else:
            self._drawn.move_to_end(key)
        return found


def icons(asset: Callable[[str], str]) -> Callable[..., Markup]:
    """`icon` of the templates: a page has dozens of a closed set, too many for a macro of each."""

    @lru_cache(maxsize=_MOST)
    def icon(name: str, size: str = "", label: str = "") -> Markup:
        look = f"icon icon-{escape(size)}" if size else "icon"
        told = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
        return Markup(  # noqa: S704  every part is escaped
            f'<svg class="{look}" {told}><use href="{escape(asset("icons.svg"))}#i-{escape(name)}"/></svg>'
        )

    return icon
