"""A whole installation for a story: the application on a socket, the provider as a process, the worker step by step."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from pgqueuer.types import QueueExecutionMode

from tests.build import an_id_number
from tests.conftest import FakeClock, readable
from xianji import reactions, worker
from xianji.domains import items, members, orders
from xianji.kernel.db import Database
from xianji.kernel.work import SYSTEM, Actor
from xianji.ports import Ports
from xianji.reactions.engine import Engine

SRC = Path(__file__).resolve().parents[2] / "src"
PHONES = iter(range(13_900_000_000, 13_999_999_999))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_provider(folder: Path, port: int, *options: str) -> "subprocess.Popen[bytes]":
    """The sandbox provider as a process of its own, answering when this returns."""
    command = [sys.executable, "-m", "xianji.sandbox", "--port", str(port), "--release-seconds", "0"]
    command += ["--state", str(folder / "books.sqlite"), "--keys", str(folder / "keys"), *options]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(SRC)})
    wait_for_port(port, process)
    return process


def wait_for_port(port: int, process: "subprocess.Popen[bytes]", seconds: float = 120) -> None:
    """Return when something listens on the port; fail when the process ends first."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, "the process ended before it listened"
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing listens on {port}")


class _Reader(HTMLParser):
    """The forms of a page, as a browser without script would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": given.get("action", ""), "fields": {}})
        if not self.forms or "disabled" in given:
            return
        fields = self.forms[-1]["fields"]
        if tag == "input" and "name" in given:
            chosen = given.get("type") not in ("radio", "checkbox") or "checked" in given
            if chosen:
                fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given.get("name")
        elif tag == "option" and self._select and (self._select not in fields or "selected" in given):
            fields[self._select] = given.get("value", "")
        elif tag == "textarea" and "name" in given:
            fields[given["name"]] = ""


def form_of(page: str, action: str) -> dict[str, str]:
    """The fields of the form with this action, with the values the page gave them."""
    reader = _Reader()
    reader.feed(page)
    found = [form["fields"] for form in reader.forms if form["action"] == action]
    assert found, f"no form {action} among {[form['action'] for form in reader.forms]}"
    return dict(found[0])


def shown(page: str) -> str:
    """The words of a page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


@dataclass
class Person:
    """Somebody with a browser (cookies) and a program (bearer token)."""

    id: str
    browser: httpx.AsyncClient
    program: httpx.AsyncClient

    async def see(self, path: str) -> str:
        """A page as text; it must be there."""
        answer = await self.browser.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code, shown(answer.text))
        return answer.text

    async def send(self, page: str, action: str, **typed: str) -> httpx.Response:
        """Fill in and send the form of a page that goes to `action`; the answer is not followed."""
        return await self.browser.post(action, data={**form_of(page, action), **typed})

    async def press(self, path: str, action: str, **typed: str) -> str:
        """Open a page, send its form, and return the address the browser goes to."""
        answer = await self.send(await self.see(path), action, **typed)
        assert answer.status_code == 303, (answer.status_code, shown(answer.text))
        return str(answer.headers["location"])

    async def ask(self, method: str, path: str, status: int, json: Any = None) -> Any:
        """One call of the API; returns what it says."""
        answer = await self.program.request(method, "/api/v1" + path, json=json)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def order(self, order: str) -> Any:
        """An order as the API shows it to this person."""
        return await self.ask("GET", f"/orders/{order}", 200)


@dataclass
class Town:
    """Everything a story needs."""

    address: str
    provider: str
    database: Database
    clock: FakeClock
    ports: Ports
    folder: Path
    people: list[Person] = field(default_factory=list)

    async def person(self) -> Person:
        """Somebody who has just signed in, in the browser and with a program."""
        phone = str(next(PHONES))
        browser = httpx.AsyncClient(base_url=self.address, timeout=20, trust_env=False)
        program = httpx.AsyncClient(base_url=self.address, timeout=20, trust_env=False)
        await browser.post("/sign-in/code", data={"phone": phone})
        came = await browser.post("/sign-in", data={"phone": phone, "code": "000000"})
        assert came.status_code == 303, came.text
        token = browser.cookies["xianji_session"]
        program.headers["authorization"] = f"Bearer {token}"
        one = Person("mbr_" + token.partition(".")[0], browser, program)
        self.people.append(one)
        return one

    async def seller(self) -> Person:
        """Somebody whose real name is confirmed. The page for it is another story's."""
        one = await self.person()
        wish = members.VerifyRealName("王小满", an_id_number())
        await members.verify_real_name(self.database, Actor(one.id), wish, members.DevIdentityProvider())
        return one

    async def item(self, seller: Person, price: int = 12_900, stock: int = 1, **facts: Any) -> str:
        """Something on sale."""
        money = {"amount": price, "currency": "CNY"}
        made = await seller.ask("POST", "/items", 201, {"title": "小相机", "price": money, "stock": stock, **facts})
        return str(made["id"])

    async def shows_sold(self, item: str, viewer: Person) -> None:
        """The item is sold on its page, over the API and on its card."""
        assert (await viewer.ask("GET", f"/items/{item}", 200))["state"] == "sold"
        page = await viewer.see(f"/items/{item}")
        assert f"/items/{item}/buy" not in page
        assert "已经卖出" in shown(page)
        async with self.database.look(Actor(viewer.id)) as look:
            assert [card.state for card in await items.cards(look, [item])] == ["sold"]

    async def pay(self, buyer: Person, pay_url: str, result: str = "success") -> httpx.Response:
        """The buyer on the provider's own page: open it, send its form."""
        async with httpx.AsyncClient(timeout=20, trust_env=False) as away:
            page = await away.get(pay_url)
            assert page.status_code == 200
            path = pay_url.removeprefix(self.provider)
            return await away.post(pay_url, data={**form_of(page.text, path), "result": result})

    async def work_off(self) -> None:
        """What the worker does: reactions, what is due, jobs; until nothing is left."""
        engine = Engine(self.database, reactions.TABLE)
        await readable(self.database)
        while await engine.drain():
            await readable(self.database)
        await worker.do_due(self.database, reactions.DUE)
        connection = await asyncpg.connect(self.database.dsn)
        queue = worker.job_queue(self.database, self.ports, connection)
        await queue.qm.run(mode=QueueExecutionMode.drain)
        await connection.close()
        await readable(self.database)
        while await engine.drain():
            await readable(self.database)

    async def until(self, check: Callable[[], Awaitable[bool]], seconds: float = 15) -> None:
        """Wait for another process (the provider's callback) to have its effect."""
        end = time.monotonic() + seconds
        while not await check():
            assert time.monotonic() < end, "it never happened"
            await self.work_off()
            await asyncio.sleep(0.02)

    async def state(self, order: str) -> str:
        """The state of an order in its row."""
        async with self.database.look(SYSTEM) as look:
            return str(await look.db.fetchval("select state from orders where id = $1", order))

    async def stock(self, item: str) -> tuple[str, int, int]:
        """(state, reserved, sold) of an item."""
        async with self.database.look(SYSTEM) as look:
            row = await look.db.fetchrow("select state, reserved, sold from items where id = $1", item)
        assert row is not None
        return row["state"], row["reserved"], row["sold"]

    async def count(self, table: str) -> int:
        """Rows of orders, payments or provider_facts."""
        counts = {
            "orders": "select count(*) from orders",
            "payments": "select count(*) from payments",
            "provider_facts": "select count(*) from provider_facts",
            "ledger_transfers": "select count(*) from ledger_transfers",
        }
        async with self.database.look(SYSTEM) as look:
            return int(await look.db.fetchval(counts[table]))

    async def settled(self) -> None:
        """At the end of a story: everything the provider said is booked, nothing is owed, and the proof holds."""

        async def quiet() -> bool:
            async with self.database.look(SYSTEM) as look:
                owed = await look.db.fetchval(
                    "select count(*) from ledger_accounts where balance <> 0 and kind in"
                    " ('seller_payable', 'buyer_refund', 'order_held')"
                )
                return owed == 0 and not (await orders.prove_books(look)).unbooked

        await self.until(quiet)
        async with self.database.look(SYSTEM) as look:
            assert (await orders.prove_books(look)).holds
