"""The command that proves the books, over a real sale and over books somebody tampered with."""

import os
import subprocess
import sys

from tests.stories.town import SRC, Town
from xianji.kernel.work import SYSTEM


def prove(town: Town) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "PYTHONPATH": str(SRC), "DATABASE_URL": town.database.dsn, "XIANJI_HOME": str(town.folder)}
    command = [sys.executable, "-m", "xianji.cli", "prove-ledger"]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


async def test_the_command_says_yes_and_exits_0_or_no_and_exits_1(town: Town) -> None:
    seller, buyer = await town.seller(), await town.person()
    item = await town.item(seller)
    order = (await buyer.ask("POST", "/orders", 201, {"lines": [{"item": item}], "handover": "meet"}))["id"]
    pay = await buyer.ask("POST", f"/orders/{order}/payment", 200)
    back = await town.pay(buyer, pay["pay_url"])
    await buyer.see(back.headers["location"])
    whole = prove(town)
    assert (whole.returncode, "the books hold: 1 orders" in whole.stdout) == (0, True), whole.stderr

    async with town.database.work(SYSTEM) as work:
        await work.db.execute("update ledger_accounts set balance = balance - 1 where kind = 'order_held'")
    broken = prove(town)
    assert (broken.returncode, "do not hold" in broken.stdout) == (1, True)
