"""Who may do what: every route of the application, by every kind of person.

A route without a row fails. One letter a person, in the order of `world.ROLES`: o done, s signed out, n not found,
f forbidden, r refused for another reason. What was not done has changed nothing.
"""

from typing import Any

from xianji.kernel.db import Database

from .permissions import BODIES, EXPECTED, NOT_ASKED
from .world import ROLES, World, a_world

_LETTERS = {401: "s", 403: "f", 404: "n", 405: "n", 409: "r", 413: "r", 415: "r", 422: "r", 429: "r", 400: "r"}


def routes(site: Any) -> set[tuple[str, str]]:
    """Every method and path the application answers to."""
    found = set()
    for route in site.app.routes:
        for method in route.methods - {"OPTIONS", "HEAD"}:
            found.add((method, route.path_format))
    return found


async def test_every_route_has_a_row_and_every_row_a_route(site: Any) -> None:
    assert routes(site) - NOT_ASKED == set(EXPECTED)


async def ask(world: World, role: str, method: str, path: str) -> str:
    """The letter for what this person gets."""
    more: dict[str, Any] = {}
    if method in ("POST", "PATCH", "PUT"):
        body = BODIES.get((method, path), {})
        body = {name: world.fill(value) if isinstance(value, str) else value for name, value in body.items()}
        more = {"json": body} if path.startswith(("/api/", "/hooks/")) else {"data": body}
    async with world.visitor(role) as client:
        answer = await client.request(method, world.fill(path), **more)
    assert answer.status_code < 500, (role, method, path, answer.text[:300])
    return "o" if answer.status_code < 400 else _LETTERS[answer.status_code]


async def test_everybody_gets_what_the_table_says_and_refusals_change_nothing(site: Any, database: Database) -> None:
    world = await a_world(database, site)
    wrong = []
    for (method, path), expected in sorted(EXPECTED.items()):
        await world.refresh(path)
        got = ""
        before = await world.digest() if method != "GET" else {}
        for role in ROLES:
            letter = await ask(world, role, method, path)
            got += letter
            if method == "GET":
                continue
            after = await world.digest()
            if letter != "o" and after != before:
                tables = sorted(name for name in after if after[name] != before[name])
                wrong.append(f"{role} was refused and yet changed {tables}: {method} {path}")
            before = after
        if got != expected:
            wrong.append(f'    ("{method}", "{path}"): "{got}",  # the table says {expected}')
    assert "\n".join(wrong) == ""
