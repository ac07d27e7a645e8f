"""Money on the command line: the proof of the books, the provider's bill beside them, who is paid where."""

from collections.abc import Mapping
from datetime import date

import click
import msgspec

from . import settings
from .domains import members, orders, payments
from .kernel import config
from .kernel.db import Database
from .kernel.work import NOBODY, SYSTEM
from .ports import open_ports


async def print_proof(dsn: str) -> bool:
    """Print the proof over everything as JSON and a verdict in one line; returns whether it holds."""
    database = await Database(dsn, settings.read().keys()).open(readers=1, writers=1)
    try:
        async with database.look(SYSTEM) as look:
            proof = await orders.prove_books(look)
            orders_seen = await look.db.fetchval("select count(*) from orders")
    finally:
        await database.close()
    click.echo(msgspec.json.format(msgspec.json.encode(proof), indent=2).decode())
    waiting = len(proof.unbooked)
    verdict = "账是平的 the books hold" if proof.holds else "账不平 the books do not hold"
    click.echo(f"{verdict}: {orders_seen} orders, {waiting} facts waiting to be booked")
    return proof.holds


async def settle_provider(dsn: str, environment: Mapping[str, str]) -> None:
    """New payments go where the environment says: it was chosen there, so the configuration follows with a version."""
    here = settings.read(environment)
    if not here.payment_provider:
        return
    database = await Database(dsn, here.keys()).open(readers=1, writers=1)
    try:
        async with database.work(SYSTEM) as work:
            if work.config.get(payments.PROVIDER) != here.payment_provider:
                await config.set_value(work, payments.PROVIDER.name, here.payment_provider, "chosen at start")
    finally:
        await database.close()


async def put_account(dsn: str, environment: Mapping[str, str], handle: str, account: str) -> str:
    """Remember where a seller's share goes at the chosen provider. Refuses `not_found`."""
    here = settings.read(environment)
    database = await Database(dsn, here.keys()).open(readers=1, writers=1)
    try:
        async with database.look(NOBODY) as look:
            member = (await members.member_page(look, handle)).card.id
        async with database.work(SYSTEM) as work:
            await payments.set_account(work, here.payment_provider, member, account)
    finally:
        await database.close()
    return f"{handle} → {here.payment_provider} {account}"


async def reconcile(dsn: str, environment: Mapping[str, str], day: date) -> bool:
    """Compare one day and print every difference; returns whether there is none."""
    here = settings.read(environment)
    database = await Database(dsn, here.keys()).open(readers=2, writers=2)
    ports = open_ports(here, database)
    try:
        if ports.payment is None:
            raise click.ClickException("没有接支付，没有账单可对。 No payment provider is connected.")
        await payments.reconcile(database, ports.payment, here.payment_provider, day)
        async with database.look(SYSTEM) as look:
            told, differences = await payments.bill_day(look, here.payment_provider, day)
    finally:
        await ports.close()
        await database.close()
    for one in differences:
        click.echo(msgspec.json.encode(one).decode())
    click.echo(f"{told.provider} {told.day} {told.state} {told.code}: {told.lines} lines, {told.differences} differ")
    return told.state == "clean"
