"""Who keeps something of a member also hands it out and forgets it."""

import importlib
import re

import pytest

from .source import SOURCE

# What a column is called that names a person.
_PEOPLE = "member|owner|author|seller|buyer|giver|reporter|payer|payee|other|actor"
_TABLE = re.compile(r"create table (\w+) \((.*?)\n\)", re.DOTALL)
_COLUMN = re.compile(rf"^\s+({_PEOPLE})\s+text", re.MULTILINE)


def _domains() -> dict[str, set[str]]:
    """Per domain the tables of its migrations that have a column naming a person."""
    found: dict[str, set[str]] = {}
    for file in sorted((SOURCE / "migrations").glob("*.sql")):
        domain = file.stem.split("_", 1)[1]
        if not (SOURCE / "domains" / domain).is_dir():
            continue
        for table, columns in _TABLE.findall(file.read_text("utf-8")):
            if _COLUMN.search(columns):
                found.setdefault(domain, set()).add(table)
    return found


def test_the_migrations_are_read() -> None:
    found = _domains()
    assert {"members", "media", "circles", "items", "orders", "notes", "moderation"} <= set(found)
    assert "addresses" in found["members"]


@pytest.mark.parametrize("domain", sorted(_domains()))
def test_a_door_whose_tables_name_people_exports_and_scrubs(domain: str) -> None:
    door = importlib.import_module(f"xianji.domains.{domain}")
    assert {"export_for", "scrub"} <= set(door.__all__), sorted(_domains()[domain])


@pytest.mark.parametrize("domain", sorted(_domains()))
def test_what_forgets_a_member_touches_each_table_that_names_one(domain: str) -> None:
    """Every such table is at least spoken of where the domain writes or reads; a table nobody forgets is a leak."""
    source = "\n".join(file.read_text("utf-8") for file in (SOURCE / "domains" / domain).rglob("*.py"))
    unspoken = {table for table in _domains()[domain] if not re.search(rf"\b{table}\b", source)}
    assert unspoken == set()
