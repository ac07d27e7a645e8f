"""The books: every transfer posted once and never edited, no overdraft, and a proof that finds what is wrong."""

import asyncio
from itertools import count
from random import Random

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xianji.domains import ledger
from xianji.domains.ledger import Leg
from xianji.domains.ledger.model import SHARDS, account_key
from xianji.kernel.db import Database
from xianji.kernel.errors import NOT_FOUND, Refusal
from xianji.kernel.money import Money
from xianji.kernel.work import SYSTEM, Actor

ORDER = "ord_00000000000000000000000001"


def paid(amount: int, order: str = ORDER, id: str = "paid:1") -> Leg:
    return Leg("paid", order, id, Money(amount), credit_owner=order)


def released(amount: int, seller: str = "mbr_s", order: str = ORDER, id: str = "released") -> Leg:
    return Leg("released", order, id, Money(amount), debit_owner=order, credit_owner=seller)


def fee(amount: int, order: str = ORDER, id: str = "fee") -> Leg:
    return Leg("fee", order, id, Money(amount), debit_owner=order)


def refunded(amount: int, buyer: str = "mbr_b", order: str = ORDER, id: str = "refunded") -> Leg:
    return Leg("refunded", order, id, Money(amount), debit_owner=order, credit_owner=buyer)


async def post(database: Database, *legs: Leg) -> bool:
    async with database.work(SYSTEM) as work:
        return await ledger.transfer(work, legs)


async def balances(database: Database) -> dict[str, int]:
    async with database.look(SYSTEM) as look:
        rows = await look.db.fetch("select key, balance from ledger_accounts")
        return {row["key"]: row["balance"] for row in rows}


async def test_a_sale_is_held_then_released_and_the_equation_holds(database: Database) -> None:
    assert await post(database, paid(10_000))
    async with database.look(SYSTEM) as look:
        assert await ledger.sums_of(look, ORDER) == ledger.OrderSum(
            reference=ORDER,
            currency="CNY",
            paid=10_000,
            receivable=0,
            released=0,
            refunded=0,
            fee=0,
            penalty=0,
            repaid=0,
            held=10_000,
        )
    assert await post(database, released(9_940), fee(60))
    clearing = account_key("provider_clearing", "", "CNY", ORDER)
    platform = account_key("platform_fee", "", "CNY", ORDER)
    assert await balances(database) == {
        clearing: -10_000,
        platform: 60,
        f"order_held:{ORDER}:CNY": 0,
        "seller_payable:mbr_s:CNY": 9_940,
    }
    async with database.look(SYSTEM) as look:
        assert await ledger.prove(look) == ledger.Proof({}, [], [])
        total = await ledger.sums_of(look, ORDER)
    assert total is not None
    assert (total.paid, total.released, total.fee, total.held, total.holds) == (10_000, 9_940, 60, 0, True)


async def test_the_same_transfer_twice_moves_money_once(database: Database) -> None:
    assert await post(database, paid(500))
    assert not await post(database, paid(500))
    assert (await balances(database))[f"order_held:{ORDER}:CNY"] == 500


@pytest.mark.parametrize("again", [[paid(501)], [paid(500), fee(1)], [paid(500, order=ORDER, id="paid:1"), fee(2)]])
async def test_an_id_that_is_taken_by_something_else_is_refused(database: Database, again: list[Leg]) -> None:
    await post(database, paid(500))
    before = await balances(database)
    with pytest.raises(Refusal) as refused:
        await post(database, *again)
    assert refused.value.code is ledger.LEDGER_TRANSFER_DIFFERS
    assert await balances(database) == before


async def test_nothing_goes_below_zero_and_nothing_else_moves(database: Database) -> None:
    await post(database, paid(500))
    before = await balances(database)
    with pytest.raises(Refusal) as refused:
        await post(database, released(400), refunded(101))
    assert refused.value.code is ledger.LEDGER_OVERDRAWN
    assert await balances(database) == before
    async with database.look(SYSTEM) as look:
        assert await look.db.fetchval("select count(*) from ledger_transfers") == 1


async def test_the_database_itself_refuses_an_overdraft(database: Database) -> None:
    await post(database, paid(500))
    with pytest.raises(asyncpg.CheckViolationError):
        async with database.work(SYSTEM) as work:
            await work.db.execute("update ledger_accounts set balance = -1 where kind = 'order_held'")


@pytest.mark.parametrize(
    "statement",
    ["update ledger_transfers set amount = 1", "delete from ledger_transfers", "truncate ledger_transfers"],
)
async def test_a_transfer_is_never_edited(database: Database, statement: str) -> None:
    await post(database, paid(500))
    with pytest.raises(asyncpg.RaiseError, match="never edited"):
        async with database.work(SYSTEM) as work:
            await work.db.execute(statement)


async def test_the_proof_finds_a_balance_that_was_tampered_with(database: Database) -> None:
    await post(database, paid(500))
    async with database.work(SYSTEM) as work:
        await work.db.execute("update ledger_accounts set balance = 499 where kind = 'order_held'")
    async with database.look(SYSTEM) as look:
        proof = await ledger.prove(look)
    assert not proof.holds
    assert proof.currencies_not_zero == {"CNY": -1}
    assert proof.accounts_off == [f"order_held:{ORDER}:CNY"]
    assert [(order.reference, order.paid, order.held) for order in proof.orders_off] == [(ORDER, 500, 499)]


async def test_a_statement_is_for_its_owner_and_finance(database: Database) -> None:
    await post(database, paid(1_000))
    await post(database, released(300, id="r1"))
    await post(database, released(200, id="r2"))
    async with database.look(Actor(member="mbr_s")) as look:
        first = await ledger.statement(look, "seller_payable", "mbr_s", limit=1)
        assert [line.id for line in first.items] == ["r2"]
        rest = await ledger.statement(look, "seller_payable", "mbr_s", cursor=first.next_cursor)
        assert [(line.id, line.amount) for line in rest.items] == [("r1", 300)]
        assert rest.next_cursor is None
    async with database.look(Actor(member="mbr_x", roles=frozenset({"finance"}))) as look:
        assert len((await ledger.statement(look, "seller_payable", "mbr_s")).items) == 2
    async with database.look(Actor(member="mbr_x")) as look:
        with pytest.raises(Refusal) as refused:
            await ledger.statement(look, "seller_payable", "mbr_s")
    assert refused.value.code is NOT_FOUND


_LEGS = st.lists(
    st.tuples(
        st.sampled_from(sorted(ledger.TRANSFER_KINDS)),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["mbr_s", "mbr_t"]),
        st.integers(0, 400),
    ),
    min_size=1,
    max_size=3,
)
_runs = count()


def a_leg(run: int, number: int, kind: str, order: str, seller: str, amount: int) -> Leg:
    reference = f"ord_{run}_{order}"
    owners = {"order_held": reference, "seller_payable": seller, "receivable": seller, "buyer_refund": "mbr_b"}
    owners |= {"return_due": seller, "amends_due": "mbr_b"}
    spec = ledger.TRANSFER_KINDS[kind]
    debit, credit = owners.get(spec.debit, ""), owners.get(spec.credit, "")
    return Leg(kind, reference, f"t{number}", Money(amount), debit, credit)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(groups=st.lists(_LEGS, min_size=1, max_size=12))
async def test_whatever_is_posted_the_proof_holds(
    database: Database, groups: list[list[tuple[str, str, str, int]]]
) -> None:
    """Transfers of every kind in any order, alone and in groups: posted whole or refused whole."""
    run = next(_runs)
    await post(database, *(paid(500, f"ord_{run}_{order}", "start") for order in "ab"))
    for place, group in enumerate(groups):
        before = await balances(database)
        legs = [a_leg(run, place * 10 + number, *spec) for number, spec in enumerate(group)]
        try:
            await post(database, *legs)
        except Refusal:
            assert await balances(database) == before
    async with database.look(SYSTEM) as look:
        assert await ledger.prove(look) == ledger.Proof({}, [], [])


async def test_many_at_once_over_the_same_accounts_neither_lock_up_nor_lose_a_cent(database: Database) -> None:
    """Real connections, accounts met in every order, new and old rows mixed."""
    orders = [f"ord_{number}" for number in range(6)]
    await post(database, *(paid(1_000, order, "start") for order in orders[:3]))

    async def one(number: int) -> None:
        random = Random(number)
        chosen = random.sample(orders, 3)
        legs = [paid(10, order, f"p{number}") for order in chosen]
        legs += [released(10, random.choice(["mbr_s", "mbr_t"]), order, f"r{number}") for order in chosen]
        random.shuffle(legs)
        assert await post(database, *legs)

    await asyncio.gather(*(one(number) for number in range(60)))
    found = await balances(database)
    assert found["seller_payable:mbr_s:CNY"] + found["seller_payable:mbr_t:CNY"] == 60 * 30
    async with database.look(SYSTEM) as look:
        assert await ledger.prove(look) == ledger.Proof({}, [], [])


def test_the_platforms_own_accounts_are_spread() -> None:
    keys = {account_key("platform_fee", "", "CNY", f"ord_{number}") for number in range(2_000)}
    assert len(keys) == SHARDS
