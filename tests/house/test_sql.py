"""Every SQL statement is a literal, and every one prepares against the migrated schema."""

import ast
import re

import asyncpg

from .source import SOURCE, domain_of, modules

_CALLS = {"fetch", "fetchrow", "fetchval", "execute", "executemany", "cursor"}


def statements() -> list[tuple[str, int, str]]:
    """(module, line, SQL) for each literal first argument of a database call outside the sandbox and the host."""
    found = []
    for name, tree in modules().items():
        if name.startswith(("xianji.sandbox", "xianji.host")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLS:
                if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                    found.append((name, node.lineno, node.args[0].value))
    return found


def test_sql_is_never_built() -> None:
    """A statement that is put together at run time cannot be read, checked or planned."""
    built = []
    for name, tree in modules().items():
        if name.startswith(("xianji.sandbox", "xianji.host")):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CALLS:
                receiver = ast.unparse(node.func.value)
                if node.args and receiver.endswith(("db", "connection")):
                    first = node.args[0]
                    if isinstance(first, ast.Name) and first.id.isupper():
                        continue
                    if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                        built.append(f"{name} {ast.unparse(first)[:60]}")
    assert built == ["xianji.kernel.migrations migration.sql"]


async def test_every_statement_prepares(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    wrong = []
    for name, line, sql in statements():
        if sql.lstrip().lower().startswith(("create", "set ")):
            continue
        try:
            await connection.prepare(sql)
        except asyncpg.PostgresError as error:
            wrong.append(f"{name}:{line} {error}")
    await connection.close()
    assert wrong == []


async def test_nobody_writes_in_another_domains_tables_or_reads_upward(dsn: str) -> None:
    """Tables belong to the domain whose migration made them; reading is allowed downward only."""
    owners = table_owners()
    ranks = {"kernel": 0, "members": 1, "media": 1, "ledger": 1, "items": 2, "parcels": 2, "payments": 2, "circles": 2}
    ranks |= {"fees": 2, "offers": 3, "notes": 4, "orders": 4, "refunds": 5, "visits": 5}
    ranks |= dict.fromkeys(("moderation", "search", "feed", "prices", "notices"), 7)
    wrong = []
    for name, line, sql in statements():
        domain = domain_of(name)
        if domain is None:
            continue
        for verb, table in re.findall(r"\b(from|join|into|update)\s+([a-z_]+)", sql.lower()):
            owner = owners.get(table)
            if owner is None or owner == domain:
                continue
            writes = verb in ("into", "update") or f"delete from {table}" in sql.lower()
            if writes or ranks[owner] >= ranks[domain]:
                wrong.append(f"{name}:{line} {verb} {table} of {owner}")
    assert wrong == []


def table_owners() -> dict[str, str]:
    """Table, view or function → the domain named in its migration file."""
    owners = {}
    for path in sorted((SOURCE / "migrations").glob("*.sql")):
        domain = path.stem.split("_")[1]
        for table in re.findall(
            r"create (?:table|view|function|unlogged table)\s+(?:if not exists )?([a-z_]+)", path.read_text()
        ):
            owners[table] = domain
    return owners
