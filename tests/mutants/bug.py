"""What every seeded bug is made with."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

Bug = Callable[[pytest.MonkeyPatch], None]


async def nothing(*_: Any, **__: Any) -> None:
    """A verb that forgets to do its work."""


def door_without(module: Any, *verbs: str) -> SimpleNamespace:
    """A domain's door as one caller sees it, with verbs that do nothing."""
    return SimpleNamespace(**vars(module) | dict.fromkeys(verbs, nothing))
