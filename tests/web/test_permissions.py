"""Who may do what: every route of the application, by every kind of person.

A route without a row in `permissions.py` fails. What is refused is asked of one world, and nothing in it may have
changed afterwards; what is allowed gets things of its own, so that no route inherits what another has done.
"""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from xianji.kernel.db import Database

from .permissions import BODIES, COUNTED, EXPECTED, NOT_ASKED
from .world import ROLES, World, a_world

Route = tuple[str, str]

_LETTERS = {400: "r", 401: "s", 403: "f", 404: "n", 405: "n", 409: "r", 413: "r", 415: "r", 422: "r", 429: "r"}
_QUIET = "snfrb"  # letters after which nothing has changed


def routes(site: Any) -> set[Route]:
    """Every method and path the application answers to."""
    return {(method, route.path_format) for route in site.app.routes for method in route.methods - {"OPTIONS", "HEAD"}}


def test_every_route_has_a_row_and_every_row_a_route(site: Any) -> None:
    assert routes(site) - NOT_ASKED == set(EXPECTED)
    assert {len(letters) for letters in EXPECTED.values()} == {len(ROLES)}
    assert set(BODIES) | set(COUNTED) <= set(EXPECTED)


def _filled(world: World, value: Any) -> Any:
    return json.loads(world.fill(json.dumps(value)))


def letter_of(answer: httpx.Response) -> str:
    """The letter for an answer; what leads to signing in did nothing else."""
    if answer.headers.get("location", "").startswith(("/sign-in", "/console/sign-in")):
        return "s" if "to=" in answer.headers["location"] else "o"
    return "o" if answer.status_code < 400 else _LETTERS[answer.status_code]


async def ask(world: World, client: httpx.AsyncClient, route: Route) -> str:
    """What this person gets from this route."""
    method, path = route
    more: dict[str, Any] = {}
    if method in ("POST", "PATCH", "PUT"):
        body = _filled(world, BODIES.get(route, {}))
        more = {"json": body} if path.startswith(("/api/", "/hooks/")) else {"data": body}
    address = path.replace("/config/{name}", "/config/orders.pay_minutes")
    answer = await client.request(method, world.fill(address), **more)
    assert answer.status_code < 500, (method, path, answer.text[:300])
    return letter_of(answer)


class Things:
    """Things for the ids of a path: shared by all that is refused, new for each that is done."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.kept: dict[str, dict[str, str]] = {}

    async def shared(self, path: str) -> None:
        if "{" not in path:
            return
        kind = " ".join(part for part in path.split("/") if part.startswith("{"))
        kind += next(
            (word for word in ("/requests", "/ship", "/confirm", "/extend", "/price", "/reconfirm") if word in path), ""
        )
        if kind not in self.kept:
            await self.world.refresh(path)
            self.kept[kind] = dict(self.world.ids)
        self.world.ids = dict(self.kept[kind])


def _cases(role: str, reading: bool) -> Iterator[tuple[Route, str]]:
    place = ROLES.index(role)
    for route, letters in EXPECTED.items():
        if (route[0] == "GET") == reading:
            yield route, letters[place]


async def test_everybody_gets_what_the_table_says_of_reading(site: Any, database: Database) -> None:
    world = await a_world(database, site)
    things = Things(world)
    wrong = []
    for role in ROLES:
        async with world.visitor(role) as client:
            for route, expected in _cases(role, reading=True):
                await things.shared(route[1])
                if (got := await ask(world, client, route)) != expected:
                    wrong.append(f"{role} {' '.join(route)}: {got}, the table says {expected}")
    assert "\n".join(wrong) == ""


async def _refused(world: World, things: Things, role: str, group: list[Route]) -> list[str]:
    """Ask for all of these, and name what moved: the group is halved until one route is left."""
    for route in group:
        await things.shared(route[1])
    may_move = {"stashes"} if role == "anonymous" else set()
    if len(group) == 1:
        may_move |= COUNTED.get(group[0], set())
    before = await world.digest()
    wrong = []
    async with world.visitor(role) as client:
        for route in group:
            await things.shared(route[1])
            expected = EXPECTED[route][ROLES.index(role)]
            got = await ask(world, client, route)
            if got != expected and (got, expected) != ("o", "b"):
                wrong.append(f"{role} {' '.join(route)}: {got}, the table says {expected}")
    after = await world.digest()
    moved = sorted(table for table in after if after[table] != before[table] and table not in may_move)
    if not moved:
        return wrong
    if len(group) == 1:
        return [*wrong, f"{role} {' '.join(group[0])}: moved {moved}"]
    half = len(group) // 2
    guilty = [*await _refused(world, things, role, group[:half]), *await _refused(world, things, role, group[half:])]
    return [*wrong, *(guilty or [f"{role}: one of {group} moved {moved}, once"])]


async def _done(world: World, role: str) -> list[str]:
    wrong = []
    async with world.visitor(role) as client:
        for route, expected in _cases(role, reading=False):
            if expected in _QUIET:
                continue
            await world.refresh(route[1])
            if (got := await ask(world, client, route)) != expected:
                wrong.append(f"{role} {' '.join(route)}: {got}, the table says {expected}")
            if route[1].endswith("/block"):  # or the two could not share anything for the rest of the table
                await client.post(world.fill("/api/v1/members/{member}/unblock"))
    return wrong


async def test_everybody_gets_what_the_table_says_and_refusals_change_nothing(site: Any, database: Database) -> None:
    world = await a_world(database, site)
    world.ids |= {role: actor.me for role, actor in world.actors.items()}
    world.ids["thing"] = await world.market.item(stock=9)
    things = Things(world)
    wrong = []
    for role in ROLES:
        quiet = [route for route, expected in _cases(role, reading=False) if expected in _QUIET]
        wrong += await _refused(world, things, role, [route for route in quiet if route not in COUNTED])
        for route in (route for route in quiet if route in COUNTED):
            wrong += await _refused(world, things, role, [route])
    for role in ROLES:
        world.ids["thing"] = await world.market.item(stock=9)
        wrong += await _done(world, role)
    assert "\n".join(wrong) == ""
