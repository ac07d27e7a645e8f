"""What finance does on the command line: where a seller's share goes, and one day's bill beside our books."""

from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest

from tests.build import a_seller
from tests.stories.town import free_port, start_provider
from xianji import books
from xianji.domains import members
from xianji.kernel.db import Database
from xianji.kernel.errors import Refusal
from xianji.kernel.work import SYSTEM

DAY = date(2026, 3, 1)


def environment(folder: Path, provider: str, **more: str) -> dict[str, str]:
    return {"XIANJI_HOME": str(folder), "XIANJI_DEMO": "1", "XIANJI_PAYMENT_PROVIDER": provider, **more}


async def accounts(database: Database) -> list[tuple[Any, ...]]:
    async with database.look(SYSTEM) as look:
        return [tuple(row) for row in await look.db.fetch("select provider, member, account from payment_accounts")]


async def test_a_sellers_account_is_said_again_and_belongs_to_one(database: Database, dsn: str, tmp_path: Path) -> None:
    seller = await a_seller(database)
    async with database.look(seller) as look:
        handle = (await members.cards(look, [seller.me]))[seller.me].handle
    env = environment(tmp_path, "wechat")
    told = await books.put_account(dsn, env, handle, "1900000109")
    assert told == f"{handle} → wechat 1900000109"
    await books.put_account(dsn, env, handle, "1900000110")
    assert await accounts(database) == [("wechat", seller.me, "1900000110")]
    with pytest.raises(Refusal, match="not_found"):
        await books.put_account(dsn, env, "nobody_by_this_name", "1900000111")
    assert await accounts(database) == [("wechat", seller.me, "1900000110")]


async def test_a_day_without_money_is_clean(database: Database, dsn: str, tmp_path: Path, capsys: Any) -> None:
    port = free_port()
    provider = start_provider(tmp_path, port)
    try:
        more = {"XIANJI_SANDBOX_URL": f"http://127.0.0.1:{port}", "XIANJI_SANDBOX_KEYS": str(tmp_path / "keys")}
        assert await books.reconcile(dsn, environment(tmp_path, "sandbox", **more), DAY)
    finally:
        provider.terminate()
        provider.wait(10)
    assert capsys.readouterr().out == "sandbox 2026-03-01 clean : 0 lines, 0 differ\n"


async def test_without_a_provider_there_is_no_bill(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="No payment provider"):
        await books.reconcile(dsn, environment(tmp_path, "offline"), DAY)
