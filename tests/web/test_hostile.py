"""Hostile values through every command, as JSON and as a form: a calm answer, and nothing moved."""

from typing import Any

import msgspec
import pytest

from xianji.kernel.db import Database
from xianji.web import api
from xianji.web.commands import Command

from .conftest import signed_in
from .world import World, a_world

HUGE = 10**30
VALUES: dict[str, Any] = {
    "null": None,
    "number": 7,
    "negative": -1,
    "huge": HUGE,
    "fraction": 0.1,
    "text": "x",
    "empty": "",
    "long": "长" * 30_000,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈",
    "right to left": "שלום سلام",
    "override": "\u202e99.00",
    "controls": "a\x07b\x1b[31m",
    "marks": "a" + "\u0301" * 60,
    "past": "1970-01-01T00:00:00Z",
    "another's id": "mbr_00000000000000000000000000",
    "wrong kind of id": "ord_00000000000000000000000000",
    "statement": "'; drop table members; --",
    "list": ["x"] * 10_000,
    "tree": {"a": {"b": {"c": {"d": {}}}}},
    "money": {"amount": -5, "currency": "CNY"},
    "much money": {"amount": HUGE, "currency": "CNY"},
    "odd money": {"amount": 100, "currency": "XXX"},
}
COMMANDS = {command.name: command for command in api.commands()}
# A wrong code is refused and counted.
TRIES = {"redeem_order"}
WITH_INPUT = {name: command for name, command in COMMANDS.items() if command.input is not None}


@pytest.mark.parametrize("name", WITH_INPUT)
def test_every_input_is_closed(name: str) -> None:
    """An unknown field is refused, not ignored."""
    kind = WITH_INPUT[name].input
    assert kind is not None
    assert kind.__struct_config__.forbid_unknown_fields


async def _calm(world: World, command: Command, body: Any, what: str) -> tuple[bool, list[str]]:
    """Send one body by every entrance; whether it was accepted, and what was wrong with the answers."""
    wrong = []
    accepted = False
    async with world.visitor("seller") as client:
        if command.api:
            answer = await client.request(command.method, "/api/v1" + world.fill(command.path), json=body)
            accepted = accepted or answer.status_code < 400
            if answer.status_code >= 500 or (answer.status_code >= 400 and "code" not in answer.json()):
                wrong.append(f"{command.name} json {what}: {answer.status_code} {answer.text[:80]}")
        if command.then is not None:
            fields = {name: _typed(value) for name, value in body.items()} if isinstance(body, dict) else {"x": "y"}
            answer = await client.post(world.fill(command.path), data=fields)
            accepted = accepted or answer.status_code < 400
            if answer.status_code >= 500:
                wrong.append(f"{command.name} form {what}: {answer.status_code}")
    return accepted, wrong


def _typed(value: Any) -> Any:
    return value[:300] if isinstance(value, list) else "" if value is None else str(value)


async def test_no_command_falls_over_hostile_values(site: Any, database: Database) -> None:
    world = await a_world(database, site)
    await world.refresh("{item}{order}{circle}{wanted}")
    wrong = []
    for command in WITH_INPUT.values():
        assert command.input is not None
        fields = [field.encode_name for field in msgspec.structs.fields(command.input)]
        bodies: dict[str, Any] = {what: dict.fromkeys(fields, value) for what, value in VALUES.items()}
        bodies |= {"nothing": {}, "a list": [], "unknown": {"surprise": 1}}
        before = await world.digest()
        done = command.name in TRIES
        for what, body in bodies.items():
            accepted, bad = await _calm(world, command, body, what)
            done = done or accepted
            wrong.extend(bad)
        after = await world.digest()
        moved = sorted(table for table in after if after[table] != before[table])
        if moved and not done:
            wrong.append(f"{command.name} moved {moved}")
    assert wrong == []


@pytest.mark.parametrize("key", ["same", "k" * 5000])
async def test_the_same_key_makes_one_thing(site: Any, key: str) -> None:
    client, _ = await signed_in(site)
    headers = {"idempotency-key": key}
    first = await client.post("/api/v1/wanted", json={"title": "求购相机"}, headers=headers)
    second = await client.post("/api/v1/wanted", json={"title": "求购相机"}, headers=headers)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert first.status_code == 201
    assert len((await client.get("/api/v1/wanted")).json()["items"]) == 1


SCRIPTS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</script><svg/onload=alert(1)>",
    "{{7*7}}${7*7}",
    "javascript:alert(1)",
)


@pytest.mark.parametrize("hostile", SCRIPTS)
async def test_hostile_texts_are_only_ever_shown_escaped(site: Any, database: Database, hostile: str) -> None:
    world = await a_world(database, site)
    async with world.visitor("seller") as seller:
        version = (await seller.get("/api/v1/me")).json()["version"]
        await seller.patch("/api/v1/me", json={"version": version, "bio": hostile, "city": hostile})
        thing = {"title": hostile, "price": {"amount": 100, "currency": "CNY"}, "description": hostile}
        made = await seller.post("/api/v1/notes", json={"title": hostile, "body": hostile, "items": [thing]})
        assert made.status_code == 201, made.text
        note = made.json()
        await seller.post(f"/api/v1/notes/{note['id']}/comments", json={"body": hostile})
        item = note["board"]["things"][0]["card"]["id"]
        shown = 0
        for path in (
            f"/notes/{note['id']}",
            f"/items/{item}",
            f"/u/{world.handles['seller']}",
            "/",
            "/me",
            "/settings",
        ):
            page = await seller.get(path)
            assert page.status_code == 200
            shown += "alert(1)" in page.text or "7*7" in page.text
            for raw in ("<script>alert", "<img src=x", "<svg/onload", 'href="javascript:', ">49"):
                assert raw not in page.text, (path, raw)
        assert shown >= 3
