"""What the reference says is what the code does."""

import sys

from .source import ROOT


def test_the_generated_reference_is_current() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    import reference

    for name, text in reference.pages().items():
        assert (ROOT / "docs" / "reference" / name).read_text("utf-8") == text, f"{name}: run `make docs`"
