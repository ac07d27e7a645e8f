"""The adapter and the provider share the written wire format and no code."""

import ast
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src" / "xianji"


def imports(folder):
    found = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
            elif isinstance(node, ast.Import):
                found |= {name.name for name in node.names}
    return found


def test_neither_side_imports_the_other():
    provider, adapter = imports(SRC / "sandbox"), imports(SRC / "domains" / "payments")
    assert "xianji.sandbox.engine" in provider
    assert {n for n in provider if n.startswith("xianji") and not n.startswith("xianji.sandbox")} == set()
    assert {n for n in adapter if n.startswith("xianji.sandbox")} == set()


def test_the_engine_does_no_io_and_reads_no_clock():
    text = "".join((SRC / "sandbox" / f).read_text("utf-8") for f in ("engine.py", "outbox.py", "checks.py"))
    for word in ("datetime.now", "import os", "sqlite3", "httpx", "open(", "litestar"):
        assert word not in text
