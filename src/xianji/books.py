"""The proof of the books for the command line."""

import click
import msgspec

from . import settings
from .domains import orders
from .kernel.db import Database
from .kernel.work import SYSTEM


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
