"""The demo town: people, circles, notes and things that read like a living community.

`build()` is pure and deterministic; `pictures.render` draws what the recipes describe.
Nothing here touches the database: loading goes through the same actions members use.
"""

from xianji.demo.build import build
from xianji.demo.model import Demo

__all__ = ["Demo", "build"]
