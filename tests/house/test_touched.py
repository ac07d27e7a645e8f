"""What is read into an answer that is kept lies in tables whose changes are noted (decision 0013)."""

import ast
import re
from collections.abc import Iterator

import asyncpg

from xianji.app import api, pages
from xianji.domains import feed, search
from xianji.web import questions
from xianji.web.known import Question

from .source import functions, modules

_ROOMS = (questions, *pages.ROOMS, *api.ROOMS)
QUESTIONS = {one.read for room in _ROOMS for one in vars(room).values() if isinstance(one, Question)}

# Read by answers that are not kept: a private link ends by the clock, a history lies in orders without naming them.
_NOT_KEPT = {"private_links", "order_lines", "order_thanks"}

# Read by the ranked feed, which is kept for seconds: they decide its order, and none of what may be shown.
_KEPT_FOR_SECONDS = {"circle_members", "feed_reaches", "feed_views"}

# Read by searches for circles and topics, whose answers are not kept.
_OF_OTHER_KINDS = {"circle_members", "topics"}
_BESIDES = {feed.home: _KEPT_FOR_SECONDS, search.find: _OF_OTHER_KINDS}

Place = tuple[str, str]  # module and function


def statements_under(read: Place) -> set[str]:
    """The SQL of a function and of all it calls: in its own module, or by a name that leads to another one."""
    found, seen, ahead = set(), set(), [read]
    while ahead:
        here = ahead.pop()
        if here in seen:
            continue
        seen.add(here)
        for node in _calls(here):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("fetch", "fetchrow", "fetchval"):
                found.add(ast.literal_eval(node.args[0]))
            elif isinstance(node.func, ast.Attribute):
                ahead += [
                    place for place in _DEFINED if place[1] == name and _leads(ast.unparse(node.func.value), place)
                ]
            else:
                ahead.append((here[0], name))
    return found


_DEFINED = {(name, one.name): one for name, tree in modules().items() for one in functions(tree)}


def _calls(place: Place) -> Iterator[ast.Call]:
    if place in _DEFINED:
        yield from (node for node in ast.walk(_DEFINED[place]) if isinstance(node, ast.Call))


def _leads(alias: str, place: Place) -> bool:
    return alias in place[0].split(".") and ".store" not in place[0] and ".actions" not in place[0]


async def test_every_table_behind_a_question_notes_its_changes(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    noted = {
        row["name"]
        for row in await connection.fetch(
            "select tgrelid::regclass::text as name from pg_trigger where tgname like 'touch%'"
            " group by tgrelid having bit_or(tgtype::integer) & 28 = 28"
        )  # the bits of insert, delete and update
    }
    inside = {
        row["name"]: row["body"]
        for row in await connection.fetch(
            "select relname as name, pg_get_viewdef(oid) as body from pg_class where relkind = 'v'"
            " union all select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace"
        )
    }
    tables = {row[0] for row in await connection.fetch("select relname from pg_class where relkind = 'r'")}
    await connection.close()
    assert len(QUESTIONS) == 12
    for read in QUESTIONS:
        ahead = list(statements_under((read.__module__, read.__name__)))
        names: set[str] = set()
        for sql in ahead:
            new = set(re.findall(r"\b(?:from|join)\s+\(*([a-z_]+)", sql.lower())) - names
            names |= new
            ahead += [inside[name] for name in new if name in inside]
        behind = names & tables
        assert behind, read
        assert behind - noted <= _NOT_KEPT | _BESIDES.get(read, set()), read
