"""SECURITY.md names tests as proofs; each of them exists."""

import re

from .source import ROOT

_NAMED = re.compile(r"`(test_\w+)`")
_DEFINED = re.compile(r"^(?:async )?def (test_\w+)\(", re.MULTILINE)


def test_every_proof_that_is_named_exists() -> None:
    named = set(_NAMED.findall((ROOT / "SECURITY.md").read_text("utf-8")))
    defined = {
        name for file in (ROOT / "tests").rglob("test_*.py") for name in _DEFINED.findall(file.read_text("utf-8"))
    }
    assert len(named) > 30
    assert named - defined == set()
