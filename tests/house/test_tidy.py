"""Style is a test. Each rule says why it is there."""

import ast

from .source import ROOT, SOURCE, functions, modules

LONGEST_FUNCTION = 70
LONGEST_FILE = 500


def test_no_function_is_longer_than_a_screen() -> None:
    """A verb that does not fit on a screen hides one of its beats."""
    long = [
        f"{name}.{function.name}: {(function.end_lineno or 0) - function.lineno + 1}"
        for name, tree in modules().items()
        for function in functions(tree)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_file_is_longer_than_a_sitting() -> None:
    """When a file passes its budget it becomes a folder by phase of life."""
    long = [
        f"{path.relative_to(ROOT)}: {length}"
        for path in sorted(SOURCE.rglob("*.py"))
        if (length := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    ]
    assert long == []


def test_only_the_database_module_commits() -> None:
    """One command is one transaction. Inside a domain `db.transaction()` is only ever a savepoint of it.

    An index is no database: what it commits is a replica that is built anew from the rows at any time.
    """
    guilty = []
    for name, tree in modules().items():
        if name.startswith(
            (
                "xianji.kernel.db",
                "xianji.kernel.migrations",
                "xianji.sandbox",
                "xianji.host",
                "xianji.domains.search.index",
            )
        ):
            continue
        for node in ast.walk(tree):
            called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if called in ("commit", "rollback", "transaction") and not _is_savepoint(name, node):
                guilty.append(f"{name}:{node.lineno}")
    assert guilty == []


def _is_savepoint(name: str, node: ast.AST) -> bool:
    return ".domains." in name and ast.unparse(node).startswith(("savepoint.", "work.db.transaction"))


def test_nothing_below_the_doors_asks_the_machine_for_time_or_chance() -> None:
    """The simulator owns the world: moment and randomness come from `work`."""
    guilty = []
    for name, tree in modules().items():
        if not name.startswith("xianji.domains."):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called = ast.unparse(node.func)
                if called in ("datetime.now", "datetime.utcnow", "date.today", "time.time", "random.random"):
                    guilty.append(f"{name}:{node.lineno} {called}")
    assert guilty == []


def test_money_is_never_a_float() -> None:
    """Half a fen does not exist: names that speak of money are annotated as integers or Money."""
    words = ("amount", "price", "fee", "total", "paid", "refunded", "released", "held")
    guilty = []
    for name, tree in modules().items():
        for node in ast.walk(tree):
            target = getattr(node, "target", None) if isinstance(node, ast.AnnAssign) else node
            label = getattr(target, "id", None) or getattr(target, "arg", None)
            annotation = getattr(node, "annotation", None)
            if label and annotation is not None and any(word in label.split("_") for word in words):
                if "float" in ast.unparse(annotation):
                    guilty.append(f"{name}: {label}")
    assert guilty == []


def test_public_functions_say_what_they_do() -> None:
    """A door without words is a wall. Methods of protocols and dunder methods are told by their class."""
    silent = []
    for name, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if not node.name.startswith("_") and ast.get_docstring(node) is None and not _is_event(node):
                    silent.append(f"{name}.{node.name}")
    assert silent == []


def _is_event(node: ast.AST) -> bool:
    """Events and small structs may speak by their tag and fields."""
    return isinstance(node, ast.ClassDef) and any("Event" in ast.unparse(base) for base in node.bases)


def test_nothing_is_left_for_later() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X:")
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("src", "tests", "tools", "docs", "frontend/src")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".sql", ".html", ".ts", ".md", ".toml", ".sh", ".css") and "dist" not in path.parts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if any(mark in line for mark in marks)
    ]
    assert left == []
