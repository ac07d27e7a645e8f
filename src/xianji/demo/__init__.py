"""The demo town: people, circles, notes and things that read like a living community.

`build()` is pure and deterministic; `pictures.draw` draws what the recipes describe; `load` brings them into a
database through the same actions members use.
"""

from xianji.demo.build import build
from xianji.demo.load import greeting, load
from xianji.demo.model import Demo

__all__ = ["Demo", "build", "greeting", "load"]
